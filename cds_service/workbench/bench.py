"""One step at the bench: a form comes in, the request is changed, the hook is fired, and what came of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cds_service.errors import CdsError
from cds_service.workbench import (
    scenario_answers,
    scenario_cards,
    scenario_change,
    scenario_chart,
    scenario_feedback,
    scenario_orders,
)
from cds_service.workbench.desk import Decided, Desk, Story
from cds_service.workbench.request_tree import Json, draft_entries, member, objects, text
from cds_service.workbench.scenario_change import Change
from cds_service.workbench.scenario_feedback import Told
from cds_service.workbench.scenario_orders import Catalogue
from cds_service.workbench.typed import TypedError, day_of, request_of

Form = Mapping[str, list[str]]
FORM, JSON = "form", "json"


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """How things stand after a step. ``typed``: text of the JSON view where it could not be read.

    ``refused``: why the service did not answer; ``problems``: what was wrong with the form.
    """

    request: Json
    as_of: str = ""
    dialect: str = ""
    view: str = FORM
    typed: str = ""
    decided: Decided | None = None
    refused: str = ""
    problems: tuple[str, ...] = ()
    change: Change | None = None
    told: Told | None = None


def opened(desk: Desk, story: Story, codes: Mapping[str, str]) -> Bench:
    """The bench as a scenario begins; ``codes``: other codes for some of its orders, by id."""
    request: Json = json.loads(story.request())
    for entry in draft_entries(request):
        name = text(entry["resource"], "id")
        if name in codes:
            coding = next(iter(objects(member(entry["resource"], "code"), "coding")), {})
            coding["code"] = codes[name]
            coding.pop("display", None)
    return _fired(desk, Bench(request, as_of=story.as_of, dialect=desk.dialects[0]))


def step(desk: Desk, form: Form) -> Bench:
    """The bench after what the form says was done."""
    action, _, target = _one(form, "do").partition(":")
    view = JSON if _one(form, "view") == JSON else FORM
    dialect = _one(form, "dialect")
    bench = Bench(request={}, view=view, dialect=dialect if dialect in desk.dialects else desk.dialects[0])
    try:
        bench = replace(bench, request=request_of(_one(form, "request")))
        bench = replace(bench, as_of=day_of(_one(form, "as_of")))
        before = bench.request
        request, problems = _edited(desk, form, before, view)
    except TypedError as error:
        return replace(bench, typed=_one(form, "json"), problems=(str(error),))
    bench = replace(bench, request=request, problems=tuple(problems))
    if action == "view":
        bench = replace(bench, view=JSON if target == JSON else FORM)
    title = "Your edit"
    if action == "fire" and view == FORM and _one(form, "new-code").strip():
        # Enter in that field presses the first button of the form.
        action = "add"
    if action == "apply":
        title, bench = _applied(desk, bench, target)
    elif action == "undo":
        title, bench = "Taken back", _undone(form, bench)
    elif action in ("add", "remove"):
        bench = _listed(desk, form, bench, action, target)
    bench = _fired(desk, bench)
    if action == "dismiss":
        bench = replace(
            bench, told=scenario_feedback.dismissed(desk, bench.request, bench.decided, form, target)
        )
    elif action == "apply" and bench.request is not request:
        bench = replace(bench, told=scenario_feedback.accepted(desk, request, form, target))
    return _compared(desk, bench, before, title)


def asked(bench: Bench) -> frozenset[str]:
    """The questionnaire items something would be settled by."""
    return scenario_answers.asked_by(bench.decided.evaluation) if bench.decided else frozenset()


def _edited(desk: Desk, form: Form, before: Json, view: str) -> tuple[Json, list[str]]:
    """The request with what was typed; raises TypedError."""
    if view == JSON:
        return request_of(_one(form, "json")), []
    request = copy.deepcopy(before)
    catalogue = _catalogue(desk)
    problems = scenario_orders.write(request, form, catalogue)
    scenario_chart.write(request, form)
    problems += scenario_answers.write(
        request,
        form,
        desk.knowledge.questionnaire,
        base_url=desk.base_url,
        authored=max((text(entry["resource"], "authoredOn") for entry in draft_entries(request)), default=""),
    )
    return request, problems


def _applied(desk: Desk, bench: Bench, key: str) -> tuple[str, Bench]:
    """What the suggestion is called, and the bench after it."""
    try:
        decided = _fire(desk, bench, rehearsal=True)
        cards = objects(decided.response, "cards")
        place = scenario_cards.chosen(cards, key)
        if place is None:
            raise TypedError("The order has changed since that card was drawn; look at the cards again.")
        label = text(objects(cards[place[0]], "suggestions")[place[1]], "label")
        return f"Suggestion taken: {label}", replace(bench, request=desk.apply(bench.request, cards, *place))
    except (CdsError, TypedError) as error:
        return "", replace(bench, problems=(*bench.problems, str(error)))


def _undone(form: Form, bench: Bench) -> Bench:
    try:
        return replace(bench, request=request_of(_one(form, "undo")))
    except TypedError as error:
        return replace(bench, problems=(*bench.problems, str(error)))


def _listed(desk: Desk, form: Form, bench: Bench, action: str, target: str) -> Bench:
    request = copy.deepcopy(bench.request)
    if action == "add":
        problem = scenario_orders.add(request, _one(form, "new-code"), _catalogue(desk))
    else:
        problem = scenario_orders.remove(request, int(target) if target.isdecimal() else -1)
    return replace(bench, request=request, problems=(*bench.problems, *filter(None, [problem])))


def _fired(desk: Desk, bench: Bench) -> Bench:
    try:
        return replace(bench, decided=_fire(desk, bench, rehearsal=False))
    except CdsError as error:
        return replace(bench, refused=str(error))


def _fire(desk: Desk, bench: Bench, *, rehearsal: bool) -> Decided:
    raw = json.dumps(bench.request).encode()
    return desk.fire(raw, as_of=bench.as_of, dialect=bench.dialect, rehearsal=rehearsal)


def _compared(desk: Desk, bench: Bench, before: Json, title: str) -> Bench:
    """With the change that this step made, if it made one."""
    if bench.decided is None or bench.request == before:
        return bench
    try:
        was = _fire(desk, replace(bench, request=before), rehearsal=True)
    except CdsError:
        return bench
    catalogue = _catalogue(desk)
    rows = scenario_orders.read(before, catalogue), scenario_orders.read(bench.request, catalogue)
    evaluations = was.evaluation, bench.decided.evaluation
    return replace(bench, change=scenario_change.change(title, (before, bench.request), rows, evaluations))


def _catalogue(desk: Desk) -> Catalogue:
    return Catalogue(desk.knowledge, desk.limb_codes)


def _one(form: Form, name: str) -> str:
    return next(iter(form.get(name, [])), "")


def content(desk: Desk, bench: Bench) -> dict[str, Any]:
    """What the template draws of the request."""
    catalogue = _catalogue(desk)
    to_answer, others = scenario_answers.read(bench.request, desk.knowledge.questionnaire, asked(bench))
    return {
        "orders": scenario_orders.read(bench.request, catalogue),
        "conditions": scenario_chart.conditions(bench.request),
        "chart": scenario_chart.rows(bench.request),
        "asked": to_answer,
        "unasked": others,
        "limbs": [(name, words) for name, (_, words) in scenario_orders.LIMBS.items()],
        "cards": scenario_cards.views(bench.decided.response) if bench.decided else (),
        "unasked_actions": scenario_cards.unasked(bench.decided.response) if bench.decided else (),
    }
