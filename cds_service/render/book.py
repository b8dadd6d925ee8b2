"""The card book: every sentence of one guideline's cards, compiled once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.errors import ContentError
from cds_service.wording import Filled, Texts

CODING_NAMES = frozenset(
    [
        "sent",
        "to",
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
        "second",
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
# The sections of labels.toml that stand in `detail`; the others are plain text.
MARKDOWN = ("detail", "words")


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


def load_book(tables: Mapping[str, dict[str, Any]], patterns: Collection[str], folder: str) -> Book:
    """``tables`` by file name without ending, all of ``folder``.

    Raises:
        ContentError: names every text that cannot be filled, and every pattern without wording.
    """
    problems: list[str] = []
    corrections, labels, determinations, notices, diagnoses = (
        Texts(f"{folder}/{name}.toml", problems)
        for name in ("corrections", "labels", "determinations", "notices", "diagnoses")
    )
    coding: dict[str, CodingCard] = {}
    for index, card in enumerate(tables["corrections"]["card"]):
        where = f"card[{index}]"
        built = CodingCard(
            summary=corrections(card["summary"], CODING_NAMES, f"{where}.summary", plain=True),
            point=corrections(card["point"], CODING_NAMES, f"{where}.point"),
            indicator=card["indicator"],
            rank=card["rank"],
        )
        for pattern in card["patterns"]:
            at = f"{corrections.file}::{where}.patterns"
            if pattern not in patterns:
                problems.append(f"{at}: {pattern} is no pattern; correct it or add it to patterns.toml")
            elif pattern in coding:
                problems.append(f"{at}: {pattern} has a card already; name it on one card")
            coding[pattern] = built
    problems += [
        f"{corrections.file}::card: {pattern} has no wording; add a card"
        for pattern in sorted(set(patterns) - set(coding))
    ]
    book = Book(
        coding=coding,
        labels={
            section: {
                name: labels(text, _names_in(text), f"{section}.{name}", plain=section not in MARKDOWN)
                for name, text in texts.items()
            }
            for section, texts in tables["labels"].items()
        },
        determinations=tuple(
            _determination(card, determinations, f"card[{index}]")
            for index, card in enumerate(tables["determinations"]["card"])
        ),
        phrases={
            name: determinations(text, _names_in(text), f"phrases.{name}")
            for name, text in tables["determinations"]["phrases"].items()
        },
        facts=tables["determinations"]["facts"],
        notices={
            card["id"]: NoticeCard(
                card["indicator"],
                notices(card["summary"], NOTICE_NAMES, f"card[{index}].summary", plain=True),
                notices(card["detail"], NOTICE_NAMES, f"card[{index}].detail"),
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
                "summary": diagnoses(card["summary"], DIAGNOSIS_NAMES, f"{name}.summary", plain=True),
                "point": diagnoses(card["point"], DIAGNOSIS_NAMES, f"{name}.point"),
                "indicator": card["indicator"],
            }
            for name, card in tables["diagnoses"].items()
        },
    )
    problems += _repeated(tables, folder)
    if problems:
        raise ContentError(problems)
    return book


def _determination(card: Mapping[str, Any], texts: Texts, where: str) -> DeterminationCard:
    summary, lead = card.get("summary"), card.get("lead")
    return DeterminationCard(
        result=card["result"],
        row=card.get("row", ""),
        pathway=card.get("pathway", ""),
        silent=card.get("silent", False),
        indicator=card.get("indicator", "info"),
        summary=None
        if summary is None
        else texts(summary, DETERMINATION_NAMES, f"{where}.summary", plain=True),
        lead=None if lead is None else texts(lead, DETERMINATION_NAMES, f"{where}.lead"),
    )


def _repeated(tables: Mapping[str, dict[str, Any]], folder: str) -> Iterator[str]:
    """What may be there once and is there twice."""
    for name, entries, key in (("notices", "card", "id"), ("reasons", "reason", "code")):
        seen: set[str] = set()
        for index, entry in enumerate(tables[name][entries]):
            if entry[key] in seen:
                yield f"{folder}/{name}.toml::{entries}[{index}].{key}: {entry[key]} stands twice; keep one"
            seen.add(entry[key])


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
        "place",
    ]
)
