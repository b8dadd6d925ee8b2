"""gunicorn without its command line and configuration files: sync workers, set by Settings alone."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from cds_service.settings import Settings

GRACE_SECONDS = 10
# A request makes thousands of short-lived values and hardly a cycle: look for cycles once in some requests.
GC_THRESHOLD = 50_000


class Server(BaseApplication):
    """gunicorn without its command line and configuration files."""

    def __init__(self, settings: Settings, app: Flask) -> None:
        self._settings = settings
        self._app = app
        super().__init__()

    def load_config(self) -> None:
        for name, value in _options(self._settings).items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        return self._app


def _options(settings: Settings) -> dict[str, Any]:
    shared_memory = Path("/dev/shm")  # noqa: S108 - gunicorn's heartbeat files; a disk may block, or be read-only
    return {
        "bind": settings.authority,
        "workers": settings.worker_count,
        "worker_class": "sync",
        "preload_app": True,
        "timeout": settings.timeout,
        "graceful_timeout": GRACE_SECONDS,
        "loglevel": "info" if settings.log_level == "debug" else "warning",
        "worker_tmp_dir": str(shared_memory) if os.access(shared_memory, os.W_OK) else None,
        "control_socket_disable": True,
        "when_ready": _ready,
    }


def calm_collector() -> None:
    """Keep the garbage collector off the knowledge, which lives as long as we do, and off single requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 20)


def _ready(arbiter: Any) -> None:
    """Say where we listen; the workers, forked later, inherit how the collector is set."""
    calm_collector()
    count = arbiter.num_workers
    addresses = ", ".join(str(listener) for listener in arbiter.LISTENERS)
    click.echo(
        f"cds-service listens on {addresses} with {count} worker{'s' if count != 1 else ''}; stop with Ctrl-C"
    )
