"""Notices that decide nothing: advice of the guideline whose condition holds."""

from __future__ import annotations

from cds_service.core.criteria import Condition, Test
from cds_service.core.finding import Determination, Notice, Verdict
from cds_service.engine.criteria.judge import Trail, weigh
from cds_service.engine.criteria.view import View


def advise(view: View, determinations: tuple[Determination, ...]) -> tuple[Notice, ...]:
    """The notices on one session, in the order of the data."""
    if not determinations:
        return ()
    notices = []
    for advice in view.criteria.advice:
        if advice.when is None and not advice.from_chart:
            continue
        about = determinations
        if advice.results:
            about = tuple([each for each in about if each.result in advice.results])
        if advice.from_chart:
            about = tuple([each for each in about if "from_chart" in each.values])
        trail: Trail = []
        if about and (advice.when is None or _holds(advice.when, view, trail)):
            notices.append(
                Notice(advice.id, _lines(trail, about), _values(trail, about if advice.from_chart else ()))
            )
    return tuple(notices)


def _holds(condition: Condition, view: View, trail: Trail) -> bool:
    """Whether it is met; unlike a criterion, advice that does not hold has nothing to explain."""
    if isinstance(condition, Test) or condition.op != "all":
        return weigh(condition, view, trail) is Verdict.MET
    return all(_holds(part, view, trail) for part in condition.parts)


def _lines(trail: Trail, about: tuple[Determination, ...]) -> tuple[str, ...]:
    named = [ref for test, found in trail if test.kind == "ordered" for ref in found.evidence]
    return tuple(named or [ref for each in about for ref in each.orders])


def _values(trail: Trail, about: tuple[Determination, ...]) -> dict[str, str]:
    values = {key: value for _, found in trail for key, value in found.values.items()}
    chart = next((each.values for each in about if "from_chart" in each.values), {})
    return values | {name: chart[name] for name in ("from_chart", "chart_codes") if name in chart}
