"""A token is used once, whichever worker or host sees it; without the store, memory decides."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from sqlalchemy import Connection

from cds_service.store import replay as module
from cds_service.store.connect import Store, open_store
from cds_service.store.patience import Patience
from cds_service.store.replay import StoreReplayGuard
from tests.unit.store.records import everything, locked
from tests.unit.store.test_recorder import wait_for

EHR = "https://ehr.example.org"
END = 2_000_000_000


class Memory:
    """What one process remembers."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, str]] = set()

    def first_use(self, issuer: str, jti: str, expires: int) -> bool:
        new = (issuer, jti) not in self.seen
        self.seen.add((issuer, jti))
        return new


def test_a_token_is_used_once_in_one_worker(store: Store) -> None:
    guard = StoreReplayGuard(store, Memory())
    used = [("a", "1"), ("a", "2"), ("b", "1"), ("a", "1"), ("b", "1"), ("a1", ""), ("a", "1")]
    assert [guard.first_use(issuer, jti, END) for issuer, jti in used] == [
        True, True, True, False, False, True, False,
    ]  # fmt: skip


def test_a_token_is_used_once_on_hosts_with_keys_of_their_own(store: Store, url: str) -> None:
    here = StoreReplayGuard(store, Memory())
    there = StoreReplayGuard(open_store(url, key="another"), Memory())
    assert here.first_use(EHR, "1", END)
    assert not there.first_use(EHR, "1", END)
    assert there.first_use(EHR, "2", END)
    assert not here.first_use(EHR, "2", END)


USES = """
import sys
from cds_service.store.connect import open_store
from cds_service.store.replay import StoreReplayGuard
from tests.unit.store.test_replay import Memory
guard = StoreReplayGuard(open_store(sys.argv[1]), Memory())
sys.stdin.readline()
print(*(int(guard.first_use("issuer", str(number), 2_000_000_000)) for number in range(100)), guard.failures)
"""


def test_of_several_workers_exactly_one_wins_each_token(store: Store, url: str) -> None:
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", USES, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    said = [[int(word) for word in worker.communicate(timeout=60)[0].split()] for worker in workers]
    assert [words[-1] for words in said] == [0, 0, 0]
    assert [sum(won) for won in zip(*(words[:-1] for words in said), strict=True)] == [1] * 100


def test_without_the_store_memory_decides_and_the_store_is_left_alone_for_a_while(
    store: Store, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]
    caplog.set_level(logging.INFO, "cds_service.store")
    guard = StoreReplayGuard(store, Memory(), clock=lambda: now[0])
    with locked(url):
        assert guard.first_use(EHR, "1", END)
        assert not guard.first_use(EHR, "1", END)
        assert guard.first_use(EHR, "2", END)
        assert (guard.failures, guard.unchecked) == (1, 2)
    now[0] = 6.0
    assert guard.first_use(EHR, "3", END)
    # The request did not wait for the answer, but its token is there for others to see.
    assert wait_for(lambda: "store is back" in caplog.text)
    assert not StoreReplayGuard(store, Memory()).first_use(EHR, "3", END)
    assert guard.first_use(EHR, "4", END)
    assert guard.failures == 1
    # The thread of the first token may still have waited, and found the store back before the third came.
    assert guard.unchecked in (2, 3)


class Hanging:
    """A store that does not answer until it is told to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.answers = threading.Event()
        self.asked = 0

    @contextmanager
    def begin(self, patience: Patience, **options: bool) -> Iterator[Connection]:
        self.asked += 1
        self.answers.wait(30)
        with self._store.begin(patience, **options) as connection:
            yield connection


def test_a_store_that_hangs_makes_one_request_of_an_outage_wait_and_is_told_once(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]
    hanging = Hanging(store)
    guard = StoreReplayGuard(cast(Store, hanging), Memory(), clock=lambda: now[0])
    caplog.set_level(logging.INFO, "cds_service.store")
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    assert guard.first_use(EHR, "0", END)
    # Were any further request to wait for the store, it would wait for ever.
    monkeypatch.setattr(module, "WAIT_SECONDS", None)
    for at in range(1, 100):
        now[0] = float(at)
        assert guard.first_use(EHR, str(at), END)
        assert not guard.first_use(EHR, str(at), END)
    assert (guard.failures, guard.unchecked) == (1, 100)
    # Nor do threads that wait for the store pile up.
    assert hanging.asked == 2
    hanging.answers.set()
    assert wait_for(lambda: "store is back" in caplog.text)
    assert guard.first_use(EHR, "a", END)
    assert not StoreReplayGuard(store, Memory()).first_use(EHR, "a", END)
    assert guard.unchecked == 100
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_worker_finds_out_before_its_first_request(caplog: pytest.LogCaptureFixture) -> None:
    guard = StoreReplayGuard(open_store("postgresql://user@127.0.0.1:1/name"), Memory())
    guard.prepare()
    assert wait_for(lambda: "store is down" in caplog.text)
    assert guard.first_use(EHR, "1", END)
    assert (guard.failures, guard.unchecked) == (0, 1)


def test_tokens_are_kept_as_hashes(store: Store) -> None:
    assert StoreReplayGuard(store, Memory()).first_use(EHR, "the-token-id", END)
    held = everything(store)
    assert str(END) in held
    assert "the-token-id" not in held
    assert EHR not in held
