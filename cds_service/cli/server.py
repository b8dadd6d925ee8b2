"""gunicorn without its command line and configuration files: sync workers, set by Settings alone."""

from __future__ import annotations

import gc
import logging
import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from cds_service.cli.worker import DEFERS, PatientWorker
from cds_service.settings import Settings
from cds_service.web import bare

GRACE_SECONDS = 10
SILENT_SECONDS = 10  # how long a connection on which nothing was sent is kept from the workers
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a disk may block, be full, or be read-only
# A request makes thousands of short-lived values and hardly a cycle: look for cycles once in some requests.
GC_THRESHOLD = 50_000


class Server(BaseApplication):
    """``worker_begins``, ``worker_ends``: called in a worker; ``worker_gone``: in the master (its pid)."""

    def __init__(
        self,
        settings: Settings,
        app: Flask,
        *,
        worker_begins: Callable[[], object] = lambda: None,
        worker_ends: Callable[[], object] = lambda: None,
        worker_gone: Callable[[int], object] = lambda _pid: None,
    ) -> None:
        self._settings = settings
        self._app = app
        self._worker_begins = worker_begins
        self._worker_ends = worker_ends
        self._worker_gone = worker_gone
        super().__init__()

    def load_config(self) -> None:
        def ready(arbiter: Any) -> None:
            _ready(self._settings, arbiter)

        def worker_exit(_arbiter: Any, _worker: Any) -> None:
            self._worker_ends()

        def child_exit(_arbiter: Any, worker: Any) -> None:
            self._worker_gone(worker.pid)

        def post_fork(_arbiter: Any, _worker: Any) -> None:
            self._worker_begins()

        hooks = {
            "when_ready": ready,
            "post_fork": post_fork,
            "worker_exit": worker_exit,
            "child_exit": child_exit,
        }
        for name, value in {**_options(self._settings), **hooks}.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        return self._app


class _Propagating(Logger):
    """gunicorn's lines in our form: the handler of the root logger writes them."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        if logging.getLogger().handlers:
            self.error_log.handlers.clear()
            self.error_log.propagate = True


def shared_memory() -> str | None:
    """A folder in memory that may be written, if there is one."""
    return str(SHARED_MEMORY) if os.access(SHARED_MEMORY, os.W_OK) else None


def _options(settings: Settings) -> dict[str, Any]:
    refusal = staticmethod(partial(bare.refusal, origins=settings.cors_origins))
    return {
        "bind": settings.authority,
        "workers": settings.worker_count,
        "worker_class": type("Worker", (PatientWorker,), {"refusal": refusal}),
        "preload_app": True,
        "timeout": settings.timeout,
        "graceful_timeout": GRACE_SECONDS,
        "loglevel": "info" if settings.log_level == "debug" else "warning",
        "logger_class": _Propagating,
        "worker_tmp_dir": shared_memory(),  # gunicorn's heartbeat files
        "control_socket_disable": True,
    }


def calm_collector() -> None:
    """Keep the garbage collector off the knowledge, which lives as long as we do, and off single requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 20)


def _wait_for_data(listening: socket.socket) -> None:
    """Where the platform can: hand a connection to a worker once something was sent on it, not before."""
    if DEFERS:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT_SECONDS)


def _ready(settings: Settings, arbiter: Any) -> None:
    """Say where we listen and who may call; the workers, forked later, inherit how the collector is set."""
    calm_collector()
    for listener in arbiter.LISTENERS:
        _wait_for_data(listener.sock)
    count = arbiter.num_workers
    addresses = ", ".join(str(listener) for listener in arbiter.LISTENERS)
    click.echo(
        f"cds-service listens on {addresses} with {count} worker{'s' if count != 1 else ''}; stop with Ctrl-C"
    )
    if settings.trust_registry is None:
        click.echo("open access: there is no trust registry (CDS_TRUST_REGISTRY), so every caller is served")
