"""Limb codes of one session, alone and with conduction studies: what is said, as tables.

Each row: orders in shorthand, answers, and what is said about their codes. C55 and C56, which speak of what
belongs beside the codes, have tables of their own.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.code_orders import RADICULAR, looked_at, said

Row = tuple[tuple[str, ...], dict[str, Any], list[str]]

ARMS, LEGS, ALL = "RUE LUE", "RLE LLE", "RUE LUE RLE LLE"
RIGHT_ARM: dict[str, Any] = {"limbs-planned": ("RUE",)}
BOTH_ARMS: dict[str, Any] = {"limbs-planned": ("RUE", "LUE")}


def codes(*orders: str, answers: dict[str, Any]) -> list[str]:
    found = said(*orders, reason=RADICULAR, answers=answers)
    return [each for each in found if not each.startswith(("C55", "C56"))]


def each(table: dict[str, Row]) -> Any:
    return pytest.mark.parametrize(("orders", "answers", "expected"), table.values(), ids=table)


ALONE: dict[str, Row] = {
    "right and left are two limbs": (("95860 /RT", "95860 /LT"), {}, ["C13 FIX ab: 95861"]),
    "right and left arm": (("95860 arm /RT", "95860 arm /LT"), {}, ["C13 FIX ab: 95861"]),
    "glued": (("95860-RT", "95860-LT"), {}, ["C13 FIX ab: 95861", "C54 FIX ab: 95861"]),
    "right and right may be one limb": (("95860 /RT", "95860 /RT"), {}, ["C14 ASK ab: 95860 | 95861"]),
    "right, and right arm": (("95860 /RT", "95860 RUE"), {}, ["C14 ASK ab: 95860 | (95861)"]),
    "right, and left arm": (("95860 /RT", "95860 LUE"), {}, ["C13 FIX ab: (95861)"]),
    "both sides at once": (("95860 /50",), {}, ["C16 FIX a: 95861"]),
    "both sides by two modifiers": (("95860 /RT /LT",), {}, ["C16 FIX a: 95861"]),
    "both sides and both listed": ((f"95860 {ARMS} /50",), {}, ["C16 FIX a: 95861"]),
    "both sides and one listed": (("95860 RUE /50",), {}, ["C16 ASK a: 95861 | 95860"]),
    "both sides and two units": (("95860 x2 /50",), {}, ["C15 FIX a: 95861"]),
    "both sides of two limbs say nothing new": (("95861 /50",), {}, []),
    "a side says nothing of the number": (("95861 /RT",), {}, []),
    "answered limbs against the code": (("95864",), BOTH_ARMS, ["C19 FIX a: 95861"]),
    "more answered than named": (("95860",), BOTH_ARMS, ["C16 FIX a: 95861"]),
    "fewer answered than two": (("95861",), RIGHT_ARM, ["C20 FIX a: 95860"]),
    "as many answered as named": (("95861",), BOTH_ARMS, []),
    "a list stands against an answer": ((f"95864 {ALL}",), BOTH_ARMS, []),
    "no such code, two limbs": ((f"95862 {ARMS}",), {}, ["C21 FIX a: 95861"]),
    "no such code, three limbs": ((f"95862 {ARMS} RLE",), {}, ["C21 FIX a: 95863"]),
    "no such code, four limbs": ((f"95862 {ALL}",), {}, ["C21 ASK a: 95864 | (95861) | (95863)"]),
    "no such code, no limb": (("95862",), {}, ["C21 ASK a: 95861 | 95863"]),
    "no such code beside a limb": (
        (f"95862 {ARMS}", "95860 RLE"),
        {},
        ["C17 FIX ab: 95863", "C21 FIX ab: 95863"],
    ),
    "the same four limbs twice": ((f"95864 {ALL}", f"95864 {ALL}"), {}, ["C14 ASK b: removed"]),
    "one limb twice, answered": (("95860 RUE", "95860 RUE"), RIGHT_ARM, ["C14 FIX b: removed"]),
}


@each(ALONE)
def test_limb_codes_alone(orders: tuple[str, ...], answers: dict[str, Any], expected: list[str]) -> None:
    assert codes(*orders, answers=answers) == expected


WITH_CONDUCTION: dict[str, Row] = {
    "four limbs that all have an add-on": (("95864", f"95886 x4 {ALL}"), {}, ["C01 FIX a: removed"]),
    "four add-ons without a list": (("95864", "95886 x4"), {}, ["C01 FIX a: removed"]),
    "four limbs of which one has an add-on": (("95864", "95886 RUE"), {}, ["C01 FIX a: 95886 x3"]),
    "three limbs of which one has one, and a fourth": (
        (f"95863 {ARMS} RLE", f"95886 x2 {LEGS}"),
        {},
        ["C02 FIX a: 95886 x2"],
    ),
    "two limbs and two others": ((f"95861 {ARMS}", f"95886 x2 {LEGS}"), {}, ["C03 FIX a: 95886 x2"]),
    "one limb that has its add-on": (("95860 RUE", "95886 RUE"), {}, ["C04 FIX a: removed"]),
    "one limb and another": (("95860 RUE", "95886 LUE"), {}, ["C04 FIX a: 95886"]),
    "two limbs, and two add-ons of no named limb": (
        (f"95861 {ARMS}", "95886 x2"),
        {},
        ["C03 ASK a: 95886 x2 | removed"],
    ),
    "one limb of no name, and an add-on": (
        ("95860", "95886 RUE"),
        {},
        ["C04 ASK a: 95886 | removed"],
    ),
    "the answer names the limbs": (("95860", "95886 RUE"), RIGHT_ARM, ["C04 FIX a: removed"]),
    "the answer names one more": (("95861", "95886 RUE"), BOTH_ARMS, ["C03 FIX a: 95886"]),
    "three limbs of no name, and two add-ons": (
        ("95863", "95886 x2"),
        {},
        ["C02 ASK a: 95886 x2 | 95886"],
    ),
    "an add-on that was not written to the end": (("95864", "95886"), {}, ["C01 FIX ab: 95886 x4"]),
    "one beside listed limbs": ((f"95861 {ARMS}", "95886"), {}, ["C03 ASK ab: 95886 x3 | 95886 x2"]),
    "an add-on line for each arm, and four limbs": (
        ("95864", "95886 RUE", "95886 LUE"),
        {},
        ["C01 FIX a: 95886 x2"],
    ),
    "a limited add-on inside four limbs": (
        ("95864", "95885 x2"),
        {},
        ["C01 FIX ab: 95886 x4", "C35 FIX ab: 95886 x4"],
    ),
    "a limited add-on of one of two limbs": (
        (f"95861 {ARMS}", "95885 x2 LUE LLE"),
        {},
        ["C03 FIX ab: 95886 x2 + 95885", "C35 FIX ab: 95886 x2 + 95885"],
    ),
    "limited add-ons that leave no room": (
        (f"95863 {ARMS} RLE", "95885 x2"),
        {},
        ["C02 ASK ab: 95886 x3 + 95885", "C36 ASK ab: 95886 x3 + 95885"],
    ),
    "answered limbs against the code": (
        ("95864",),
        BOTH_ARMS,
        ["C01 FIX a: 95886 x2", "C19 FIX a: 95886 x2"],
    ),
    "both sides at once": (("95860 /50",), {}, ["C04 FIX a: 95886 x2", "C16 FIX a: 95886 x2"]),
    "both sides of two limbs": (("95861 /50",), {}, ["C03 FIX a: 95886 x2"]),
    "both sides and one listed": (
        ("95860 RUE /50",),
        {},
        ["C04 ASK a: 95886 x2 | 95886", "C16 ASK a: 95886 x2 | 95886"],
    ),
    "each line its own limb": (
        ("95860 RUE", "95860 LUE"),
        {},
        ["C04 FIX a: 95886", "C04 FIX b: 95886"],
    ),
}


@each(WITH_CONDUCTION)
def test_limb_codes_with_conduction(
    orders: tuple[str, ...], answers: dict[str, Any], expected: list[str]
) -> None:
    assert codes(*orders, "95910", answers=answers) == expected


LIMITED: dict[str, Row] = {
    "of a limb": (("95870 RUE",), {}, ["C05 FIX a: 95885"]),
    "of two limbs, both sides at once": ((f"95870 {ARMS} /50",), {}, ["C05 FIX a: 95885 x2"]),
    "of one limb, both sides at once": (("95870 RUE /50",), {}, ["C05 ASK a: 95885 | 95885 x2"]),
    "of one limb in two units": (("95870 x2 RUE",), {}, ["C05 ASK a: 95885 | (95885 x2)"]),
    "of two limbs in one unit": ((f"95870 {ARMS}",), {}, ["C05 FIX a: 95885 x2"]),
    "of a limb, complete as answered": (
        ("95870 RUE",),
        {"muscles-per-limb": "5-or-more"},
        ["C05 FIX a: 95886"],
    ),
    "of no site, answered": (
        ("95870",),
        {"muscles-per-limb": "5-or-more", **RIGHT_ARM},
        ["C07 FIX a: 95886"],
    ),
    "of no site, limbs answered": (("95870",), BOTH_ARMS, ["C07 FIX a: 95885 x2"]),
    "of no site, both sides at once": (("95870 /50",), {}, ["C07 ASK a: 95885 x2 | 95887"]),
    "of the spine": (("95870 spine",), {}, ["C06 FIX a: 95887"]),
    "of paraspinals named in the text": (("95870 ~Lumbar paraspinals",), {}, ["C06 FIX a: 95887"]),
    "of a limb with its complete add-on": (("95870 RUE", "95886 RUE"), {}, ["C41 FIX a: removed"]),
    "of a limb with its limited add-on": (("95870 RUE", "95885 RUE"), {}, ["C41 FIX a: removed"]),
    "of two limbs, one with its add-on": (
        ("95870 x2 RUE RLE", "95886 RUE"),
        {},
        ["C41 FIX a: 95885", "C05 FIX a: 95885"],
    ),
}


@each(LIMITED)
def test_limited_studies_with_conduction(
    orders: tuple[str, ...], answers: dict[str, Any], expected: list[str]
) -> None:
    assert codes(*orders, "95910", answers=answers) == expected


INSIDE: dict[str, Row] = {
    "a limb of all four": (("95870 RLE", "95864"), {}, ["C41 FIX a: removed"]),
    "a limb and another": (("95870 x2 RLE RUE", "95860 RLE"), {}, ["C41 FIX a: 95870"]),
    "another limb": (("95870 RUE", "95860 RLE"), {}, []),
    "a limb of a code that names none": (("95870 RUE", "95860"), {}, []),
    "no site at all": (("95870", "95864"), {}, []),
    "paraspinals of a studied leg": (("95870 lumbar", "95860 RLE"), {}, ["C41 FIX a: removed"]),
    "paraspinals by text": (("95870 ~lumbar paraspinals", "95860 RLE"), {}, ["C41 FIX a: removed"]),
    "paraspinals of another limb": (("95870 cervical", "95860 RLE"), {}, []),
    "paraspinals of no level": (("95870 spine", "95860 RLE"), {}, []),
    "a limb with its paraspinals": (("95870 RLE spine", "95860 RLE"), {}, ["C41 FIX a: removed"]),
    "a leg, and the neck": (("95870 x2 RLE cervical", "95860 RLE"), {}, ["C41 FIX a: 95870"]),
}


@each(INSIDE)
def test_limited_studies_inside_a_limb(
    orders: tuple[str, ...], answers: dict[str, Any], expected: list[str]
) -> None:
    assert codes(*orders, answers=answers) == expected


PARASPINALS: dict[str, Row] = {
    "thoracic": (("95860 thoracic",), {}, ["C60 ASK a: 95869"]),
    "two levels": (("95861 cervical lumbar",), {}, ["C60 ASK a: 95870 x2 | 95870"]),
    "a thoracic level and another": (("95861 thoracic lumbar",), {}, ["C60 ASK a: 95870 + 95869"]),
    "thoracic, with conduction": (("95860 thoracic", "95910"), {}, ["C60 ASK a: 95887"]),
}


@each(PARASPINALS)
def test_paraspinals_under_a_limb_code(
    orders: tuple[str, ...], answers: dict[str, Any], expected: list[str]
) -> None:
    assert codes(*orders, answers=answers) == expected


LISTS = {1: "RUE", 2: "RUE LUE", 3: "RUE LUE RLE", 4: ALL}
STAND_ALONE = {1: "95860", 2: "95861", 3: "95863", 4: "95864"}
LIMB_ORDERS = [f"{code} {LISTS[limbs]}" for limbs, code in STAND_ALONE.items()] + list(STAND_ALONE.values())
ADDONS = ["", "95886 LLE", "95886 x2 RLE LLE", "95886 x2", f"95886 x4 {ALL}", "95886 x4"]
LIMITED_ADDONS = ["", "95885 LLE", "95885 x2 RUE LLE", "95885 x2"]


@pytest.mark.parametrize("limited", LIMITED_ADDONS)
@pytest.mark.parametrize("addon", ADDONS)
@pytest.mark.parametrize("alone", LIMB_ORDERS)
def test_no_choice_counts_a_fifth_limb(alone: str, addon: str, limited: str) -> None:
    orders = [each for each in (alone, addon, limited) if each]
    found = looked_at(*orders, "95910", reason=RADICULAR).corrections
    named = {
        f"ServiceRequest/{name}": int(each.split()[1][1:]) if " x" in each else 1
        for name, each in zip("bc", orders[1:], strict=False)
    }
    if sum(named.values()) > 4:
        return
    for correction in found:
        if correction.pattern in ("C01", "C02", "C03", "C04"):
            for choice in correction.choices:
                units = dict(named)
                for edit in choice.edits:
                    units[edit.order] = 0 if edit.action == "remove" else edit.units
                assert sum(units.values()) <= 4, correction.becomes(choice)
