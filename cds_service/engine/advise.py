"""Notices that decide nothing: advice of the guideline whose condition holds."""

from __future__ import annotations

from cds_service.core.case import Case
from cds_service.core.criteria import Advice, Criteria
from cds_service.core.finding import Determination, Notice, Verdict
from cds_service.core.session import Session
from cds_service.engine.criteria.judge import Trail, weigh
from cds_service.engine.criteria.view import View, look


def advise(
    criteria: Criteria, case: Case, session: Session, determinations: tuple[Determination, ...]
) -> tuple[Notice, ...]:
    """The notices on one session, in the order of the data."""
    if not determinations:
        return ()
    view = look(criteria, case, session)
    return tuple(
        notice for advice in criteria.advice if (notice := _notice(advice, view, determinations)) is not None
    )


def _notice(advice: Advice, view: View, determinations: tuple[Determination, ...]) -> Notice | None:
    about = determinations
    if advice.results:
        about = tuple(each for each in about if each.result in advice.results)
    if advice.from_chart:
        about = tuple(each for each in about if "from_chart" in each.values)
    if not about:
        return None
    trail: Trail = []
    if advice.when is not None and weigh(advice.when, view, trail) is not Verdict.MET:
        return None
    values = {key: value for _, found in trail for key, value in found.values.items()}
    if advice.from_chart:
        values["from_chart"] = about[0].values["from_chart"]
    lines = tuple(ref for test, found in trail if test.kind == "ordered" for ref in found.evidence)
    return Notice(advice.id, lines or tuple(ref for each in about for ref in each.orders), values)
