"""Which answers are offered together, which as alternatives, and which are not offered at all."""

from __future__ import annotations

import pytest

from cds_service.core.case import Case, Site
from cds_service.core.finding import Determination
from cds_service.core.session import Session
from tests.builders import (
    HEAD,
    LEFT_ARM,
    LEFT_LEG,
    NORMAL_EXAM,
    RIGHT_ARM,
    case,
    fact,
    full,
    normal,
    only,
    order,
    reason,
    splint,
)

Given = tuple[Case, Session]
Told = list[tuple[str, list[tuple[str, ...]]]]

CTS = full(reason("carpal-tunnel", "arm-mononeuropathy", code="G56.01"), sites=(RIGHT_ARM,))
DIABETES = reason("diabetic-neuropathy", "explained-neuropathy", "diabetes", code="E11.42")
SIGNS = ("exam-weakness", "exam-sensory-loss", "exam-atrophy")
FAILS = "If that deficit is not of this arm, or is not significant"
SPHINCTER = Site("sphincter")


def told(found: Determination) -> Told:
    return [(way.instead, [need.any_of for need in way.needs]) for way in found.ways]


WAYS: dict[str, tuple[Given, Told]] = {
    "a deficit of the arm is enough, what may be needed besides comes after it": (
        case(CTS),
        [("", [SIGNS]), (FAILS, [("activity-modification",), ("splint-weeks",)])],
    ),
    "a deficit elsewhere opens the gate, and the splint is a way of its own": (
        case(CTS, fact("atrophy", ago=3, sites=(LEFT_ARM,))),
        [("", [SIGNS]), ("", [("activity-modification",), ("splint-weeks",)])],
    ),
    "of a deficit that is not significant nothing is asked": (
        case(CTS, fact("sensory-loss", ago=0), answers={"deficit-significant": False}),
        [("", [("activity-modification",), ("splint-weeks",)])],
    ),
    "what was answered is no part of a way": (
        case(CTS, answers={"activity-modification": True, "exam-weakness": False}),
        [("", [("exam-sensory-loss", "exam-atrophy")]), (FAILS, [("splint-weeks",)])],
    ),
    "persistent or progressive, and refractory": (
        case(full(DIABETES), fact("sensory-loss", ago=0)),
        [("", [("symptoms-persistent", "symptoms-progressive"), ("conservative-treatment-failed",)])],
    ),
    "the gate is needed besides": (
        case(full("dialysis")),
        [("", [SIGNS])],
    ),
    "a way that asks more than another one is not offered": (
        case(full("neuropathy-kind-open")),
        [("", [("exam-sensory-loss", "exam-weakness", "exam-atrophy")])],
    ),
    "without a reason both it and a sign are needed": (
        case(full()),
        [("", [("reason",), SIGNS])],
    ),
    "for a leg a root may be in question": (
        case((order("a", "needle", "weakness", sites=(LEFT_LEG,)),), fact("weakness", ago=0)),
        [("", [("radicular-signs",)])],
    ),
    "no root supplies the face": (
        case((order("a", "needle", reason("mononeuropathy", "cranial-nerve"), sites=(HEAD,)),)),
        [],
    ),
    "the code says that it is the face": (
        case((order("a", "needle", reason("mononeuropathy"), code="95867"),)),
        [],
    ),
    "of a sphincter only the reason is asked": (
        case((order("a", "needle", sites=(SPHINCTER,)),)),
        [("", [("reason",)])],
    ),
    "an arm beside the face may have a root": (
        case((order("a", "needle", reason("cranial-nerve"), sites=(HEAD, LEFT_ARM)),)),
        [("", [("radicular-signs",)])],
    ),
    "signs that are all absent are asked again": (case(full("dialysis"), NORMAL_EXAM), [("", [SIGNS])]),
    "a refusal asks nothing": (case(full("back-pain"), NORMAL_EXAM, normal("radicular-sign")), []),
}


@pytest.mark.parametrize(("given", "ways"), WAYS.values(), ids=WAYS)
def test_ways(given: Given, ways: Told) -> None:
    assert told(only(given)) == ways


def test_what_does_not_suit_stays_in_the_trace() -> None:
    found = only(WAYS["no root supplies the face"][0])
    assert (found.result.value, [each.fact for each in found.missing]) == ("NEED-INFO", ["radicular-signs"])
    assert found.asked == ()


def test_an_explanation_goes_along_with_the_answer_it_explains() -> None:
    (way,) = only(WAYS["persistent or progressive, and refractory"][0]).ways
    assert way.needs[1].along == ("treatments-tried",)


SIDES: dict[str, tuple[tuple[object, ...], dict[str, object], str]] = {
    "worn on the other side": ((splint(60, 0, "left"),), {}, "left"),
    "answered for the other side": ((), {"splint-weeks": 6, "splint-side": "left"}, "left"),
    "worn on both sides": ((splint(10, 0, "left"), splint(10, 0, "right")), {}, ""),
    "worn, no side stated": ((splint(60, 0),), {}, ""),
    "not worn": ((), {}, ""),
}


@pytest.mark.parametrize(("facts", "answers", "side"), SIDES.values(), ids=SIDES)
def test_a_splint_of_the_other_side_alone_is_said(
    facts: tuple[object, ...], answers: dict[str, object], side: str
) -> None:
    found = only(case(CTS, *facts, answers=answers))  # type: ignore[arg-type]
    assert found.values.get("worn_side", "") == side
