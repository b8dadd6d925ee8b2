"""FHIR JSON of one hook request -> Case. Any JSON gives a Case; what could not be used is named as a gap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from cds_service.core.case import Answer, Case, Fact, Gap, Order, index_by_group
from cds_service.core.request import Request
from cds_service.core.vocabulary import Vocabulary
from cds_service.fhir.chart import Chart
from cds_service.fhir.decode_answers import newest, read_answers
from cds_service.fhir.decode_condition import read_condition, read_procedure, read_report
from cds_service.fhir.decode_exam import read_observation
from cds_service.fhir.decode_order import RUNNING, is_open, read_finished_order, read_order
from cds_service.fhir.decode_setting import read_payers, read_setting
from cds_service.fhir.decode_treatment import (
    read_device_use,
    read_medication_dispense,
    read_medication_request,
    read_medication_statement,
)
from cds_service.fhir.elements import JsonObject, as_text, day, reference, type_and_id
from cds_service.fhir.search import Found, search

Reader = Callable[[Chart, JsonObject, str, str], None]

READERS: Mapping[str, Reader] = {
    "Condition": read_condition,
    "DeviceUseStatement": read_device_use,
    "DiagnosticReport": read_report,
    "MedicationDispense": read_medication_dispense,
    "MedicationRequest": read_medication_request,
    "MedicationStatement": read_medication_statement,
    "Observation": read_observation,
    "Procedure": read_procedure,
}
CHECKED = frozenset({*READERS, "Coverage", "Encounter", "ServiceRequest"})

SET_ASIDE = "not valid FHIR R4; set aside"


def _any_is_valid(_: object) -> bool:
    return True


def _no_problem(_: object) -> str:
    return ""


def decode(
    request: Request,
    vocabulary: Vocabulary,
    today: str,
    *,
    as_of: str = "",
    is_valid: Callable[[object], bool] = _any_is_valid,
    order_problem: Callable[[object], str] = _no_problem,
) -> Case:
    """The case of one request.

    Args:
        today: the date of evaluation when no draft order says when it was written.
        as_of: fixes the date of evaluation.
        is_valid: whether a chart resource may be used; otherwise it is set aside.
        order_problem: what is wrong with a draft order (``""``: nothing); it is read all the same.
    """
    finds = search(request)
    drafts = [
        found
        for found in finds.found
        if found.draft and found.owner is None and found.type == "ServiceRequest"
    ]
    dates = [day(found.resource.get("authoredOn"), late=False) for found in drafts]
    chart = Chart(vocabulary, finds, as_of or max(dates, default="") or today)
    patients = _patients(request, drafts)
    others = _sort_out(chart, patients, is_valid)
    orders = _draft_orders(chart, request, drafts, order_problem)
    orders += _running_orders(chart, request, others["ServiceRequest"], drafts)
    response = newest(others["QuestionnaireResponse"])
    answers: dict[str, Answer] = {}
    if response is not None:
        answers = read_answers(response, vocabulary.items, chart.gaps)
    facts = tuple(chart.facts)
    return Case(
        as_of=chart.as_of,
        orders=tuple(orders),
        facts=facts,
        facts_by_group=index_by_group(facts),
        answers=answers,
        answers_ref=response.ref if response is not None else "",
        setting=read_setting(request, finds, drafts, others["Encounter"]),
        payers=read_payers(finds, others["Coverage"]),
        supplied=frozenset(found.type for found in finds.found),
        gaps=tuple(dict.fromkeys((*finds.gaps, *chart.gaps))),
    )


def _patients(request: Request, drafts: list[Found]) -> frozenset[str]:
    """Who the request is about; empty when it does not say."""
    subjects = {type_and_id(_subject(found.resource)) for found in drafts}
    if request.patient_id:
        subjects.add(f"Patient/{request.patient_id}")
    return frozenset(subject for subject in subjects if subject.startswith("Patient/"))


def _subject(resource: JsonObject) -> str:
    for name in ("subject", "patient", "beneficiary"):
        literal = reference(resource.get(name))
        if literal:
            return literal
    return ""


def _is_foreign(resource: JsonObject, patients: frozenset[str]) -> bool:
    """Whether a resource says that it is about another patient."""
    literal = _subject(resource)
    if not literal or literal in patients or not patients:
        return False
    subject = type_and_id(literal)
    return subject.startswith("Patient/") and subject not in patients


def _sort_out(
    chart: Chart, patients: frozenset[str], is_valid: Callable[[object], bool]
) -> dict[str, list[Found]]:
    """Read every chart resource into facts; hand back those that are read as a whole later."""
    later: dict[str, list[Found]] = {
        kind: [] for kind in ("ServiceRequest", "Encounter", "Coverage", "QuestionnaireResponse")
    }
    seen: set[str] = set()
    for found in chart.finds.found:
        kind, resource = found.type, found.resource
        reader = READERS.get(kind)
        if reader is None and kind not in later:
            continue
        if kind == "ServiceRequest" and (found.draft or found.owner is not None):
            continue
        # The answers are read item by item, so that one bad item does not spoil the others.
        if kind in CHECKED and not is_valid(resource):
            chart.gaps.append(Gap(found.path, SET_ASIDE))
        elif _is_foreign(resource, patients):
            chart.gaps.append(Gap(found.path, "about another patient; set aside"))
        elif reader is not None:
            ref = found.ref
            before = len(chart.facts)
            reader(chart, resource, ref, found.path)
            if len(chart.facts) > before:
                if ref in seen:
                    _drop_repeated(chart.facts, before)
                seen.add(ref)
        else:
            later[kind].append(found)
    return later


def _drop_repeated(facts: list[Fact], before: int) -> None:
    """Forget facts read after ``before`` that an earlier copy of the resource gave already."""
    known = {replace(fact, path="") for fact in facts[:before]}
    facts[before:] = [fact for fact in facts[before:] if replace(fact, path="") not in known]


def _draft_orders(
    chart: Chart, request: Request, drafts: list[Found], order_problem: Callable[[object], str]
) -> list[Order]:
    selected = None if request.selections is None else set(map(type_and_id, request.selections))
    patient = f"Patient/{request.patient_id}" if request.patient_id else ""
    used: set[str] = set()
    orders = []
    for index, found in enumerate(drafts):
        problem = order_problem(found.resource)
        if problem:
            chart.gaps.append(Gap(found.path, problem))
        if not is_open(found.resource):
            read_finished_order(chart, found.resource, found.ref, found.path)
            continue
        own = as_text(found.resource.get("id"))
        named = f"ServiceRequest/{own}" if own else f"#{index}"
        ref = named if named not in used else f"{named}#{index}"
        used.add(ref)
        focus = selected is None or named in selected or own in selected
        orders.append(read_order(chart, found, ref, patient=patient, focus=focus))
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
