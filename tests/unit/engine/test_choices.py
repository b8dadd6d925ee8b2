"""What a correction says its orders become: every choice once, and no order that stays as it is."""

from __future__ import annotations

import pytest

from tests.code_orders import RADICULAR, said

SAID: dict[str, tuple[tuple[str, ...], dict[str, object], list[str]]] = {
    "an add-on that stays is not repeated beside what is added": (
        ("95886 x2 RUE LUE",),
        {"studies-planned": 8},
        ["C11 FIX -: 95910"],
    ),
    "nor is a non-limb add-on": (("95887 head",), {"studies-planned": 4}, ["C12 FIX -: 95908"]),
    "of two conduction codes the one that holds stays": (
        ("95886 RUE", "95913", "95907"),
        {},
        ["C22 FIX c: removed"],
    ),
    "a count that is answered leaves the line that has its code": (
        ("95886 RUE", "95907", "95908"),
        {"studies-planned": 3},
        ["C23 FIX b: removed"],
    ),
    "of two lines that are the same one goes": (("95913", "95913"), {}, ["C22b ASK b: removed"]),
    "a limb that is answered leaves one of two lines": (
        ("95860 RUE", "95860 RUE"),
        {"limbs-planned": ("RUE",)},
        ["C14 FIX b: removed"],
    ),
    "two codes become one that neither has": (("95909", "95912"), {}, ["C22 FIX ab: 95913"]),
    "an order that another choice changes is named in each": (
        ("95886 RUE",),
        {"studies-planned": 0},
        ["C11 FIX a: 95860"],
    ),
}


@pytest.mark.parametrize("title", SAID)
def test_choices_hold_what_replaces_the_orders(title: str) -> None:
    orders, answers, expected = SAID[title]
    found = said(*orders, answers=answers)  # type: ignore[arg-type]
    assert [each for each in found if not each.startswith(("C55", "C56"))] == expected


def test_a_choice_stands_once_however_it_comes_about() -> None:
    found = said("95886 RUE LUE RLE LLE", "95886 RLE LLE", reason=RADICULAR)
    for each in found:
        choices = each.partition(": ")[2].split(" | ")
        assert len(choices) == len(set(choices))


def test_a_pattern_that_holds_for_two_lines_of_one_correction_is_stated_once() -> None:
    assert said("95867-RT", "95867-LT") == ["C39 FIX ab: 95868", "C54 FIX ab: 95868"]
