"""All corrections of diagnosis codes on the draft orders of one session.

Rules about several codes come first and take their codes; what is left is corrected code by code.
So no code of an order becomes two things.
"""

from __future__ import annotations

from cds_service.core.case import Case
from cds_service.core.finding import DiagnosisCorrection, Notice
from cds_service.core.icd10 import DiagnosisRules, Icd10, Reading
from cds_service.core.session import Session
from cds_service.engine.diagnoses.both_sides import draft_both_sides
from cds_service.engine.diagnoses.causes import draft_causes
from cds_service.engine.diagnoses.context import Context, answered_side, two_sided_diseases
from cds_service.engine.diagnoses.draft import Draft, finish, of_one, without_doubles
from cds_service.engine.diagnoses.informs import notices_for
from cds_service.engine.diagnoses.pairs import draft_pairs
from cds_service.engine.diagnoses.reading import Line, read_line
from cds_service.engine.diagnoses.single import propose

Found = tuple[tuple[DiagnosisCorrection, ...], tuple[Notice, ...]]


def correct_diagnoses(
    rules: DiagnosisRules, icd10: Icd10, case: Case, session: Session, *, inpatient: bool = False
) -> Found:
    """Corrections and notices for the session's draft orders that the guideline covers.

    Only codes that stand on the order itself are corrected, never a referenced condition or the chart.
    """
    kinds = session.kinds
    lines = tuple(read_line(rules, order) for order in session.orders if kinds.get(order.ref, ""))
    drafts = [line for line in lines if line.order.draft and not _is_quiet(line)]
    if not drafts:
        return (), ()
    context = Context(rules, icd10, case, lines, answered_side(case), two_sided_diseases(drafts))
    corrections = [found for line in drafts for found in _correct(context, line)]
    return tuple(corrections), notices_for(context, drafts, inpatient=inpatient)


def _is_quiet(line: Line) -> bool:
    return all(reading.quiet for reading in line.readings)


def _correct(context: Context, line: Line) -> list[DiagnosisCorrection]:
    readings = line.readings
    free = {index for index, reason in enumerate(line.reasons) if reason.position is not None}
    proposals = [
        None if reading.quiet or index not in free else propose(context, line, index)
        for index, reading in enumerate(readings)
    ]
    drafts: list[Draft] = []
    if _may_interact(context, readings):
        drafts += draft_pairs(context, readings, proposals, free)
        drafts += draft_both_sides(context, readings, free)
        drafts += draft_causes(context, readings, proposals, free)
    drafts += [
        of_one(index, proposal)
        for index, proposal in enumerate(proposals)
        if proposal is not None and index in free
    ]
    if not drafts:
        return []
    drafts = without_doubles(drafts, line)
    drafts.sort(key=lambda draft: draft.touched)
    return [finish(draft, line, context.icd10) for draft in drafts]


def _may_interact(context: Context, readings: tuple[Reading, ...]) -> bool:
    """Whether a rule about several codes, or about a missing one, could hold at all."""
    drops = keeps = False
    for reading in readings:
        entry = reading.entry
        if entry is None:
            continue
        if entry.manifestation is not None or entry.stem in context.two_sided:
            return True
        drops = drops or bool(entry.drops)
        keeps = keeps or bool(entry.keeps)
    return drops and keeps
