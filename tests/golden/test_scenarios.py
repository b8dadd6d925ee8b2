"""Every scenario: what it expects is said, what was recorded is said again, and every order stays sound."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from fhir.resources import R4B
from pydantic import ValidationError

from cds_service import golden
from cds_service.content import Roots
from cds_service.expectations import unmet
from cds_service.pipeline import Decision
from cds_service.scenarios import RESPONSE, TRACE, Scenario
from tests import loaded
from tests.contract.response_rules import RULES, drafts, target

ROOTS = Roots.default()
SCENARIOS = loaded.scenarios()

by_scenario = pytest.mark.parametrize("name", SCENARIOS)


@cache
def answered(name: str) -> tuple[Decision, dict[str, str]]:
    """The decision on one scenario and what would be recorded of it, made once."""
    decision = _run()(SCENARIOS[name])
    return decision, golden.recorded(decision)


@cache
def _run() -> golden.Run:
    return golden.runner(ROOTS)


def sent(scenario: Scenario) -> dict[str, Any]:
    request: dict[str, Any] = json.loads(scenario.request())
    return request


@by_scenario
def test_what_the_scenario_expects_is_said(name: str) -> None:
    decision, _ = answered(name)
    assert unmet(SCENARIOS[name].expect, decision.explanation(), decision.response) == []


@by_scenario
@pytest.mark.parametrize("file", [RESPONSE, TRACE])
def test_the_recorded_answer_is_given_again(name: str, file: str) -> None:
    path = SCENARIOS[name].folder / file
    assert path.is_file(), f"{file} was never recorded; run make golden and review it"
    assert answered(name)[1][file] == path.read_text(encoding="utf-8")


@by_scenario
def test_the_response_keeps_every_rule(name: str) -> None:
    request, response = sent(SCENARIOS[name]), json.loads(answered(name)[1][RESPONSE])
    broken = [f"{rule}: {fault}" for rule, check in RULES.items() for fault in check(request, response)]
    assert broken == []


@by_scenario
def test_a_suggestion_never_breaks_a_sound_order(name: str) -> None:
    request, response = sent(SCENARIOS[name]), json.loads(answered(name)[1][RESPONSE])
    orders = drafts(request)
    sound = {ref for ref, order in orders.items() if faults_of(order) == []}
    for action in _actions(response):
        if action["type"] == "create" and len(sound) == len(orders):
            assert faults_of(action["resource"]) == []
        if action["type"] == "update" and target(action) in sound:
            assert faults_of(action["resource"]) == []


def test_no_scenario_only_repeats_another() -> None:
    titles = [scenario.title for scenario in SCENARIOS.values()]
    assert len(set(titles)) == len(titles)
    requests = [scenario.request() for scenario in SCENARIOS.values()]
    assert len(set(requests)) == len(requests)


def faults_of(resource: dict[str, Any]) -> list[str]:
    """What the FHIR R4B models themselves say against a resource."""
    try:
        R4B.get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as error:
        return [str(found["loc"]) for found in error.errors(include_input=False)]
    except (AttributeError, ValueError):
        return ["resourceType"]  # a type of another FHIR release
    return []


def _actions(response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for card in response["cards"]:
        for suggestion in card.get("suggestions", []):
            yield from suggestion["actions"]
