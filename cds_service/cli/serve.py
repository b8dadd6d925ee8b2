"""``cds-service serve``: settings and content first: a mistake there ends the start in its own words."""

from __future__ import annotations

import logging
import os
from dataclasses import replace

from cds_service.settings import Settings


def run(*, host: str | None = None, port: int | None = None, workers: int | None = None) -> None:
    """Serve until a signal ends it; arguments win over the environment."""
    settings = Settings.from_env()
    settings = replace(
        settings,
        host=host or settings.host,
        port=settings.port if port is None else port,
        workers=workers or settings.workers,
    )
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(process)d %(name)s %(message)s",
    )
    # gunicorn reads this variable when it is imported, and stumbles over an empty one.
    os.environ["WEB_CONCURRENCY"] = str(settings.worker_count)
    from cds_service.app import create_app
    from cds_service.cli.server import Server

    Server(settings, create_app(settings)).run()
