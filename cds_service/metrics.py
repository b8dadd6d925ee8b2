"""Counts and times of calls in, the text of ``GET /metrics`` out; right under several worker processes.

Labels are words of ours, ids of our knowledge and HTTP statuses: nothing a client made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Queue(Protocol):
    """Figures of whatever writes call records: all since start but ``depth``."""

    written: int
    dropped: int
    failures: int

    @property
    def depth(self) -> int: ...


class Metrics:
    """One set of figures. ``directory``: where the worker processes share theirs, ``""``: one process."""

    def __init__(self, directory: str = "") -> None:
        self._directory = directory
        self._own = own = CollectorRegistry()
        self._requests = Counter(
            "cds_requests", "Requests by what was asked and status", ("service", "status"), registry=own
        )
        self._seconds = Histogram(
            "cds_request_seconds", "Time to answer", ("service",), buckets=SECONDS, registry=own
        )
        self._cards = Counter(
            "cds_cards", "Cards served by finding and indicator", ("finding", "indicator"), registry=own
        )
        self._gaps = Counter("cds_gaps", "What could not be used, by where", ("where",), registry=own)
        self._fetches = Counter("cds_fetches", "Fetched prefetch keys", ("key", "outcome"), registry=own)
        self._refused = Counter("cds_refusals", "Calls not answered, by reason", ("reason",), registry=own)
        self._feedback = Counter("cds_feedback", "Feedback kept, by outcome", ("outcome",), registry=own)
        self._waiting = Gauge(
            "cds_records_waiting", "Call records not yet written", multiprocess_mode="livesum", registry=own
        )
        self._records = Counter("cds_records", "Call records by what became of them", ("fate",), registry=own)
        self._told = dict.fromkeys(("written", "dropped", "failures"), 0)
        self._unchecked = Counter(
            "cds_replay_unchecked", "Tokens taken while the store could not be asked", registry=own
        )
        self._unchecked_told = 0
        # Requests and the thread that writes records tell of the same growth.
        self._telling = Lock()
        for fate in self._told:
            self._records.labels(fate)
        # Looking a child up by its labels takes as long as counting it.
        self._request = cache(self._requests.labels)
        self._timer = cache(self._seconds.labels)
        self._card = cache(self._cards.labels)
        self._gap = cache(self._gaps.labels)

    def answered(self, service: str, status: int, seconds: float) -> None:
        """One request came to its end."""
        self._request(service, status).inc()
        self._timer(service).observe(seconds)

    def passed(self, status: int) -> None:
        """A request that asked for no service: a probe, a page, a preflight, an unknown path."""
        self._request("other", status).inc()

    def refused(self, reason: str) -> None:
        """A call was not answered."""
        self._refused.labels(reason).inc()

    def carded(self, findings: Iterable[tuple[str, str]], gaps: Mapping[str, int]) -> None:
        """Cards as (finding, indicator), and how many gaps there were by where."""
        for finding, indicator in findings:
            self._card(finding, indicator).inc()
        for where, count in gaps.items():
            self._gap(where).inc(count)

    def fetched(self, outcomes: Iterable[tuple[str, str]]) -> None:
        """What became of prefetch keys that had to be fetched, as (key, outcome)."""
        for key, outcome in outcomes:
            self._fetches.labels(key, outcome).inc()

    def heard(self, outcomes: Iterable[str]) -> None:
        """Feedback was kept."""
        for outcome in outcomes:
            self._feedback.labels(outcome).inc()

    def queued(self, queue: Queue) -> None:
        """How the writing of call records stands in this process."""
        with self._telling:
            self._waiting.set(queue.depth)
            for fate, before in self._told.items():
                now = getattr(queue, fate)
                if now > before:
                    self._records.labels(fate).inc(now - before)
                    self._told[fate] = now

    def unchecked(self, tokens: int) -> None:
        """How many tokens this process took, since its start, without other workers being asked."""
        if tokens == self._unchecked_told:
            return
        with self._telling:
            if tokens > self._unchecked_told:
                self._unchecked.inc(tokens - self._unchecked_told)
                self._unchecked_told = tokens

    def text(self) -> bytes:
        """The figures of every process, in Prometheus' text format."""
        if not self._directory:
            return generate_latest(self._own)
        shared = CollectorRegistry()
        MultiProcessCollector(shared, path=self._directory)  # type: ignore[no-untyped-call]
        return generate_latest(shared)


def forget(directory: str, pid: int) -> None:
    """A process ended: what it had waiting no longer counts, what it had counted still does."""
    if Path(directory).is_dir():
        mark_process_dead(pid, path=directory)  # type: ignore[no-untyped-call]
