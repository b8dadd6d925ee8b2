"""Which resources of a request's chart are read, and how: most of them mean nothing here and cost a look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from cds_service.core.case import Fact, Gap
from cds_service.fhir.chart import Chart, name_of
from cds_service.fhir.decode_condition import read_condition, read_procedure, read_report
from cds_service.fhir.decode_exam import read_observation
from cds_service.fhir.decode_treatment import (
    read_care_plan,
    read_device_use,
    read_medication_dispense,
    read_medication_request,
    read_medication_statement,
)
from cds_service.fhir.elements import JsonObject
from cds_service.fhir.patient import is_foreign
from cds_service.fhir.search import Found

# Returns whether the resource's code means anything here, whatever its status.
Reader = Callable[[Chart, JsonObject, str, str], bool]
# Whether every one of some resources may be used.
Check = Callable[[Sequence[JsonObject]], bool]


class Way(NamedTuple):
    """How a type is read: by whom (``None``: as a whole, later), and which element says what it is."""

    reader: Reader | None
    element: str = ""
    checked: bool = True


WAYS: Mapping[str, Way] = {
    "CarePlan": Way(read_care_plan),
    "Condition": Way(read_condition, "code"),
    "Coverage": Way(None),
    "DeviceUseStatement": Way(read_device_use),
    "DiagnosticReport": Way(read_report, "code"),
    "Encounter": Way(None),
    "MedicationDispense": Way(read_medication_dispense, "medicationCodeableConcept"),
    "MedicationRequest": Way(read_medication_request, "medicationCodeableConcept"),
    "MedicationStatement": Way(read_medication_statement, "medicationCodeableConcept"),
    "Observation": Way(read_observation, "code"),
    "Procedure": Way(read_procedure, "code"),
    # Its answers are read item by item, valid or not.
    "QuestionnaireResponse": Way(None, checked=False),
    "ServiceRequest": Way(None),
}

MOST_DULL = 20_000

SET_ASIDE = "not valid FHIR R4; set aside"
FOREIGN = "about another patient; set aside"


def sort_out(chart: Chart, are_valid: Check | None) -> dict[str, list[Found]]:
    """Read every chart resource into facts; hand back, by type, those that are read as a whole later."""
    wholes: dict[str, list[Found]] = {kind: [] for kind, way in WAYS.items() if way.reader is None}
    seen: dict[str, list[Fact] | set[Fact]] = {}
    patients = chart.finds.patients
    dull = chart.vocabulary.dull
    met = [
        (batch, at, resource, way)
        for batch in chart.finds.batches
        if batch.owner is None or not is_foreign(batch.owner, patients)
        for at, (kind, resource) in enumerate(zip(batch.kinds, batch.resources, strict=True))
        if (way := WAYS.get(kind)) is not None and not (batch.draft and kind == "ServiceRequest")
    ]
    broken = _broken(((place, each[2]) for place, each in enumerate(met) if each[3].checked), are_valid)
    own: object = None
    for place, (batch, at, resource, (reader, element, _)) in enumerate(met):
        if place in broken:
            chart.gaps.append(Gap(batch.found(at).path, SET_ASIDE))
            continue
        # A chart repeats its patient over and over.
        subject = resource.get("subject")
        if subject is None or subject != own:
            if is_foreign(resource, patients):
                chart.gaps.append(Gap(batch.found(at).path, FOREIGN))
                continue
            own = subject
        # What means nothing is passed over when it is met again.
        name = (
            name_of(batch.kinds[at], resource.get(element)) if element and "component" not in resource else 0
        )
        if name and name in dull:
            continue
        found = batch.found(at)
        if reader is None:
            wholes[found.type].append(found)
        elif not _read(chart, reader, found, seen) and name and len(dull) < MOST_DULL:
            dull.add(name)
    return wholes


def _broken(resources: Iterable[tuple[int, JsonObject]], are_valid: Check | None) -> frozenset[int]:
    """The places of those that may not be used: asked all at once, one by one only where one is broken."""
    placed = list(resources)
    if are_valid is None or are_valid([resource for _, resource in placed]):
        return frozenset()
    return frozenset([place for place, resource in placed if not are_valid((resource,))])


def _read(chart: Chart, reader: Reader, found: Found, seen: dict[str, list[Fact] | set[Fact]]) -> bool:
    """Read one resource; facts that an earlier copy of it gave already are forgotten."""
    facts = chart.facts
    before = len(facts)
    ref = found.ref
    meant = reader(chart, found.resource, ref, found.path)
    if len(facts) > before:
        known = seen.get(ref)
        if known is None:
            seen[ref] = facts[before:]
            return meant
        if isinstance(known, list):
            known = seen[ref] = set(map(_placeless, known))
        facts[before:] = [fact for fact in facts[before:] if _placeless(fact) not in known]
        known.update(map(_placeless, facts[before:]))
    return meant


def _placeless(fact: Fact) -> Fact:
    return replace(fact, path="")
