"""The clinical case: what one hook request says about orders and chart, free of FHIR.

Dates are ISO strings ``YYYY-MM-DD`` (they compare as text); ``""`` means not stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from cds_service.core.coverage import Coverage, Payer

Side = Literal["right", "left", ""]

ARM = "arm"
LEG = "leg"
LIMB_REGIONS = frozenset({ARM, LEG})

Answer = bool | int | str | tuple[str, ...]


class Coding(NamedTuple):
    """One FHIR Coding; ``""`` where an element was not given."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A body site folded to its region (every part of an arm is ``arm``) and side.

    Regions: ``arm leg head cervical thoracic lumbar spine trunk larynx diaphragm sphincter extraocular``.
    """

    region: str
    side: Side = ""

    @property
    def is_limb(self) -> bool:
        return self.region in LIMB_REGIONS


def is_addressed(ref: str) -> bool:
    """Whether the reference of an :class:`Order` means it alone, so that an action can name it."""
    return "#" not in ref


def addresses(refs: Iterable[str]) -> list[str]:
    """The relative references among those of orders, each once; an order without an id has none."""
    return [ref for ref in dict.fromkeys(ref.partition("#")[0] for ref in refs) if ref]


class Instant(NamedTuple):
    """A moment, in minutes since 1970, and the minutes that the zone it was written in is ahead of UTC."""

    minute: int
    offset: int


# The last day of a period that has no end.
OPEN_END = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One coded (or only worded) reason of an order.

    ``system``/``code`` are as sent. ``position`` is (index in reasonCode, index in coding), or ``None`` when
    the reason came by reasonReference and therefore cannot be corrected on the order. ``words`` is what its
    text and display say, in lower case.
    """

    system: str
    code: str
    groups: frozenset[str]
    text: str = ""
    position: tuple[int, int] | None = None
    ref: str = ""
    by_text: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One ServiceRequest that is neither finished, withdrawn nor forbidden.

    ``ref`` is ``ServiceRequest/a``; ``ServiceRequest/a#1`` where several orders have that id, ``#1`` where
    the order has none.
    ``units`` is ``None`` when no quantity was sent (it counts as 1). ``words`` is all free text of the order
    in lower case. ``draft``: stands in draftOrders, so a suggestion may edit it. ``focus``: this hook asks
    about it (order-select: it is among ``selections``). ``title`` is the part of ``words`` that names the
    test itself (code.text and displays of code.coding). ``options``: what ``codings`` are when one of
    several billing options is chosen; empty when there is no choice. ``notes`` are its notes as written.
    ``until``: the last day of a period that begins on ``date``; ``at``: the instant, where a zone is stated.
    """

    ref: str
    codings: tuple[Coding, ...]
    units: int | None = None
    modifiers: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    words: str = ""
    reasons: tuple[Diagnosis, ...] = ()
    date: str = ""
    performers: frozenset[str] = frozenset()
    patient: str = ""
    draft: bool = True
    focus: bool = True
    path: str = ""
    title: str = ""
    options: tuple[tuple[Coding, ...], ...] = ()
    notes: tuple[str, ...] = ()
    until: str = ""
    at: Instant | None = None

    @property
    def last_day(self) -> str:
        """The last day it may fall on; ``date`` is the first."""
        return self.until or self.date


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the chart says, folded to the groups of the vocabulary.

    ``present`` is ``False`` for a documented negative (strength 5/5, "absent"). ``kind`` is one of
    ``condition observation procedure medication device-use order report plan note``. ``start``/``end`` bound
    a condition, a treatment or a splint; for an observation ``start`` is its date. ``value`` is a short,
    machine-made rendering (``4/5``), never free text.
    """

    kind: str
    groups: frozenset[str]
    ref: str
    path: str = ""
    present: bool = True
    start: str = ""
    end: str = ""
    active: bool = True
    sites: tuple[Site, ...] = ()
    code: str = ""
    value: str = ""
    by_text: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was expected and could not be used: where, and what, without patient text."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the engine may know.

    ``facts_by_group`` indexes ``facts``. ``answers`` holds the questionnaire's settled items by linkId,
    ``unread`` the items that were answered in a way that cannot be read.
    ``setting`` is the Encounter class code as sent, ``""`` when no encounter was supplied. ``payers`` are
    those of the ``coverages``, which are those in force. ``supplied`` names the resource types that
    the request contained.
    """

    as_of: str
    orders: tuple[Order, ...]
    facts: tuple[Fact, ...] = ()
    facts_by_group: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    answers_ref: str = ""
    unread: frozenset[str] = frozenset()
    setting: str = ""
    payers: tuple[Payer, ...] = ()
    coverages: tuple[Coverage, ...] = ()
    supplied: frozenset[str] = frozenset()
    gaps: tuple[Gap, ...] = ()

    def facts_of(self, *groups: str) -> tuple[Fact, ...]:
        """The facts of any of ``groups``, in group order, each once."""
        if len(groups) == 1:
            return self.facts_by_group.get(groups[0], ())
        seen: dict[int, Fact] = {}
        for group in groups:
            for fact in self.facts_by_group.get(group, ()):
                seen[id(fact)] = fact
        return tuple(seen.values())


def index_by_group(facts: tuple[Fact, ...]) -> dict[str, tuple[Fact, ...]]:
    """``{group: facts}`` for :attr:`Case.facts_by_group`."""
    index: dict[str, list[Fact]] = {}
    for fact in facts:
        for group in fact.groups:
            index.setdefault(group, []).append(fact)
    return {group: tuple(found) for group, found in index.items()}
