"""Corrected reasons, written into the order as it was sent; what they leave alone is shared with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cds_service.core.finding import DiagnosisCorrection
from cds_service.core.icd10 import Icd10
from cds_service.core.vocabulary import ICD10CM

Json = dict[str, Any]
DiagnosisChange = tuple[DiagnosisCorrection, tuple[str, ...]]


def with_diagnoses(order: Mapping[str, Any], changes: Iterable[DiagnosisChange], icd10: Icd10) -> Json | None:
    """The order with its reasons corrected; ``None`` when a reason to edit is not where it was read."""
    given = order.get("reasonCode")
    if not isinstance(given, list):
        return None
    reasons = list(given)
    emptied: list[tuple[int, int]] = []
    appended: list[Json] = []
    for correction, codes in changes:
        if not _change(reasons, correction, codes, icd10, emptied):
            return None
        appended.extend({"coding": [_coding(code, icd10)]} for code in codes[len(correction.positions) :])
    _remove_codings(reasons, emptied)
    reasons.extend(appended)
    if not reasons:
        return None
    result: Json = {**order, "reasonCode": reasons}
    drop_narrative(result)
    return result


def kept(coding: Json) -> Json:
    """What a corrected coding keeps: its id, extensions and userSelected, not the version of the old
    system.
    """
    return {name: value for name, value in coding.items() if name in ("id", "extension", "userSelected")}


def quotes(text: object, code: str) -> bool:
    """A text that quotes the old code describes the old code."""
    return isinstance(text, str) and bool(code) and code in text


def drop_narrative(order: Json) -> None:
    """A generated narrative would go on telling the old order."""
    text = order.get("text")
    if isinstance(text, dict) and text.get("status") in ("generated", "extensions"):
        del order["text"]


def _change(
    reasons: list[Any],
    correction: DiagnosisCorrection,
    codes: tuple[str, ...],
    icd10: Icd10,
    emptied: list[tuple[int, int]],
) -> bool:
    for number, (reason, coding) in enumerate(correction.positions):
        target = _coding_at(reasons, reason, coding)
        if target is None:
            return False
        if number >= len(codes):
            emptied.append((reason, coding))
        elif target.get("code") != codes[number] or target.get("system") != ICD10CM:
            concept = reasons[reason]
            codings = list(concept["coding"])
            codings[coding] = {**kept(target), **_coding(codes[number], icd10)}
            reasons[reason] = {**concept, "coding": codings}
            if quotes(concept.get("text"), str(target.get("code", ""))):
                del reasons[reason]["text"]
    return True


def _coding(code: str, icd10: Icd10) -> Json:
    label = icd10.label(code)
    coding = {"system": ICD10CM, "code": code}
    return {**coding, "display": label} if label else coding


def _coding_at(reasons: list[Any], reason: int, coding: int) -> Json | None:
    try:
        found = reasons[reason]["coding"][coding]
    except (IndexError, KeyError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _remove_codings(reasons: list[Any], positions: list[tuple[int, int]]) -> None:
    for reason, coding in sorted(set(positions), reverse=True):
        codings = reasons[reason]["coding"]
        rest = [*codings[:coding], *codings[coding + 1 :]]
        if rest:
            reasons[reason] = {**reasons[reason], "coding": rest}
        else:
            del reasons[reason]
