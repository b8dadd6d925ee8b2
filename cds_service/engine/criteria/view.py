"""What the tests look at: the case, one session, and its reasons indexed by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cds_service.core.case import Answer, Case, Diagnosis, Fact, Order
from cds_service.core.criteria import UNSAID, Criteria, Test
from cds_service.core.finding import Verdict
from cds_service.core.session import Session

_MOST_CODES = 3

NO_VALUES: Mapping[str, str] = {}


class Found(NamedTuple):
    """The answer to one test. ``explicit``: not-met because of something documented.

    ``asks``: the items that would settle it, where they are others than the test's.
    """

    verdict: Verdict
    observed: str = ""
    evidence: tuple[str, ...] = ()
    explicit: bool = False
    values: Mapping[str, str] = NO_VALUES
    expected: str = ""
    asks: tuple[str, ...] | None = None


class Reason(NamedTuple):
    """One concept given as reason: all codings of one reasonCode, or one Condition."""

    groups: frozenset[str]
    diagnoses: tuple[Diagnosis, ...]
    order: str


class View(NamedTuple):
    """``reasons``: group -> references of what states it, sorted."""

    criteria: Criteria
    case: Case
    session: Session
    facts: Mapping[str, tuple[Fact, ...]]
    answers: Mapping[str, Answer]
    concepts: list[Reason]
    reasons: Mapping[str, tuple[str, ...]]

    def answered(self, item: str) -> str:
        """The evidence reference of an answered item."""
        return f"{self.case.answers_ref or 'QuestionnaireResponse'} {item}"


def look(criteria: Criteria, case: Case, session: Session) -> View:
    """The view of one session."""
    concepts: list[Reason] = []
    for order in session.orders:
        if len(order.reasons) == 1:
            only = order.reasons[0]
            concepts.append(Reason(only.groups, order.reasons, order.ref))
        elif order.reasons:
            concepts += _concepts(order)
    reasons: dict[str, tuple[str, ...]] = {}
    for concept in concepts:
        ref = concept.diagnoses[0].ref or concept.order
        for group in concept.groups:
            refs = reasons.get(group)
            if refs is None:
                reasons[group] = (ref,)
            elif ref not in refs:
                reasons[group] = tuple(sorted((*refs, ref)))
    return View(criteria, case, session, case.facts_by_group, case.answers, concepts, reasons)


def label(view: View, group: str) -> str:
    """What a group is called."""
    return view.criteria.labels.get(group) or group.replace("-", " ")


def charted_as(group: str, view: View) -> str:
    """The group by its label, with the codes it is charted under."""
    codes = charted_codes(group, view)
    return f"{label(view, group)} ({', '.join(codes)})" if codes else label(view, group)


def charted_codes(group: str, view: View) -> list[str]:
    """The first codes a group is charted under."""
    codes = {fact.code for fact in view.facts.get(group, ()) if fact.present and fact.active and fact.code}
    return sorted(codes)[:_MOST_CODES]


def silent(test: Test) -> Found:
    """Nothing is documented."""
    return _SILENT[test.silence]


def _concepts(order: Order) -> list[Reason]:
    together: dict[int | str, list[Diagnosis]] = {}
    for diagnosis in order.reasons:
        key = diagnosis.ref if diagnosis.position is None else diagnosis.position[0]
        together.setdefault(key, []).append(diagnosis)
    return [
        Reason(frozenset().union(*(each.groups for each in found)), tuple(found), order.ref)
        for found in together.values()
    ]


_SILENT = {verdict: Found(verdict, UNSAID) for verdict in Verdict}
