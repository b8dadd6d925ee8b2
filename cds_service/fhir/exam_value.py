"""The result of an examination: whether the sign is there, and a short machine-made rendering."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from cds_service.core.exam import FINDING, SCORE, Exam, ExamRules
from cds_service.core.vocabulary import Vocabulary
from cds_service.fhir.elements import JsonObject, as_object, as_text, codings, objects, words_of
from cds_service.fhir.exam_part import Reading
from cds_service.fhir.exam_text import grade_of, read_text

MOST = 1_000


def read_value(vocabulary: Vocabulary, exam: Exam, part: JsonObject) -> Reading:
    """The value decides; an interpretation where it does not."""
    if exam.reading == SCORE:
        return _score(part)
    rules = vocabulary.exams
    for reading in _values(vocabulary, exam, part):
        if reading is not None:
            return reading
    for concept in objects(part.get("interpretation")):
        for coding in codings(concept):
            abnormal = rules.interpretations.get(coding.code)
            if abnormal is not None:
                return abnormal, "abnormal" if abnormal else "normal"
        for text in words_of(concept):
            reading = read_text(rules, exam, text)
            if reading is not None:
                return reading
    return None


def _values(vocabulary: Vocabulary, exam: Exam, part: JsonObject) -> Iterator[Reading]:
    rules = vocabulary.exams
    if "valueBoolean" in part:
        yield _boolean(exam, part["valueBoolean"])
    if "valueCodeableConcept" in part:
        concept = part["valueCodeableConcept"]
        for coding in codings(concept):
            value = rules.codes.get((vocabulary.system(coding.system), coding.code))
            yield _verdict(rules, exam, value) if value else None
        for text in words_of(concept):
            yield read_text(rules, exam, text)
    if "valueString" in part:
        yield read_text(rules, exam, as_text(part["valueString"]))
    if "valueInteger" in part:
        yield _number(rules, exam, part["valueInteger"], "")
    if "valueQuantity" in part:
        quantity = as_object(part["valueQuantity"])
        unit = as_text(quantity.get("unit")) or as_text(quantity.get("code"))
        yield _number(rules, exam, quantity.get("value"), unit)
    if "valueRatio" in part:
        ratio = as_object(part["valueRatio"])
        if as_object(ratio.get("denominator")).get("value") == exam.scale:
            yield _number(rules, exam, as_object(ratio.get("numerator")).get("value"), "")


def _boolean(exam: Exam, value: object) -> Reading:
    """Yes and no answer whether a finding is there; of a function they would be a guess."""
    if not isinstance(value, bool) or exam.reading != FINDING:
        return None
    return value, "present" if value else "absent"


def _verdict(rules: ExamRules, exam: Exam, value: str) -> Reading:
    there = rules.readings[exam.reading].get(value)
    return None if there is None else (there, value)


def _number(rules: ExamRules, exam: Exam, value: object, unit: str) -> Reading:
    if not _is_small(value) or unit.strip().lower() not in rules.grade.units:
        return None
    return grade_of(rules, exam, value)


def _score(part: JsonObject) -> Reading:
    value = part.get("valueInteger", as_object(part.get("valueQuantity")).get("value"))
    return (True, f"{value:g}") if _is_small(value) else None


def _is_small(value: object) -> TypeGuard[float]:
    """A number that may be a grade or a score."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST
