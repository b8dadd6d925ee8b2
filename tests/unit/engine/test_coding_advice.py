"""What belongs beside the codes of a session, and what is more than usual."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.core.case import Site
from tests.code_orders import REASON, looked_at, said

ARMS, LEGS, ALL = "RUE LUE", "RLE LLE", "RUE LUE RLE LLE"

# Without an answer the usual count for the reason is proposed: 95911.
NEEDLE_ALONE: dict[str, tuple[tuple[str, ...], dict[str, Any], str]] = {
    "one limb": (("95860 RUE",), {}, "ASK a: 95886 + 95911"),
    "units that are limbs": ((f"95860 x2 {LEGS}",), {}, "ASK a: 95886 x2 + 95911"),
    "more limbs than named": ((f"95860 {LEGS}",), {}, "ASK a: 95886 x2 + 95911"),
    "fewer limbs than named": (("95861 RUE",), {}, "ASK a: 95886 + 95911 | (95886 x2 + 95911)"),
    "both sides at once": (("95860 /50",), {}, "ASK a: 95886 x2 + 95911"),
    "a limb on each line": (("95860 RUE", "95860 LUE"), {}, "ASK ab: 95886 x2 + 95911"),
    "limbs answered": (("95864",), {"limbs-planned": ("RUE", "LUE")}, "ASK a: 95886 x2 + 95911"),
    "count and session answered": (
        (f"95861 {LEGS}",),
        {"studies-planned": 6, "same-session": True},
        "FIX a: 95886 x2 + 95909",
    ),
}


@pytest.mark.parametrize("title", NEEDLE_ALONE)
def test_conduction_studies_are_proposed_for_the_limbs_as_they_will_stand(title: str) -> None:
    orders, answers, expected = NEEDLE_ALONE[title]
    found = [each for each in said(*orders, answers=answers) if each.startswith("C56")]
    assert found == [f"C56 {expected}"]


@pytest.mark.parametrize(
    ("orders", "answers", "sites"),
    [
        ((f"95909 {LEGS}",), {}, (Site("leg", "left"), Site("leg", "right"))),
        (("95909 RUE", f"95904 {LEGS}"), {}, (Site("leg", "left"), Site("leg", "right"))),
        ((f"95909 {LEGS}",), {"limbs-planned": ("RUE",)}, (Site("arm", "right"),)),
        (("95909",), {}, None),
    ],
    ids=["the limbs of the study", "the longest list", "the limbs answered", "no limbs"],
)
def test_a_needle_study_is_added_for_the_limbs_of_the_conduction_study(
    orders: tuple[str, ...], answers: dict[str, Any], sites: tuple[Site, ...] | None
) -> None:
    found = [each for each in looked_at(*orders, answers=answers).corrections if each.pattern == "C55"]
    ((edit,),) = {choice.edits for choice in found[0].choices[:1]}
    assert edit.sites == sites
    assert edit.units == len(sites or (1,))


FAR: dict[str, tuple[str, tuple[str, ...], bool]] = {
    "four limbs for one carpal tunnel": ("carpal-tunnel", (f"95886 x4 {ALL}", "95910"), True),
    "whether or not they are listed": ("carpal-tunnel", ("95886 x4", "95910"), True),
    "the other arm is a comparison": ("carpal-tunnel", (f"95886 x2 {ARMS}", "95910"), False),
    "a signed line counts": ("carpal-tunnel", ("95886 x2", "!95886 x2", "95910"), True),
}


@pytest.mark.parametrize("title", FAR)
def test_far_more_than_usual_is_asked_about(title: str) -> None:
    reason, orders, asked = FAR[title]
    found = looked_at(*orders, reason=reason, answers={"symptomatic-sides": "right"}).corrections
    assert ("C62" in {each.pattern for each in found}) is asked


def test_both_sides_for_a_one_sided_reason_are_a_comparison() -> None:
    found = looked_at(f"95886 x4 {ALL}", "95910", reason=REASON, answers={"symptomatic-sides": "right"})
    assert "C61" in {notice.id for notice in found.notices}
