"""``cds-service serve``: settings and content first: a mistake there ends the start in its own words."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
from dataclasses import replace
from functools import partial

from cds_service import logs
from cds_service.errors import SettingsError
from cds_service.settings import Settings, hand_down

# Part of gunicorn's grace, as the last request may need some of it too.
DRAIN_SECONDS = 5.0


def run(*, host: str | None = None, port: int | None = None, workers: int | None = None) -> None:
    """Serve until a signal ends it; arguments win over the environment.

    Raises:
        SettingsError: a setting cannot be used, or would let strangers in without anyone having said so.
    """
    settings = Settings.from_env()
    settings = replace(
        settings,
        host=host or settings.host,
        port=settings.port if port is None else port,
        workers=workers or settings.workers,
    )
    if settings.exposure:
        raise SettingsError(settings.exposure)
    logs.configure(settings.log_level, settings.log_format)
    # Both are read when gunicorn and prometheus_client are imported; gunicorn stumbles over an empty one.
    hand_down("WEB_CONCURRENCY", str(settings.worker_count))
    from cds_service.cli.server import Server, shared_memory

    directory = _figures(shared_memory())
    hand_down("PROMETHEUS_MULTIPROC_DIR", directory)
    from cds_service import metrics
    from cds_service.app import EXCHANGE, create_app

    app = create_app(settings, metrics_directory=directory)
    exchange = app.extensions[EXCHANGE]
    if trouble := exchange.rehearse():
        logging.getLogger("cds_service.store").warning("hooks are answered, but not kept: %s", trouble)
    Server(
        settings,
        app,
        worker_begins=exchange.begin,
        worker_ends=partial(exchange.close, DRAIN_SECONDS),
        worker_gone=partial(metrics.forget, directory),
    ).run()


def _figures(parent: str | None) -> str:
    """A folder in which the workers share their figures; gone when this process ends, not when they do."""
    directory = tempfile.mkdtemp(prefix="cds-metrics-", dir=parent)
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(directory, ignore_errors=True)

    atexit.register(remove)
    return directory
