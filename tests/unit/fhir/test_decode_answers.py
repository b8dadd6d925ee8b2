"""Answers to the questionnaire: the newest of ours, item by item."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fhir_samples import Resource, order, read

CANONICAL = "https://cds.example/fhir/Questionnaire/emg-ncs-order-facts"


def response(*items: Any, own: str = "q", **elements: Any) -> Resource:
    return {
        "resourceType": "QuestionnaireResponse",
        "id": own,
        "status": "completed",
        "questionnaire": CANONICAL,
        "authored": "2026-11-20T10:00:00Z",
        "item": list(items),
        **elements,
    }


def item(link_id: str, *values: Resource, **elements: Any) -> Resource:
    return {"linkId": link_id, "answer": list(values), **elements}


@pytest.mark.parametrize(
    ("link_id", "values", "answer"),
    [
        ("activity-modification", [{"valueBoolean": True}], True),
        ("exam-weakness", [{"valueBoolean": False}], False),
        ("dialysis-considered", [{"valueBoolean": True}], True),
        ("splint-weeks", [{"valueInteger": 6}], 6),
        ("splint-weeks", [{"valueDecimal": 6.0}], 6),
        ("splint-weeks", [{"valueDecimal": 4.5}], 4),
        ("splint-weeks", [{"valueDecimal": 3.9}], 3),
        ("splint-side", [{"valueCoding": {"code": "both"}}], "both"),
        ("splint-side", [{"valueString": "left"}], "left"),
        ("muscles-per-limb", [{"valueString": "5-or-more"}], "5-or-more"),
        ("limbs-planned", [{"valueCoding": {"code": "RUE"}}, {"valueString": "LUE"}], ("RUE", "LUE")),
        ("treatments-tried", [{"valueString": "splint"}, {"valueString": "rest"}], ("splint", "rest")),
        ("needle-contraindication", [{"valueString": " on warfarin "}], "on warfarin"),
        ("exam-atrophy", [{"valueBoolean": True}, {"valueBoolean": True}], True),
    ],
)
def test_answers(link_id: str, values: list[Resource], answer: Any) -> None:
    case = read(chart=[response(item(link_id, *values))])
    assert (case.answers, case.gaps) == ({link_id: answer}, ())
    assert type(case.answers[link_id]) is type(answer)
    assert case.answers_ref == "QuestionnaireResponse/q"


@pytest.mark.parametrize(
    ("link_id", "values"),
    [
        ("exam-weakness", [{"valueString": "true"}]),
        ("exam-weakness", [{"valueInteger": 1}]),
        ("splint-weeks", [{"valueString": "six"}]),
        ("splint-weeks", [{"valueInteger": -1}]),
        ("studies-planned", [{"valueDecimal": 5.5}]),
        ("splint-weeks", [{"valueBoolean": True}]),
        ("splint-side", [{"valueCoding": {"code": "upper"}}]),
        ("splint-side", [{}]),
        ("treatments-tried", [{"valueInteger": 3}]),
        ("exam-weakness", [{"valueBoolean": True}, {"valueBoolean": False}]),
        ("exam-weakness", [{"valueBoolean": True}, {"valueString": "no"}]),
    ],
)
def test_an_unreadable_answer_is_a_gap_and_spoils_no_other(link_id: str, values: list[Resource]) -> None:
    case = read(chart=[response(item(link_id, *values), item("same-session", {"valueBoolean": True}))])
    assert dict(case.answers) == {"same-session": True}
    assert len(case.gaps) == 1
    assert link_id in case.gaps[0].what
    assert case.unread == {link_id}


def test_items_are_found_at_any_depth() -> None:
    inner = item("exam-weakness", {"valueBoolean": True, "item": [item("splint-weeks", {"valueInteger": 4})]})
    deep: Resource = {"linkId": "group", "item": [{"linkId": "inner", "item": [inner]}]}
    for _ in range(2_000):
        deep = {"linkId": "more", "item": [deep]}
    assert read(chart=[response(deep)]).answers == {"exam-weakness": True, "splint-weeks": 4}


@pytest.mark.parametrize(
    ("elements", "ours"),
    [
        ({}, True),
        ({"status": "amended"}, True),
        ({"questionnaire": f"{CANONICAL}|1.0.0"}, True),
        ({"questionnaire": "Questionnaire/emg-ncs-order-facts"}, True),
        ({"status": "in-progress"}, False),
        ({"status": "entered-in-error"}, False),
        ({"questionnaire": "https://cds.example/fhir/Questionnaire/other"}, False),
        ({"questionnaire": "https://x.example/MyQuestionnaire/emg-ncs-order-facts"}, False),
        ({"questionnaire": None}, False),
        ({"subject": {"reference": "Patient/p2"}}, False),
    ],
)
def test_which_response_is_ours(elements: Resource, ours: bool) -> None:
    case = read(chart=[response(item("exam-weakness", {"valueBoolean": True}), **elements)])
    assert bool(case.answers) is ours


def test_the_newest_wins_whatever_its_zone_and_place() -> None:
    weeks = [item("splint-weeks", {"valueInteger": number}) for number in (1, 2, 3)]
    older = response(weeks[0], own="1", authored="2026-11-20T10:00:00Z")
    newer = response(weeks[1], own="2", authored="2026-11-20T07:00:00-05:00")
    undated = response(weeks[2], own="3", authored="recently")
    assert read(chart=[newer, older, undated]).answers == {"splint-weeks": 2}
    month = response(weeks[1], own="4", authored="2026-11")
    year = response(weeks[2], own="5", authored="2026")
    last_year = response(weeks[0], own="6", authored="2025-12-31")
    assert read(chart=[month, year, last_year]).answers == {"splint-weeks": 2}
    in_order = read(order("a", contained=[newer]), chart=[older])
    assert (in_order.answers, in_order.answers_ref) == ({"splint-weeks": 2}, "ServiceRequest/a#2")
