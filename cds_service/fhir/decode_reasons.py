"""reasonCode and reasonReference of an order -> Diagnoses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from cds_service.core.case import Coding, Diagnosis, Gap
from cds_service.core.vocabulary import ICD10CM, NO_GROUPS
from cds_service.fhir.chart import Chart
from cds_service.fhir.decode_condition import is_refuted
from cds_service.fhir.decode_exam import read_exam
from cds_service.fhir.elements import JsonObject, as_text, codings, objects, text_of
from cds_service.fhir.search import Found

# Reasons are weighed against one another: what is beyond is no order that anybody wrote.
MOST_REASONS = 100
# Of what a reason says beside its codes, so much is read.
MOST_WORDS = 1000


def read_reasons(chart: Chart, found: Found) -> list[Diagnosis]:
    """The reasons the order states, each coding by itself; beyond ``MOST_REASONS`` they are a gap."""
    read = list(islice(_reasons(chart, found), MOST_REASONS + 1))
    if len(read) > MOST_REASONS:
        _beyond(chart, found.path)
    return read[:MOST_REASONS]


def _reasons(chart: Chart, found: Found) -> Iterator[Diagnosis]:
    for index, concept in enumerate(_first(chart, found, "reasonCode")):
        if isinstance(concept, dict):
            yield from _of_concept(chart, concept, index)
    for index, value in enumerate(_first(chart, found, "reasonReference")):
        yield from _of_reference(chart, found, value, f"{found.path}.reasonReference[{index}]")


def _first(chart: Chart, found: Found, name: str) -> list[object]:
    """Those that are looked at: one that cannot be read costs as much as one that can."""
    given = _listed(found.resource.get(name))
    if len(given) > MOST_REASONS:
        _beyond(chart, f"{found.path}.{name}")
    return given[:MOST_REASONS]


def _beyond(chart: Chart, path: str) -> None:
    chart.gaps.append(Gap(path, f"has more than {MOST_REASONS} reasons; the rest was not read"))


def _listed(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _of_concept(chart: Chart, concept: JsonObject, index: int) -> Iterator[Diagnosis]:
    coded: list[tuple[int, Coding]] = []
    given = _listed(concept.get("coding"))[: MOST_REASONS + 1]
    for place, part in enumerate(given):
        if isinstance(part, dict):
            coded += [(place, coding) for coding in codings({"coding": [part]})]
    yield from _diagnoses(
        chart,
        [(coding, (index, place)) for place, coding in coded],
        concept,
        ref="",
    )


def _of_reference(chart: Chart, order: Found, value: object, path: str) -> Iterator[Diagnosis]:
    target = chart.finds.resolve(value, order.resource)
    if target is None:
        if chart.finds.names_another(value, order.resource):
            chart.gaps.append(Gap(path, "points to a resource about another patient"))
            return
        display = as_text(value.get("display")) if isinstance(value, dict) else ""
        groups = chart.vocabulary.groups_of_text("condition", display) if display else NO_GROUPS
        if groups:
            yield Diagnosis("", "", groups, text=display, by_text=True)
        chart.gaps.append(Gap(path, "points to a resource that was not supplied"))
        return
    own = as_text(target.resource.get("id"))
    ref = f"{order.ref}#{own}" if target.owner is not None else target.ref
    if target.type == "Condition":
        if not is_refuted(target.resource):
            concept = target.resource.get("code")
            for part in objects(concept):
                yield from _diagnoses(chart, [(coding, None) for coding in codings(part)], part, ref=ref)
    elif target.type == "Observation":
        for fact in read_exam(chart, target.resource, ref, target.path):
            if fact.present:
                yield Diagnosis("", fact.code, fact.groups, ref=ref, by_text=fact.by_text)


def _diagnoses(
    chart: Chart,
    coded: list[tuple[Coding, tuple[int, int] | None]],
    concept: JsonObject,
    *,
    ref: str,
) -> Iterator[Diagnosis]:
    """One Diagnosis per coding; the words give the first one its groups where no code is known."""
    vocabulary = chart.vocabulary
    groups = [vocabulary.groups_of(coding.system, coding.code) for coding, _ in coded]
    by_text = not any(groups) and not any(vocabulary.system(coding.system) == ICD10CM for coding, _ in coded)
    words = text_of(concept)
    named = vocabulary.groups_of_text("condition", words) if by_text and words else NO_GROUPS
    if not coded:
        if words:
            yield Diagnosis("", "", named, text=words, ref=ref, by_text=True)
        return
    said = words[:MOST_WORDS].lower()
    for number, ((coding, position), found) in enumerate(zip(coded, groups, strict=True)):
        from_words = bool(named) and number == 0
        yield Diagnosis(
            system=coding.system,
            code=coding.code,
            groups=named if from_words else found,
            text=coding.display or as_text(concept.get("text")),
            position=position,
            ref=ref,
            by_text=from_words,
            words=said,
        )
