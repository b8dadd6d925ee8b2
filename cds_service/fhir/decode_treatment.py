"""Medicines, devices in use and care plans -> Facts."""

from __future__ import annotations

from datetime import date, timedelta

from cds_service.core.case import Fact
from cds_service.core.vocabulary import NO_GROUPS
from cds_service.fhir.chart import Chart
from cds_service.fhir.elements import (
    JsonObject,
    as_object,
    as_text,
    codings,
    day,
    objects,
    span,
    text_of,
    timing_span,
)

TAKEN = frozenset({"active", "on-hold", "completed", "stopped"})
WISHES = frozenset({"proposal", "plan"})
HANDED_OUT = frozenset({"completed", "in-progress"})
WORN = frozenset({"active", "completed", "on-hold", "stopped"})
ENDED = frozenset({"completed", "stopped"})
LONGEST_SUPPLY = 3_660
PLANNED = frozenset({"active", "on-hold", "completed"})
GIVEN_UP = frozenset({"cancelled", "stopped", "entered-in-error"})


def read_medication_request(chart: Chart, resource: JsonObject, ref: str, path: str) -> bool:
    """A medicine prescribed; drafts and proposals are no treatment."""
    status = as_text(resource.get("status"))
    intent = as_text(resource.get("intent"))
    if status not in TAKEN or intent in WISHES or resource.get("doNotPerform") is True:
        return True
    end = ""
    if status in ENDED:
        for dosage in objects(resource.get("dosageInstruction")):
            end = max(end, timing_span(dosage.get("timing"))[1])
    start = day(resource.get("authoredOn"))
    return _add_medicine(chart, resource, ref, path, (start, end), active=status not in ENDED)


def read_medication_statement(chart: Chart, resource: JsonObject, ref: str, path: str) -> bool:
    """A medicine the patient takes or took."""
    status = as_text(resource.get("status"))
    if status not in TAKEN:
        return True
    start, end = span(resource, "effective")
    active = status not in ENDED and not ("" < end < chart.as_of)
    return _add_medicine(chart, resource, ref, path, (start, end), active=active)


def read_medication_dispense(chart: Chart, resource: JsonObject, ref: str, path: str) -> bool:
    """A medicine handed out; it lasts as many days as were supplied."""
    if as_text(resource.get("status")) not in HANDED_OUT:
        return True
    start = day(resource.get("whenHandedOver")) or day(resource.get("whenPrepared"))
    end = ""
    days = as_object(resource.get("daysSupply")).get("value")
    if start and isinstance(days, int | float) and not isinstance(days, bool) and 0 < days <= LONGEST_SUPPLY:
        try:
            end = (date.fromisoformat(start) + timedelta(days=int(days))).isoformat()
        except OverflowError:
            end = ""
    return _add_medicine(chart, resource, ref, path, (start, end), active=bool(end) and end >= chart.as_of)


def _add_medicine(
    chart: Chart, resource: JsonObject, ref: str, path: str, when: tuple[str, str], *, active: bool
) -> bool:
    concept: object = resource.get("medicationCodeableConcept")
    if concept is None:
        concept = _referenced_medicine(chart, resource)
    coded = codings(concept)
    text = text_of(concept)
    pairs = [(coding.system, coding.code) for coding in coded]
    medicines = chart.vocabulary.medicines(pairs, text)
    groups = chart.vocabulary.of_kind(
        NO_GROUPS.union(*(medicine.groups for medicine in medicines)), "medication"
    )
    if groups:
        known = [coding.code for coding in coded if chart.vocabulary.groups_of(coding.system, coding.code)]
        chart.facts.append(
            Fact(
                kind="medication",
                groups=groups,
                ref=ref,
                path=path,
                start=when[0],
                end=when[1],
                active=active,
                code=known[0] if known else (coded[0].code if coded else ""),
                value=" + ".join(sorted(medicine.name for medicine in medicines)),
                by_text=not known,
            )
        )
    return bool(groups)


def _referenced_medicine(chart: Chart, resource: JsonObject) -> object:
    given = resource.get("medicationReference")
    found = chart.finds.resolve(given, resource)
    if found is None or found.type != "Medication":
        return {"text": as_text(as_object(given).get("display"))}
    ingredients = [part.get("itemCodeableConcept") for part in objects(found.resource.get("ingredient"))]
    return [part for part in (found.resource.get("code"), *ingredients) if isinstance(part, dict)]


def read_device_use(chart: Chart, resource: JsonObject, ref: str, path: str) -> bool:
    """A splint or other device that is or was worn."""
    status = as_text(resource.get("status"))
    if status not in WORN:
        return True
    given = resource.get("device")
    found = chart.finds.resolve(given, resource)
    concepts: list[JsonObject] = []
    names = [as_text(as_object(given).get("display"))]
    if found is not None and found.type == "Device":
        concepts = objects(found.resource.get("type"))
        names += [as_text(name.get("name")) for name in objects(found.resource.get("deviceName"))]
    concepts.append({"text": " | ".join(filter(None, names))})
    coded = codings(concepts)
    groups, code, by_text = chart.groups("device", coded, concepts)
    groups = chart.vocabulary.of_kind(groups, "device-use")
    if not groups:
        return False
    start, end = span(resource, "timing")
    recorded = day(resource.get("recordedOn"))
    if not end and status in ENDED:
        end = recorded
    chart.facts.append(
        Fact(
            kind="device-use",
            groups=groups,
            ref=ref,
            path=path,
            start=start or recorded,
            end=end,
            active=status not in ENDED and not ("" < end < chart.as_of),
            sites=chart.device_sites(resource.get("bodySite"), groups, concepts),
            code=code,
            by_text=by_text,
        )
    )
    return True


def read_care_plan(chart: Chart, resource: JsonObject, ref: str, path: str) -> bool:
    """What is planned, by the words of the plan and of its activities."""
    if as_text(resource.get("status")) not in PLANNED:
        return True
    said = [as_text(resource.get("title")), as_text(resource.get("description"))]
    said.append(text_of(resource.get("category")))
    for activity in objects(resource.get("activity")):
        detail = as_object(activity.get("detail"))
        if as_text(detail.get("status")) not in GIVEN_UP and detail.get("doNotPerform") is not True:
            said += [text_of(detail.get("code")), as_text(detail.get("description"))]
    vocabulary = chart.vocabulary
    found = NO_GROUPS.union(*(vocabulary.groups_of_text("plan", text) for text in said if text))
    groups = vocabulary.of_kind(found, "plan")
    if groups:
        period = as_object(resource.get("period"))
        start, end = day(period.get("start")), day(period.get("end"), late=False)
        chart.facts.append(
            Fact(kind="plan", groups=groups, ref=ref, path=path, start=start, end=end, by_text=True)
        )
    return bool(groups)
