"""What a card says, before a dialect gives it the shape that one kind of client can take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cds_service.core.finding import Edit


class Link(NamedTuple):
    """Where to read on; ``url`` is absolute."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class CardAction:
    """One change to one order. ``type``: ``update`` | ``create`` | ``delete``; ``order``: its reference.

    ``description`` is a sentence that stands alone. ``resource`` is the whole order as it becomes (none for
    ``delete``), ``edits`` what changes in its codes, ``reasons`` which reason codes become which.
    """

    type: str
    order: str
    description: str
    resource: Mapping[str, Any] | None = None
    edits: tuple[Edit, ...] = ()
    reasons: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class CardSuggestion:
    """What one click does; the suggestions of a card exclude each other."""

    label: str
    actions: tuple[CardAction, ...]
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to say. ``finding`` names it and is the same for the same advice on any day.

    ``kind``: ``coding`` | ``determination`` | ``notice``. ``detail`` is Markdown. ``facts`` goes into the
    card's own extension. ``reasons`` are the override reasons as Codings. ``advisory`` is the paragraph of
    ``detail`` that says that this decides no coverage.
    """

    finding: str
    kind: str
    summary: str
    detail: str
    indicator: str
    orders: tuple[str, ...]
    facts: Mapping[str, Any]
    reasons: tuple[Mapping[str, str], ...] = ()
    suggestions: tuple[CardSuggestion, ...] = ()
    links: tuple[Link, ...] = field(default=())
    advisory: str = ""
