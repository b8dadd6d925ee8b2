"""How cards call orders and changes, in real answers: by what a clinician sees on the list."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exchange import ask

from tests import loaded
from tests.contract.bodies import body, bundle
from tests.contract.response_rules import FINDING, faults

Json = dict[str, Any]

SCENARIOS = loaded.scenarios()


def first_card(name: str, *without_id: int) -> Json:
    request: Json = json.loads(SCENARIOS[name].request())
    for place in without_id:
        del request["context"]["draftOrders"]["entry"][place]["resource"]["id"]
    card: Json = ask(request).response["cards"][0]
    return card


LABELS = {
    "c04-one-limb-with-conduction": "Change to 95886",
    "c30-two-rates-of-one-nerve": "Change to 95937 x 1",
    "c29-array-units-above-limbs": "Change to 95905 x 1",
    "c22-three-conduction-codes": "Merge 95908 + 95909 + 95910 into 95913",
    "c14-twice-without-site": "Remove one 95860, keep the other",
    "c36-five-limbs": "Change 95885 x 2 to 95885 x 1 (limited limb EMG with conduction studies)",
    "c55-conduction-alone": "Add 95886 x 2 (complete limb EMG with conduction studies)",
    "c44-count-answered": "Change to 95886 x 2 and add 95911",
    "c04-c16-both-arms-and-header-reason": (
        "Change 95860 to 95886 x 2; "
        "change reason G56.0 to G56.03 Carpal tunnel syndrome, bilateral upper limbs"
    ),
    "icd-g12-2-header": "Change reason G12.2 to G12.20 Motor neuron disease, unspecified",
    "icd-excludes1-m54-16-m51-16": "Keep reason M51.16, remove M54.16",
    "icd-g63-before-its-cause": "Change reason G63 + E85.4 to E85.4 + G63",
    "icd-right-and-left-on-two-orders": "Change reason G56.01 to G56.03; change reason G56.02 to G56.03",
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


FREE = "<img src=x onerror=alert(1)> **b** _www.evil.example Jane Doe MRN 55512 " + "z" * 500
CPT = "http://www.ama-assn.org/go/cpt"


def answered(code: Json, *, cards: int = 1, **elements: Any) -> list[Json]:
    """The cards about one order of a made-up patient, for right carpal tunnel syndrome, without a chart."""
    order = {
        "resourceType": "ServiceRequest",
        "id": "a",
        "status": "draft",
        "intent": "order",
        "code": code,
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2026-11-20",
        "reasonCode": [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G56.01"}]}],
        "bodySite": [{"coding": [{"system": "http://snomed.info/sct", "code": "6921000"}]}],
        **elements,
    }
    request = body(context={"draftOrders": bundle(order)}, prefetch={"conditions": None})
    found: list[Json] = ask(request).response["cards"]
    assert len(found) >= cards
    assert faults(request, {"cards": found}) == []
    return found


def descriptions(card: Json) -> list[str]:
    return [action["description"] for one in card.get("suggestions", ()) for action in one["actions"]]


def test_an_order_by_words_alone_is_named_in_ours() -> None:
    """What stands in a code of the house may be anything."""
    (card, *_) = answered({"coding": [{"system": "urn:local", "code": FREE}], "text": "needle EMG"})
    said = json.dumps([card["summary"], card["detail"], *descriptions(card)])
    assert "Change order 1: needle EMG → 95860" in descriptions(card)
    assert not any(word in said for word in ("Jane", "evil", "img", "zzz"))


def test_a_code_that_is_none_is_quoted_short_and_plain() -> None:
    (card, *_) = answered({"coding": [{"system": CPT, "code": FREE}], "text": "emg and nerve conduction"})
    quoted = "b evil example Jane Doe MRN 55512 zzzzzzzzzzzzzzzzzzzzzzzzz…"
    assert card["summary"] == f"{quoted} is not a valid code as written: is 95886 + 95910 meant?"
    assert f"Change order 1: {quoted} → 95886" in descriptions(card)


def test_what_is_done_by_hand_is_escaped_once() -> None:
    code = {"coding": [{"system": CPT, "code": "<b>R&D</b> x"}], "text": "emg and nerve conduction"}
    (card, *_) = answered(code, id=None)
    assert "suggestions" not in card
    assert "- By hand: Add 95910 beside order 1; change order 1: R&D x → 95886." in card["detail"]


def gaps_of(name: str, prefetch: Any = None, **elements: Any) -> list[str]:
    """The line about gaps of every card of a scenario, sent with this prefetch."""
    request: Json = json.loads(SCENARIOS[name].request())
    request["prefetch"] = prefetch
    request["context"]["draftOrders"]["entry"][0]["resource"].update(elements)
    lines = [card["detail"].splitlines() for card in ask(request).response["cards"]]
    return ["".join(line for line in found if line.startswith("Not available")) for found in lines]


OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}
WRONG = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Condition", "code": 3}}] * 3}
GAPS: dict[str, tuple[Any, Json, str]] = {
    "no chart": (None, {}, "the chart (not supplied)."),
    "no problem list": ({"patient": None}, {}, "the problem list (not supplied)."),
    "a search that failed": ({"Conditions": OUTCOME}, {}, "the problem list (the EHR reported an error)."),
    "a key of the client's own": (
        {"x y": OUTCOME, "conditions": None},
        {},
        "the chart (the EHR reported an error).",
    ),
    "where nothing is looked for": ({"patient": OUTCOME, "conditions": None}, {}, ""),
    "an entry, however many": (
        {"conditions": WRONG},
        {},
        "an entry of the problem list (not valid FHIR R4; set aside).",
    ),
    "an element of an order": (
        {"conditions": None},
        {"quantityQuantity": {"value": "two"}},
        "the quantity of order 1 (is no whole number of units; counted as 1).",
    ),
    "an element that nothing reads": ({"conditions": None}, {"requisition": 3}, ""),
    "more than are shown": (
        dict.fromkeys(("conditions", "observations", "procedures", "medications", "coverage", "x"), OUTCOME),
        {},
        (
            "the problem list (the EHR reported an error), examination findings (the EHR reported an error), "
            "procedures (the EHR reported an error), medications (the EHR reported an error) and 2 more."
        ),
    ),
}


@pytest.mark.parametrize(("prefetch", "elements", "said"), GAPS.values(), ids=GAPS)
def test_gaps_are_named_in_the_words_of_who_reads_the_card(prefetch: Any, elements: Json, said: str) -> None:
    """On the first card where none speaks of necessity: here the order's code is corrected, and it is met."""
    first, *others = gaps_of("c01-four-limbs-with-conduction", prefetch, **elements)
    assert first == (f"Not available to this service: {said}" if said else "")
    assert not any(others)


def test_gaps_stand_on_the_cards_about_necessity_where_there_are_some() -> None:
    found = gaps_of("v02-carpal-tunnel-splint-too-short")
    assert "Not available to this service: the chart (not supplied)." in found


def test_what_is_wrong_with_an_order_of_another_kind_is_not_said() -> None:
    request: Json = json.loads(SCENARIOS["c01-four-limbs-with-conduction"].request())
    entries = request["context"]["draftOrders"]["entry"]
    other = {**entries[0]["resource"], "id": "z", "code": {"text": "MRI lumbar spine"}, "reasonCode": 3}
    entries.append({"resource": other})
    assert "Not available" not in ask(request).response["cards"][0]["detail"]


def test_a_card_asks_only_what_the_questionnaire_has() -> None:
    request: Json = json.loads(SCENARIOS["row-no-reason"].request())
    decision = ask(request)
    assert "reason" in [each.fact for one in decision.evaluation.determinations for each in one.missing]
    for card in decision.response["cards"]:
        assert "reason" not in card["extension"][FINDING].get("questions", ())


def orders_of(name: str, *ids: Any) -> list[list[str] | None]:
    """The orders that the cards name, for orders with other ids."""
    request: Json = json.loads(SCENARIOS[name].request())
    for entry, own in zip(request["context"]["draftOrders"]["entry"], ids, strict=False):
        entry["resource"]["id"] = own
    cards = ask(request).response["cards"]
    assert not any(
        one["actions"][0]["type"] != "create" for card in cards for one in card.get("suggestions", ())
    )
    return [card["extension"][FINDING].get("orders") for card in cards]


@pytest.mark.parametrize(
    ("ids", "named"),
    [
        (("a", "a"), ["ServiceRequest/a"]),
        ((17, "b"), ["ServiceRequest/b"]),
        ((None, None), None),
        ((17, ""), None),
    ],
)
def test_a_card_names_only_orders_that_have_a_reference(ids: tuple[Any, ...], named: Any) -> None:
    (first, *_) = orders_of("c22-three-conduction-codes", *ids, ids[1])
    assert first == named


def test_what_no_click_can_do_names_the_order_and_the_old_code() -> None:
    card = first_card("c01-four-limbs-with-conduction", 0)
    assert "suggestions" not in card
    assert "- By hand: Change order 1: 95864 → 95886 x 4." in card["detail"].splitlines()
