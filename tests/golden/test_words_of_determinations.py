"""What cards about necessity say, in real answers: no more than is known, and what to record where."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest
from exchange import ask

from cds_service import pipeline
from cds_service.content import Roots
from cds_service.core.finding import Notice
from cds_service.render.notice_cards import notice_card
from cds_service.scenarios import RESPONSE, load_scenarios
from tests.contract.response_rules import FINDING

Json = dict[str, Any]

SCENARIOS = {scenario.name: scenario for scenario in load_scenarios(Roots.default())}


def cards_of(name: str, member: str = "determination") -> list[Json]:
    response = json.loads((SCENARIOS[name].folder / RESPONSE).read_text(encoding="utf-8"))
    return [card for card in response["cards"] if member in card["extension"][FINDING]]


def text_of(card: Json) -> str:
    return f"{card['summary']}\n{card['detail']}"


EVERY = [(name, card) for name in SCENARIOS for card in cards_of(name)]

# scenario -> what its one card about necessity says, and what it does not
SAYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "q-neuromuscular-junction": (("Other payers' policies accept", "Named by: Aetna CPB 0502;"), ("is met",)),
    "v05-lumbar-root-emg-alone": (("The 2014-01-14 edition of CG-MED-24 accepts",), ("payers",)),
    "n0-anticoagulated": (("Independence 07.03.18t; ",), ()),
    "n0-bleeding-disorder": (("No policy at hand names this reason",), ("Other payers",)),
    "c39-both-sides-by-modifier": (("add conduction studies",), ("straight-leg", "Where:", "or record")),
    "c51-sphincter-study": (("Which diagnosis",), ("straight-leg", "in the form")),
    "c52-eye-muscle-study": (("add conduction studies",), ("straight-leg",)),
    "c58-trapezius-alone": (("add conduction studies",), ("straight-leg",)),
    "loop-radicular-signs-1-asked": (
        ("straight-leg", "coded finding or condition, or in the form emg-ncs-order-facts"),
        (),
    ),
    "loop-radicular-signs-2-answered": (("radicular signs (answered yes)",), ()),
    "t07-splint-on-the-other-side": (
        ("A wrist splint is documented on the left only; this order is about the right.",),
        (),
    ),
    "loop-splint-1-asked": (
        (
            "Any one of these is enough:\n\n- Does the examination show weakness of the arm (right)?",
            "also needed:\n\n- Were the activities",
            "At least 4 are wanted.",
        ),
        ("more fact", "documented on the"),
    ),
    "row-w1-deficit-of-the-other-hand": (("Or all of these:\n\n- Were the activities",), ("also needed",)),
    "icd-e11-42-with-g63": (("(or see below)", "Or all of these:", "(one yes is enough)"), ()),
    "v02-carpal-tunnel-splint-too-short": (("18 more days", "Complete 4 weeks of splinting (left)"), ()),
    "row-e3d-stage-5-alone": (("- Is dialysis being considered?",), ("enough", "needed")),
    "q-plexopathy": (("A person decides", "in the form emg-ncs-order-facts."), ("enough", "coded")),
}


@pytest.mark.parametrize("name", SAYS)
def test_a_card_says(name: str) -> None:
    (card,) = cards_of(name)
    said, unsaid = SAYS[name]
    text = text_of(card)
    assert [words for words in said if words not in text] == []
    assert [words for words in unsaid if words in text] == []


NOTICES = {
    "row-d3-automated-conduction": (("does this order use", "For 95905, check"), ("Automated", "add little")),
    "row-d5-needle-too-early": (
        ("in the first 3 weeks", "Cigna CPG129", "Not a statement of CG-MED-24."),
        ("edition",),
    ),
    "t02-back-pain-reason-root-in-chart": (("M51.16 (Intervertebral disc disorders with radiculopathy",), ()),
}


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_says(name: str) -> None:
    (card,) = cards_of(name, "notice")
    said, unsaid = NOTICES[name]
    assert [words for words in said if words not in text_of(card)] == []
    assert [words for words in unsaid if words in text_of(card)] == []


def test_cards_that_say_the_same_of_two_days_are_one() -> None:
    (card,) = cards_of("c23-two-days")
    assert card["extension"][FINDING]["orders"] == ["ServiceRequest/a", "ServiceRequest/b"]
    assert card["detail"].startswith("This is about order 1 and order 2.")


def test_cards_that_differ_stay_apart() -> None:
    request: Json = json.loads(SCENARIOS["c23-two-days"].request())
    second = request["context"]["draftOrders"]["entry"][1]["resource"]
    second["reasonCode"] = [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "Z13.858"}]}]
    found = [card for card in ask(request).response["cards"] if "determination" in card["extension"][FINDING]]
    assert sorted(card["extension"][FINDING]["orders"] for card in found) == [
        ["ServiceRequest/a"],
        ["ServiceRequest/b"],
    ]
    assert not any("This is about" in card["detail"] for card in found)


def test_no_card_knows_who_decides_or_that_a_provisional_rule_is_met() -> None:
    for name, card in EVERY:
        assert "at the plan" not in text_of(card), name
        if card["extension"][FINDING]["determination"] == "MET-PROV":
            assert not re.search(r"\bis (?:provisionally )?met\b", text_of(card)), name


def test_a_card_asks_in_the_form_what_it_asks_in_words() -> None:
    """Each question of the form on a card stands in its text; where none suits, none is named."""
    asked = 0
    for name, card in EVERY:
        questions = card["extension"][FINDING].get("questions", [])
        asked += len(questions)
        assert card["detail"].count("?") >= len(questions), name
        assert ("emg-ncs-order-facts" in card["detail"]) == bool(questions), name
    assert asked > 100


@pytest.mark.parametrize(
    ("label", "summary", "detail"), [("Short", True, False), ("Long " * 30, False, True)]
)
def test_a_description_that_does_not_fit_the_summary_stands_in_the_detail(
    label: str, summary: bool, detail: bool
) -> None:
    service = pipeline.load(Roots.default())
    icd10 = dataclasses.replace(service.knowledge.icd10, labels={"M51.16": label})
    knowledge = dataclasses.replace(service.knowledge, icd10=icd10)
    given = Notice("reason-from-chart", (), {"from_chart": "a compressed nerve", "chart_codes": "M51.16"})
    card = notice_card(knowledge, service.book, given)
    assert card is not None
    assert ("M51.16" in card.summary, "M51.16" in card.detail) == (summary, detail)
    assert ("a compressed nerve" in card.summary) != summary
