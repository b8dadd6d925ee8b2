"""``cds-service serve``: settings and content first: a mistake there ends the start in its own words."""

from __future__ import annotations

import atexit
import errno
import logging
import os
import shutil
import socket
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
        SettingsError: a setting cannot be used, the port is taken, or strangers would be let in without
            anyone having said so.
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
    _try_address(settings.host, settings.port)
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


def _try_address(host: str, port: int) -> None:
    """Whether one may listen there; the server itself would try for seconds, and say so in many lines."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            trial.listen()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            what = f"PORT: {port} is in use; set PORT to another, or stop what listens there"
        elif error.errno in (errno.EACCES, errno.EPERM):
            what = f"PORT: {port} may not be used by this user; set PORT to one above 1023"
        else:
            what = f"HOST: {host} is no address of this machine; set HOST to one it has"
        raise SettingsError(what) from None


def _figures(parent: str | None) -> str:
    """A folder in which the workers share their figures; gone when this process ends, not when they do."""
    directory = tempfile.mkdtemp(prefix="cds-metrics-", dir=parent)
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(directory, ignore_errors=True)

    atexit.register(remove)
    return directory
