"""The whole evaluation of one case: sessions, determinations, corrections and notices. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cds_service.core.case import Case, Order
from cds_service.core.coding import CONDUCTION, CONDUCTION_RETIRED, MaximaRow
from cds_service.core.finding import (
    Correction,
    Determination,
    DiagnosisCorrection,
    Evaluation,
    Mode,
    Notice,
)
from cds_service.core.guideline import Knowledge
from cds_service.core.session import Session
from cds_service.engine.advise import advise
from cds_service.engine.coding import advice
from cds_service.engine.coding.correct import as_corrections, correct_codes, with_pending
from cds_service.engine.coding.days import separate_days
from cds_service.engine.coding.limited import limited_notices
from cds_service.engine.coding.reach import within_reach
from cds_service.engine.coding.standing import as_they_will_stand
from cds_service.engine.coding.worksheet import Proposal, Worksheet, by_family
from cds_service.engine.criteria.view import look
from cds_service.engine.determine import determine
from cds_service.engine.diagnoses import correct_diagnoses, symptoms_on_both_sides
from cds_service.engine.lines import Line, read_lines
from cds_service.engine.scope import outside_scope
from cds_service.engine.sessions import anchor, as_session, days_apart, group_sessions

_SIGNS = ("weakness", "sensory-loss", "atrophy", "radicular-sign")


def evaluate(knowledge: Knowledge, case: Case, lines: tuple[Line, ...] | None = None) -> Evaluation:
    """Everything that can be said about the orders of ``case``; the same bytes for the same input.

    ``lines``: the lines of ``case`` where the caller has read them already.
    """
    if lines is None:
        lines = lines_of(knowledge, case)
    if not lines:
        return Evaluation(as_of=case.as_of, gaps=case.gaps)
    grouped = group_sessions(lines)
    sessions = [as_session(group) for group in grouped]
    views = [look(knowledge.criteria, case, session) for session in sessions]
    determined = [determine(view) for view in views]
    sheets = [
        _sheet(knowledge, case, group, session, found, grouped)
        for group, session, found in zip(grouped, sessions, determined, strict=True)
    ]
    proposals, notices = _proposals(sheets, determined)
    diagnosis_corrections: list[DiagnosisCorrection] = []
    for session, view, found, sheet in zip(sessions, views, determined, sheets, strict=True):
        notices.extend(advise(view, found))
        corrections, informed = correct_diagnoses(
            knowledge.diagnoses, knowledge.icd10, case, session, inpatient=sheet.inpatient
        )
        diagnosis_corrections.extend(corrections)
        notices.extend(informed)
    return _in_focus(
        case,
        Evaluation(
            as_of=case.as_of,
            determinations=tuple(item for found in determined for item in found),
            corrections=as_corrections(proposals),
            diagnosis_corrections=tuple(diagnosis_corrections),
            notices=tuple(notices),
            gaps=case.gaps,
        ),
    )


def lines_of(knowledge: Knowledge, case: Case) -> tuple[Line, ...]:
    """What the orders of ``case`` mean."""
    return read_lines(case, knowledge.coding.table, knowledge.vocabulary.systems)


def _proposals(
    sheets: list[Worksheet], determined: list[tuple[Determination, ...]]
) -> tuple[list[Proposal], list[Notice]]:
    proposals: list[Proposal] = []
    notices: list[Notice] = []
    apart = list(_apart(sheets))
    for sheet, found in zip(sheets, determined, strict=True):
        one_sided = len(sheet.sides) == 1
        above, said = advice.quantity(sheet, one_sided)
        corrected = correct_codes(sheet)
        if apart:
            corrected = tuple(each for each in corrected if not _settled_by(apart, each))
        proposals.extend(corrected)
        other_test = {ref for one in corrected for ref in one.orders() if _names_another_test(one)}
        advised = advice.needle_alone(sheet) if not apart and not other_test else ()
        if not apart and not sheet.pending and not other_test:
            results = {item.pathway: (item.result, item.rows) for item in found}
            advised += advice.conduction_alone(sheet, results)
        proposals.extend(within_reach(advised, sheet.lines) if sheet.signed else advised)
        proposals.extend(above)
        notices.extend((*limited_notices(sheet), *advice.comparison_side(sheet, one_sided), *said))
    if apart and any(sheet.signed for sheet in sheets):
        apart = list(within_reach(apart, [line for sheet in sheets for line in sheet.lines]))
    return as_they_will_stand(sheets[0].rules.table, [*proposals, *apart]), notices


_ANOTHER_TEST = frozenset(
    {
        "trapezius-in-limb",
        "sphincter-in-needle",
        "paraspinals-without-limb",
        "alone-but-limited",
        "guidance-without-injection",
        "surface-meant-needle",
        "concept-without-code",
        "code-text",
    }
)


def _names_another_test(proposal: Proposal) -> bool:
    """What the line is, is still open or changes: what belongs beside it is asked when that is settled."""
    first = proposal.patterns[0]
    return first.rule in _ANOTHER_TEST and (first.rule != "code-text" or proposal.mode is Mode.ASK)


def _settled_by(apart: list[Proposal], proposal: Proposal) -> bool:
    """Tests that move to one day leave nothing of the question behind."""
    return any(
        one.mode is Mode.FIX
        and set(proposal.patterns) <= set(one.patterns)
        and set(proposal.about) <= set(one.about)
        for one in apart
    )


def _apart(sheets: list[Worksheet]) -> Iterator[Proposal]:
    for sheet in sheets:
        for other in sheets:
            if other is not sheet:
                yield from separate_days(sheet, other)


def _sheet(
    knowledge: Knowledge,
    case: Case,
    group: tuple[Line, ...],
    session: Session,
    determinations: tuple[Determination, ...],
    grouped: tuple[tuple[Line, ...], ...],
) -> Worksheet:
    groups = frozenset().union(*[reason.groups for order in session.orders for reason in order.reasons])
    stated = anchor(group) if len(grouped) > 1 else None
    elsewhere = [
        line
        for other in grouped
        if other is not group and stated is not None
        for line in other
        if line.family in (CONDUCTION, CONDUCTION_RETIRED) and days_apart(stated, line.order)
    ]
    sides = _symptomatic_sides(knowledge, case, session)
    maximum = _maximum(knowledge, case, groups, group, both_sides=len(sides) > 1)
    separately = {reason.groups for order in session.orders for reason in order.reasons}
    sheet = Worksheet(
        rules=knowledge.coding,
        case=case,
        lines=group,
        elsewhere=tuple(elsewhere),
        reason_groups=groups,
        maximum=maximum,
        most=maximum
        if separately == {groups}
        else _most_generous(knowledge, case, separately, group, both_sides=len(sides) > 1),
        sides=sides,
        inpatient=outside_scope(knowledge.criteria, case, session, determinations),
        by_family=by_family(group),
        signed=not all(line.order.draft for line in group),
    )
    return with_pending(sheet)


def _maximum(
    knowledge: Knowledge, case: Case, groups: frozenset[str], lines: tuple[Line, ...], *, both_sides: bool
) -> MaximaRow | None:
    """The first row of the usual maxima that fits a reason of these groups."""
    limbs = max((_limbs(line) for line in lines), default=0)
    for row in knowledge.coding.maxima.rows:
        if row.reasons.isdisjoint(groups):
            continue
        if row.both_sides and not both_sides:
            continue
        if row.limbs_at_most and limbs > row.limbs_at_most:
            continue
        if row.with_groups and not _stands(case, groups, row.with_groups):
            continue
        return row
    return None


def _most_generous(
    knowledge: Knowledge,
    case: Case,
    reasons: Iterable[frozenset[str]],
    lines: tuple[Line, ...],
    *,
    both_sides: bool,
) -> MaximaRow | None:
    """Of several reasons the one that takes most studies: more than one disease is a differential."""
    rows = [_maximum(knowledge, case, groups, lines, both_sides=both_sides) for groups in reasons]
    fitting = [row for row in rows if row is not None]
    return max(fitting, key=lambda row: (row.studies, row.emg_limbs, row.id), default=None)


def _limbs(line: Line) -> int:
    named = line.code.limbs if line.code is not None else 0
    return max(named, line.listed_limbs, line.units if line.family == "limb-addon" else 0)


def _stands(case: Case, groups: frozenset[str], wanted: frozenset[str]) -> bool:
    return not groups.isdisjoint(wanted) or any(fact.present for fact in case.facts_of(*sorted(wanted)))


def _symptomatic_sides(knowledge: Knowledge, case: Case, session: Session) -> frozenset[str]:
    """The sides with symptoms: as answered, else as the reason's codes say unless the chart says more of
    their limbs, else where signs were found.
    """
    answer = case.answers.get("symptomatic-sides")
    if isinstance(answer, str):
        return frozenset({"right", "left"}) if answer == "both" else frozenset({answer})
    places = knowledge.vocabulary.places
    codes = {reason.code for order in session.orders for reason in order.reasons}
    coded = {site.side for code in codes for site in places.of_icd10(code) if site.side}
    if coded:
        both = len(coded) == 1 and symptoms_on_both_sides(knowledge.diagnoses, case, session)
        return frozenset({"right", "left"}) if both else frozenset(coded)
    return frozenset(
        site.side
        for fact in case.facts_of(*_SIGNS)
        if fact.present
        for site in fact.sites
        if site.is_limb and site.side
    )


def _in_focus(case: Case, evaluation: Evaluation) -> Evaluation:
    """What concerns at least one order the hook asks about."""
    if all(order.focus for order in case.orders):
        return evaluation
    focus = frozenset(_refs(order for order in case.orders if order.focus))

    def asked(refs: Iterable[str]) -> bool:
        return not focus.isdisjoint(refs)

    def touched(correction: Correction) -> tuple[str, ...]:
        return (*correction.orders, *correction.about)

    return replace(
        evaluation,
        determinations=tuple(item for item in evaluation.determinations if asked(item.orders)),
        corrections=tuple(item for item in evaluation.corrections if asked(touched(item))),
        diagnosis_corrections=tuple(item for item in evaluation.diagnosis_corrections if item.order in focus),
        notices=tuple(item for item in evaluation.notices if asked(item.orders)),
    )


def _refs(orders: Iterable[Order]) -> Iterator[str]:
    return (order.ref for order in orders)
