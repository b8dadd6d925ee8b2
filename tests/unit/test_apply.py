"""A click on a suggestion, as the next hook request shows it."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from typing import Any

import pytest

from cds_service.apply_suggestion import ChoiceError, applied, chosen
from cds_service.content import Roots

Json = dict[str, Any]

SCENARIO = Roots.default().fhir_fixtures / "cg-med-24" / "c22-three-conduction-codes" / "request.json"


def order(name: str, **rest: Any) -> Json:
    return {"resourceType": "ServiceRequest", "id": name, **rest}


def request(*orders: Json, **context: Any) -> Json:
    entries = [{"fullUrl": f"urn:x:{each['id']}", "resource": each} for each in orders]
    return {
        "hook": "order-sign",
        "prefetch": {"p": None},
        "context": {"patientId": "1", "draftOrders": {"type": "collection", "entry": entries}, **context},
    }


def update(resource: Json) -> Json:
    return {"type": "update", "resource": resource}


def create(**rest: Any) -> Json:
    return {"type": "create", "resource": {"resourceType": "ServiceRequest", **rest}}


def delete(ref: str) -> Json:
    return {"type": "delete", "resourceId": ref}


def ids(after: Json) -> list[str]:
    return [entry["resource"]["id"] for entry in after["context"]["draftOrders"]["entry"]]


AFTER: dict[str, tuple[list[Json], list[str]]] = {
    "an update stays in its place": ([update(order("b", n=1))], ["a", "b", "c"]),
    "a delete takes the order away": ([delete("ServiceRequest/b")], ["a", "c"]),
    "a create comes last, under a new id": ([create(n=1)], ["a", "b", "c", "new1"]),
    "two creates get two ids": ([create(n=1), create(n=2)], ["a", "b", "c", "new1", "new2"]),
    "deletes come before creates and updates, wherever they stand": (
        [update(order("a", n=1)), create(n=1), delete("ServiceRequest/c")],
        ["a", "b", "new1"],
    ),
    "nothing taken, nothing changed": ([], ["a", "b", "c"]),
}


@pytest.mark.parametrize(("actions", "expected"), AFTER.values(), ids=AFTER)
def test_the_orders_after_the_click(actions: list[Json], expected: list[str]) -> None:
    assert ids(applied(request(order("a"), order("b"), order("c")), actions)) == expected


def test_an_order_that_was_sent_twice_is_one_order() -> None:
    before = request(order("a"), order("b"), order("a"))
    assert ids(applied(before, [delete("ServiceRequest/a")])) == ["b"]
    after = applied(before, [update(order("a", n=1))])
    assert [entry["resource"].get("n") for entry in after["context"]["draftOrders"]["entry"]] == [1, None, 1]


def test_an_update_replaces_the_resource_and_nothing_beside_it() -> None:
    before = request(order("a", n=1, gone=True), order("b"))
    after = applied(before, [update(order("a", n=2))])
    first, second = after["context"]["draftOrders"]["entry"]
    assert first == {"fullUrl": "urn:x:a", "resource": order("a", n=2)}
    assert second == before["context"]["draftOrders"]["entry"][1]
    assert {name: value for name, value in after.items() if name != "context"} == {
        "hook": "order-sign",
        "prefetch": {"p": None},
    }


def test_the_request_given_is_not_edited() -> None:
    before = request(order("a"), order("b"))
    kept = copy.deepcopy(before)
    applied(before, [create(n=1), update(order("a", n=1)), delete("ServiceRequest/b")])
    assert before == kept


def test_a_new_id_is_one_that_no_order_had() -> None:
    assert ids(applied(request(order("new1"), order("new3")), [create(), create()])) == [
        "new1",
        "new3",
        "new2",
        "new4",
    ]
    assert ids(applied(request(order("new1")), [delete("ServiceRequest/new1"), create()])) == ["new2"]


def test_new_orders_are_selected_and_removed_ones_are_not() -> None:
    before = request(order("a"), order("b"), selections=["ServiceRequest/a", "ServiceRequest/b"])
    after = applied(before, [delete("ServiceRequest/a"), create(n=1)])
    assert after["context"]["selections"] == ["ServiceRequest/b", "ServiceRequest/new1"]


def test_an_order_selected_by_its_whole_address_is_not_selected_any_more_either() -> None:
    here = "https://ehr.example.org/fhir/ServiceRequest"
    before = request(order("a"), order("aa"), selections=[f"{here}/a", f"{here}/aa"])
    assert applied(before, [delete("ServiceRequest/a")])["context"]["selections"] == [f"{here}/aa"]


@pytest.mark.parametrize("action", [delete("ServiceRequest/x"), update(order("x"))])
def test_an_action_on_an_order_that_is_not_there_is_refused(action: Json) -> None:
    with pytest.raises(ChoiceError, match="ServiceRequest/x is no draft order"):
        applied(request(order("a")), [action])


ONE_OF = {
    "selectionBehavior": "at-most-one",
    "suggestions": [{"actions": [delete("ServiceRequest/a")]}, {"actions": [delete("ServiceRequest/b")]}],
}
ANY_OF = {**ONE_OF, "selectionBehavior": "any"}
WORDS: Json = {"summary": "only words"}

TAKEN: dict[str, tuple[int, tuple[int, ...], list[str]]] = {
    "the first of a choice": (1, (1,), ["ServiceRequest/a"]),
    "the second of a choice": (1, (2,), ["ServiceRequest/b"]),
    "the same one twice is once": (1, (2, 2), ["ServiceRequest/b"]),
    "several where any may be taken": (2, (2, 1), ["ServiceRequest/b", "ServiceRequest/a"]),
}


@pytest.mark.parametrize(("card", "numbers", "expected"), TAKEN.values(), ids=TAKEN)
def test_what_is_chosen(card: int, numbers: tuple[int, ...], expected: list[str]) -> None:
    assert [action["resourceId"] for action in chosen([ONE_OF, ANY_OF, WORDS], card, numbers)] == expected


REFUSED: dict[str, tuple[int, tuple[int, ...], str]] = {
    "cards count from one": (0, (1,), "there is no card 0; the answer has 3 cards"),
    "no such card": (4, (1,), "there is no card 4; the answer has 3 cards"),
    "suggestions count from one": (1, (0,), "card 1 has no suggestion 0; it has 2 suggestions"),
    "no such suggestion": (2, (1, 3), "card 2 has no suggestion 3; it has 2 suggestions"),
    "a card of words only": (3, (1,), "card 3 has no suggestion 1; it has no suggestions"),
    "two that exclude each other": (1, (1, 2), "the suggestions of card 1 exclude each other; take one"),
}


@pytest.mark.parametrize(("card", "numbers", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_chosen(card: int, numbers: tuple[int, ...], message: str) -> None:
    with pytest.raises(ChoiceError) as refused:
        chosen([ONE_OF, ANY_OF, WORDS], card, numbers)
    assert str(refused.value) == message


def cds(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cds_service.cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_a_request_that_can_be_sent_again() -> None:
    said = cds("apply", str(SCENARIO), "--card", "1", "--suggestion", "1")
    assert (said.returncode, said.stderr) == (0, "")
    after = json.loads(said.stdout)
    assert ids(after) == ["a", "d"]
    before = json.loads(SCENARIO.read_text(encoding="utf-8"))
    assert after["prefetch"] == before["prefetch"]
    again = cds("check", "-", "--json", stdin=said.stdout)
    findings = [card["source"]["topic"]["display"] for card in json.loads(again.stdout)["cards"]]
    assert not any("C22" in finding for finding in findings)


COMMANDS: dict[str, tuple[list[str], int, str]] = {
    "a card that is not there": (["--card", "9", "--suggestion", "1"], 1, "there is no card 9"),
    "a dialect without suggestions": (
        ["--card", "1", "--suggestion", "1", "--dialect", "text"],
        1,
        "it has no suggestions",
    ),
    "an unknown dialect": (["--card", "1", "--suggestion", "1", "--dialect", "x"], 2, "is no dialect"),
    "no number": (["--card", "1", "--suggestion", "first"], 2, "is no list of numbers"),
    "no card named": (["--suggestion", "1"], 2, "--card"),
}


@pytest.mark.parametrize(("options", "status", "message"), COMMANDS.values(), ids=COMMANDS)
def test_the_command_says_what_is_wrong(options: list[str], status: int, message: str) -> None:
    said = cds("apply", str(SCENARIO), *options)
    assert (said.returncode, said.stdout) == (status, "")
    assert message in said.stderr
