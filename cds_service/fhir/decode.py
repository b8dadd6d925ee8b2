"""FHIR JSON of one hook request -> Case. Any JSON gives a Case; what could not be used is named as a gap."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cds_service.core.case import Answer, Case, Gap, Order, index_by_group
from cds_service.core.request import Request
from cds_service.core.vocabulary import Vocabulary
from cds_service.fhir.chart import Chart
from cds_service.fhir.decode_answers import newest, read_answers
from cds_service.fhir.decode_coverage import read_coverages, read_payers
from cds_service.fhir.decode_order import RUNNING, is_open, read_finished_order, read_order
from cds_service.fhir.decode_setting import read_setting
from cds_service.fhir.drafts import named
from cds_service.fhir.elements import as_text, day, type_and_id
from cds_service.fhir.patient import is_foreign, patients_of
from cds_service.fhir.search import Found, search
from cds_service.fhir.sort_out import FOREIGN, Check, sort_out


def _no_problems(_: object) -> Iterable[tuple[str, str]]:
    return ()


def decode(
    request: Request,
    vocabulary: Vocabulary,
    today: str,
    *,
    as_of: str = "",
    are_valid: Check | None = None,
    order_problems: Callable[[object], Iterable[tuple[str, str]]] = _no_problems,
) -> Case:
    """The case of one request.

    Args:
        today: the date of evaluation when no draft order says when it was written.
        as_of: fixes the date of evaluation.
        are_valid: whether all of some chart resources may be used; one that may not is set aside. ``None``:
            all may.
        order_problems: where and what is wrong with a draft order; it is read all the same.
    """
    finds = search(request)
    given = list(finds.of_type("ServiceRequest", draft=True))
    finds.patients = patients_of(request, (found.resource for found in given))
    drafts = [found for found in given if not is_foreign(found.resource, finds.patients)]
    dates = [day(found.resource.get("authoredOn"), late=False) for found in drafts]
    chart = Chart(vocabulary, finds, as_of or max(dates, default="") or today)
    chart.gaps += [Gap(found.path, FOREIGN) for found in given if found not in drafts]
    wholes = sort_out(chart, are_valid)
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
