"""One part of a text about an examination, word by word: what is there, what is denied, did somebody look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from cds_service.core.exam import FINDING, FUNCTION, Exam, ExamRules

# (is the sign there, rendering); None: it cannot be told
Reading = tuple[bool, str] | None

_GONE = frozenset({"absent", "negative"})


class Part(NamedTuple):
    """Words up to a comma or full stop.

    ``finding``: they are read as of a finding, not of a function. ``listed``: a negator before reaches in.
    """

    tokens: list[str]
    finding: bool
    listed: bool


def read_part(rules: ExamRules, exam: Exam, part: Part) -> tuple[Reading, bool]:
    """What one part says, and whether somebody looked."""
    words, tokens = rules.text, part.tokens
    if not words.unsettled.isdisjoint(tokens):
        return None, False
    if part.finding and " ".join(tokens) in words.whole:
        return (False, "absent"), True
    said = _Said(rules, part)
    for index, token in enumerate(tokens):
        said.take(index, token)
        if said.abnormal or not said.looked:
            return said.abnormal, said.looked
    if said.sign:
        return (True, words.shown[said.sign]), True
    if said.healthy is None and said.until >= 0 and _denies_own_name(rules, exam, tokens):
        return (False, "absent"), True
    return said.healthy, True


@dataclass(slots=True)
class _Said:
    """What the words so far say. ``until``: how far a negator reaches; ``turned``: it has found its word;
    ``sign``: a sign was named, and what is said of it may follow.
    """

    rules: ExamRules
    part: Part
    abnormal: Reading = None
    healthy: Reading = None
    looked: bool = True
    until: int = -1
    turned: bool = False
    joined: bool = False
    sign: str = ""

    def take(self, index: int, token: str) -> None:
        words = self.rules.text
        inside = index <= self.until
        if token in words.negators:
            self.until, self.turned, self.joined = index + words.reach, False, False
            if index + 1 == len(self.part.tokens):
                self._take_back()
        elif inside and token in words.unsettled_negated:
            self.looked = False
        elif inside and token in words.idle:
            self.until = -1
        elif token in words.joins:
            self.joined = True
        else:
            value = self.rules.values.get(token)
            if value is not None:
                self._take_value(value, inside=inside)

    def _take_value(self, value: str, *, inside: bool) -> None:
        readings, words = self.rules.readings, self.rules.text
        names = value in words.signs
        if self.sign and not names and (value in _GONE or (inside and readings[FINDING].get(value))):
            # "weakness absent", "weakness not present"
            self._take_back()
            return
        there = readings[FINDING if self.part.finding else FUNCTION].get(value)
        if there is None:
            return
        if (inside and (names or not self.joined)) or (self.part.listed and names):
            self._turn(there=there)
        elif names:
            self.sign = value
        elif there:
            self.abnormal = True, words.shown[value]
        else:
            self.healthy = self.healthy or (False, words.shown[value])

    def _turn(self, *, there: bool) -> None:
        """A negator denies every abnormal word it reaches; a healthy one it turns only if that is first."""
        if there:
            self.healthy = self.healthy or (False, "absent")
        elif not self.turned:
            self.abnormal = True, "abnormal"
        self.turned = True

    def _take_back(self) -> None:
        if self.sign:
            self.healthy, self.sign = self.healthy or (False, "absent"), ""


def _denies_own_name(rules: ExamRules, exam: Exam, tokens: list[str]) -> bool:
    """ "No ptosis" said of ptosis: what stands within reach of the negator is the finding by its own name."""
    words = rules.text
    for index, token in enumerate(tokens):
        if token in words.negators:
            reached = tokens[index + 1 : index + 1 + words.reach]
            if any(each.id == exam.id and each.reading == FINDING for each in rules.exams.scan(reached)):
                return True
    return False
