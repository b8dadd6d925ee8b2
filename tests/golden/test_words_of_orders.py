"""How cards call orders and changes, in real answers: by what a clinician sees on the list."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exchange import ask

from cds_service.content import Roots
from cds_service.scenarios import load_scenarios

Json = dict[str, Any]

SCENARIOS = {scenario.name: scenario for scenario in load_scenarios(Roots.default())}


def first_card(name: str, *without_id: int) -> Json:
    request: Json = json.loads(SCENARIOS[name].request())
    for place in without_id:
        del request["context"]["draftOrders"]["entry"][place]["resource"]["id"]
    card: Json = ask(request).response["cards"][0]
    return card


LABELS = {
    "c04-one-limb-with-conduction": "Change to 95886",
    "c30-two-rates-of-one-nerve": "Change 95937 x 2 to 95937",
    "c29-array-units-above-limbs": "Change 95905 x 2 to 95905",
    "c22-three-conduction-codes": "One line: 95913, remove the rest",
}


@pytest.mark.parametrize(("name", "label"), LABELS.items())
def test_a_button_says_what_changes(name: str, label: str) -> None:
    assert first_card(name)["suggestions"][0]["label"] == label


DESCRIPTIONS = {
    "c22-three-conduction-codes": [
        "Remove order 2 (95909)",
        "Remove order 3 (95910)",
        "Change order 1: 95908 → 95913",
    ],
    "00-seed-story-four-limb-emg-alone": ["Add 95909 beside order 1", "Change order 1: 95864 → 95886 x 4"],
}


@pytest.mark.parametrize(("name", "said"), DESCRIPTIONS.items())
def test_an_action_names_the_order_by_its_place_on_the_list(name: str, said: list[str]) -> None:
    (suggestion,) = first_card(name)["suggestions"]
    assert [action["description"] for action in suggestion["actions"]] == said


def test_what_no_click_can_do_names_the_order_and_the_old_code() -> None:
    card = first_card("c01-four-limbs-with-conduction", 0)
    assert "suggestions" not in card
    assert "- By hand: Change order 1: 95864 → 95886 x 4." in card["detail"].splitlines()
