"""Conditions -> verdicts, keeping every test that was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cds_service.core.criteria import UNSAID, Condition, Criterion, Test
from cds_service.core.finding import Step, Verdict
from cds_service.engine.criteria import KINDS
from cds_service.engine.criteria.view import Found, View
from cds_service.engine.kleene import every, inverse, some

Trail = list[tuple[Test, Found]]


class Judged(NamedTuple):
    """One criterion and why. ``leaning``: its text is not at hand, yet what is known speaks for it."""

    criterion: Criterion
    verdict: Verdict
    leaning: bool
    trail: Trail

    @property
    def refuted(self) -> bool:
        """Whether something documented speaks against it."""
        return any(found.explicit for _, found in self.trail)


def judge(criterion: Criterion, view: View) -> Judged:
    """The verdict on one criterion; never not-met when its text is not at hand."""
    trail: Trail = []
    verdict = weigh(criterion.when, view, trail)
    if criterion.capped:
        return Judged(criterion, Verdict.UNKNOWN, verdict is Verdict.MET, trail)
    if verdict is Verdict.NOT_MET and (criterion.cut or not criterion.visible):
        verdict = Verdict.UNKNOWN
    return Judged(criterion, verdict, False, trail)


def route(condition: Condition, trail: Trail) -> tuple[str, ...] | None:
    """The fewest items whose answers could make a condition met; None: no answer can."""
    return _route(condition, {test.id: found for test, found in trail})


def _route(condition: Condition, asked: Mapping[str, Found]) -> tuple[str, ...] | None:
    if isinstance(condition, Test):
        found = asked.get(condition.id)
        if found is None or found.verdict is Verdict.MET:
            return ()
        items = asks_of(condition, found)[:1]
        return items if found.verdict is Verdict.UNKNOWN and items else None
    if condition.op == "none":
        verdicts = {asked[part.id].verdict for part in condition.parts if isinstance(part, Test)}
        return () if verdicts <= {Verdict.NOT_MET} else None
    routes = [_route(part, asked) for part in condition.parts]
    open_ = [each for each in routes if each is not None]
    if condition.op == "any":
        return min(open_, default=None, key=len)
    return (
        tuple(dict.fromkeys(item for each in open_ for item in each)) if len(open_) == len(routes) else None
    )


def asks_of(test: Test, found: Found) -> tuple[str, ...]:
    """The questionnaire items that would settle a test."""
    return test.asks if found.asks is None else found.asks


def weigh(condition: Condition, view: View, trail: Trail) -> Verdict:
    """The verdict on a condition; every test asked is appended to ``trail``."""
    if isinstance(condition, Test):
        found = KINDS[condition.kind](condition, view)
        trail.append((condition, found))
        return found.verdict
    if condition.op == "any":
        result = Verdict.NOT_MET
        for part in condition.parts:
            verdict = weigh(part, view, trail)
            if verdict is Verdict.MET:
                return verdict
            if verdict is Verdict.UNKNOWN:
                result = verdict
        return result
    verdicts = [weigh(part, view, trail) for part in condition.parts]
    return every(verdicts) if condition.op == "all" else inverse(some(verdicts))


def steps_of(judged: Judged) -> list[Step]:
    """The criterion's line, and below it one per test when there are several."""
    criterion, verdict, _, trail = judged
    test, found = trail[0]
    if len(trail) == 1 and found.verdict is verdict:
        return [
            Step(
                criterion.id,
                verdict,
                criterion.basis,
                found.expected or test.expect,
                found.observed,
                found.evidence,
            )
        ]
    return [criterion.headings[verdict], *test_steps(trail)]


def test_steps(trail: Trail) -> list[Step]:
    """One line per test asked, below its owner."""
    return [
        test.unsaid
        if found.observed is UNSAID and not found.expected
        else Step(
            test.id,
            found.verdict,
            test.basis,
            found.expected or test.expect,
            found.observed,
            found.evidence,
            1,
            False,
        )
        for test, found in trail
    ]
