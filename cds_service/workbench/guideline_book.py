"""The whole guideline as the engine sees it, arranged for a reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cds_service.core.coding import Code, MaximaRow
from cds_service.core.criteria import Combination, Condition, Criterion, Pathway, Row
from cds_service.core.guideline import Knowledge
from cds_service.workbench.anchors import anchor_of, diagnosis_rows
from cds_service.workbench.guideline_groups import GroupView, group_views, words_of
from cds_service.workbench.scenario_list import Listed

_TAKES = {
    "needle": "needle EMG",
    "conduction": "nerve conduction studies",
    "nmj": "neuromuscular junction testing",
    "other": "other electrodiagnostic tests",
}
_ALL_OF = {"all": "all of", "any": "one or more of", "none": "none of"}


@dataclass(frozen=True, slots=True)
class Clause:
    """One test in words, or what holds several together. ``asks``: questionnaire items that settle it."""

    says: str
    silence: str = ""
    asks: tuple[str, ...] = ()
    parts: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One criterion, not-necessary row or piece of advice."""

    id: str
    title: str
    section: str
    basis: str
    edition: str
    sources: str
    clause: Clause | None
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class PathwayView:
    """One way of testing: ``first`` are criteria that must hold anyway, ``fits`` those one of which must."""

    id: str
    takes: str
    first: tuple[str, ...]
    fits: tuple[str, ...]
    rows: tuple[str, ...]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern of codes, or rule of reason codes. ``example``: name of a scenario that shows it."""

    id: str
    mode: str
    why: str
    basis: str
    sources: str
    code: str = ""
    warning: str = ""
    asks: tuple[str, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Usual:
    """How many studies are usually enough for one indication."""

    id: str
    label: str
    reasons: tuple[str, ...]
    limbs: int
    studies: int
    junction: int
    condition: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """Everything the page says."""

    pathways: tuple[PathwayView, ...]
    criteria: tuple[Statement, ...]
    rows: tuple[Statement, ...]
    advice: tuple[Statement, ...]
    patterns: tuple[Rule, ...]
    diagnoses: tuple[Rule, ...]
    codes: tuple[Code, ...]
    usual: tuple[Usual, ...]
    groups: tuple[GroupView, ...]
    unsure: tuple[Statement, ...]


def book(knowledge: Knowledge, listed: Sequence[Listed]) -> Book:
    """The guideline, with a scenario as example wherever one shows the thing."""
    example = _examples(listed)
    criteria = tuple(_criterion(knowledge, each, example) for each in knowledge.criteria.criteria.values())
    return Book(
        pathways=tuple(_pathway(each) for each in knowledge.criteria.pathways),
        criteria=criteria,
        rows=tuple(_row(knowledge, each, example) for each in knowledge.criteria.rows.values()),
        advice=tuple(
            Statement(
                each.id,
                each.title,
                each.section,
                each.basis,
                each.edition,
                _cited(knowledge, each.source),
                _clause(each.when) if each.when else None,
                example=example(each.id),
            )
            for each in knowledge.criteria.advice
        ),
        patterns=tuple(
            Rule(
                each.id,
                each.mode,
                each.why,
                each.basis,
                knowledge.guideline.cite(each.source),
                each.code,
                each.warning,
                each.asks,
                example(each.id),
            )
            for each in knowledge.coding.patterns.by_id.values()
        ),
        diagnoses=tuple(
            Rule(
                each.id,
                str(each.mode) if each.mode else "notice",
                each.why,
                each.basis,
                knowledge.guideline.cite(each.source),
                example=example(each.id),
            )
            for each in diagnosis_rows(knowledge.diagnoses)
        ),
        codes=tuple(knowledge.coding.table.codes.values()),
        usual=tuple(_usuals(knowledge)),
        groups=group_views(knowledge),
        unsure=tuple(each for each in criteria if each.basis not in ("A", "B")),
    )


def _examples(listed: Sequence[Listed]) -> Callable[[str], str]:
    """The scenario that shows an id best: it is about it, is named after it, and has the least beside it."""
    best: dict[str, tuple[tuple[bool, bool, bool, int], str]] = {}
    for each in listed:
        shown = {name.removeprefix("icd:") for name in each.shows}
        for name in sorted({*each.raises, *shown}):
            named = name.lower().replace(".", "-") in each.name.split("-", 1)[-1] or each.name.startswith(
                f"{name.lower()}-"
            )
            rank = (name not in each.raises, name not in shown, not named, len(each.raises))
            if name not in best or (rank, each.name) < best[name]:
                best[name] = (rank, each.name)
    return lambda name: best[name][1] if name in best else ""


def _criterion(knowledge: Knowledge, each: Criterion, example: Callable[[str], str]) -> Statement:
    notes = [f"When met: {each.grants}. While a fact is missing: {each.open}."]
    if not each.visible:
        notes.append("Never a reason to refuse: its text is not known from this publisher.")
    if each.capped:
        notes.append(
            "Never met: its text is not at hand. What is found only speaks for it; a person decides."
        )
    if each.row:
        notes.append(f"Documented as not met, row {each.row} applies.")
    return Statement(
        each.id,
        each.title,
        each.section,
        each.basis,
        each.edition,
        _cited(knowledge, each.source),
        _clause(each.when),
        tuple(notes),
        _labels(knowledge, each.reasons | each.facts),
        example(each.id),
    )


def _row(knowledge: Knowledge, each: Row, example: Callable[[str], str]) -> Statement:
    notes = []
    if each.evidence is not None:
        notes.append("What is below lifts the row; documented as absent it applies; unknown, the card asks.")
    if each.asks_only:
        words = ", ".join(_labels(knowledge, each.asks_only))
        notes.append(f"Asks, and never refuses, for: {words}.")
    return Statement(
        each.id,
        each.title,
        each.section,
        each.basis,
        each.edition,
        _cited(knowledge, each.source),
        _clause(each.evidence) if each.evidence else None,
        tuple(notes),
        _labels(knowledge, each.reasons),
        example(each.id),
    )


def _clause(condition: Condition) -> Clause:
    if isinstance(condition, Combination):
        parts = tuple(_clause(part) for part in condition.parts)
        return (
            parts[0]
            if len(parts) == 1 and condition.op != "none"
            else Clause(_ALL_OF[condition.op], parts=parts)
        )
    return Clause(words_of(condition), str(condition.silence).replace("-", " "), condition.asks)


def _pathway(each: Pathway) -> PathwayView:
    takes = [words for kind, words in _TAKES.items() if kind in each.takes]
    unfit = f" (row {each.unfit})" if each.unfit else ""
    rows = (*each.rows, each.fallback, each.stake, each.denial, each.unfit)
    return PathwayView(
        each.id,
        " and ".join(takes) or "anything else",
        tuple(dict.fromkeys(filter(None, (each.scope, each.gate)))),
        each.criteria,
        tuple(dict.fromkeys(filter(None, rows))),
        f"{each.otherwise}{unfit}",
    )


def _usuals(knowledge: Knowledge) -> Iterator[Usual]:
    """Several rows may share an id: the first is where links lead."""
    seen: set[str] = set()
    for row in knowledge.coding.maxima.rows:
        usual = _usual(knowledge, row)
        yield usual if row.id in seen else replace(usual, anchor=anchor_of("usual", row.id))
        seen.add(row.id)


def _usual(knowledge: Knowledge, each: MaximaRow) -> Usual:
    conditions = [
        "both sides" if each.both_sides else "",
        f"at most {each.limbs_at_most} limb{'s' if each.limbs_at_most > 1 else ''} ordered"
        if each.limbs_at_most
        else "",
        f"with {', '.join(_labels(knowledge, each.with_groups))}" if each.with_groups else "",
    ]
    return Usual(
        each.id,
        each.label,
        _labels(knowledge, each.reasons),
        each.emg_limbs,
        each.studies,
        each.junction,
        "; ".join(filter(None, conditions)),
    )


def _cited(knowledge: Knowledge, source: Iterable[str]) -> str:
    return knowledge.guideline.cite(", ".join(source))


def _labels(knowledge: Knowledge, groups: Iterable[str]) -> tuple[str, ...]:
    known: Mapping[str, str] = knowledge.criteria.labels
    return tuple(sorted(known.get(group, group) for group in groups))
