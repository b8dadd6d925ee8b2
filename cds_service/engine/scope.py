"""Whether a session lies outside the setting the guideline addresses."""

from __future__ import annotations

from cds_service.core.case import Case
from cds_service.core.criteria import Criteria
from cds_service.core.finding import Determination, Result, Verdict
from cds_service.core.session import Session
from cds_service.engine.criteria.judge import judge
from cds_service.engine.criteria.view import look


def outside_scope(
    criteria: Criteria, case: Case, session: Session, determinations: tuple[Determination, ...]
) -> bool:
    """True when a pathway was, or for lines of no pathway would be, out of scope."""
    if determinations:
        return any(item.result is Result.OUT_OF_SCOPE for item in determinations)
    if not case.setting:
        return False
    view = look(criteria, case, session)
    scopes = {pathway.scope for pathway in criteria.pathways if pathway.scope}
    return any(judge(criteria.criteria[scope], view).verdict is Verdict.NOT_MET for scope in scopes)
