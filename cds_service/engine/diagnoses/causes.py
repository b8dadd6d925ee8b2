"""Manifestation codes: their cause comes before them, and diabetes takes their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cds_service.core.finding import Mode
from cds_service.core.icd10 import Entry, Manifestation, Reading
from cds_service.engine.diagnoses.context import Context
from cds_service.engine.diagnoses.draft import Draft, become, of_row
from cds_service.engine.diagnoses.pairs import Proposals

_CATEGORY = 3


def draft_causes(
    context: Context, readings: Sequence[Reading], proposals: Proposals, free: set[int]
) -> Iterator[Draft]:
    """Corrections about manifestation codes; codes used are taken out of ``free``."""
    for index, reading in enumerate(readings):
        entry = reading.entry
        if entry is None or entry.manifestation is None or index not in free:
            continue
        rule = entry.manifestation
        draft = (
            _replaced_by_diabetes(context, readings, index, rule, free)
            or _without_its_cause(context, readings, index, entry)
            or _out_of_order(context, readings, proposals, index, rule, free)
        )
        if draft is not None:
            free -= set(draft.touched)
            yield draft


def _replaced_by_diabetes(
    context: Context, readings: Sequence[Reading], index: int, rule: Manifestation, free: set[int]
) -> Draft | None:
    rules = context.rules
    if not rule.diabetes:
        return None
    diabetes = [other for other in sorted(free) if readings[other].code.startswith(rules.diabetes)]
    if not diabetes:
        return None
    category = readings[diabetes[0]].code[:_CATEGORY]
    target = category + rule.diabetes
    absorbed = tuple(
        other
        for other in diabetes
        if readings[other].code == target
        or (
            readings[other].code[:_CATEGORY] == category
            and readings[other].code[_CATEGORY:] in rules.absorbed
        )
    )
    return of_row(rules.combination, Mode.FIX, (index, *absorbed), ((target,),))


def _without_its_cause(
    context: Context, readings: Sequence[Reading], index: int, entry: Entry
) -> Draft | None:
    rule = entry.unless_cause
    if rule is None or any(reading.code.startswith(rule.causes) for reading in readings):
        return None
    if any(fact.present for fact in context.case.facts_of(rule.group)):
        return None
    return of_row(rule.row, Mode.ASK, (index,), tuple((code,) for code in rule.choices))


def _out_of_order(
    context: Context,
    readings: Sequence[Reading],
    proposals: Proposals,
    index: int,
    rule: Manifestation,
    free: set[int],
) -> Draft | None:
    """The manifestation stands first: its cause should, if it is here; else it is missing."""
    if index != 0:
        return None
    own = readings[index].code
    causes = [
        other
        for other in range(1, len(readings))
        if readings[other].code != own and _can_cause(context, readings[other], rule)
    ]
    here = [cause for cause in causes if cause in free]
    row = context.rules.manifestation
    if here:
        choices = tuple((cause, own) for cause in become(readings[here[0]], proposals[here[0]]))
        return of_row(row, Mode.ASK, (index, here[0]), choices)
    if causes:
        return None
    return of_row(row, Mode.ASK, (index,), _diabetes_on_record(context, readings, rule))


def _can_cause(context: Context, reading: Reading, rule: Manifestation) -> bool:
    if not reading.code.startswith(rule.causes):
        return False
    return rule.symptoms or not reading.code.startswith(context.rules.no_cause)


def _diabetes_on_record(
    context: Context, readings: Sequence[Reading], rule: Manifestation
) -> tuple[tuple[str, ...], ...]:
    """Combination codes that the chart's diabetes, or a referenced condition, would allow."""
    if not rule.diabetes:
        return ()
    facts = context.case.facts_of(context.rules.diabetes_group)
    codes = [fact.code for fact in facts if fact.present and fact.active]
    codes += [reading.code for reading in readings]
    categories = {code[:_CATEGORY] for code in codes if code.startswith(context.rules.diabetes)}
    return tuple((category + rule.diabetes,) for category in sorted(categories))
