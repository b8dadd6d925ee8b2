"""The result of an examination in words: part by part, whether the sign is there and how it is shown.

What speaks of another examination is left out, a negator by itself proves nothing, and where a part says that
nobody looked, or a full grade stands beside an abnormal word, the text shows no negative.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds_service.core.exam import FINDING, FUNCTION, SCORE, Exam, ExamRules
from cds_service.core.phrases import MAX_TEXT, tokens_of
from cds_service.fhir.exam_part import Part, Reading, read_part

_ENDS = re.compile(r"[.!?](?=\s|$)|[;|\n\r]")
_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212", "------")
# "2+", "1/4": how reflexes are graded
_REFLEX = re.compile(r"(?<![\w.])(\d)\s?(?:\+(?:\s?/\s?4)?|/\s?4)(?!\d)|^\s*(\d)\s*\.?\s*$")


def read_text(rules: ExamRules, exam: Exam, text: str) -> Reading:
    """Abnormal if anything is, else normal if everything that is said is, else unreadable."""
    text = text[:MAX_TEXT].lower().translate(_DASHES)
    graded, some_open = _graded(rules, exam, text)
    if graded is not None and graded[0]:
        return graded
    said, unsettled = _said(rules, exam, text)
    if said is not None and said[0]:
        return None if graded is not None else said
    if unsettled or some_open:
        return None
    return graded or said


def grade_of(rules: ExamRules, exam: Exam, grade: float, sign: str = "") -> Reading:
    """A number on the scale of the examination."""
    if exam.grades:
        value = exam.grades.get(f"{grade:g}")
        there = rules.readings[exam.reading].get(value) if value else None
        return None if value is None or there is None else (there, value)
    if not exam.scale or not 0 <= grade <= exam.scale:
        return None
    return _height(grade, sign) < exam.scale, f"{grade:g}{sign}/{exam.scale}"


def _graded(rules: ExamRules, exam: Exam, text: str) -> tuple[Reading, bool]:
    """The lowest grade of the text, and whether there was one that says nothing ("3+" of a reflex)."""
    if exam.grades:
        found = [grade_of(rules, exam, int(one or two)) for one, two in _REFLEX.findall(text)]
        read = [each for each in found if each is not None]
        return max(read, default=None, key=lambda each: each[0]), len(read) < len(found)
    if exam.scale != rules.grade.full or not exam.scale:
        return None, False
    matches = list(rules.grade.over.finditer(text))
    if exam.reading == FUNCTION:
        matches += rules.grade.named.finditer(text)
        alone = None if matches else rules.grade.alone.fullmatch(text)
        matches += [alone] if alone else []
    grades = [
        (float(number), sign or "")
        for match in matches
        for number, sign in (match.groups()[:2], match.groups()[2:])
        if number
    ]
    lowest = min(grades, default=None, key=lambda each: _height(*each))
    return None if lowest is None else grade_of(rules, exam, *lowest), False


def _height(grade: float, sign: str) -> float:
    return grade + {"+": 0.3, "-": -0.3}.get(sign, 0.0)


def _said(rules: ExamRules, exam: Exam, text: str) -> tuple[Reading, bool]:
    healthy: Reading = None
    unsettled = False
    for part in _parts(rules, exam, text):
        reading, looked = read_part(rules, exam, part)
        if reading is not None and reading[0]:
            return reading, False
        healthy = healthy or reading
        unsettled = unsettled or not looked
    return healthy, unsettled


def _parts(rules: ExamRules, exam: Exam, text: str) -> Iterator[Part]:
    """The parts that speak of ``exam``, or of nothing that is known as another examination."""
    words = rules.text
    text = words.breaks.sub(";", words.phrases.sub("no", text))
    for sentence in _ENDS.split(text):
        about: Exam | None = None
        denied = False
        pieces = [piece.rpartition(":") for piece in sentence.split(",")]
        is_list = not words.lists.isdisjoint(tokens_of(sentence))
        for label, _, rest in pieces:
            tokens = tokens_of(rest)
            about = _named(rules, exam, tokens_of(label)) or _named(rules, exam, tokens) or about
            negated = not words.negators.isdisjoint(tokens)
            if about is None or not about.groups.isdisjoint(exam.groups):
                yield Part(tokens, (about or exam).reading == FINDING, denied and is_list and not negated)
            denied = denied or negated


def _named(rules: ExamRules, exam: Exam, tokens: list[str]) -> Exam | None:
    """The examination that words name; the one in question before any other."""
    found = [each for each in rules.exams.scan(tokens) if each.reading != SCORE]
    if not found and len(tokens) == 1 and tokens[0] in rules.names:
        found = [rules.names[tokens[0]]]
    own = [each for each in found if not each.groups.isdisjoint(exam.groups)]
    return next(iter(own or found), None)
