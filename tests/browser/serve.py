"""The pages on a free loopback port, wired to the real pipeline and to feedback that can be made to fail."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from cds_service import pipeline, scenarios, schemas
from cds_service.apply_suggestion import applied, chosen
from cds_service.content import Roots
from cds_service.errors import RequestError
from cds_service.hooks import envelope, feedback
from cds_service.hooks import services as hook_services
from cds_service.workbench.desk import Desk, Json, Reply
from cds_service.workbench.pages import blueprint
from tests.loaded import service

BASE_URL = "http://127.0.0.1:8080"


@dataclass
class Site:
    """The running pages. ``told``: the feedback that came; ``answers``: the status it is answered with."""

    url: str = ""
    told: list[tuple[str, Any]] = field(default_factory=list)
    answers: int = 200


def desk(site: Site) -> Desk:
    """The desk as an app would hand it over."""
    roots = Roots.default()
    loaded = service()
    services = hook_services.load(roots)
    depth = schemas.DepthLimit.of(64)
    check = feedback.schema()

    def fire(raw: bytes, *, as_of: str, dialect: str, rehearsal: bool) -> pipeline.Decision:
        body = envelope.parse(raw, depth)
        hook = body.get("hook") if isinstance(body, dict) else None
        service = next(
            (each for each in services.values() if each.hook == hook), next(iter(services.values()))
        )
        call = envelope.call_of(service, body)
        return pipeline.decide(
            loaded,
            call,
            today=time.strftime("%Y-%m-%d"),
            new_id=lambda: str(uuid.uuid4()),
            as_of=as_of,
            dialect=dialect,
            base_url=BASE_URL,
        )

    def tell(service: str, raw: bytes) -> Reply:
        body = json.loads(raw)
        try:
            feedback.read(check, body)
        except RequestError as error:
            return Reply(400, str(error))
        site.told.append((service, body))
        return Reply(site.answers, "" if site.answers == 200 else "No store is configured.")

    return Desk(
        knowledge=loaded.knowledge,
        limb_codes=loaded.writer.limb_codes,
        stories=lambda: scenarios.load_scenarios(roots),
        services={service.hook: service.id for service in services.values()},
        dialects=tuple(loaded.dialects),
        base_url=BASE_URL,
        fire=fire,
        apply=apply,
        tell=tell,
    )


def apply(request: Json, cards: Sequence[Json], card: int, suggestion: int) -> Json:
    return applied(request, chosen(cards, card + 1, [suggestion + 1]))


@contextmanager
def running(port: int = 0) -> Iterator[Site]:
    """The pages, served until the block ends."""
    site = Site()
    app = Flask("pages", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024 * 1024
    app.register_blueprint(blueprint(desk(site)))
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", port, app, threaded=True)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join(10)


if __name__ == "__main__":
    with running(8090) as site:
        print(site.url, flush=True)
        threading.Event().wait()
