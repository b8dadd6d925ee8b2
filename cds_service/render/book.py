"""The card book: every sentence of one guideline's cards, compiled once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.errors import ContentError
from cds_service.wording import Filled, compile_text

CODING_NAMES = frozenset(
    [
        "sent",
        "to",
        "kept",
        "options",
        "legend",
        "study",
        "fix",
        "single",
        "listed",
        "units",
        "limbs",
        "sites",
        "count",
        "usual",
        "first",
        "first_end",
        "second",
        "second_end",
        "indication",
        "studies",
        "junction",
        "codes",
        "code",
        "nerves",
        "sum_least",
    ]
)
DETERMINATION_NAMES = frozenset(
    [
        "guideline",
        "satisfied",
        "why_provisional",
        "tests",
        "shortfall",
        "advice",
        "missing",
        "no_sign",
        "candidate",
        "lean",
    ]
)
NOTICE_NAMES = frozenset({"guideline", "from_chart", "days", "codes", "indication"})
DIAGNOSIS_NAMES = frozenset({"sent", "to", "options", "label", "side", "legend"})


@dataclass(frozen=True, slots=True)
class CodingCard:
    """Wording for some correction patterns."""

    summary: Filled
    point: Filled
    indicator: str
    rank: int


@dataclass(frozen=True, slots=True)
class DeterminationCard:
    """Wording for one kind of result; ``silent``: no card."""

    result: str
    row: str
    pathway: str
    silent: bool
    indicator: str
    summary: Filled | None
    lead: Filled | None


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """Wording for a notice that becomes a card."""

    indicator: str
    summary: Filled
    detail: Filled
    section: str


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
    facts: Mapping[str, str]
    notices: Mapping[str, NoticeCard]
    reasons: tuple[OverrideReason, ...]
    diagnoses: Mapping[str, Mapping[str, Any]]

    def reasons_for(self, kind: str) -> tuple[Mapping[str, str], ...]:
        """The override reasons a card of this kind offers."""
        return tuple([reason.coding for reason in self.reasons if kind in reason.kinds])


def load_book(tables: Mapping[str, dict[str, Any]], patterns: Collection[str]) -> Book:
    """``tables`` by file name without ending; raises ContentError naming every pattern without wording."""
    coding: dict[str, CodingCard] = {}
    for index, card in enumerate(tables["corrections"]["card"]):
        where = f"corrections.toml::card[{index}]"
        built = CodingCard(
            summary=compile_text(card["summary"], CODING_NAMES, f"{where}.summary"),
            point=compile_text(card["point"], CODING_NAMES, f"{where}.point"),
            indicator=card["indicator"],
            rank=card["rank"],
        )
        for pattern in card["patterns"]:
            if pattern not in patterns:
                raise ContentError([f"{where}.patterns: {pattern} is no pattern; see patterns.toml"])
            coding[pattern] = built
    missing = sorted(set(patterns) - set(coding))
    if missing:
        raise ContentError([f"corrections.toml: {', '.join(missing)} has no wording; add a card"])
    determinations = tables["determinations"]
    return Book(
        coding=coding,
        labels={
            section: {
                name: compile_text(text, _names_in(text), f"labels.toml::{section}.{name}")
                for name, text in texts.items()
            }
            for section, texts in tables["labels"].items()
        },
        determinations=tuple(
            _determination(card, f"determinations.toml::card[{index}]")
            for index, card in enumerate(determinations["card"])
        ),
        phrases={
            name: compile_text(text, _names_in(text), f"determinations.toml::phrases.{name}")
            for name, text in determinations["phrases"].items()
        },
        facts=determinations["facts"],
        notices={
            card["id"]: NoticeCard(
                card["indicator"],
                compile_text(card["summary"], NOTICE_NAMES, f"notices.toml::card[{index}].summary"),
                compile_text(card["detail"], NOTICE_NAMES, f"notices.toml::card[{index}].detail"),
                card["section"],
            )
            for index, card in enumerate(tables["notices"]["card"])
        },
        reasons=tuple(
            OverrideReason(
                {"code": reason["code"], "system": tables["reasons"]["system"], "display": reason["display"]},
                frozenset(reason["for"]),
            )
            for reason in tables["reasons"]["reason"]
        ),
        diagnoses={
            name: {
                "summary": compile_text(card["summary"], DIAGNOSIS_NAMES, f"diagnoses.toml::{name}.summary"),
                "point": compile_text(card["point"], DIAGNOSIS_NAMES, f"diagnoses.toml::{name}.point"),
                "indicator": card["indicator"],
            }
            for name, card in tables["diagnoses"].items()
        },
    )


def _determination(card: Mapping[str, Any], where: str) -> DeterminationCard:
    return DeterminationCard(
        result=card["result"],
        row=card.get("row", ""),
        pathway=card.get("pathway", ""),
        silent=card.get("silent", False),
        indicator=card.get("indicator", "info"),
        summary=compile_text(card["summary"], DETERMINATION_NAMES, f"{where}.summary")
        if "summary" in card
        else None,
        lead=compile_text(card["lead"], DETERMINATION_NAMES, f"{where}.lead") if "lead" in card else None,
    )


def _names_in(text: str) -> frozenset[str]:
    """Labels and phrases are filled by the renderer alone, which gives each its own names."""
    return LABEL_NAMES if "{" in text else frozenset()


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
        "warning",
        "gaps",
        "first",
        "found",
        "question",
        "text",
        "guideline",
        "sections",
        "editions",
        "criteria",
        "days_short",
        "publisher",
        "number",
    ]
)
