"""One missing key being fetched in a thread of its own; another thread may read what it has so far.

Pages are followed only on the same server and path, so many and so long as the limits say.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cds_service.fetch.guard import Base, next_page
from cds_service.fetch.outcome import FetchError, Outcome, What
from cds_service.fetch.pages import read_page, read_resource
from cds_service.fetch.states import Standing
from cds_service.fetch.wire import Line
from cds_service.schemas import DepthLimit

Get = Callable[[str, int, Line], bytes]
"""URL, the most bytes, and the line to use -> body of a 200 answer; raises FetchError."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``pages`` of a search, ``size`` in bytes of one key over all its pages, nesting of the JSON."""

    pages: int
    size: int
    depth: DepthLimit


@dataclass(slots=True)
class Query:
    """``key`` is advertised, ``standing`` where its resources stand in prefetch; ``what`` None: not ended."""

    key: str
    standing: Standing
    kind: str
    url: str
    search: bool
    what: What | None = None
    status: int = 0
    pages: int = 0
    ended: float = 0.0
    entries: list[dict[str, Any]] = field(default_factory=list)
    resource: dict[str, Any] | None = None
    line: Line = field(default_factory=Line)

    def run(self, base: Base, get: Get, limits: Limits) -> None:
        """Fetch; ends always, by ``what``."""
        try:
            what = self._search(base, get, limits) if self.search else self._read(get, limits)
        except FetchError as error:
            what = "partial" if self.pages else error.what
            self.status = error.status
        self.ended = time.monotonic()
        self.what = what

    def _read(self, get: Get, limits: Limits) -> What:
        raw = get(self.url, limits.size, self.line)
        self.resource = read_resource(raw, self.kind, self.url.rpartition("/")[2], limits.depth)
        self.pages = 1
        return "fetched"

    def _search(self, base: Base, get: Get, limits: Limits) -> What:
        url, asked, size, reported = self.url, {self.url}, limits.size, False
        while True:
            raw = get(url, size, self.line)
            page = read_page(raw, self.kind, limits.depth)
            self.entries.extend(page.entries)
            self.pages += 1
            reported = reported or page.reported
            size -= len(raw)
            if page.next is None:
                return "reported-error" if reported else "fetched" if self.entries else "empty"
            following = next_page(base, url, page.next)
            if following is None or following in asked or self.pages >= limits.pages:
                return "partial"
            asked.add(following)
            url = following

    def outcome(self, started: float, now: float, unfinished: What) -> Outcome:
        """What became of it; ``unfinished`` when it has not ended."""
        what, pages = self.what, self.pages
        if what is None:
            what = "partial" if pages else unfinished
        return Outcome(self.key, what, round(((self.ended or now) - started) * 1000), pages, self.status)

    def value(self, outcome: Outcome) -> dict[str, Any] | None:
        """What goes into prefetch; None when there is nothing better than what is there."""
        whole = outcome.what in ("fetched", "empty")
        if not self.search:
            return self.resource if whole else None
        if not whole and (not self.entries or self.standing.state == "partial"):
            return None
        return {"resourceType": "Bundle", "type": "searchset", "entry": list(self.entries)}
