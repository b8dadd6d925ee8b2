"""The fetcher: a hook call, its caller and our templates in; the call with the missing chart data out.

What cannot be had within the budget becomes a gap. It never raises, and never keeps or shows a token.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Lock

from cds_service.core.caller import Caller
from cds_service.core.hook_call import FhirAccess, HookCall
from cds_service.fetch import scopes, templates, wire
from cds_service.fetch.addresses import Addresses, Resolve, system_resolve
from cds_service.fetch.guard import Base, allowed
from cds_service.fetch.outcome import Fetched, FetchError, Outcome, What
from cds_service.fetch.query import Limits, Query
from cds_service.fetch.states import FETCHED, Standing, states
from cds_service.schemas import DepthLimit

__all__ = ["Fetched", "Fetcher", "Outcome"]

MEGABYTE = 1024 * 1024

_ORDER = "ServiceRequest"
_THREADS = 16
_MOST_ADAPTERS = 32


class Fetcher:
    """One per process; threads and connections come into being with the first fetch, so after a fork."""

    def __init__(
        self,
        budget_seconds: float,
        max_pages: int = 5,
        max_bytes: int = 4 * MEGABYTE,
        *,
        max_depth: int = 64,
        ca_file: str = "",
        resolve: Resolve = system_resolve,
    ) -> None:
        """``budget_seconds`` 0: never fetch. ``max_bytes`` of one key; ``ca_file``: PEM authorities to trust.

        Raises:
            OSError: ``ca_file`` cannot be read or holds no certificate.
        """
        self._budget = budget_seconds
        self._limits = Limits(max_pages, max_bytes, DepthLimit.of(max_depth))
        self._trust = wire.trust_of(ca_file)
        self._addresses = Addresses(resolve)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="fetch")
        self._adapters: dict[tuple[Base, str], wire.PinnedAdapter] = {}
        self._lock = Lock()
        # Its messages hold URLs, and those the id of the patient.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)

    def complete(self, call: HookCall, caller: Caller, templates: Mapping[str, str]) -> Fetched:
        """The call with what was missing of ``templates`` (key -> FHIR query) joined into its prefetch."""
        access = call.fhir_access
        if access is None or not call.fhir_server or self._budget <= 0 or not _speaks_of_orders(call):
            return Fetched(call)
        standings = states(call.prefetch, templates)
        missing = {key: each for key, each in standings.items() if each.state in FETCHED}
        if not missing:
            return Fetched(call)
        started = time.monotonic()
        base = allowed(call.fhir_server, caller.fhir_servers)
        if not access.token:
            return _without(call, missing, "no-token")
        if base is None:
            return _without(call, missing, "refused-server")
        queries, refused = _queries(call, access, base, missing, templates)
        outcomes = self._fetch(queries, base, access, started) if queries else []
        return _joined(call, queries, [*outcomes, *refused], missing)

    def _fetch(self, queries: list[Query], base: Base, access: FhirAccess, started: float) -> list[Outcome]:
        deadline = wire.Deadline(started + self._budget)
        try:
            adapters = [self._adapter(base, each) for each in self._addresses.of(base, deadline)]
        except FetchError as error:
            spent = round((time.monotonic() - started) * 1000)
            return [Outcome(query.key, error.what, spent) for query in queries]
        headers = _headers(base, access)

        def get(url: str, size: int, line: wire.Line) -> bytes:
            return _get(adapters, url, headers, deadline, size, line)

        running: list[tuple[Query, Future[None]]] = [
            (query, self._threads.submit(query.run, base, get, self._limits)) for query in queries
        ]
        wait([future for _, future in running], timeout=max(deadline.left(), 0.0))
        # Before any line is cut, or the threads that become free would begin with those that wait.
        never = [future.cancel() for _, future in running]
        now = time.monotonic()
        return [
            query.outcome(started, now, "budget" if unasked else _ended(query, future))
            for (query, future), unasked in zip(running, never, strict=True)
        ]

    def _adapter(self, base: Base, address: str) -> wire.PinnedAdapter:
        with self._lock:
            adapter = self._adapters.get((base, address))
            if adapter is None:
                if len(self._adapters) >= _MOST_ADAPTERS:
                    self._adapters.clear()
                adapter = wire.PinnedAdapter(base, address, self._trust, _THREADS)
                self._adapters[base, address] = adapter
            return adapter


def _speaks_of_orders(call: HookCall) -> bool:
    """Whether a service request is asked about; no card comes of any other order."""
    if call.selections is not None and not any(
        _ORDER in selected or "/" not in selected for selected in call.selections
    ):
        return False
    return any(resource.get("resourceType") == _ORDER for _, resource in call.draft_orders)


def _queries(
    call: HookCall,
    access: FhirAccess,
    base: Base,
    missing: Mapping[str, Standing],
    advertised: Mapping[str, str],
) -> tuple[list[Query], list[Outcome]]:
    """What to ask for, and the keys that cannot be asked for."""
    queries: list[Query] = []
    refused: list[Outcome] = []
    own_patient = access.patient in ("", call.patient_id)
    for key, standing in missing.items():
        template = advertised[key]
        kind = templates.type_of(template)
        query = templates.expand(template, call)
        if not query:
            refused.append(Outcome(key, "no-id"))
        elif not scopes.covers(access.scope, kind, own_patient=own_patient):
            refused.append(Outcome(key, "no-scope"))
        else:
            queries.append(Query(key, standing, kind, base.url(query), templates.is_search(template)))
    return queries, refused


def _headers(base: Base, access: FhirAccess) -> dict[str, str]:
    return {
        "Host": base.netloc,
        "Authorization": f"Bearer {access.token}",
        "Accept": "application/fhir+json, application/json;q=0.9",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": "emg-ncs-cds",
    }


def _get(
    adapters: list[wire.PinnedAdapter],
    url: str,
    headers: Mapping[str, str],
    deadline: wire.Deadline,
    size: int,
    line: wire.Line,
) -> bytes:
    """Try every address, and the first once more: a connection kept open may have been closed meanwhile."""
    attempts = [*adapters, adapters[0]]
    for at, adapter in enumerate(attempts, 1):
        connect = deadline.left() / max(len(adapters) - at + 1, 1)
        try:
            return wire.get(
                adapter, url, headers, deadline=deadline, connect=connect, max_bytes=size, line=line
            )
        except FetchError as error:
            if error.what != "unreachable" or at == len(attempts):
                raise
    raise FetchError("unreachable")


def _ended(query: Query, future: Future[None]) -> What:
    """Why a query has no outcome of its own: its time is over, and so is the query."""
    if future.done():
        return "unreachable"
    query.line.cut()
    return "timeout"


def _without(call: HookCall, missing: Mapping[str, Standing], what: What) -> Fetched:
    return _joined(call, [], [Outcome(key, what) for key in missing], missing)


def _joined(
    call: HookCall, queries: list[Query], outcomes: list[Outcome], missing: Mapping[str, Standing]
) -> Fetched:
    """The call with what was fetched, and a gap for what was not."""
    by_key = {outcome.key: outcome for outcome in outcomes}
    values = {query.standing.key: query.value(by_key[query.key]) for query in queries}
    # A first page that stays is named as such where prefetch is read.
    gaps = [
        outcome.gap
        for outcome in outcomes
        if outcome.gap is not None and missing[outcome.key].state != "partial"
    ]
    had = {key: value for key, value in values.items() if value is not None}
    if had or gaps:
        call = replace(call, prefetch={**call.prefetch, **had}, gaps=(*call.gaps, *gaps))
    return Fetched(call, tuple(outcomes))
