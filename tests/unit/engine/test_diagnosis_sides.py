"""Sides of reason codes against body sites, the answer and the chart."""

from __future__ import annotations

import pytest

from cds_service.core.case import Fact, Side, Site
from cds_service.core.finding import Mode
from tests.builders import LEFT_ARM, LEFT_LEG, RIGHT_ARM, RIGHT_LEG
from tests.diagnosis_orders import Codes, applied, coded, corrected, each, only, order

ASKS = ("symptomatic-sides",)
UNSPECIFIED, CONTRADICTION, BILATERAL = "4.5.3-unspecified", "4.5.3-contradiction", "4.5.3-bilateral"
BODY_SITE, TWO_SIDES, OTHER_LIMB = "4.5.3-body-site", "4.5.4", "4.5.5"
BOTH_ARMS = (RIGHT_ARM, LEFT_ARM)


def condition(code: str) -> Fact:
    return Fact("condition", frozenset({"carpal-tunnel"}), f"Condition/{code}", code=code)


def finding(group: str, side: Side, region: str = "arm", kind: str = "condition") -> Fact:
    return Fact(kind, frozenset({group}), f"x/{group}-{side}", sites=(Site(region, side),))


CHARTED = (condition("G56.01"), condition("G56.02"))
WASTED = (finding("atrophy", "right"), finding("atrophy", "left"))
MIXED = (finding("paraesthesia", "right"), finding("sensory-loss", "left", kind="observation"))

SIDES = [
    ("G56.00", (RIGHT_ARM,), None, (), UNSPECIFIED, "FIX", each("G56.01"), ()),
    ("G56.00", (), None, (), UNSPECIFIED, "ASK", each("G56.01", "G56.02", "G56.03"), ASKS),
    ("G56.00", BOTH_ARMS, None, (), UNSPECIFIED, "ASK", each("G56.01", "G56.02", "G56.03"), ASKS),
    ("M54.30", (), None, (), UNSPECIFIED, "ASK", each("M54.31", "M54.32"), ASKS),
    ("G56.00", (), "left", (), UNSPECIFIED, "FIX", each("G56.02"), ()),
    ("G56.00", (), "both", (), UNSPECIFIED, "FIX", each("G56.03"), ()),
    ("G56.00", BOTH_ARMS, "right", (), UNSPECIFIED, "FIX", each("G56.01"), ()),
    ("M54.30", (RIGHT_LEG,), None, (), UNSPECIFIED, "FIX", each("M54.31"), ()),
    ("M62.549", (LEFT_ARM,), None, (), UNSPECIFIED, "FIX", each("M62.542"), ()),
    ("M79.609", (RIGHT_LEG,), None, (), UNSPECIFIED, "FIX", each("M79.604"), ()),
    ("M79.609", (), None, (), UNSPECIFIED, "ASK", each("M79.601", "M79.602", "M79.604", "M79.605"), ASKS),
    ("M79.609", (RIGHT_LEG, RIGHT_ARM), None, (), UNSPECIFIED, "ASK", each("M79.601", "M79.604"), ASKS),
    ("S54.00XA", (RIGHT_ARM,), None, (), UNSPECIFIED, "FIX", each("S54.01XA"), ()),
    ("S44.8X9A", (RIGHT_ARM,), None, (), UNSPECIFIED, "FIX", each("S44.8X1A"), ()),
    ("G83.20", (LEFT_ARM,), None, (), UNSPECIFIED, "ASK", each("G83.22", "G83.24"), ()),
    ("M62.549", (), "both", (), UNSPECIFIED, "FIX", (("M62.541", "M62.542"),), ()),
    # a nerve of the head: the arms listed tell nothing
    ("S04.50XA", (), None, (), UNSPECIFIED, "ASK", each("S04.51XA", "S04.52XA"), ASKS),
    ("G51.39", BOTH_ARMS, None, (), UNSPECIFIED, "ASK", each("G51.31", "G51.32", "G51.33"), ASKS),
    ("H02.409", (), None, (), UNSPECIFIED, "ASK", each("H02.401", "H02.402", "H02.403"), ASKS),
    ("H49.00", (), None, (), UNSPECIFIED, "ASK", each("H49.01", "H49.02", "H49.03"), ASKS),
    ("H49.00", (RIGHT_ARM,), "left", (), UNSPECIFIED, "FIX", each("H49.02"), ()),
    # answer and body sites differ about a code that leaves its side open
    ("G56.00", (LEFT_ARM,), "right", (), UNSPECIFIED, "ASK", each("G56.01", "G56.02"), ()),
    ("G56.00", (LEFT_ARM,), "both", (), UNSPECIFIED, "ASK", each("G56.03", "G56.02"), ()),
    ("M62.549", (LEFT_ARM,), "both", (), UNSPECIFIED, "ASK", each("M62.541", "M62.542"), ()),
    # code and body site differ
    ("G56.01", (LEFT_ARM,), None, (), CONTRADICTION, "ASK", each("G56.02"), ASKS),
    ("G56.01", (LEFT_ARM,), "left", (), CONTRADICTION, "FIX", each("G56.02"), ()),
    ("G56.01", (LEFT_ARM,), "right", (), BODY_SITE, "ASK", (), ()),
    ("G56.01", (LEFT_ARM,), "both", (), CONTRADICTION, "ASK", each("G56.03", "G56.02"), ()),
    ("M21.371", (LEFT_LEG,), None, (), CONTRADICTION, "ASK", each("M21.372"), ASKS),
    ("S54.01XA", (LEFT_ARM,), None, (), CONTRADICTION, "ASK", each("S54.02XA"), ASKS),
    ("G56.03", (RIGHT_ARM,), None, (), BILATERAL, "ASK", each("G56.01"), ASKS),
    ("G56.03", (RIGHT_ARM,), "right", (), BILATERAL, "FIX", each("G56.01"), ()),
    ("G56.03", (RIGHT_ARM,), "both", (), BODY_SITE, "ASK", (), ()),
    ("G56.03", (RIGHT_ARM,), "left", (), BILATERAL, "ASK", each("G56.02", "G56.01"), ()),
    ("S54.01XA", (LEFT_ARM,), "both", (), CONTRADICTION, "ASK", each("S54.02XA"), ()),
    # no body site stands against the answer
    ("G56.01", (), "left", (), CONTRADICTION, "ASK", each("G56.02"), ()),
    ("M62.541", (), "left", (), CONTRADICTION, "ASK", each("M62.542"), ()),
    ("G56.03", (), "right", (), BILATERAL, "ASK", each("G56.01"), ()),
    ("G56.01", (), "both", (), BILATERAL, "FIX", each("G56.03"), ()),
    ("G56.01", BOTH_ARMS, "both", (), BILATERAL, "FIX", each("G56.03"), ()),
    # the chart names both sides
    ("G56.01", BOTH_ARMS, None, CHARTED, BILATERAL, "ASK", each("G56.03"), ASKS),
    ("G56.01", BOTH_ARMS, None, (condition("G56.02"),), BILATERAL, "ASK", each("G56.03"), ASKS),
    ("G56.01", BOTH_ARMS, None, WASTED, BILATERAL, "ASK", each("G56.03"), ASKS),
    ("G56.02", BOTH_ARMS, None, MIXED, BILATERAL, "ASK", each("G56.03"), ASKS),
    # the other kind of limb
    ("G56.01", (LEFT_LEG,), None, (), OTHER_LIMB, "ASK", (), ()),
    ("G56.00", (LEFT_LEG,), "left", (), OTHER_LIMB, "ASK", (), ()),
    ("G57.31", (RIGHT_ARM,), None, (), OTHER_LIMB, "ASK", (), ()),
    ("S54.01XA", (RIGHT_LEG,), None, (), OTHER_LIMB, "ASK", (), ()),
    ("M62.541", (RIGHT_LEG,), None, (), OTHER_LIMB, "ASK", (), ()),
    ("M62.561", (RIGHT_ARM,), None, (), OTHER_LIMB, "ASK", (), ()),
    ("M79.601", (RIGHT_LEG,), None, (), OTHER_LIMB, "ASK", (), ()),
    ("M79.604", (RIGHT_ARM,), None, (), OTHER_LIMB, "ASK", (), ()),
    ("M79.641", (RIGHT_LEG,), None, (), OTHER_LIMB, "ASK", (), ()),
    ("M21.331", (LEFT_LEG,), None, (), OTHER_LIMB, "ASK", (), ()),
    ("M21.371", (LEFT_ARM,), None, (), OTHER_LIMB, "ASK", (), ()),
    ("G83.11", (RIGHT_ARM,), None, (), OTHER_LIMB, "ASK", (), ()),
    ("G83.21", (RIGHT_LEG,), None, (), OTHER_LIMB, "ASK", (), ()),
    # headers
    ("G56.0", (LEFT_LEG,), None, (), "G56.0", "ASK", each("G56.01", "G56.02", "G56.03", "G56.00"), ()),
    ("G56.0", (), "right", (), "G56.0", "FIX", each("G56.01"), ()),
    ("G56.0", (), "both", (), "G56.0", "FIX", each("G56.03"), ()),
    ("G56.0", BOTH_ARMS, "right", (), "G56.0", "FIX", each("G56.01"), ()),
    ("G56.0", (LEFT_ARM,), "right", (), "G56.0", "ASK", each("G56.01", "G56.02"), ()),
    ("G56.0", (LEFT_ARM,), "both", (), "G56.0", "ASK", each("G56.03", "G56.02"), ()),
    ("G56.0", (), None, (), "G56.0", "ASK", each("G56.01", "G56.02", "G56.03", "G56.00"), ASKS),
    ("M62.54", (), "both", (), "M62.54", "FIX", (("M62.541", "M62.542"),), ()),
    ("S54.00", (LEFT_ARM,), "right", (), "S54.00", "ASK", None, ()),
]


@pytest.mark.parametrize(("code", "sites", "answer", "facts", "row", "mode", "choices", "asks"), SIDES)
def test_side(
    code: str,
    sites: tuple[Site, ...],
    answer: str | None,
    facts: tuple[Fact, ...],
    row: str,
    mode: str,
    choices: tuple[Codes, ...] | None,
    asks: Codes,
) -> None:
    answers = {"symptomatic-sides": answer} if answer else {}
    found = only(corrected(order("a", [code], *sites), facts=facts, answers=answers)[0])
    assert (found.row, found.mode, found.asks) == (row, mode, asks)
    assert choices is None or found.choices == choices
    assert found.mode is Mode.FIX or found.default == (-1 if choices is not None else found.default)


@pytest.mark.parametrize(
    ("code", "sites", "answer", "facts"),
    [
        ("G56.01", (RIGHT_ARM,), None, ()),
        ("G56.01", (), None, ()),
        ("G56.01", BOTH_ARMS, None, ()),
        ("G56.01", BOTH_ARMS, "right", ()),
        ("G56.01", (RIGHT_ARM, LEFT_LEG), None, ()),
        ("G56.03", BOTH_ARMS, None, ()),
        ("G56.03", BOTH_ARMS, "both", ()),
        ("M62.541", (RIGHT_ARM,), "both", ()),
        ("M54.12", (LEFT_LEG,), None, ()),
        ("M54.31", (RIGHT_ARM,), None, ()),
        ("G51.0", (RIGHT_ARM,), "left", ()),
        # the answer may be about something else
        ("G56.01", (RIGHT_ARM,), "left", ()),
        ("G56.01", (RIGHT_ARM,), "both", ()),
        ("G57.32", (LEFT_LEG,), "right", ()),
        # symptoms of one arm, of legs, or of none that is present
        ("G56.01", BOTH_ARMS, None, WASTED[:1]),
        ("G56.01", BOTH_ARMS, None, (finding("atrophy", "right", "leg"), finding("atrophy", "left", "leg"))),
        ("G56.01", BOTH_ARMS, "right", WASTED),
    ],
)
def test_side_agrees(code: str, sites: tuple[Site, ...], answer: str | None, facts: tuple[Fact, ...]) -> None:
    answers = {"symptomatic-sides": answer} if answer else {}
    assert corrected(order("a", [code], *sites), facts=facts, answers=answers) == ((), ())


@pytest.mark.parametrize(
    ("codes", "sites", "answer"),
    [
        (("G56.21", "G57.32"), (RIGHT_ARM, LEFT_LEG), "right"),
        (("G56.21", "G57.32"), (RIGHT_ARM, LEFT_LEG), "both"),
        (("G56.02", "M62.541"), BOTH_ARMS, "left"),
        (("G56.01", "G56.22"), BOTH_ARMS, "right"),
        (("G56.01", "G56.22"), BOTH_ARMS, "both"),
        (("G56.21", "G57.32"), (), "both"),
    ],
)
def test_an_answer_leaves_codes_of_two_diseases_alone(
    codes: Codes, sites: tuple[Site, ...], answer: str
) -> None:
    assert corrected(order("a", codes, *sites), answers={"symptomatic-sides": answer}) == ((), ())


def test_an_answer_tells_the_open_code_and_not_the_other_disease() -> None:
    found = only(
        corrected(
            order("a", ["G56.00", "G57.32"], RIGHT_ARM, LEFT_LEG), answers={"symptomatic-sides": "right"}
        )[0]
    )
    assert (found.from_, found.choices) == (("G56.00",), each("G56.01"))


@pytest.mark.parametrize(
    ("sites", "answer", "row", "mode", "choices", "asks"),
    [
        ((), None, TWO_SIDES, "FIX", each("G56.03"), ()),
        (BOTH_ARMS, None, TWO_SIDES, "FIX", each("G56.03"), ()),
        (BOTH_ARMS, "both", TWO_SIDES, "FIX", each("G56.03"), ()),
        ((RIGHT_ARM,), "both", TWO_SIDES, "FIX", each("G56.03"), ()),
        ((RIGHT_ARM,), None, TWO_SIDES, "ASK", each("G56.03", "G56.01"), ASKS),
        ((LEFT_ARM,), None, TWO_SIDES, "ASK", each("G56.03", "G56.02"), ASKS),
        ((), "right", CONTRADICTION, "FIX", each("G56.01"), ()),
        (BOTH_ARMS, "left", CONTRADICTION, "FIX", each("G56.02"), ()),
        ((RIGHT_ARM,), "right", CONTRADICTION, "FIX", each("G56.01"), ()),
        ((RIGHT_ARM,), "left", CONTRADICTION, "ASK", each("G56.02"), ()),
    ],
)
@pytest.mark.parametrize("codes", [("G56.01", "G56.02"), ("G56.02", "G56.01")])
def test_right_and_left_on_one_order(
    codes: Codes,
    sites: tuple[Site, ...],
    answer: str | None,
    row: str,
    mode: str,
    choices: tuple[Codes, ...],
    asks: Codes,
) -> None:
    answers = {"symptomatic-sides": answer} if answer else {}
    found = only(corrected(order("a", codes, *sites), answers=answers)[0])
    assert (found.row, found.mode, found.from_, found.choices, found.asks) == (
        row,
        mode,
        codes,
        choices,
        asks,
    )


@pytest.mark.parametrize(
    ("right", "left", "mode", "choices"),
    [
        ((RIGHT_ARM,), (LEFT_ARM,), "FIX", (each("G56.03"), each("G56.03"))),
        ((), (), "FIX", (each("G56.03"), each("G56.03"))),
        ((RIGHT_ARM,), (), "ASK", (each("G56.03"), each("G56.03", "G56.01"))),
    ],
)
def test_right_and_left_on_two_orders(
    right: tuple[Site, ...], left: tuple[Site, ...], mode: str, choices: tuple[tuple[Codes, ...], ...]
) -> None:
    found, _ = corrected(order("a", ["G56.01"], *right), order("b", ["G56.02"], *left))
    assert [(item.row, item.order, item.mode) for item in found] == [
        (TWO_SIDES, "a", mode),
        (TWO_SIDES, "b", mode),
    ]
    assert tuple(item.choices for item in found) == choices


def test_a_bilateral_code_stands_while_another_order_codes_the_side_that_is_not_listed() -> None:
    sent = order("a", ["G56.03"]), order("b", ["G56.02"], RIGHT_ARM)
    found = only(corrected(*sent)[0])
    assert (found.row, found.order, found.choices) == (CONTRADICTION, "b", each("G56.01"))


def test_one_answered_side_leaves_the_codes_of_two_orders_as_they_are() -> None:
    sent = order("a", ["G56.01"], RIGHT_ARM), order("b", ["G56.02"], LEFT_ARM)
    assert corrected(*sent, answers={"symptomatic-sides": "right"}) == ((), ())


def test_an_order_that_cannot_be_corrected_makes_no_disease_two_sided() -> None:
    sent = order("a", ["G56.01"], RIGHT_ARM)
    assert corrected(sent, order("b", ["G56.02"], LEFT_ARM, draft=False)) == ((), ())
    assert corrected(sent, order("b", [coded("G56.02", 0, referenced=True)], LEFT_ARM)) == ((), ())


def test_the_bilateral_code_that_stands_already_stays_in_its_place() -> None:
    sent = order("a", ["G56.01", "G56.03", "G56.02"], *BOTH_ARMS)
    found = only(corrected(sent)[0])
    assert (found.from_, found.choices) == (("G56.01", "G56.03", "G56.02"), each("G56.03"))
    assert found.placed(found.choices[0]) == (("G56.03", (1, 0)),)
    assert [reason.code for reason in applied(sent, found, 0).reasons] == ["G56.03"]
