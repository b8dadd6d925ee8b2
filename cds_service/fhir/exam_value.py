"""The result of an examination: whether the sign is there, and a short machine-made rendering."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeGuard

from cds_service.core.exam import FINDING, FUNCTION, SCORE, Exam, ExamRules
from cds_service.core.phrases import MAX_TEXT, tokens_of
from cds_service.core.vocabulary import Vocabulary
from cds_service.fhir.elements import JsonObject, as_object, as_text, codings, objects, words_of

# (is the sign there, rendering); None: it cannot be told
Reading = tuple[bool, str] | None

MOST = 1_000

_GRADE = re.compile(r"(?<![\d./])(\d)\s?([+-])?\s?/\s?(\d{1,2})(?![\d./])")
_PLAIN_GRADE = re.compile(r"\s*(\d)\s?([+-])?\s*")


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
            reading = _words(rules, exam, text)
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
            yield _text(rules, exam, text)
    if "valueString" in part:
        yield _text(rules, exam, as_text(part["valueString"]))
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


def _text(rules: ExamRules, exam: Exam, text: str) -> Reading:
    text = text[:MAX_TEXT]
    return _grades(rules, exam, text) or _words(rules, exam, text)


def _grades(rules: ExamRules, exam: Exam, text: str) -> Reading:
    """The lowest grade of "4/5 right, 5/5 left"; "5-/5" is below the full grade."""
    if exam.grades:
        plain = _PLAIN_GRADE.fullmatch(text)
        value = exam.grades.get(plain.group(1)) if plain else None
        return _verdict(rules, exam, value) if value else None
    if not exam.scale:
        return None
    lowest: tuple[float, str] | None = None
    for match in _GRADE.finditer(text):
        grade, sign, scale = int(match.group(1)), match.group(2) or "", int(match.group(3))
        if scale == exam.scale and grade <= scale:
            lowest = min(lowest or (scale + 1.0, ""), (_graded(grade, sign), f"{grade}{sign}/{scale}"))
    plain = _PLAIN_GRADE.fullmatch(text) if lowest is None and exam.reading == FUNCTION else None
    if plain and int(plain.group(1)) <= exam.scale:
        grade, sign = int(plain.group(1)), plain.group(2) or ""
        lowest = (_graded(grade, sign), f"{grade}{sign}/{exam.scale}")
    return None if lowest is None else (lowest[0] < exam.scale, lowest[1])


def _graded(grade: int, sign: str) -> float:
    return grade + {"+": 0.3, "-": -0.3}.get(sign, 0.0)


def _number(rules: ExamRules, exam: Exam, value: object, unit: str) -> Reading:
    if not _is_small(value) or unit.lower() not in rules.scale_units:
        return None
    if exam.grades:
        named = exam.grades.get(f"{value:g}")
        return _verdict(rules, exam, named) if named else None
    if not exam.scale or not 0 <= value <= exam.scale:
        return None
    return value < exam.scale, f"{value:g}/{exam.scale}"


def _words(rules: ExamRules, exam: Exam, text: str) -> Reading:
    """Any abnormal word decides, else any normal one; a negator turns the next words round."""
    verdicts = rules.readings[exam.reading]
    healthy: Reading = None
    negated_until = -1
    denied = False
    for index, token in enumerate(tokens_of(text)):
        if token in rules.negators:
            negated_until = index + rules.reach
            denied = True
            continue
        value = rules.values.get(token)
        there = verdicts.get(value) if value is not None else None
        if value is None or there is None:
            continue
        if index <= negated_until:
            there, value = not there, "absent" if there else "abnormal"
        if there:
            return True, value
        healthy = healthy or (False, value)
    if healthy is None and denied and exam.reading == FINDING:
        return False, "absent"
    return healthy


def _score(part: JsonObject) -> Reading:
    value = part.get("valueInteger", as_object(part.get("valueQuantity")).get("value"))
    return (True, f"{value:g}") if _is_small(value) else None


def _is_small(value: object) -> TypeGuard[float]:
    """A number that may be a grade or a score."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST
