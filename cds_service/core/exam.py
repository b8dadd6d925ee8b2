"""How findings of the examination are recognised and read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_service.core.phrases import PhraseIndex

FINDING = "finding"
FUNCTION = "function"
SCORE = "score"

_NOTHING = re.compile("(?!)")


@dataclass(frozen=True, slots=True)
class Exam:
    """One examination.

    ``reading``: a ``finding`` is abnormal when present, a ``function`` is healthy when normal, a ``score``
    is a number. ``scale``: the full grade ("5/5" is 5; 0: none). ``grades``: grade -> value id.
    ``region``: where it is when nothing says so.
    """

    id: str
    groups: frozenset[str]
    reading: str
    scale: int = 0
    grades: Mapping[str, str] = field(default_factory=dict)
    region: str = ""


@dataclass(frozen=True, slots=True)
class GradeRules:
    """``full``: the full grade. ``units``: units in which a bare number is a grade.

    ``over``: a grade over the full one ("4 to 5/5": low, sign, high, sign). ``named``: one after its name
    ("MRC 4"), in the same groups. ``alone``: a text that is nothing but a grade.
    """

    full: int = 0
    units: frozenset[str] = frozenset()
    over: re.Pattern[str] = _NOTHING
    named: re.Pattern[str] = _NOTHING
    alone: re.Pattern[str] = _NOTHING


@dataclass(frozen=True, slots=True)
class TextRules:
    """How a text is read part by part; see observations.toml.

    ``phrases``: what counts as one negator. ``breaks``: what ends a part besides punctuation. ``signs``:
    value ids that name the sign itself. ``shown``: value id -> the id it is shown by.
    """

    negators: frozenset[str] = frozenset()
    phrases: re.Pattern[str] = _NOTHING
    breaks: re.Pattern[str] = _NOTHING
    reach: int = 0
    lists: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    unsettled: frozenset[str] = frozenset()
    unsettled_negated: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExamRules:
    """``values``: word -> value id. ``codes``: (system, code) -> value id. ``names``: exams by
    their whole name, where its words alone would be too common.

    ``readings``: reading -> value id -> whether the sign is there. ``refused``: words in a name that make it
    no examination of the patient.
    """

    statuses: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()
    exams: PhraseIndex[Exam] = field(default_factory=PhraseIndex)
    names: Mapping[str, Exam] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    readings: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    interpretations: Mapping[str, bool] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    grade: GradeRules = field(default_factory=GradeRules)
    text: TextRules = field(default_factory=TextRules)
