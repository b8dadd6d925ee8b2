"""Dialect crd: which form a card takes, what is marked on it, and what a client may ask for."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from cds_service.content import Roots
from cds_service.core.card import Card, CardAction, CardSuggestion, Link
from cds_service.core.coverage import Coverage, Payer, Payers
from cds_service.core.finding import Edit, Evaluation
from cds_service.core.guideline import Guideline
from cds_service.core.hook_call import HookCall
from cds_service.core.scene import Scene
from cds_service.dialects import speakers
from cds_service.errors import Kind, RequestError

SPEAK = speakers.load(Roots.default())["crd"]
GUIDELINE = Guideline("G", "Title", "Publisher", "2025-10-01", "1", "https://example.org/g")
LINK = Link("G, Publisher", "https://example.org/g")
ALTERNATE = "alternate request"
ADDITIONAL = "additional orders"
REFERENCE = "external reference"
INSTRUCTIONS = "instructions"


def order(name: str, code: str = "95886") -> dict[str, Any]:
    return {"resourceType": "ServiceRequest", "id": name, "code": {"coding": [{"code": code}]}}


def update(name: str, *, of_code: bool = True) -> CardAction:
    ref = f"ServiceRequest/{name}"
    edits = (Edit("change", ref, "95910", replaces="95909"),) if of_code else ()
    return CardAction("update", ref, f"Change {ref}", order(name), edits, ())


def create(name: str) -> CardAction:
    ref = f"ServiceRequest/{name}"
    resource = {key: value for key, value in order(name).items() if key != "id"}
    return CardAction("create", ref, f"Add to {ref}", resource, (Edit("create", ref, "95886"),))


def delete(name: str) -> CardAction:
    return CardAction("delete", f"ServiceRequest/{name}", f"Remove ServiceRequest/{name}")


def card(
    *suggestions: tuple[CardAction, ...], kind: str = "coding", about: tuple[str, ...] = ("a",), **rest: Any
) -> Card:
    offered = tuple(
        CardSuggestion(f"Way {number}", actions, recommended=number == 1)
        for number, actions in enumerate(suggestions, start=1)
    )
    return Card(
        finding=f"{kind}:X",
        kind=kind,
        summary="Summary",
        detail="Detail.",
        indicator="info",
        orders=tuple(name if "/" in name or "#" in name else f"ServiceRequest/{name}" for name in about),
        facts=rest.pop("facts", {}),
        suggestions=offered,
        **rest,
    )


def say(
    *cards: Card,
    extension: Mapping[str, Any] | None = None,
    hook: str = "order-sign",
    drafts: str = "ab",
    role: str = "advisor",
    covers: tuple[Coverage, ...] = (),
) -> dict[str, Any]:
    resources = [order(name) for name in drafts]
    call = HookCall(
        service="s",
        hook=hook,
        draft_orders=tuple((f"entry[{index}]", each) for index, each in enumerate(resources)),
        extension=extension or {},
    )
    numbers = itertools.count(1)
    scene = Scene(
        guideline=GUIDELINE,
        call=call,
        orders={f"ServiceRequest/{each['id']}": each for each in resources},
        evaluation=Evaluation("2026-11-20"),
        new_id=lambda: f"id-{next(numbers)}",
        today="2026-11-22",
        role=role,
        coverages=covers,
        payers=Payers(("good",), ("good",)),
    )
    return SPEAK(cards, scene)


def form(written: Mapping[str, Any]) -> str:
    if "suggestions" not in written:
        return REFERENCE if "links" in written else INSTRUCTIONS
    kinds = {action["type"] for one in written["suggestions"] for action in one["actions"]}
    return ADDITIONAL if kinds == {"create"} else ALTERNATE


@pytest.mark.parametrize(
    ("said", "suggestions", "wanted", "left"),
    [
        ("one update", [(update("a"),)], ALTERNATE, 1),
        ("exclusive updates", [(update("a"),), (update("b"),)], ALTERNATE, 2),
        ("a delete with a create", [(delete("a"), create("b"))], ALTERNATE, 1),
        ("creates", [(create("a"), create("a"))], ADDITIONAL, 1),
        ("a delete with an update is words", [(delete("a"), update("b"))], INSTRUCTIONS, 0),
        ("a create with an update is words", [(create("a"), update("b"))], INSTRUCTIONS, 0),
        ("a delete alone is words", [(delete("a"),)], INSTRUCTIONS, 0),
        ("two updates of codes are words", [(update("a"), update("b"))], INSTRUCTIONS, 0),
        ("updates stay, the rest is words", [(update("a"),), (create("a"),), (delete("b"),)], ALTERNATE, 1),
    ],
    ids=lambda each: each if isinstance(each, str) and " " in each else "",
)
def test_a_card_has_one_form_and_says_the_rest_in_words(
    said: str, suggestions: list[tuple[CardAction, ...]], wanted: str, left: int
) -> None:
    (written,) = say(card(*suggestions, about=("a", "b")))["cards"]
    assert form(written) == wanted
    assert len(written.get("suggestions", ())) == left
    assert ("To type in" in written["detail"]) is (not left)
    assert ("by hand:" in written["detail"]) is (0 < left < len(suggestions))
    assert written.get("selectionBehavior") == ("at-most-one" if left else None)
    ids = [one["uuid"] for one in (written, *written.get("suggestions", ()))]
    assert len(set(ids)) == 1 + left


def test_corrections_of_reasons_on_two_orders_are_two_suggestions_to_be_taken_together() -> None:
    both = (update("a", of_code=False), update("b", of_code=False))
    (written,) = say(card(both, about=("a", "b")))["cards"]
    assert written["selectionBehavior"] == "any"
    assert [[action["type"] for action in one["actions"]] for one in written["suggestions"]] == [
        ["update"]
    ] * 2
    assert [one["label"] for one in written["suggestions"]] == [
        "Change ServiceRequest/a",
        "Change ServiceRequest/b",
    ]
    assert all(one["isRecommended"] for one in written["suggestions"])
    assert "To type in" not in written["detail"]
    assert written["detail"].endswith("These 2 suggestions belong together: take both.")


def test_three_suggestions_to_be_taken_together_say_all() -> None:
    three = tuple(update(name, of_code=False) for name in "abc")
    (written,) = say(card(three, about=("a", "b", "c")), drafts="abc")["cards"]
    assert written["detail"].endswith("These 3 suggestions belong together: take all.")


def test_a_choice_does_not_say_that_it_belongs_together() -> None:
    (written,) = say(card((update("a"),), (update("b"),), about=("a", "b")))["cards"]
    assert "belong together" not in written["detail"]


@pytest.mark.parametrize(
    ("rest", "heading", "labels"),
    [
        ([(delete("b"),)], "Another way, by hand:", ["- Way 2"]),
        ([(create("a"),), (delete("b"),)], "Other ways, by hand:", ["- Way 2", "- Way 3"]),
    ],
)
def test_ways_beside_suggestions_have_one_heading_and_keep_their_labels(
    rest: list[tuple[CardAction, ...]], heading: str, labels: list[str]
) -> None:
    (written,) = say(card((update("a"),), *rest, about=("a", "b")))["cards"]
    _, first, ways = written["detail"].split("\n\n")
    assert (first, written["suggestions"][0]["label"]) == (heading, "Way 1")
    lines = ways.split("\n")
    assert [line for line in lines if line.startswith("- ")] == labels
    assert sum(line.startswith("  - ") for line in lines) == len(labels)


def test_choices_of_reasons_on_two_orders_are_words() -> None:
    both = (update("a", of_code=False), update("b", of_code=False))
    (written,) = say(card(both, both, about=("a", "b")))["cards"]
    assert form(written) == INSTRUCTIONS
    assert "one of these 2" in written["detail"]


@pytest.mark.parametrize(("links", "wanted"), [((LINK,), REFERENCE), ((), INSTRUCTIONS)])
def test_a_card_without_suggestions_keeps_its_links(links: tuple[Link, ...], wanted: str) -> None:
    (written,) = say(card(kind="determination", links=links))["cards"]
    assert form(written) == wanted


def test_no_links_beside_suggestions() -> None:
    (written,) = say(card((update("a"),), links=(LINK,)))["cards"]
    assert "links" not in written


@pytest.mark.parametrize(
    ("version", "system", "associated"),
    [
        (None, "http://hl7.org/fhir/us/davinci-crd/CodeSystem/temp", "ServiceRequest/a"),
        ("2.0", "http://hl7.org/fhir/us/davinci-crd/CodeSystem/temp", "ServiceRequest/a"),
        ("2.1", "http://hl7.org/fhir/us/davinci-crd/CodeSystem/temp", {"reference": "ServiceRequest/a"}),
        (
            "2.2",
            "http://terminology.hl7.org/CodeSystem/cdshooks-card-type",
            {"reference": "ServiceRequest/a"},
        ),
    ],
)
def test_versions_differ_in_topic_and_associated_resource(
    version: str | None, system: str, associated: object
) -> None:
    (written,) = say(card(), extension={"davinci-crd.requestedVersion": version})["cards"]
    assert written["source"]["topic"] == {"system": system, "code": "claim", "display": "Claim"}
    assert written["extension"]["davinci-crd.associated-resource"] == [associated]


@pytest.mark.parametrize(
    "asked",
    [
        "2",
        "2.3",
        "1.0",
        "",
        "x",
        "2.0.nonsense",
        "2.0.1.1",
        "2.0.1 beta",
        "2.0.",
        "v2.0",
        "2.0\n",
        "٢.٠",
        2.0,
        2,
        [],
        {},
        True,
    ],
)
def test_other_versions_are_refused(asked: object) -> None:
    with pytest.raises(RequestError) as caught:
        say(card(), extension={"davinci-crd.requestedVersion": asked})
    assert caught.value.kind is Kind.VERSION
    assert caught.value.where == "extension.davinci-crd.requestedVersion"


@pytest.mark.parametrize("asked", ["2.0.1", "2.1.0", "2.2.0-ballot", "2.2.0-snapshot.1"])
def test_releases_of_a_version_are_that_version(asked: str) -> None:
    said = say(card(), extension={"davinci-crd.requestedVersion": asked})
    assert said == say(card(), extension={"davinci-crd.requestedVersion": asked[:3]})


@pytest.mark.parametrize(
    ("role", "payer", "label"),
    [
        ("payer", "Good Plan", "Publisher"),
        ("payer", "Other Plan", "G order check"),
        ("payer", "", "G order check"),
        ("advisor", "Good Plan", "G order check"),
    ],
)
def test_the_insurer_is_the_source_of_what_it_says_of_its_own_members(
    role: str, payer: str, label: str
) -> None:
    covers = (Coverage("Coverage/c", (Payer(payer),)),) if payer else ()
    (written,) = say(card(), role=role, covers=covers)["cards"]
    assert written["source"]["label"] == label


@pytest.mark.parametrize(
    ("kind", "facts", "code"),
    [
        ("coding", {"pattern": "C1"}, "claim"),
        ("determination", {"determination": "NOT-MET"}, "off-guideline"),
        ("determination", {"determination": "NEED-INFO"}, "guideline"),
        ("notice", {"notice": "D3"}, "guideline"),
    ],
)
def test_card_types(kind: str, facts: dict[str, str], code: str) -> None:
    (written,) = say(card(kind=kind, facts=facts))["cards"]
    assert written["source"]["topic"]["code"] == code


@pytest.mark.parametrize(
    ("about", "named"),
    [
        (("a",), ["ServiceRequest/a"]),
        (("a", "ServiceRequest/a#1"), ["ServiceRequest/a"]),
        (("a", "#1"), ["ServiceRequest/a"]),
        (("#1",), None),
    ],
)
def test_associated_resources_are_real_references(about: tuple[str, ...], named: list[str] | None) -> None:
    (written,) = say(card(about=about))["cards"]
    assert written["extension"].get("davinci-crd.associated-resource") == named


@pytest.mark.parametrize(
    ("drafts", "about", "words"),
    [
        ("a", ("a",), ""),
        ("ab", ("a", "b"), ""),
        ("ab", ("b",), "Concerns order 2 (95886) of 2."),
        ("abc", ("a", "c"), "Concerns order 1 (95886), order 3 (95886) of 3."),
    ],
)
def test_a_card_about_some_orders_names_them_for_people(
    drafts: str, about: tuple[str, ...], words: str
) -> None:
    (written,) = say(card(about=about), drafts=drafts)["cards"]
    assert written["detail"] == (f"{words}\n\nDetail." if words else "Detail.")


CARDS = (
    card(),
    card(kind="determination", facts={"determination": "NOT-MET"}),
    card(kind="determination", facts={"determination": "REVIEW"}),
    card(kind="notice"),
)


@pytest.mark.parametrize(
    ("configuration", "shown"),
    [
        ({}, 4),
        ({"claim": False}, 3),
        ({"guideline": False}, 2),
        ({"off-guideline": False}, 3),
        ({"claim": False, "guideline": False, "off-guideline": False}, 0),
        ({"max-cards": 2}, 2),
        ({"max-cards": 0}, 0),
        ({"max-cards": 99}, 4),
        ({"alt-drug": False, "coverage": False, "cost": True}, 4),
        ({"max-cards": -1}, 4),
        ({"max-cards": True}, 4),
        ({"max-cards": "2"}, 4),
        ({"claim": "no"}, 4),
        ({"claim": None, "guideline": 0}, 4),
        ([], 4),
        ("none", 4),
        (None, 4),
    ],
)
def test_the_configuration_is_obeyed_where_it_makes_sense(configuration: object, shown: int) -> None:
    said = say(*CARDS, extension={"davinci-crd.configuration": configuration})
    assert len(said["cards"]) == shown


@pytest.mark.parametrize(("hook", "there"), [("order-sign", True), ("order-select", False)])
def test_system_actions_are_a_list_when_orders_are_signed(hook: str, there: bool) -> None:
    said = say(hook=hook)
    assert said["cards"] == []
    assert said.get("systemActions") == ([] if there else None)


def test_the_extensions_of_a_request_choose_the_dialect_and_those_of_epic_come_first() -> None:
    known = speakers.load(Roots.default())
    for extension, wanted in (
        ({"davinci-crd.configuration": {}}, "crd"),
        ({"davinci-crd.requestedVersion": "2.0"}, "crd"),
        ({"davinci-crd.configuration": {}, "com.epic.cdshooks.x": 1}, "epic"),
        ({"com.epic.cdshooks.x": 1, "davinci-crd.requestedVersion": "2.0"}, "epic"),
        ({"com.example": 1}, "spec"),
        ({}, "spec"),
    ):
        assert speakers.choose(known, HookCall("s", "order-sign", extension=extension)) == wanted
