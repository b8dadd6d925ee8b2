"""Notices about codes that need no correction."""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.core.case import Order
from cds_service.core.finding import Notice
from cds_service.core.icd10 import Inform, Reading
from cds_service.engine.diagnoses.context import Context
from cds_service.engine.diagnoses.reading import Line


def notices_for(context: Context, lines: Sequence[Line], *, inpatient: bool) -> tuple[Notice, ...]:
    """One notice per row, with every order it is about."""
    found: dict[str, tuple[list[str], dict[str, str]]] = {}
    for line in lines:
        settled: dict[int, str | None] = {}  # what the line says of a rule, whichever reading it is about
        for reason, reading in zip(line.reasons, line.readings, strict=True):
            if reading.quiet or reading.entry is None:
                continue
            for rule in reading.entry.informs:
                if rule.outpatient and inpatient:
                    continue
                if id(rule) not in settled:
                    settled[id(rule)] = _holds(context, rule, line.order, line.readings)
                    other = settled[id(rule)]
                    if other is not None:
                        _add(context, found, rule, reading, other, line.order.ref)
                if rule.words is not None and settled[id(rule)] is None and _says(rule, reason.words):
                    _add(context, found, rule, reading, "", line.order.ref)
    return tuple(Notice(row, tuple(refs), values) for row, (refs, values) in found.items())


def _add(
    context: Context,
    found: dict[str, tuple[list[str], dict[str, str]]],
    rule: Inform,
    reading: Reading,
    other: str,
    ref: str,
) -> None:
    values = {"code": reading.code, "label": context.icd10.label(reading.code), "why": rule.row.why}
    if other:
        values["other"] = other
    refs, _ = found.setdefault(rule.row.id, ([], values))
    if ref not in refs:
        refs.append(ref)


def _holds(context: Context, rule: Inform, order: Order, readings: Sequence[Reading]) -> str | None:
    """The other code that makes the notice hold, ``""`` if it is the chart or a word, ``None`` if nothing."""
    if len(readings) > 1:
        for reading in readings:
            code = reading.code
            if code in rule.other or (rule.other_begins and code.startswith(rule.other_begins)):
                return code
    if _says(rule, order.words):
        return ""
    if rule.group:
        for fact in context.case.facts_of(rule.group):
            if fact.present and fact.active:
                return ""
    return None


def _says(rule: Inform, words: str) -> bool:
    """Whether one of the rule's words occurs where it means what the rule is about."""
    if rule.words is None or not words:
        return False
    return any(match.lastindex for match in rule.words.finditer(words))
