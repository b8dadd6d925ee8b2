"""Every suggestion of every scenario, taken: it settles its point, undoes nothing and loses nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from comparisons import furnished, lost, not_settled, restored
from exchange import ask, buttons, new_orders, take

from tests import loaded
from tests.contract.response_rules import drafts, target

Json = dict[str, Any]

SCENARIOS = loaded.scenarios()
by_scenario = pytest.mark.parametrize("name", SCENARIOS)


def sent(name: str) -> Json:
    request: Json = json.loads(SCENARIOS[name].request())
    return request


@by_scenario
def test_each_suggestion_settles_its_point_for_good(name: str) -> None:
    before = sent(name)
    for button in buttons(before, ask(before)):
        after = take(before, button.suggestion)
        assert after != before
        again = ask(after)
        assert not_settled(button, after, again, new_orders(before, after)) == []
        assert restored(button, buttons(after, again)) == []


@by_scenario
def test_each_suggestion_keeps_what_it_does_not_name(name: str) -> None:
    before = sent(name)
    for order in drafts(before).values():
        if order.get("resourceType") == "ServiceRequest":
            order |= furnished(order)
    orders = drafts(before)
    for button in buttons(before, ask(before)):
        for action in button.suggestion["actions"]:
            if action["type"] == "update":
                assert lost(orders[target(action)], dict(action["resource"])) == []


def test_most_scenarios_with_a_correction_offer_something_to_take() -> None:
    """Guards the two above against saying nothing."""
    offering = [name for name in SCENARIOS if buttons(sent(name), ask(sent(name)))]
    assert len(offering) > len(SCENARIOS) / 2
