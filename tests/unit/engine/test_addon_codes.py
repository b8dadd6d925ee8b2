"""Add-ons, cranial and thoracic codes, arrays and conduction codes of one session: what is said, as tables.

Each row: orders in shorthand, answers, and what is said about their codes, without advice on what belongs
beside them.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.code_orders import RADICULAR, REASON, looked_at, said

Row = tuple[tuple[str, ...], dict[str, Any], list[str]]

ARMS, ALL = "RUE LUE", "RUE LUE RLE LLE"
BOTH_ARMS: dict[str, Any] = {"limbs-planned": ("RUE", "LUE")}
FULL: dict[str, Any] = {"muscles-per-limb": "5-or-more"}


def codes(*orders: str, answers: dict[str, Any], reason: str = RADICULAR) -> list[str]:
    found = said(*orders, reason=reason, answers=answers)
    return [each for each in found if not each.startswith(("C55", "C56"))]


def each(table: dict[str, Row]) -> Any:
    return pytest.mark.parametrize(("orders", "answers", "expected"), table.values(), ids=table)


ADDONS: dict[str, Row] = {
    "one limb too many": (("95886 x5",), {}, ["C36 ASK a: 95886 x4"]),
    "limited and complete": (
        ("95886 x3", "95885 x2"),
        {},
        ["C36 ASK ab: 95886 x3 + 95885 | 95886 x2 + 95885 x2"],
    ),
    "limited and complete, all complete as answered": (
        ("95886 x3", "95885 x2"),
        {**BOTH_ARMS, **FULL},
        ["C36 FIX ab: 95886 x2"],
    ),
    "the limited one is inside": (
        (f"95886 x4 {ALL}", "95885 RUE"),
        {},
        ["C35 FIX b: removed", "C36 FIX b: removed"],
    ),
    "a limb listed twice": (
        (f"95886 x4 {ALL}", "95886 RUE"),
        {},
        ["C38 ASK b: removed", "C36 ASK b: removed"],
    ),
    "five units, four limbs": ((f"95886 x5 {ALL}",), {}, ["C38 ASK a: 95886 x4", "C36 ASK a: 95886 x4"]),
    "answered limbs against units": (("95886 x4",), BOTH_ARMS, ["C38 FIX a: 95886 x2"]),
    "answered limbs as units": (("95886 x2",), BOTH_ARMS, []),
    "a side of a limb without one": (("95886 arm /RT",), {}, []),
    "two units of one side": (("95886 x2 arm /RT",), {}, ["C38 ASK a: 95886 | (95886 x2)"]),
}


@each(ADDONS)
def test_addons(orders: tuple[str, ...], answers: dict[str, Any], expected: list[str]) -> None:
    assert codes(*orders, "95910", answers=answers) == expected


UNPAIRED: dict[str, Row] = {
    "of a limb and of the face": (
        ("95886 RUE", "95887 head"),
        {},
        [
            "C11 ASK ab: 95886 + 95887 + 95910 | 95860 + 95867",
            "C12 ASK ab: 95886 + 95887 + 95910 | 95860 + 95867",
        ],
    ),
    "of two sites": (
        ("95887 head", "95887 cervical"),
        {},
        ["C12 ASK ab: 95887 x2 + 95910 | 95867 + 95870"],
    ),
    "of both sides of the face": (
        ("95887 head /RT", "95887 head /LT"),
        {},
        ["C12 ASK ab: 95887 x2 + 95910 | 95868"],
    ),
    "of right and left, no site": (
        ("95887 /RT", "95887 /LT"),
        {},
        ["C12 ASK ab: 95887 x2 + 95910 | 95868 | 95869 | 95870 x2"],
    ),
    "of the larynx": (("95887 larynx",), {}, ["C12 ASK a: 95887 + 95910 | 95865"]),
    "of the hemidiaphragm": (("95887 diaphragm",), {}, ["C12 ASK a: 95887 + 95910 | 95866"]),
    "of the thoracic paraspinals": (("95887 thoracic",), {}, ["C12 ASK a: 95887 + 95910 | 95869"]),
    "more than four": (
        ("95886 x5",),
        {},
        ["C11 ASK a: 95886 x4 + 95910 | 95864", "C36 ASK a: 95886 x4 + 95910 | 95864"],
    ),
    "of a limb that has a stand-alone code too": (
        ("95886 RUE", "95860 RUE"),
        {},
        ["C11 ASK ab: 95886 + 95910 | 95860"],
    ),
    "of a limb beside the code of another": (
        ("95886 RUE", "95860 LUE"),
        {},
        ["C11 ASK ab: 95886 x2 + 95910 | 95861"],
    ),
    "both sides at once": (
        ("95886 /50",),
        {},
        ["C11 ASK a: 95886 x2 + 95910 | 95861", "C37 ASK a: 95886 x2 + 95910 | 95861"],
    ),
}


@each(UNPAIRED)
def test_addons_without_a_study(
    orders: tuple[str, ...], answers: dict[str, Any], expected: list[str]
) -> None:
    assert codes(*orders, answers=answers) == expected


@pytest.mark.parametrize(("reason", "usual"), [(RADICULAR, "95860"), (REASON, "95886 + 95911")])
def test_the_usual_choice_for_an_addon_depends_on_the_reason(reason: str, usual: str) -> None:
    (found,) = [each for each in looked_at("95886 RUE", reason=reason).corrections if each.choices][:1]
    lines = found.becomes(found.choices[found.default])
    assert " + ".join(code for code, _ in lines) == usual


CRANIAL: dict[str, Row] = {
    "both sides at once": (("95867 /50",), {}, ["C39 FIX a: 95868"]),
    "both sides by site": (("95867 /RT", "95867 /LT"), {}, ["C39 FIX ab: 95868"]),
    "twice": (("95867", "95867"), {}, ["C39 ASK ab: 95868 | 95867"]),
    "the same side twice": (("95867 /RT", "95867 /RT"), {}, ["C39 ASK ab: 95868 | 95867"]),
    "one and both": (("95867", "95868"), {}, ["C40 FIX a: removed"]),
    "both sides at once, with conduction": (("95867 /50", "95907"), {}, ["C08 FIX a: 95887 x2"]),
    "right and left, with conduction": (
        ("95867 /RT", "95867 /LT", "95907"),
        {},
        ["C08 FIX a: 95887", "C08 FIX b: 95887"],
    ),
    "twice, with conduction": (("95867", "95867", "95907"), {}, ["C08 ASK ab: 95887 x2 | 95887"]),
    "one and both, with conduction": (
        ("95867", "95868", "95907"),
        {},
        ["C40 FIX ab: 95887 x2", "C09 FIX ab: 95887 x2"],
    ),
    "both sides twice, with conduction": (("95868", "95868", "95907"), {}, ["C09 FIX ab: 95887 x2"]),
    "thoracic, with conduction": (("95869", "95910"), {}, ["C10 FIX a: 95887"]),
    "thoracic twice, with conduction": (("95869", "95869", "95910"), {}, ["C10 FIX ab: 95887"]),
}


@each(CRANIAL)
def test_cranial_and_thoracic_codes(
    orders: tuple[str, ...], answers: dict[str, Any], expected: list[str]
) -> None:
    assert codes(*orders, answers=answers) == expected


def test_two_sides_of_the_face_as_add_ons_come_with_a_word_about_payers() -> None:
    (found,) = looked_at("95867 /50", "95907").corrections
    assert found.warning
    (found,) = looked_at("95867", "95907").corrections
    assert not found.warning


OTHERS: dict[str, Row] = {
    "arrays of one limb on two lines": (("95905 RUE", "95905 RUE"), {}, ["C29 FIX b: removed"]),
    "arrays of two limbs": (("95905 RUE", "95905 LUE"), {}, []),
    "an array in more units than limbs": (("95905 x3 RUE",), {}, ["C29 FIX a: 95905"]),
    "two lines that share a limb": (
        ("95905 RUE", f"95905 x2 {ARMS}"),
        {},
        ["C29 FIX b: 95905"],
    ),
    "an array of no limb": (("95905 x3",), {}, []),
    "an array whose code is decorated": (("95905-59",), {}, ["C54 FIX a: 95905"]),
    "an array of a limb, its code decorated": (("95905-59 RUE",), {}, ["C54 FIX a: 95905"]),
    "an array in two units beside a study": (
        ("95905 x2 RUE", "95909"),
        {},
        ["C27 ASK ab: 95909 | 95905", "C29 ASK ab: 95909 | 95905"],
    ),
    "an array in two units beside an add-on": (
        ("95905 x2 RUE", "95886 RUE"),
        {},
        ["C28 ASK ab: 95910 + 95886 | 95905", "C29 ASK ab: 95910 + 95886 | 95905"],
    ),
    "conduction codes, one in units": (
        ("95909 x2", "95910"),
        {},
        ["C23 ASK ab: 95912 | 95913", "C24 ASK ab: 95912 | 95913"],
    ),
}


@each(OTHERS)
def test_arrays_and_conduction(orders: tuple[str, ...], answers: dict[str, Any], expected: list[str]) -> None:
    assert codes(*orders, answers=answers) == expected
