"""Orders of the chart that are signed already: they count, but no suggestion edits them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.code_orders import RADICULAR, looked_at, said

# A leading ! is a signed order; a choice in brackets can only be said in words.
SAID: dict[str, tuple[tuple[str, ...], dict[str, Any], list[str]]] = {
    "a limb code that a new study makes wrong": (("95910", "!95864"), {}, ["C01 ASK b: (95886 x4)"]),
    "and so for a limited one": (("95910", "!95870 RUE"), {}, ["C05 ASK b: (95885)"]),
    "what was wrong before is no news": (("95937", "!95910", "!95864"), {}, []),
    "the other limb": (("95860 LUE", "!95860 RUE"), {}, ["C13 ASK ab: (95861)"]),
    "the other two limbs": (("95861 RUE LUE", "!95861 RLE LLE"), {}, ["C18 ASK ab: (95864)"]),
    "another conduction code": (("95910", "!95911", "!95886 RUE"), {}, ["C22 ASK ab: (95913)"]),
    "the conduction code that covers it": (("95909", "!95913", "!95886 RUE"), {}, ["C22 FIX a: removed"]),
    "the same conduction code": (
        ("95909", "!95909", "!95886 RUE"),
        {},
        ["C22b ASK ab: 95909 | (95911) | (95912)"],
    ),
    "a deleted code beside a deleted code": (
        ("95904 x2", "!95900 x3", "!95886"),
        {},
        ["C25 ASK ab: (95909)"],
    ),
    "a study beside an array": (("95909", "!95905 RUE"), {}, ["C27 ASK ab: (95909) | 95905"]),
    "an array beside a study": (("95905 RUE", "!95909"), {}, ["C27 ASK ab: 95909 | (95905)"]),
    "an add-on beside an array": (
        ("95886 RUE", "!95905 RUE"),
        {},
        ["C28 ASK ab: (95910 + 95886) | 95905"],
    ),
    "a limited add-on inside a complete one": (
        ("95885 RUE", "!95886 RUE", "!95910"),
        {},
        ["C35 FIX a: removed"],
    ),
    "a fifth limb": (
        ("95886 x2 RUE", "!95886 x3 RLE LLE LUE", "!95910"),
        {},
        ["C38 ASK a: 95886", "C36 ASK a: 95886"],
    ),
    "units of a signed line that disagree with its limbs": (
        ("95886 LUE", "!95886 x2 RUE", "!95910"),
        {},
        [],
    ),
    "a signed line of the same limb": (
        ("95886 RUE", "!95886 RUE", "!95910"),
        {},
        ["C38 ASK a: removed | (95886)"],
    ),
    "the other side of the face": (("95867 /RT", "!95867 /LT"), {}, ["C39 ASK ab: (95868)"]),
    "a side of both": (("95867", "!95868"), {}, ["C40 FIX a: removed"]),
    "both of a side": (("95868", "!95867"), {}, ["C40 ASK b: (removed)"]),
    "a limited study inside a limb": (("95870 RUE", "!95860 RUE"), {}, ["C41 FIX a: removed"]),
    "a limb around a limited study": (("95860 RUE", "!95870 RUE"), {}, ["C41 ASK b: (removed)"]),
    "the limb that has its add-on already": (
        ("95860 RUE", "!95886 RUE", "!95910"),
        {},
        ["C04 FIX a: removed"],
    ),
    "another limb than has its add-on": (("95860 LUE", "!95886 RUE", "!95910"), {}, ["C04 FIX a: 95886"]),
    "an add-on that is signed, with a stand-alone code": (
        ("95860 LUE", "!95886 RUE"),
        {},
        ["C11 ASK ab: 95886 x2 + 95910 | (95861)"],
    ),
    "an add-on whose study is signed": (("95886 RUE", "!95910"), {}, []),
    "a misspelt code that is signed": (("95886 RUE", "!9591O"), {}, []),
    "the other side of a junction test": (("95937 /RT", "!95937 /LT"), {}, ["C31 ASK ab: (95937 x2)"]),
    "a limb that both list": (("95905 RUE", "!95905 RUE"), {}, ["C29 FIX a: removed"]),
}


@pytest.mark.parametrize("title", SAID)
def test_what_is_said_beside_signed_orders(title: str) -> None:
    orders, answers, expected = SAID[title]
    found = said(*orders, reason=RADICULAR, answers=answers)
    assert [each for each in found if not each.startswith(("C55", "C56"))] == expected


def test_nothing_is_asked_where_there_is_only_one_way() -> None:
    (found,) = looked_at("95910", "!95864").corrections
    assert found.asks == ()
    assert not found.choices[0].applicable


def test_the_draft_that_makes_it_so_is_named() -> None:
    (found,) = looked_at("95910", "!95864").corrections
    assert found.about == ("ServiceRequest/a", "ServiceRequest/b")


def test_new_orders_are_modelled_on_a_draft() -> None:
    edits = [
        edit
        for found in looked_at("!95886 RUE", "95887 head").corrections
        for choice in found.choices
        for edit in choice.edits
    ]
    assert {edit.order for edit in edits if edit.action == "create"} == {"ServiceRequest/b"}
