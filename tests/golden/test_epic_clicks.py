"""Scenarios as a clinician in Epic would click them, one click at a time, with the example site table."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
import pytest
from exchange import answer
from strategies import service

from cds_service import pipeline
from cds_service.apply_suggestion import applied, chosen
from cds_service.content import Roots
from cds_service.dialects import speakers
from tests import loaded

Json = dict[str, Any]

ROOTS = Roots.default()
SCENARIOS = loaded.scenarios()
# What a new order of a preference list has in common with what was sent.
LISTED = ("resourceType", "status", "intent", "code", "subject")


@cache
def epic() -> pipeline.Service:
    return replace(service(), dialects={"epic": speakers.load(ROOTS, epic_site="example")["epic"]})


def cards_of(request: Json) -> list[Json]:
    cards: list[Json] = answer(epic(), orjson.dumps(request), "epic").response["cards"]
    return cards


def walked(name: str, *, listed: bool = False) -> tuple[list[str], Json, list[Json]]:
    """Always the first click: its labels, the last request and its cards.

    ``listed``: of a new order only the code arrives, as from a preference list.
    """
    request: Json = json.loads(SCENARIOS[name].request())
    labels: list[str] = []
    while len(labels) < 12:
        cards = cards_of(request)
        place = next((number for number, card in enumerate(cards, 1) if "suggestions" in card), 0)
        if not place:
            return labels, request, cards
        labels.append(cards[place - 1]["suggestions"][0]["label"].partition(" (")[0])
        actions = chosen(cards, place, (1,))
        request = applied(request, [_as_listed(each) for each in actions] if listed else actions)
    raise AssertionError(f"still offering: {labels}")


def _as_listed(action: Json) -> Json:
    if action["type"] != "create":
        return action
    return {**action, "resource": {name: action["resource"][name] for name in LISTED}}


def codes(request: Json) -> list[str]:
    orders = [entry["resource"] for entry in request["context"]["draftOrders"]["entry"]]
    return sorted(order["code"]["coding"][-1]["code"] for order in orders)


CLICKS: dict[str, tuple[list[str], list[str]]] = {
    "00-seed-story-four-limb-emg-alone": (
        ["Add 95909", "Add 95886 x 4", "Remove order 1"],
        ["95886", "95909"],
    ),
    "c05-limited-study-of-two-legs": (["Add 95885 x 2", "Remove order 1"], ["95885", "95909"]),
    "c16-one-limb-code-two-legs-listed": (["Add 95861", "Remove order 1"], ["95861"]),
    "c54-letter-for-zero": (["Add 95860", "Remove order 1"], ["95860"]),
    "c54-thousands-separator": (["Add 95864", "Remove order 1"], ["95864"]),
    "c22-three-conduction-codes": (
        ["Add 95913", "Remove order 1", "Remove order 1", "Remove order 1"],
        ["95886", "95913"],
    ),
}


@pytest.mark.parametrize(("name", "expected"), CLICKS.items())
def test_single_clicks_add_first_and_end_with_what_was_meant(
    name: str, expected: tuple[list[str], list[str]]
) -> None:
    labels, request, _ = walked(name)
    assert (labels, codes(request)) == expected


NO_CLICKS = {
    "with the new order another number of limbs would be read": "c21-missing-code-three-limbs",
    "the only order would be removed": "c45-theatre-monitoring-in-clinic",
}


@pytest.mark.parametrize("name", NO_CLICKS.values(), ids=NO_CLICKS)
def test_what_could_not_be_left_half_done_is_said_in_words(name: str) -> None:
    labels, _, cards = walked(name)
    assert labels == []
    assert "To type in" in cards[0]["detail"]


LISTED_ENDS: dict[str, tuple[list[str], list[str]]] = {
    "00-seed-story-four-limb-emg-alone": (
        ["Add 95909", "Add 95886 x 4"],
        [
            (
                "- In order 3 (95886, complete limb EMG with conduction studies): units 4, "
                "with the reasons and notes of order 1."
            ),
            "- Remove order 1 (95864, needle EMG, 4 limbs).",
        ],
    ),
    "c05-limited-study-of-two-legs": (
        ["Add 95885 x 2"],
        [
            (
                "- In order 3 (95885, limited limb EMG with conduction studies): units 2, "
                "limbs as in the order it replaces."
            ),
            "- Remove order 1 (95870, limited needle EMG).",
        ],
    ),
}


@pytest.mark.parametrize(("name", "expected"), LISTED_ENDS.items())
def test_what_the_preference_list_did_not_fill_in_is_said_next(
    name: str, expected: tuple[list[str], list[str]]
) -> None:
    labels, _, cards = walked(name, listed=True)
    assert (labels, cards[0]["detail"].splitlines()[-2:]) == expected


@pytest.mark.parametrize("listed", [False, True], ids=["whole orders", "only the code"])
def test_in_no_scenario_do_clicks_go_round_or_leave_nothing(listed: bool) -> None:
    for name in SCENARIOS:
        labels, request, _ = walked(name, listed=listed)
        assert not labels or codes(request), name
