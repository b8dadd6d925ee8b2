"""How findings of the examination are recognised and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_service.core.phrases import PhraseIndex

FINDING = "finding"
FUNCTION = "function"
SCORE = "score"


@dataclass(frozen=True, slots=True)
class Exam:
    """One examination.

    ``reading``: a ``finding`` is abnormal when present, a ``function`` is healthy when normal, a ``score``
    is a number. ``scale``: the full grade ("5/5" is 5; 0: none). ``grades``: grade -> value id.
    """

    id: str
    groups: frozenset[str]
    reading: str
    scale: int = 0
    grades: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExamRules:
    """``values``: word -> value id. ``codes``: (system, code) -> value id. ``names``: exams by
    their whole name, where its words alone would be too common.

    ``readings``: reading -> value id -> whether the sign is there. ``negators`` turn the next ``reach`` words
    round. ``refused``: words in a name that make it no examination of the patient. ``scale``: the full
    grade a coded finding may be graded on; ``scale_units``: units in which a bare
    number is a grade.
    """

    statuses: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()
    exams: PhraseIndex[Exam] = field(default_factory=PhraseIndex)
    names: Mapping[str, Exam] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    readings: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    interpretations: Mapping[str, bool] = field(default_factory=dict)
    negators: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    reach: int = 0
    scale: int = 0
    scale_units: frozenset[str] = frozenset()
