"""The corridor of a call: who asks, what is asked, what is fetched, what is answered, what is kept of it.

Raises what the rooms raise; statuses and bodies of refusals are for whoever speaks HTTP.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service import account as accounts
from cds_service import logs, schemas
from cds_service.account import Account
from cds_service.auth.verify import Verifier
from cds_service.core.caller import Caller
from cds_service.core.hook_call import HookCall
from cds_service.errors import StoreError
from cds_service.fetch.client import Fetcher
from cds_service.hooks import envelope, feedback
from cds_service.hooks.services import Service
from cds_service.metrics import Metrics
from cds_service.pipeline import Decision
from cds_service.store.connect import Store
from cds_service.store.feedback import FeedbackStore
from cds_service.store.recorder import Recorder

# call and the caller's dialect -> the decision
Answer = Callable[[HookCall, str], Decision]
# whether cards may come of a call at all
Concerns = Callable[[HookCall], bool]
UNAUTHENTICATED = 401


@dataclass(frozen=True, slots=True, eq=False)
class Keeping:
    """The parts of the store room that a call meets."""

    store: Store
    recorder: Recorder
    feedback: FeedbackStore


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """``verifier`` None: whoever asks is ``anyone``. ``fetcher``, ``keeping`` None: not fetched, not kept."""

    answer: Answer
    concerns: Concerns
    depth: schemas.DepthLimit
    metrics: Metrics
    max_orders: int = 200
    verifier: Verifier | None = None
    fetcher: Fetcher | None = None
    keeping: Keeping | None = None
    anyone: Caller = accounts.NOBODY
    _feedback: schemas.Schema = field(default_factory=feedback.schema, repr=False)

    def identify(self, account: Account, authorization: str | None, path: str) -> None:
        """Find out who calls. Raises AuthenticationError."""
        if self.verifier is None:
            account.caller = self.anyone
        else:
            try:
                account.caller = self.verifier.caller(authorization, path)
            finally:
                self.metrics.unchecked(self.verifier.unchecked)

    def hook(self, account: Account, service: Service, raw: bytes) -> Mapping[str, Any]:
        """The response body to a hook request.

        Raises:
            RequestError: it is no request of this service's hook, or holds too many orders.
        """
        account.raw = raw
        call = account.call = envelope.call_of(service, envelope.parse(raw, self.depth))
        envelope.limit_orders(call, self.max_orders)
        if self.fetcher is not None and call.fhir_access is not None and self.concerns(call):
            fetched = self.fetcher.complete(call, account.caller, service.discovery["prefetch"])
            account.fetched = fetched.outcomes
            account.chart = {
                key: value
                for key, value in fetched.call.prefetch.items()
                if value is not call.prefetch.get(key)
            }
            call = fetched.call
        account.decision = self.answer(call, account.caller.dialect)
        return account.decision.response

    def feedback(self, account: Account, raw: bytes) -> None:
        """Keep what became of cards; once this returns it is on disk.

        Raises:
            RequestError: it is no feedback; nothing of it is kept.
            StoreError: there is no store, or it cannot be written now.
        """
        items = feedback.read(self._feedback, envelope.parse(raw, self.depth))
        if self.keeping is None:
            raise StoreError("no store is configured; name one in DATABASE_URL")
        # Comments are deleted in time by whoever takes them.
        self.keeping.recorder.begin()
        new = self.keeping.feedback.add(items, account.caller.issuer)
        account.kept = len(items)
        self.metrics.heard(item.outcome for item in new)

    def finish(self, account: Account, status: int) -> None:
        """The call was answered with ``status``: count it, log it, and queue its record."""
        seconds = time.perf_counter() - account.started
        gaps = account.gaps()
        self.metrics.answered(account.asked, status, seconds)
        if account.refusal:
            self.metrics.refused(account.refusal)
        if gaps or account.cards:
            findings = [(accounts.finding(card), card["indicator"]) for card in account.cards]
            self.metrics.carded(findings, gaps)
        if account.fetched:
            self.metrics.fetched((each.key, each.what) for each in account.fetched)
        logs.tell(account.event, accounts.line(account, status, seconds, gaps))
        # It is not for strangers to fill the store.
        if self.keeping is not None and account.event == accounts.HOOK and status != UNAUTHENTICATED:
            self.keeping.recorder.put(accounts.record(account, status, seconds, gaps))

    def readiness(self) -> dict[str, str]:
        """Each part and how it does: ``ok``, or what is wrong and what to do."""
        state = {"knowledge": "ok", "store": "none"}
        if self.keeping is not None:
            state["store"] = self.keeping.store.ping() or "ok"
        return state

    def figures(self) -> bytes:
        """What all processes counted, in Prometheus' text format."""
        if self.keeping is not None:
            self.metrics.queued(self.keeping.recorder)
        return self.metrics.text()

    def rehearse(self) -> str:
        """Before workers are forked: bring the store to shape; what is wrong with it, or ``""``."""
        if self.keeping is None:
            return ""
        trouble = self.keeping.store.ping()
        # A connection that a fork takes along would be closed twice.
        self.keeping.store.close()
        return trouble

    def begin(self) -> None:
        """A worker begins: fetch the keys of clients before the first calls, delete what is past its time."""
        if self.verifier is not None:
            self.verifier.prepare()
        if self.keeping is not None:
            self.keeping.recorder.begin()

    def close(self, seconds: float) -> None:
        """The process ends: write what waits, for at most so long."""
        if self.keeping is None:
            return
        if not self.keeping.recorder.drain(seconds):
            logs.tell("records-lost", {"lost": self.keeping.recorder.dropped}, level=logging.WARNING)
        self.metrics.queued(self.keeping.recorder)
        self.keeping.store.close()
