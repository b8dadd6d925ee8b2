"""The corridor: a hook call in, a decision and the response body out. Rooms meet here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cds_service.content import Roots
from cds_service.core.card import Card
from cds_service.core.case import Case, Gap, Site
from cds_service.core.finding import Evaluation
from cds_service.core.guideline import Knowledge
from cds_service.core.hook_call import HookCall
from cds_service.core.offer import Draft
from cds_service.core.request import Request
from cds_service.core.scene import Scene
from cds_service.dialects import speakers
from cds_service.dialects.speakers import Speak
from cds_service.engine.evaluate import evaluate, lines_of
from cds_service.engine.lines import Line
from cds_service.engine.options import settle
from cds_service.fhir import validate
from cds_service.fhir.apply import Writer
from cds_service.fhir.body_site import read_sites
from cds_service.fhir.decode import decode
from cds_service.guidelines import load as guideline_files
from cds_service.inert import quoted
from cds_service.offers import topics_of
from cds_service.render import explain, load_book
from cds_service.render.book import Book
from cds_service.render.cards import render_cards

ORDER = "ServiceRequest"


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """Everything that is loaded once per process."""

    knowledge: Knowledge
    book: Book
    writer: Writer
    dialects: Mapping[str, Speak]
    strict_output: bool = False

    def worse(self, before: object, after: object) -> bool:
        """Whether a correction would break an order; the models are asked too when output is strict."""
        if validate.adds_errors(before, after):
            return True
        return self.strict_output and bool(validate.explain(after)) and not validate.explain(before)

    @property
    def questionnaire(self) -> Mapping[str, Any]:
        return self.knowledge.questionnaire


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """One answered call: the case as read, the evaluation, the cards, and the response body."""

    knowledge: Knowledge
    service: str
    case: Case
    evaluation: Evaluation
    cards: tuple[Card, ...]
    dialect: str
    response: dict[str, Any]

    def explanation(self) -> dict[str, Any]:
        """The reasoning in the contract's JSON shape."""
        return explain.as_json(self.knowledge, self.service, self.evaluation)

    def trace(self) -> list[str]:
        """The reasoning as indented lines."""
        return explain.as_lines(self.knowledge, self.service, self.evaluation)


def load(roots: Roots, *, strict_output: bool = False, epic_site: str = "") -> Service:
    """Load and check all content; raises ContentError naming every mistake."""
    tables = guideline_files.read(roots)
    knowledge = guideline_files.build(tables, guideline_files.folder_of(roots))
    book = load_book.load(roots, guideline_files.GUIDELINE, set(_worded(knowledge)))
    writer = Writer(
        table=knowledge.coding.table,
        icd10=knowledge.icd10,
        limb_codes=_limb_codes(tables["sites"]),
        snomed_system="http://snomed.info/sct",
        fold_site=lambda concept: read_sites(knowledge.vocabulary, concept),
        systems=knowledge.vocabulary.systems,
    )
    return Service(knowledge, book, writer, speakers.load(roots, epic_site=epic_site), strict_output)


def decide(
    service: Service,
    call: HookCall,
    *,
    today: str,
    new_id: Callable[[], str],
    as_of: str = "",
    dialect: str = "",
    role: str = "advisor",
    base_url: str = "",
) -> Decision:
    """Answer one call. Pure but for ``new_id``.

    Args:
        today: ISO date; the date of evaluation when no draft order says when it was written.
        new_id: makes uuids.
        as_of: ISO date that fixes the date of evaluation.
        dialect: the caller's; ``""``: what the request shows.
        role: see :class:`Scene`, as is ``base_url``.
    """
    case, scene, cards = _look(
        service,
        call,
        Scene(
            guideline=service.knowledge.guideline,
            call=call,
            orders={},
            evaluation=Evaluation(as_of),
            new_id=new_id,
            today=today,
            role=role,
            base_url=base_url,
            payers=service.knowledge.payers,
            label_of=service.knowledge.coding.table.label_of,
        ),
        as_of,
    )
    spoken = speakers.choose(service.dialects, call, dialect)
    response = service.dialects[spoken](cards, scene)
    return Decision(service.knowledge, call.service, case, scene.evaluation, cards, spoken, response)


def _look(service: Service, call: HookCall, blank: Scene, as_of: str) -> tuple[Case, Scene, tuple[Card, ...]]:
    """The case as read and what there is to say about it; ``blank`` knows who asks, and nothing else."""
    knowledge = service.knowledge
    request = Request(
        draft_orders=tuple(call.draft_orders),
        draft_urls=call.draft_urls,
        prefetch=call.prefetch,
        selections=call.selections,
        patient_id=call.patient_id,
        encounter_id=call.encounter_id,
    )
    case = decode(
        request,
        knowledge.vocabulary,
        blank.today,
        as_of=as_of,
        are_valid=validate.are_valid,
        order_problems=_order_problems,
    )
    if call.gaps:
        named = {gap.path for gap in call.gaps}
        case = replace(case, gaps=(*call.gaps, *(gap for gap in case.gaps if gap.path not in named)))
    case = settle(knowledge, case)
    lines = lines_of(knowledge, case)
    evaluation = evaluate(knowledge, case, lines)
    orders = originals_of(call, case)
    numbers = numbers_of(call, case)

    def foresee(later: HookCall) -> tuple[tuple[Card, ...], Scene]:
        _, scene, cards = _look(service, later, blank, as_of)
        return cards, scene

    scene = replace(
        blank,
        call=call,
        orders=orders,
        evaluation=evaluation,
        coverages=case.coverages,
        numbers=numbers,
        foresee=foresee,
    )
    return case, scene, cards_of(service, call, orders, lines, evaluation, numbers)


def concerns(service: Service, call: HookCall) -> bool:
    """Whether a draft order is one that cards may speak of; looks at the orders alone."""
    request = Request(
        draft_orders=tuple(call.draft_orders), draft_urls=call.draft_urls, selections=call.selections
    )
    case = decode(request, service.knowledge.vocabulary, "")
    return any(line.order.draft for line in lines_of(service.knowledge, case))


def cards_of(
    service: Service,
    call: HookCall,
    originals: Mapping[str, Mapping[str, Any]],
    lines: tuple[Line, ...],
    evaluation: Evaluation,
    numbers: Mapping[str, int],
) -> tuple[Card, ...]:
    """The cards that an evaluation gives; ``originals``: draft orders by reference, as sent."""
    knowledge = service.knowledge
    if not (evaluation.determinations or evaluation.corrections or evaluation.diagnosis_corrections):
        return ()
    draft = Draft(
        evaluation=evaluation,
        topics=topics_of(evaluation, originals, service.writer, service.worse),
        sent={line.ref: _sent(service.book, line) for line in lines},
        gaps=_said_gaps(evaluation.gaps, call, lines),
        numbers=numbers,
        places=_places(call),
    )
    return render_cards(knowledge, service.book, draft)


def originals_of(call: HookCall, case: Case) -> dict[str, Mapping[str, Any]]:
    """Draft orders by reference, as sent."""
    by_path = dict(call.draft_orders)
    return {order.ref: by_path[order.path] for order in case.orders if order.draft and order.path in by_path}


def numbers_of(call: HookCall, case: Case) -> dict[str, int]:
    """The place of every draft order on the list that was sent, by reference."""
    places = _places(call)
    return {order.ref: places[order.path] for order in case.orders if order.draft and order.path in places}


def _places(call: HookCall) -> dict[str, int]:
    """The place of every draft order on the list that was sent, by its path."""
    return {path: number for number, (path, _) in enumerate(call.draft_orders, start=1)}


def _order_problems(resource: object) -> Iterable[tuple[str, str]]:
    """What is wrong with an order, the first problem of each of its elements."""
    problems = validate.errors_of(resource) if not validate.is_valid(resource) else ()
    first = {re.split(r"[.\[]", each.path, maxsplit=1)[0]: (each.path, each.what) for each in problems[::-1]}
    return reversed(first.values())


def _sent(book: Book, line: Line) -> str:
    """How cards call an order: by its code, or by what its words say where that is none of ours."""
    named = line.code is not None or (line.decorated and quoted(line.sent))
    text = quoted(line.sent) if named else book.labels["concept"][line.concept]({})
    return f"{text} x {line.units}" if line.units > 1 and line.order.units is not None else text


def _said_gaps(gaps: tuple[Gap, ...], call: HookCall, lines: tuple[Line, ...]) -> tuple[Gap, ...]:
    """Without the parts of a whole that is missing, and without what is wrong with orders of other kinds."""
    whole = {gap.path for gap in gaps}
    ours = {line.order.path for line in lines}
    others = tuple(
        path
        for path, resource in call.draft_orders
        if path not in ours and resource.get("resourceType") == ORDER
    )
    return tuple(
        gap for gap in gaps if gap.path.rpartition(".")[0] not in whole and not gap.path.startswith(others)
    )


def _limb_codes(sites: Mapping[str, Any]) -> dict[Site, tuple[str, str]]:
    """The code a correction writes for a whole sided limb: the first of its row."""
    found = {}
    for row in sites["site"]:
        if row.get("side") and row["region"] in ("arm", "leg"):
            code, name = next(iter(row["snomed"].items()))
            found[Site(row["region"], row["side"])] = (code, f"{row['side']} {name}")
    return found


def _worded(knowledge: Knowledge) -> list[str]:
    """Patterns that need wording: those that are not only noted in the trace."""
    return [pattern.id for pattern in knowledge.coding.patterns.by_id.values() if pattern.mode != "OK"]
