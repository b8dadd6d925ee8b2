"""observations.toml (already checked by schema) -> ExamRules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cds_service.core.exam import Exam, ExamRules, GradeRules, TextRules
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
                region=row.get("region", ""),
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
        refused=frozenset(table["refused"]),
        grade=_grade_rules(table["grade"]),
        text=_text_rules(table),
    )


def _grade_rules(table: Table) -> GradeRules:
    full = table["full"]
    one = rf"([0-{full}](?:\.\d)?)(?:\s?([+-])(?!\d))?"
    to = "|".join(re.escape(word) if len(word) == 1 else rf"\b{word}\b" for word in table["to"])
    end = r"(?!\d)(?!\.\d)"
    span = rf"(?:{one}\s?(?:{to})\s?)?{one}"
    over = "|".join(map(re.escape, table["over"]))
    named = "|".join(map(re.escape, sorted(table["named"], key=len, reverse=True)))
    return GradeRules(
        full=full,
        units=frozenset(table["units"]),
        over=re.compile(rf"(?<![\w/])(?<!\d\.){span}\s?(?:{over})\s?{full}{end}(?!\s?/)"),
        named=re.compile(rf"\b(?:{named})\s?[:=]?\s?{span}{end}(?!\s?/\s?(?!{full}{end}))"),
        alone=re.compile(rf"\s*{span}\s*\.?\s*"),
    )


def _text_rules(table: Table) -> TextRules:
    negators, unsettled = table["negators"], table["unsettled"]
    return TextRules(
        negators=frozenset(negators["words"]),
        phrases=_any_of(negators["phrases"]),
        breaks=_any_of(negators["breaks"]),
        reach=negators["reach"],
        lists=frozenset(negators["lists"]),
        joins=frozenset(negators["joins"]),
        idle=frozenset(negators["idle"]),
        whole=frozenset(negators["whole"]),
        unsettled=frozenset(unsettled["words"]),
        unsettled_negated=frozenset(unsettled["negated"]),
        signs=frozenset(row["id"] for row in table["value"] if row.get("names_sign")),
        shown={row["id"]: row.get("shown", row["id"]) for row in table["value"]},
    )


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b")
