"""Observation -> Facts: signs of the examination, present or charted absent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cds_service.core.case import Coding, Fact, Gap
from cds_service.core.exam import FINDING, FUNCTION, Exam
from cds_service.core.phrases import tokens_of
from cds_service.fhir.chart import Chart
from cds_service.fhir.elements import JsonObject, as_text, codings, day, objects, span, text_of
from cds_service.fhir.exam_value import read_value


def read_observation(chart: Chart, resource: JsonObject, ref: str, path: str) -> bool:
    """The facts of one Observation."""
    gaps = len(chart.gaps)
    facts = list(read_exam(chart, resource, ref, path))
    chart.facts.extend(facts)
    return bool(facts) or len(chart.gaps) > gaps or not _is_settled(chart, resource)


def read_exam(chart: Chart, resource: JsonObject, ref: str, path: str) -> Iterator[Fact]:
    """The facts of one Observation and its components; unreadable examinations become gaps."""
    if not _is_settled(chart, resource):
        return
    components = objects(resource["component"]) if "component" in resource else []
    yield from _read_part(chart, resource, resource, ref, path, required=not components)
    for index, part in enumerate(components):
        yield from _read_part(chart, part, resource, ref, f"{path}.component[{index}]", required=True)


def _is_settled(chart: Chart, resource: JsonObject) -> bool:
    return as_text(resource.get("status")) in chart.vocabulary.exams.statuses


def _read_part(
    chart: Chart, part: JsonObject, observation: JsonObject, ref: str, path: str, *, required: bool
) -> Iterator[Fact]:
    concept = part.get("code")
    coded = codings(concept)
    exams, code, by_text = _recognise(chart, coded, concept)
    if not exams:
        return
    reading = read_value(chart.vocabulary, exams[0], part)
    if reading is None:
        if required:
            chart.gaps.append(Gap(path, "an examination whose result could not be read"))
        return
    present, value = reading
    groups = exams[0].groups
    if not present:
        # "Strength, reflexes, sensation: normal" speaks of all of them; an abnormal result only of the first.
        groups = groups.union(*(exam.groups for exam in exams if exam.reading == exams[0].reading))
    start, end = span(observation, "effective")
    yield Fact(
        kind="observation",
        groups=groups,
        ref=ref,
        path=path,
        present=present,
        start=start or day(observation.get("effectiveInstant")) or day(observation.get("issued")),
        end=end,
        sites=chart.sites(observation.get("bodySite"), coded, groups, concept, region=exams[0].region),
        code=code,
        value=value,
        by_text=by_text,
    )


def _recognise(chart: Chart, coded: list[Coding], concept: object) -> tuple[list[Exam], str, bool]:
    """(examinations, code, whether by words)."""
    vocabulary = chart.vocabulary
    rules = vocabulary.exams
    for coding in coded:
        groups = vocabulary.groups_of(coding.system, coding.code)
        if groups:
            groups &= rules.signs
            if groups:
                return [Exam(coding.code, groups, FINDING, scale=rules.grade.full)], coding.code, False
    text = text_of(concept)
    if not text:
        return [], "", False
    tokens = tokens_of(text)
    if not rules.refused.isdisjoint(tokens):
        return [], "", False
    exams = list(rules.exams.scan(tokens))
    if not exams and len(tokens) == 1 and tokens[0] in rules.names:
        exams = [rules.names[tokens[0]]]
    if exams and exams[0].reading == FUNCTION:
        # "Reduced light touch" names the finding, not the function.
        verdicts = rules.readings[FUNCTION]
        if any(verdicts.get(rules.values.get(token, ""), False) for token in tokens):
            exams[0] = replace(exams[0], reading=FINDING)
    return exams, coded[0].code if coded else "", True
