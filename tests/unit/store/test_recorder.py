"""Records reach the store in batches; what goes wrong there is counted and never felt by a caller."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cds_service.store import recorder as module
from cds_service.store.connect import Store, open_store
from cds_service.store.recorder import Recorder
from tests.unit.store.records import card, count, everything, keep, locked, new_id, record, rows

CANARY = "canary-of-the-patient"


def wait_for(fact: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not fact():
        time.sleep(0.01)
    return fact()


def test_a_call_and_its_cards_are_written(store: Store) -> None:
    recorder = Recorder(store)
    first = card(indicator="warning", suggestions=(new_id(),), orders=("ServiceRequest/a",))
    second = card(finding="M0", kind="determination", outcome="NEED-INFO")
    called = record(first, second, issuer="https://ehr.example.org", tenant="t", dialect="crd", orders=3)
    assert recorder.put(called)
    assert recorder.drain(10)
    assert (recorder.written, recorder.dropped, recorder.failures, recorder.depth) == (1, 0, 0, 0)
    (row,) = rows(store, "calls")
    given = {"id": called.id, "at": called.at, "issuer": called.issuer, "tenant": "t", "dialect": "crd"}
    assert {**given, "orders": 3, "cards": 2, "duration_ms": 2.5}.items() <= row.items()
    served = {row["position"]: row for row in rows(store, "served_cards")}
    assert [served[at]["uuid"] for at in (0, 1)] == [first.uuid, second.uuid]
    assert served[0]["suggestions"] == list(first.suggestions)
    assert {row["call_id"] for row in served.values()} == {called.id}


def test_nothing_of_the_patient_is_kept(store: Store) -> None:
    def trace() -> Mapping[str, Any]:
        return {
            "as_of": "2026-11-18",
            "determinations": [
                {
                    "pathway": "emg",
                    "orders": [f"ServiceRequest/{CANARY}"],
                    "criteria": [{"id": "S1", "observed": CANARY, "evidence": [f"Condition/{CANARY}"]}],
                    "values": {"reason_label": CANARY},
                }
            ],
            "corrections": [
                {"pattern": "C01", "orders": [CANARY], "choices": [[{"code": CANARY, "units": 1}]]}
            ],
            "diagnosis_corrections": [{"row": "r", "order": CANARY, "from": [CANARY], "choices": [[CANARY]]}],
            "notices": [{"id": "D1", "orders": [CANARY], "values": {"label": CANARY}}],
            "gaps": [{"path": f"prefetch.{CANARY}", "what": "not supplied"}],
            CANARY: CANARY,
        }

    called = record(
        card(orders=(f"ServiceRequest/{CANARY}", CANARY)),
        body=CANARY.encode(),
        patient=CANARY,
        hook_instance=CANARY,
        trace=trace,
    )
    recorder = Recorder(store)
    recorder.put(called)
    assert recorder.drain(10)
    assert count(store, "calls") == count(store, "served_cards") == 1
    assert CANARY not in everything(store)
    assert CANARY not in repr(called)
    (row,) = rows(store, "calls")
    hashes = [row[name] for name in ("input_digest", "patient_hash", "hook_instance_hash")]
    assert len(set(hashes)) == 3
    assert all(len(each) == 64 for each in hashes)


def test_a_full_queue_drops_and_counts(tmp_path: Any) -> None:
    recorder = Recorder(open_store("postgresql://user@127.0.0.1:1/name"), capacity=5)
    taken = [recorder.put(record()) for _ in range(20)]
    assert taken == [True] * 5 + [False] * 15
    assert (recorder.dropped, recorder.depth) == (15, 5)
    assert recorder.drain(0.2) is False
    assert (recorder.written, recorder.dropped, recorder.depth) == (0, 20, 0)
    assert recorder.put(record()) is False


def test_large_bodies_that_wait_are_limited_too(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setattr(module, "WAITING_BYTES", 1000)
    recorder = Recorder(store)
    assert recorder.put(record(body=b"x" * 900))
    assert recorder.put(record(body=b"x" * 2000)) is False
    assert wait_for(lambda: recorder.written == 1)
    assert recorder.put(record(body=b"x" * 900))
    assert recorder.drain(10) is False
    assert (recorder.written, recorder.dropped) == (2, 1)


def test_a_locked_database_delays_records_and_nothing_else(store: Store, url: str) -> None:
    recorder = Recorder(store)
    with locked(url):
        for _ in range(50):
            assert recorder.put(record(card()))
        assert wait_for(lambda: recorder.failures > 0)
        assert recorder.written == 0
    assert wait_for(lambda: recorder.written == 50)
    assert recorder.drain(10)
    assert count(store, "calls") == count(store, "served_cards") == 50


def test_a_database_migrated_late_gets_what_waited(postgresql_url: str) -> None:
    store = open_store(postgresql_url)
    recorder = Recorder(store)
    recorder.put(record(card()))
    assert wait_for(lambda: recorder.failures > 0)
    store.migrate()
    assert wait_for(lambda: recorder.written == 1)
    assert recorder.drain(10)


def test_a_record_the_database_refuses_costs_the_others_nothing(store: Store) -> None:
    recorder = Recorder(store)
    recorder.put(record())
    recorder.put(record(trace=lambda: {"as_of": object()}))
    recorder.put(record(at="no time"))
    recorder.put(record(card(finding=None)))
    recorder.put(record(body="no bytes"))
    recorder.put(record())
    assert recorder.drain(10) is False
    assert (recorder.written, recorder.dropped) == (2, 4)
    assert count(store, "calls") == 2


def test_a_reasoning_that_fails_is_left_out(store: Store) -> None:
    recorder = Recorder(store)
    recorder.put(record(trace=lambda: 1 / 0))
    assert recorder.drain(10)
    assert [row["trace"] for row in rows(store, "calls")] == [None]


def test_a_batch_that_was_kept_although_it_seemed_to_fail_is_not_kept_twice(store: Store) -> None:
    called = record(card())
    keep(store, called)
    keep(store, called, record(card()))
    assert count(store, "calls") == count(store, "served_cards") == 2


def test_several_threads_may_put_at_once(store: Store) -> None:
    recorder = Recorder(store)
    threads = [
        threading.Thread(target=lambda: [recorder.put(record(card())) for _ in range(100)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recorder.drain(20)
    assert recorder.written == count(store, "calls") == 400


def test_a_forked_worker_writes_with_a_thread_of_its_own(store: Store) -> None:
    recorder = Recorder(store)
    recorder.put(record())
    assert wait_for(lambda: recorder.written == 1)
    child = os.fork()
    if child == 0:
        recorder.put(record())
        os._exit(0 if recorder.drain(10) and recorder.written == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    recorder.put(record())
    assert recorder.drain(10)
    assert (recorder.written, count(store, "calls")) == (2, 3)


def test_a_listener_is_told_and_cannot_end_the_thread(store: Store) -> None:
    heard: list[int] = []

    def told() -> None:
        heard.append(recorder.written)
        raise ValueError

    recorder = Recorder(store, told=told)
    recorder.put(record())
    assert wait_for(lambda: recorder.written == 1)
    recorder.put(record())
    assert recorder.drain(10)
    assert (heard[-1], recorder.written) == (2, 2)


DISK_FULL = """
import resource, sys
from cds_service.errors import StoreError
from cds_service.store.connect import Store
from cds_service.store.feedback import FeedbackStore
from cds_service.store.recorder import Recorder
from tests.unit.store.records import answer, card, new_id, record
now = [0.0]
store = Store(sys.argv[1], clock=lambda: now[0])
store.migrate()
size = 400_000
resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
recorder = Recorder(store)
taken = sum(recorder.put(record(*(card() for _ in range(5)))) for _ in range(2000))
recorder.drain(2)
failed = ""
try:
    for _ in range(2000):
        FeedbackStore(store).add([answer(new_id())], "")
except StoreError as error:
    failed = str(error)
now[0] = 2.0
full = store.ping()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
now[0] = 4.0
print(taken, recorder.failures > 0, failed == full != "", "disk" in full, repr(store.ping()))
"""


def test_a_full_disk_stops_feedback_and_no_hook(sqlite_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DISK_FULL, sqlite_url], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["2000", "True", "True", "True", "''"], done.stderr
