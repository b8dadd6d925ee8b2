"""What is kept of a call: its record, the served cards, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ServedCard:
    """``finding`` is the criterion, row or pattern id; ``kind`` determination, correction or diagnosis.

    ``outcome`` is the determination (``NEED-INFO`` ...) or the mode (``FIX``, ``ASK``). ``orders`` are
    references as sent; they are stored only as keyed hashes.
    """

    uuid: str
    finding: str
    kind: str = ""
    outcome: str = ""
    indicator: str = ""
    suggestions: tuple[str, ...] = ()
    orders: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class FetchedKey:
    """What became of a prefetch key of ours that was read from the client's FHIR server.

    ``what`` is a word of ours (``fetched``, ``timeout`` ...), ``pages`` how many were received.
    """

    key: str
    what: str
    pages: int = 0


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One answered or refused hook call.

    ``at`` is UTC, ``duration`` in milliseconds. Of ``body``, the raw bytes, only a keyed digest is kept, of
    ``patient`` and ``hook_instance`` a keyed hash; ``chart`` is a digest (SHA-256) of all that was fetched,
    ``b""`` when nothing was. ``software`` is this service's own version. ``trace`` makes the reasoning as
    JSON when the record is written, off the request's path. ``refusal`` is the word for why nothing was
    answered.
    """

    id: str
    at: datetime
    service: str
    hook: str
    status: int
    duration: float
    body: bytes = field(default=b"", repr=False)
    hook_instance: str = field(default="", repr=False)
    patient: str = field(default="", repr=False)
    issuer: str = ""
    tenant: str = ""
    dialect: str = ""
    guideline: str = ""
    edition: str = ""
    version: str = ""
    orders: int = 0
    gaps: tuple[str, ...] = ()
    fetched: tuple[FetchedKey, ...] = ()
    chart: bytes = field(default=b"", repr=False)
    software: str = ""
    refusal: str = ""
    cards: tuple[ServedCard, ...] = ()
    trace: Callable[[], Mapping[str, Any]] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What became of one card. ``outcome``: accepted or overridden; ``at`` is the client's time, UTC."""

    card: str
    outcome: str
    suggestions: tuple[str, ...] = ()
    reason_system: str = ""
    reason_code: str = ""
    comment: str = field(default="", repr=False)
    at: datetime | None = None
