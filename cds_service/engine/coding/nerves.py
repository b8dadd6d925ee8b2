"""Which nerves a junction test stimulates, on which sides, and at how many rates, as its order says."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.core.coding import CodeTable
from cds_service.core.order_text import sentences
from cds_service.engine.lines import Line, listed

BILATERAL = "50"
SIDE_OF = {"RT": "right", "LT": "left"}
BOTH = frozenset({"right", "left"})
_UNSAID = frozenset({""})


@dataclass(frozen=True, slots=True)
class Nerves:
    """Distinct (side, nerve) pairs. ``whole``: everything listed beside them is understood."""

    pairs: frozenset[tuple[str, str]]
    whole: bool

    @property
    def count(self) -> int:
        return len(self.pairs)


def nerves_of(table: CodeTable, line: Line) -> Nerves:
    """The nerves that the text names; one without a side of its own is on the sides of the order."""
    pairs: dict[str, set[str]] = {}
    for sentence in sentences(line.words):
        for side, nerve in _in_sentence(table, sentence):
            pairs.setdefault(nerve, set()).add(side)
    sides = marked_sides(line) or _UNSAID
    found = {
        (side, nerve) for nerve, said in pairs.items() for side in (said - _UNSAID if any(said) else sides)
    }
    return Nerves(frozenset(found), listed(table.nerves, line).whole)


def marked_sides(line: Line) -> frozenset[str]:
    """The sides that modifiers and body sites name."""
    if BILATERAL in line.modifiers:
        return BOTH
    sides = {SIDE_OF[modifier] for modifier in line.modifiers if modifier in SIDE_OF}
    return frozenset(sides | {site.side for site in line.order.sites if site.side})


def side_of(table: CodeTable, line: Line) -> str:
    """The one side a line is about, by modifier, body site or its nerves; ``""`` for none or both."""
    sides = marked_sides(line) or {side for side, _ in nerves_of(table, line).pairs}
    return next(iter(sides)) if len(sides) == 1 else ""


def counts_trains(table: CodeTable, line: Line, nerves: Nerves) -> bool:
    """The units count rates or trains of the nerves named, not nerves."""
    rates = rates_of(table, line)
    listed = len(table.words["rates"].phrases.findall(line.words))
    return nerves.count == 1 or line.units in (listed, nerves.count * max(2, len(rates)))


def rates_of(table: CodeTable, line: Line) -> frozenset[str]:
    """The rates that the text gives in numbers."""
    return table.words["rates"].found(line.words)


def has_two_rates(table: CodeTable, line: Line) -> bool:
    """Two rates, or two trains, of stimulation are listed."""
    words = table.words
    return bool(line.words) and (
        line.words in words["two_rates"]
        or len(rates_of(table, line)) > 1
        or (line.words in words["slow"] and line.words in words["fast"])
    )


def _in_sentence(table: CodeTable, sentence: str) -> list[tuple[str, str]]:
    """(side, nerve) as one sentence says it: a side stands before its nerves, or behind them if a nerve comes
    first. Sides that follow one another count together.
    """
    marks = sorted([*_sides(table, sentence), *_names(table, sentence)], key=lambda mark: mark[0])
    behind = bool(marks) and bool(marks[0][2])
    pairs: list[tuple[str, str]] = []
    group: list[str] = []
    sides: frozenset[str] = frozenset()
    for _, side, nerve in marks:
        if (sides and nerve) if behind else (group and not nerve):
            pairs += [(each, name) for name in group for each in sides or _UNSAID]
            group, sides = [], frozenset()
        if nerve:
            group.append(nerve)
        sides |= side
    return pairs + [(each, name) for name in group for each in sides or _UNSAID]


def _sides(table: CodeTable, sentence: str) -> list[tuple[int, frozenset[str], str]]:
    words = table.words
    named = (("right", frozenset({"right"})), ("left", frozenset({"left"})), ("both_sides", BOTH))
    return [
        (match.start(), sides, "")
        for name, sides in named
        for match in words[name].phrases.finditer(sentence)
    ]


def _names(table: CodeTable, sentence: str) -> list[tuple[int, frozenset[str], str]]:
    roster = table.nerves
    return [
        (match.start(), frozenset(), roster.meaning[match.lastgroup or ""])
        for match in roster.names.finditer(sentence)
    ]
