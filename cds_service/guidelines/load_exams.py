"""observations.toml (already checked by schema) -> ExamRules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.core.exam import Exam, ExamRules
from cds_service.core.phrases import PhraseIndex

SNOMED = "http://snomed.info/sct"

Table = Mapping[str, Any]


def exam_rules(table: Table) -> ExamRules:
    """How examinations are recognised and their results read."""
    exams = [
        (
            row,
            Exam(
                id=row["id"],
                groups=frozenset(row["groups"]),
                reading=row["reading"],
                scale=row.get("scale", 0),
                grades=row.get("grades", {}),
            ),
        )
        for row in table["exam"]
    ]
    interpretations = dict.fromkeys(table["interpretation"]["abnormal"], True)
    interpretations.update(dict.fromkeys(table["interpretation"]["normal"], False))
    return ExamRules(
        statuses=frozenset(table["status"]),
        signs=frozenset(table["signs"]),
        exams=PhraseIndex.of((word, exam) for row, exam in exams for word in row["words"]),
        names={name: exam for row, exam in exams for name in row.get("names", ())},
        values={word: row["id"] for row in table["value"] for word in row.get("words", ())},
        codes={(SNOMED, code): row["id"] for row in table["value"] for code in row.get("snomed", ())},
        readings={
            reading: {**dict.fromkeys(rule["yes"], True), **dict.fromkeys(rule["no"], False)}
            for reading, rule in table["readings"].items()
        },
        interpretations=interpretations,
        negators=frozenset(table["negators"]["words"]),
        refused=frozenset(table["refused"]),
        reach=table["negators"]["reach"],
        scale=table["grade"]["full"],
        scale_units=frozenset(table["grade"]["units"]),
    )
