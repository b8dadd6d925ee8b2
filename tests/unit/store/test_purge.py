"""What is past its time goes, with what hangs on it; everything else stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cds_service.store import purge as module
from cds_service.store import recorder as recording
from cds_service.store.connect import Store
from cds_service.store.feedback import FeedbackStore
from cds_service.store.purge import purge
from cds_service.store.recorder import Recorder
from cds_service.store.replay import StoreReplayGuard
from tests.unit.store.records import NOON, answer, card, count, keep, new_id, record, rows
from tests.unit.store.test_recorder import wait_for
from tests.unit.store.test_replay import Memory

DAY = timedelta(days=1)
TABLES = ("comments", "feedback", "calls", "served_cards", "seen_tokens")


def fill(store: Store) -> None:
    """Calls, feedback and comments of three days, and tokens that end on them."""
    guard = StoreReplayGuard(store, Memory())
    for days in (0, 10, 20):
        then = NOON - days * DAY
        keep(store, record(card(), at=then))
        ear = FeedbackStore(store, comment_days=15, now=lambda then=then: then)  # type: ignore[misc]
        ear.add([answer(new_id(), comment="x")], "")
        guard.first_use("i", str(days), int(then.timestamp()))


# Days of retention of calls; what is left of the three rows of each table.
LEFT = [
    (30, {"comments": 2, "feedback": 3, "calls": 3, "served_cards": 3, "seen_tokens": 1}),
    (20, {"comments": 2, "feedback": 3, "calls": 3, "served_cards": 3, "seen_tokens": 1}),
    (19, {"comments": 2, "feedback": 2, "calls": 2, "served_cards": 2, "seen_tokens": 1}),
    (5, {"comments": 1, "feedback": 1, "calls": 1, "served_cards": 1, "seen_tokens": 1}),
]


@pytest.mark.parametrize(("days", "left"), LEFT)
def test_what_is_past_its_time_goes(store: Store, days: int, left: dict[str, int]) -> None:
    fill(store)
    gone = purge(store, NOON, audit_days=days)
    assert {table: count(store, table) for table in TABLES} == left
    assert gone["calls"] == 3 - left["calls"]
    assert gone["seen_tokens"] == 2
    assert sum(purge(store, NOON, audit_days=days).values()) == 0


def test_many_rows_go_in_steps(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEP", 3)
    keep(store, *(record(card(), at=NOON - 9 * DAY) for _ in range(7)), record(card()))
    assert purge(store, NOON, audit_days=5)["calls"] == 7
    assert [row["at"] for row in rows(store, "calls")] == [NOON]
    assert count(store, "served_cards") == 1


def test_a_recorder_that_gets_no_record_purges_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "FIRST_PURGE_SECONDS", 0.2)
    ear = FeedbackStore(store, comment_days=1, now=lambda: NOON - 900 * DAY)
    ear.add([answer(new_id(), comment="x")], "")
    recorder = Recorder(store)
    recorder.begin()
    recorder.begin()
    assert wait_for(lambda: count(store, "comments") == 0)
    assert recorder.drain(10)
    recorder.begin()
    assert recorder.depth == 0


def test_a_running_recorder_purges_by_itself(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "FIRST_PURGE_SECONDS", 0.2)
    old = record(card(), at=NOON - 5000 * DAY)
    keep(store, old)
    recorder = Recorder(store, audit_days=4000)
    recorder.put(record(at=NOON))
    assert wait_for(lambda: [row["at"] for row in rows(store, "calls")] == [NOON])
    assert recorder.drain(10)
