"""The page of feedback on a free loopback port, over real stores in every state a store can be in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from cds_service import demo
from cds_service.core.feedback_picture import Picture, Wanted
from cds_service.core.kept import CallRecord
from cds_service.errors import StoreError
from cds_service.store import demo as kept
from cds_service.store import picture
from cds_service.store.connect import Store, open_store
from cds_service.store.feedback import FeedbackStore
from cds_service.workbench import feedback_page
from cds_service.workbench.pages import blueprint
from tests.browser.serve import Site, desk
from tests.loaded import service
from tests.unit.store.records import NOON, answer, card, keep, record

TODAY = date(2026, 11, 22)
REASON = "urn:emg-ncs-cds:override-reason"
QUESTION = "radicular-signs"


@dataclass
class FeedbackSite(Site):
    """``states``: what can be read, by name; ``state``: which of them is read now, ``off`` for none."""

    states: Mapping[str, Store] = field(default_factory=dict)
    state: str = "demo"

    def read(self, wanted: Wanted) -> Picture:
        if self.state == "down":
            raise StoreError("PostgreSQL cannot be reached: start it")
        return picture.read(self.states[self.state], wanted)


def templates(count: int) -> list[CallRecord]:
    """Records of a few kinds, the last of them without a card."""
    kinds = (
        ("coding:C{:02}", "FIX"),
        ("determination:emg+ncs:NEED-INFO:X{}", "NEED-INFO"),
        ("coding:M{:02}.1", "ASK"),
    )
    made = []
    for number in range(count):
        name, outcome = kinds[number % len(kinds)]
        served = card(finding=name.format(number + 1), outcome=outcome, suggestions=("s",))
        asks = {"corrections": [{"pattern": "C05", "asks": [QUESTION, "limbs-planned"]}]}
        made.append(record(served, orders=2, trace=lambda asks=asks: asks))
    return [*made, record(orders=3)]


def invent(store: Store, *, findings: int, weeks: int, calls: int) -> None:
    events = list(demo.weeks(templates(findings), last=TODAY, count=weeks, calls=calls, seed=1))
    heard = ((event.record.issuer, item) for event in events for item in event.feedback)
    kept.keep(store, (event.record for event in events), heard)


def one_point(store: Store, seconds: int = 90) -> None:
    """One call of a client without a name, with one card, overridden for one reason so long after."""
    served = card(finding="coding:C04")
    keep(store, record(served, orders=2))
    said = answer(served.uuid, "overridden", reason_system=REASON, reason_code="asIntended")
    FeedbackStore(store).add([replace(said, at=NOON + timedelta(seconds=seconds))], "")


FILLED: Mapping[str, Callable[[Store], None]] = {
    "empty": lambda store: None,
    "one": one_point,
    "prompt": partial(one_point, seconds=1),
    "quiet": lambda store: keep(store, record(orders=2)),
    "demo": partial(invent, findings=9, weeks=16, calls=60),
    "full": partial(invent, findings=60, weeks=30, calls=400),
}


@contextmanager
def running(folder: Path) -> Iterator[FeedbackSite]:
    """The pages, served until the block ends."""
    stores = {name: open_store(f"sqlite:///{folder / name}.sqlite3") for name in FILLED}
    for name, fill in FILLED.items():
        stores[name].migrate()
        fill(stores[name])
    site = FeedbackSite(states=stores)
    loaded = service()
    app = Flask("pages", static_folder=None)
    app.register_blueprint(blueprint(replace(desk(site), feedback_page=feedback_page.PATH)))
    reasons = [reason.coding for reason in loaded.book.reasons]
    for path, read in (("", site.read), ("/off", None)):
        pages = feedback_page.blueprint(read, loaded.knowledge, reasons, today=lambda: TODAY)
        app.register_blueprint(pages, url_prefix=path or None, name=f"feedback{path.replace('/', '-')}")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join(10)
        for store in stores.values():
            store.close()
