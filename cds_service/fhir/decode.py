"""FHIR JSON of one hook request -> Case. Any JSON gives a Case; what could not be used is named as a gap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from cds_service.core.case import Answer, Case, Fact, Gap, Order, index_by_group
from cds_service.core.request import Request
from cds_service.core.vocabulary import Vocabulary
from cds_service.fhir.chart import Chart, name_of
from cds_service.fhir.decode_answers import newest, read_answers
from cds_service.fhir.decode_condition import read_condition, read_procedure, read_report
from cds_service.fhir.decode_coverage import read_coverages, read_payers
from cds_service.fhir.decode_exam import read_observation
from cds_service.fhir.decode_order import RUNNING, is_open, read_finished_order, read_order
from cds_service.fhir.decode_setting import read_setting
from cds_service.fhir.decode_treatment import (
    read_care_plan,
    read_device_use,
    read_medication_dispense,
    read_medication_request,
    read_medication_statement,
)
from cds_service.fhir.drafts import named
from cds_service.fhir.elements import JsonObject, as_text, day, type_and_id
from cds_service.fhir.patient import is_foreign, patients_of
from cds_service.fhir.search import Found, search

# Returns whether the resource's code means anything here, whatever its status.
Reader = Callable[[Chart, JsonObject, str, str], bool]

# type -> (reader, the element that says what it is about)
READERS: Mapping[str, tuple[Reader, str]] = {
    "CarePlan": (read_care_plan, ""),
    "Condition": (read_condition, "code"),
    "DeviceUseStatement": (read_device_use, ""),
    "DiagnosticReport": (read_report, "code"),
    "MedicationDispense": (read_medication_dispense, "medicationCodeableConcept"),
    "MedicationRequest": (read_medication_request, "medicationCodeableConcept"),
    "MedicationStatement": (read_medication_statement, "medicationCodeableConcept"),
    "Observation": (read_observation, "code"),
    "Procedure": (read_procedure, "code"),
}
# Read as a whole after the facts; the answers are read item by item, valid or not.
WHOLES = ("ServiceRequest", "Encounter", "Coverage", "QuestionnaireResponse")

MOST_DULL = 20_000

SET_ASIDE = "not valid FHIR R4; set aside"
FOREIGN = "about another patient; set aside"


def _no_problems(_: object) -> Iterable[tuple[str, str]]:
    return ()


def decode(
    request: Request,
    vocabulary: Vocabulary,
    today: str,
    *,
    as_of: str = "",
    is_valid: Callable[[object], bool] | None = None,
    order_problems: Callable[[object], Iterable[tuple[str, str]]] = _no_problems,
) -> Case:
    """The case of one request.

    Args:
        today: the date of evaluation when no draft order says when it was written.
        as_of: fixes the date of evaluation.
        is_valid: whether a chart resource may be used; otherwise it is set aside. ``None``: all may.
        order_problems: where and what is wrong with a draft order; it is read all the same.
    """
    finds = search(request)
    given = list(finds.of_type("ServiceRequest", draft=True))
    finds.patients = patients_of(request, (found.resource for found in given))
    drafts = [found for found in given if not is_foreign(found.resource, finds.patients)]
    dates = [day(found.resource.get("authoredOn"), late=False) for found in drafts]
    chart = Chart(vocabulary, finds, as_of or max(dates, default="") or today)
    chart.gaps += [Gap(found.path, FOREIGN) for found in given if found not in drafts]
    wholes = _sort_out(chart, is_valid)
    orders = _draft_orders(chart, request, drafts, order_problems)
    orders += _running_orders(chart, request, wholes["ServiceRequest"], drafts)
    response = newest(wholes["QuestionnaireResponse"])
    answers: dict[str, Answer] = {}
    unread: frozenset[str] = frozenset()
    if response is not None:
        answers, unread = read_answers(response, vocabulary.items, chart.gaps)
    facts = tuple(chart.facts)
    return Case(
        as_of=chart.as_of,
        orders=tuple(orders),
        facts=facts,
        facts_by_group=index_by_group(facts),
        answers=answers,
        answers_ref=response.ref if response is not None else "",
        unread=unread,
        setting=read_setting(request, finds, drafts, wholes["Encounter"], chart.as_of),
        payers=read_payers(finds, wholes["Coverage"], chart.as_of),
        coverages=read_coverages(finds, wholes["Coverage"], chart.as_of),
        supplied=frozenset(finds.kinds),
        gaps=tuple(dict.fromkeys((*finds.gaps, *chart.gaps))),
    )


def _sort_out(chart: Chart, is_valid: Callable[[object], bool] | None) -> dict[str, list[Found]]:
    """Read every chart resource into facts; hand back those that are read as a whole later."""
    patients = chart.finds.patients
    wholes: dict[str, list[Found]] = {kind: [] for kind in WHOLES}
    seen: dict[str, list[Fact] | set[Fact]] = {}
    dull = chart.vocabulary.dull
    for batch in chart.finds.batches:
        if batch.owner is not None and is_foreign(batch.owner, patients):
            continue
        for at, kind in enumerate(batch.kinds):
            reader, element = READERS.get(kind, (None, ""))
            if reader is None and (kind not in wholes or (batch.draft and kind == "ServiceRequest")):
                continue
            resource = batch.resources[at]
            if is_valid is not None and kind != "QuestionnaireResponse" and not is_valid(resource):
                chart.gaps.append(Gap(batch.found(at).path, SET_ASIDE))
                continue
            if is_foreign(resource, patients):
                chart.gaps.append(Gap(batch.found(at).path, FOREIGN))
                continue
            name = _name(kind, resource, element) if element else 0
            if name and name in dull:
                continue
            found = batch.found(at)
            if reader is None:
                wholes[kind].append(found)
            elif not _read(chart, reader, found, seen) and name and len(dull) < MOST_DULL:
                dull.add(name)
    return wholes


def _name(kind: str, resource: JsonObject, element: str) -> int:
    """What a resource is called: those that mean nothing are passed over when met again. 0: look at it."""
    return 0 if "component" in resource else name_of(kind, resource.get(element))


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


def _draft_orders(
    chart: Chart,
    request: Request,
    drafts: list[Found],
    order_problems: Callable[[object], Iterable[tuple[str, str]]],
) -> list[Order]:
    selected = set(request.selections or ()).union(map(type_and_id, request.selections or ()))
    patient = f"Patient/{request.patient_id}" if request.patient_id else ""
    orders = []
    for order in named(drafts):
        found = order.found
        chart.gaps += [order.gap] if order.gap is not None else []
        chart.gaps += [
            Gap(f"{found.path}.{where}" if where else found.path, what)
            for where, what in order_problems(found.resource)
        ]
        if not is_open(found.resource):
            read_finished_order(chart, found.resource, found.ref, found.path)
            continue
        names = {found.url, order.id, f"ServiceRequest/{order.id}"} - {""}
        focus = request.selections is None or not names.isdisjoint(selected)
        orders.append(read_order(chart, found, order.ref, patient=patient, focus=focus))
    return orders


def _running_orders(
    chart: Chart, request: Request, found_orders: list[Found], drafts: list[Found]
) -> list[Order]:
    """Orders signed earlier and still to be done; finished ones are facts."""
    drafted = {own for found in drafts if (own := as_text(found.resource.get("id")))}
    patient = f"Patient/{request.patient_id}" if request.patient_id else ""
    orders: dict[str, Order] = {}
    for found in found_orders:
        if as_text(found.resource.get("id")) in drafted or found.ref in orders:
            continue
        if not is_open(found.resource):
            read_finished_order(chart, found.resource, found.ref, found.path)
        elif as_text(found.resource.get("status")) in RUNNING:
            focus = request.selections is None or found.ref in request.selections
            orders[found.ref] = read_order(chart, found, found.ref, patient=patient, focus=focus)
    return list(orders.values())
