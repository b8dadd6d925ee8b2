"""Requests to forms and back: what was not touched stays, and what anybody may type is survived."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.workbench import scenario_answers, scenario_chart, scenario_json, scenario_orders
from cds_service.workbench.request_tree import draft_entries
from cds_service.workbench.scenario_orders import Catalogue
from tests.loaded import scenarios, service

BASE = "http://127.0.0.1:8080"
SCENARIOS = tuple(scenarios().values())


@cache
def catalogue() -> Catalogue:
    loaded = service()
    return Catalogue(loaded.knowledge, loaded.writer.limb_codes)


def filled(request: Any) -> dict[str, list[str]]:
    """The form as a browser sends it when nothing was touched."""
    form: dict[str, list[str]] = {"conditions": [scenario_chart.conditions(request)]}
    for row in scenario_orders.read(request, catalogue()):
        form |= {
            f"{row.field}-code": [row.code],
            f"{row.field}-units": [row.units],
            f"{row.field}-reasons": [row.reasons],
        }
        if row.limbs:
            form[f"{row.field}-limbs"] = list(row.limbs)
    for chart in scenario_chart.rows(request):
        form[chart.field] = [chart.state]
    questionnaire = catalogue().knowledge.questionnaire
    for questions in scenario_answers.read(request, questionnaire, frozenset()):
        for question in questions:
            joined = "\r\n".join(question.given)
            form[question.field] = [joined] if question.kind == "text" else ["", *question.given]
    return form


def written(request: Any, form: dict[str, list[str]]) -> tuple[Any, list[str]]:
    after = copy.deepcopy(request)
    problems = scenario_orders.write(after, form, catalogue())
    scenario_chart.write(after, form)
    questionnaire = catalogue().knowledge.questionnaire
    problems += scenario_answers.write(after, form, questionnaire, base_url=BASE, authored="2026-11-20")
    return after, problems


def order_of(request: Any, index: int = 0) -> Any:
    return draft_entries(request)[index]["resource"]


def example(name: str = "c01-four-limbs-with-conduction") -> Any:
    return json.loads(next(each for each in SCENARIOS if each.name == name).request())


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_form_sent_untouched_changes_nothing(scenario: scenarios.Scenario) -> None:
    request = json.loads(scenario.request())
    assert written(request, filled(request)) == (request, [])


def test_a_new_code_drops_the_words_of_the_old_one() -> None:
    request = example()
    order_of(request)["code"] = {
        "text": "old",
        "coding": [{"system": "s", "code": "95864", "display": "old"}],
    }
    form = filled(request) | {"order-0-code": ["95886"]}
    after, _ = written(request, form)
    cpt = catalogue().knowledge.coding.table.system_of("95886")
    assert order_of(after)["code"] == {"coding": [{"system": cpt, "code": "95886"}]}


def test_units_back_to_one_take_the_quantity_away() -> None:
    request = example()
    order_of(request)["quantityQuantity"] = {"value": 4}
    after, _ = written(request, filled(request) | {"order-0-units": ["1"]})
    assert "quantityQuantity" not in order_of(after)


@pytest.mark.parametrize("units", ["0", "-1", "two", "1.5", "", "1000"])
def test_units_that_are_no_count_are_refused_and_leave_the_order_alone(units: str) -> None:
    request = example()
    after, problems = written(request, filled(request) | {"order-0-units": [units]})
    assert after == request
    assert problems == ["ServiceRequest/a: units are a whole number from 1 to 999"]


def test_a_limb_taken_away_leaves_the_other_sites_as_sent() -> None:
    request = example()
    larynx = {"coding": [{"system": "http://snomed.info/sct", "code": "4596009"}]}
    order_of(request)["bodySite"].append(larynx)
    after, _ = written(request, filled(request) | {"order-0-limbs": ["RUE", "LUE"]})
    assert order_of(after)["bodySite"] == [*order_of(request)["bodySite"][:2], larynx]


def test_a_finding_not_documented_is_taken_out_of_its_bundle() -> None:
    request = example()
    after, _ = written(request, filled(request) | {"chart-0": ["drop"]})
    assert after["prefetch"]["observations"] == {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 0,
        "entry": [],
    }


def test_the_first_answer_makes_a_response_that_the_service_reads() -> None:
    request = example()
    after, _ = written(
        request, filled(request) | {"answer-splint-weeks": ["5"], "answer-limbs-planned": ["", "RUE", "LUE"]}
    )
    (entry,) = after["prefetch"]["questionnaireResponses"]["entry"]
    assert entry["resource"]["questionnaire"] == f"{BASE}/fhir/Questionnaire/emg-ncs-order-facts"
    assert entry["resource"]["item"] == [
        {"linkId": "splint-weeks", "answer": [{"valueInteger": 5}]},
        {
            "linkId": "limbs-planned",
            "answer": [
                {"valueCoding": {"code": "RUE", "display": "Right arm"}},
                {"valueCoding": {"code": "LUE", "display": "Left arm"}},
            ],
        },
    ]


def test_a_response_that_is_not_settled_is_left_and_a_settled_one_is_added() -> None:
    request = example("loop-side-2-answered")
    (entry,) = request["prefetch"]["questionnaireResponses"]["entry"]
    entry["resource"]["status"] = "in-progress"
    after, _ = written(request, filled(request) | {"answer-symptomatic-sides": ["left"]})
    first, second = after["prefetch"]["questionnaireResponses"]["entry"]
    assert first == entry
    assert second["resource"]["status"] == "completed"


@pytest.mark.parametrize("answer", ["five", "-5", "5.5", "123456"])
def test_an_answer_of_the_wrong_kind_is_refused(answer: str) -> None:
    request = example()
    after, problems = written(request, filled(request) | {"answer-splint-weeks": [answer]})
    assert after == request
    assert problems == ["For how many weeks was a wrist splint worn? This cannot be answered so."]


def test_an_added_order_is_like_the_first_but_for_code_units_and_limbs() -> None:
    request = example()
    assert scenario_orders.add(request, "95870", catalogue()) == ""
    added, first = order_of(request, 2), order_of(request, 0)
    assert added["id"] not in ("a", "b")
    assert scenario_orders.read(request, catalogue())[2].code == "95870"
    assert {name: added[name] for name in ("subject", "authoredOn", "reasonCode")} == {
        name: first[name] for name in ("subject", "authoredOn", "reasonCode")
    }


odd_values = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        2.5,
        "",
        "x",
        "95886",
        [],
        {},
        [None],
        [[]],
        [{}],
        {"id": 5},
        {"coding": "x"},
        [{"coding": [{}]}],
    ]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value below the top."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, each in inner for place in ((*path, key), *places(each, (*path, key)))]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_request_spoilt_anywhere_is_shown_and_an_untouched_form_leaves_it_alone(
    data: st.DataObject,
) -> None:
    scenario = data.draw(st.sampled_from(SCENARIOS[::9]), label="scenario")
    request = json.loads(scenario.request())
    *above, last = data.draw(st.sampled_from(places(request)), label="place")
    holder = request
    for key in above:
        holder = holder[key]
    holder[last] = data.draw(odd_values, label="value")
    pieces = scenario_json.show(request).pieces
    assert json.loads("".join(piece.value for piece in pieces if piece.kind == "text")) == request
    after, _ = written(request, filled(request))
    assert after == request
