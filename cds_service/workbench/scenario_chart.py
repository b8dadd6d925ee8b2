"""The chart of a request as a form: conditions by code, findings present or absent, the rest kept or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.core.vocabulary import ICD10CM
from cds_service.workbench.request_tree import (
    Held,
    Json,
    drop,
    free_id,
    member,
    objects,
    prefetched,
    put,
    reference,
    text,
)
from cds_service.workbench.scenario_orders import codes_of

KEEP, PRESENT, ABSENT, DROP = "keep", "present", "absent", "drop"
_ELSEWHERE = frozenset({"Condition", "QuestionnaireResponse", "Patient", "Encounter", "OperationOutcome"})
_NAMED_BY = ("code", "medicationCodeableConcept", "device", "type", "class")
_WORDS = {
    KEEP: "As charted",
    PRESENT: "Present",
    ABSENT: "Absent (documented)",
    DROP: "Not documented",
}


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One resource of the chart; ``choices`` are (value, word), ``state`` the one that holds."""

    field: str
    ref: str
    title: str
    state: str
    choices: tuple[tuple[str, str], ...]


def conditions(request: object) -> str:
    """The codes of the conditions, as one line."""
    return ", ".join(_condition_code(held) for held in _conditions(request) if _condition_code(held))


def rows(request: object) -> tuple[ChartRow, ...]:
    """Everything else of the chart that a form can change."""
    found = []
    for index, held in enumerate(_others(request)):
        resource = held.resource
        value = resource.get("valueBoolean")
        boolean = isinstance(value, bool)
        state = (PRESENT if value else ABSENT) if boolean else KEEP
        offered = (PRESENT, ABSENT, DROP) if boolean else (KEEP, DROP)
        found.append(
            ChartRow(
                field=f"chart-{index}",
                ref=reference(resource) or text(resource, "resourceType"),
                title=_title(resource),
                state=state,
                choices=tuple((each, _WORDS[each]) for each in offered),
            )
        )
    return tuple(found)


def write(request: Json, form: Mapping[str, list[str]]) -> None:
    """Write into ``request`` what the form says otherwise than it."""
    for row, held in list(zip(rows(request), list(_others(request)), strict=True)):
        wanted = next(iter(form.get(row.field, [])), row.state)
        if wanted == row.state:
            continue
        if wanted == DROP:
            drop(request, held)
        elif wanted in (PRESENT, ABSENT) and row.state != KEEP:
            held.resource["valueBoolean"] = wanted == PRESENT
    if "conditions" in form:
        _set_conditions(request, codes_of(form["conditions"][0]))


def _set_conditions(request: Json, wanted: list[str]) -> None:
    there = list(_conditions(request))
    if wanted == [code for held in there if (code := _condition_code(held))]:
        return
    for held in there:
        code = _condition_code(held)
        if code and code not in wanted:
            drop(request, held)
    known = {_condition_code(held) for held in there}
    patient = text(member(request, "context"), "patientId")
    for code in wanted:
        if code not in known:
            put(request, "Condition", "conditions", _condition(free_id(request, "condition"), code, patient))


def _condition(name: str, code: str, patient: str) -> Json:
    terminology = "http://terminology.hl7.org/CodeSystem"
    return {
        "resourceType": "Condition",
        "id": name,
        "clinicalStatus": {"coding": [{"system": f"{terminology}/condition-clinical", "code": "active"}]},
        "verificationStatus": {
            "coding": [{"system": f"{terminology}/condition-ver-status", "code": "confirmed"}]
        },
        "code": {"coding": [{"system": ICD10CM, "code": code}]},
        "subject": {"reference": f"Patient/{patient.removeprefix('Patient/')}"},
    }


def _conditions(request: object) -> list[Held]:
    return [held for held in prefetched(request) if text(held.resource, "resourceType") == "Condition"]


def _others(request: object) -> list[Held]:
    return [held for held in prefetched(request) if text(held.resource, "resourceType") not in _ELSEWHERE]


def _condition_code(held: Held) -> str:
    codings = objects(held.resource.get("code"), "coding")
    return next((text(coding, "code") for coding in codings if text(coding, "code")), "")


def _title(resource: Json) -> str:
    """What the resource is about, in the words it brings itself."""
    for name in _NAMED_BY:
        concept = member(resource, name)
        coding = next(iter(objects(concept, "coding")), {})
        words = text(concept, "text") or text(coding, "display") or text(coding, "code")
        if words:
            return f"{words}{_value(resource)}"
    return text(resource, "resourceType")


def _value(resource: Json) -> str:
    quantity = member(resource, "valueQuantity")
    if "value" in quantity:
        return f", {quantity['value']} {text(quantity, 'unit')}".rstrip()
    concept = member(resource, "valueCodeableConcept")
    coding = next(iter(objects(concept, "coding")), {})
    words = text(concept, "text") or text(coding, "display") or text(resource, "valueString")
    return f", {words}" if words else ""
