"""The card book: every sentence of one guideline's cards, compiled once; and the holes each may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.wording import Filled

# What the engine says of a correction, as text; "" where it says nothing.
CODING_VALUES = frozenset(
    [
        *("study", "listed", "units", "limbs", "usual", "first", "first_end", "second", "second_end"),
        *("indication", "studies", "junction", "codes", "code", "most", "many", "muscles"),
        *("form_studies", "form_limbs", "form_muscles", "form_nerves", "flaws", "written"),
    ]
)
# What is made of its choices besides.
CODING_NAMES = CODING_VALUES | {
    *("sent", "to", "kept", "options", "legend", "questions"),
    *("fix", "single", "removes", "asks"),
}
DETERMINATION_NAMES = frozenset(
    [
        "guideline",
        "satisfied",
        "others",
        "older",
        "tests",
        "missing",
        "failed",
        "days_short",
        "weeks",
        "side",
        "no_sign",
        "asks",
        "candidate",
        "candidate_others",
        "lean",
    ]
)
NOTICE_NAMES = frozenset({"guideline", "from_chart", "named", "days", "within_weeks", "codes", "indication"})
FACT_NAMES = frozenset({"weeks"})
# The holes of each phrase of determinations.toml; the others have none.
PHRASE_NAMES: Mapping[str, frozenset[str]] = {
    "either_fact": frozenset({"before", "last"}),
    "other_ways": frozenset({"first"}),
    "more_needed": frozenset({"first"}),
    "instead": frozenset({"when"}),
    "either": frozenset({"questions"}),
    **dict.fromkeys(("where_chart", "where_form", "where_either"), frozenset({"form"})),
    "other_side": frozenset({"worn_side", "side"}),
    "found": frozenset({"found"}),
    "about": frozenset({"orders"}),
    "advisory": frozenset({"publisher"}),
    "source": frozenset({"guideline", "sections", "editions"}),
    "other_source": frozenset({"guideline", "sources"}),
}
DIAGNOSIS_NAMES = frozenset(
    {"sent", "to", "options", "label", "side", "legend", "fix", "single", "gone", "flaws", "plausible"}
)


@dataclass(frozen=True, slots=True)
class CodingCard:
    """Wording for some correction patterns. ``why``: in place of a pattern's own; ``""`` leaves that."""

    summary: Filled
    point: Filled
    why: Filled | None
    indicator: str
    rank: int


@dataclass(frozen=True, slots=True)
class DeterminationCard:
    """Wording for one kind of result; ``criterion``: one that is undecided. ``silent``: no card."""

    result: str
    row: str
    pathway: str
    criterion: str
    silent: bool
    indicator: str
    summary: Filled | None
    lead: Filled | None


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """Wording for a notice that becomes a card; without ``section`` it cites its own sources."""

    indicator: str
    summary: Filled
    detail: Filled
    section: str = ""


@dataclass(frozen=True, slots=True)
class OverrideReason:
    """One override reason and the kinds of card that offer it."""

    coding: Mapping[str, str]
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Book:
    """All wording; ``labels``, ``phrases`` and ``facts`` are keyed as in their files."""

    coding: Mapping[str, CodingCard]
    labels: Mapping[str, Mapping[str, Filled]]
    determinations: tuple[DeterminationCard, ...]
    phrases: Mapping[str, Filled]
    facts: Mapping[str, Filled]
    notices: Mapping[str, NoticeCard]
    reasons: tuple[OverrideReason, ...]
    diagnoses: Mapping[str, Mapping[str, Any]]

    def reasons_for(self, kind: str) -> tuple[Mapping[str, str], ...]:
        """The override reasons a card of this kind offers."""
        return tuple([reason.coding for reason in self.reasons if kind in reason.kinds])


LABEL_NAMES = frozenset(
    [
        "code",
        "units",
        "lines",
        "sent",
        "added",
        "date",
        "codes",
        "order",
        "orders",
        "what",
        "count",
        "sources",
        "sections",
        "warning",
        "gaps",
        "first",
        "guideline",
        "editions",
        "number",
        "place",
        "gone",
        "label",
        "least",
        "most",
    ]
)
