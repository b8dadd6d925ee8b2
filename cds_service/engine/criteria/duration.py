"""The test ``worn``: something was used long enough, on every symptomatic side.

Counted are stated periods (their union), a dated application long enough ago, and the questionnaire's weeks.
Another side, or a use without a period, leaves it unknown; a shorter use of the right side makes it not-met.
Weeks whose side was answered, but cannot be read, are counted for no side and leave it unknown.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from cds_service.core.case import Fact
from cds_service.core.criteria import DAYS_OF_WEEK, Test
from cds_service.core.finding import Verdict
from cds_service.engine.criteria.sides import BOTH, NO_SIDES, answered, fact_sides, side_word, symptomatic
from cds_service.engine.criteria.view import Found, View, silent
from cds_service.engine.kleene import every


def worn(test: Test, view: View) -> Found:
    """Worn at least ``days`` on each symptomatic side of the disease ``of``."""
    used = [fact for group in test.groups for fact in view.facts.get(group, ()) if fact.present]
    applied = [fact for group in test.applied for fact in view.facts.get(group, ()) if fact.present]
    weeks = _Weeks.of(test, view)
    known = symptomatic(view, test.of, test.regions)
    word = side_word(view, known)
    expected = test.expect.format(days=test.days, side=word)
    if not used and not applied and not weeks.given:
        return silent(test)._replace(expected=expected)
    as_of = day(view.case.as_of)
    if as_of is None:
        return silent(test)._replace(expected=expected)
    sides = [_on_side(test, weeks, side, used, applied, as_of) for side in sorted(known or BOTH)]
    elsewhere = _elsewhere(view, weeks, used, known)
    if elsewhere and all(verdict is Verdict.UNKNOWN for verdict, _, _ in sides):
        seen = f"worn on the {elsewhere}, none stated on the {word}"
        values = {"worn_side": elsewhere, "side": word}
        refs = tuple(dict.fromkeys(ref for _, _, refs in sides for ref in refs))
        return Found(Verdict.UNKNOWN, seen, refs, values=values, expected=expected)
    if weeks.adrift and not all(verdict is Verdict.MET for verdict, _, _ in sides):
        seen = "worn on a side that could not be read"
        return Found(Verdict.UNKNOWN, seen, (weeks.ref,), expected=expected, asks=(test.side_item,))
    if len(sides) == 1:
        verdict, days, evidence = sides[0]
        return _said(test, verdict, days, word, expected, tuple(evidence))
    verdicts = [verdict for verdict, _, _ in sides]
    if known:
        verdict = every(verdicts)
    else:
        verdict = Verdict.MET if Verdict.MET in verdicts else Verdict.UNKNOWN
        if all(each is Verdict.NOT_MET for each in verdicts):
            verdict = Verdict.NOT_MET
    deciding = [entry for entry in sides if entry[0] is verdict] or sides
    days = (min if verdict is Verdict.NOT_MET else max)(days for _, days, _ in deciding)
    return _said(
        test, verdict, days, word, expected, tuple(dict.fromkeys(ref for _, _, refs in sides for ref in refs))
    )


def _elsewhere(view: View, weeks: _Weeks, used: list[Fact], known: frozenset[str]) -> str:
    """The side of every stated use, where it is none of the symptomatic ones."""
    if weeks.adrift:
        return ""
    sides = [fact_sides(fact, NO_SIDES) for fact in used]
    if weeks.given:
        sides.append(weeks.sides)
    if not known or not sides or any(not each or not each.isdisjoint(known) for each in sides):
        return ""
    return side_word(view, frozenset().union(*sides))


class _Weeks(NamedTuple):
    """The weeks that were answered, and the sides they count for. ``adrift``: for none that can be told."""

    given: bool
    days: int
    sides: frozenset[str]
    adrift: bool
    ref: str

    @classmethod
    def of(cls, test: Test, view: View) -> _Weeks:
        weeks = view.answers.get(test.item)
        if isinstance(weeks, bool) or not isinstance(weeks, int):
            return cls(False, 0, NO_SIDES, False, "")
        adrift = test.side_item in view.case.unread
        sides = NO_SIDES if adrift else answered(view, test.side_item) or BOTH
        return cls(True, weeks * DAYS_OF_WEEK, sides, adrift, view.answered(test.item))


def _said(
    test: Test, verdict: Verdict, days: int, word: str, expected: str, evidence: tuple[str, ...]
) -> Found:
    if verdict is Verdict.UNKNOWN:
        return Found(verdict, f"no stated use on the {word}", evidence, expected=expected)
    values = {"days": str(days), "side": word, "weeks": str(test.weeks)}
    if verdict is Verdict.MET:
        return Found(verdict, f"{days} days on the {word}", evidence, False, values, expected)
    short = test.days - days
    values["days_short"] = str(short)
    return Found(verdict, f"{days} days on the {word}, {short} short", evidence, True, values, expected)


def _on_side(
    test: Test, weeks: _Weeks, side: str, used: list[Fact], applied: list[Fact], as_of: date
) -> tuple[Verdict, int, list[str]]:
    here = [fact for fact in used if side in (fact_sides(fact, NO_SIDES) or BOTH)]
    evidence = sorted({fact.ref for fact in used})
    stretches = sorted(stretch for fact in here if (stretch := _stretch(fact, as_of)) is not None)
    longest = _union(stretches)
    stated = bool(stretches)
    if side in weeks.sides:
        longest = max(longest, weeks.days)
        stated = True
        evidence.append(weeks.ref)
    for fact in applied:
        start = day(fact.start)
        if start is not None and side in (fact_sides(fact, NO_SIDES) or BOTH):
            since = (as_of - start).days
            if since >= test.days > longest:
                longest = since
            evidence.append(fact.ref)
    if longest >= test.days:
        return Verdict.MET, longest, evidence
    return (Verdict.NOT_MET if stated else Verdict.UNKNOWN), longest, evidence


def _stretch(fact: Fact, as_of: date) -> tuple[date, date] | None:
    start = day(fact.start)
    end = day(fact.end) if fact.end else (as_of if fact.active else None)
    if start is None or end is None or start > as_of:
        return None
    return start, max(start, min(end, as_of))


def _union(stretches: list[tuple[date, date]]) -> int:
    total = 0
    reached: date | None = None
    for start, end in stretches:
        if reached is None or (start - reached).days > 1:
            total += (end - start).days
            reached = end
        elif end > reached:
            total += (end - reached).days
            reached = end
    return total


def day(text: str) -> date | None:
    """A date of the case, if it is one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


TESTS = {"worn": worn}
