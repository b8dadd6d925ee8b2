"""Coverage: which covers are in force, who pays, and for whom a plan speaks."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.content import Roots
from cds_service.core.case import Case
from cds_service.core.coverage import Coverage, Payers
from cds_service.core.request import Request
from cds_service.fhir.decode import decode
from cds_service.guidelines import load as guideline_files

KNOWLEDGE = guideline_files.load(Roots.default())


def read(*resources: dict[str, Any]) -> Case:
    whole = {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}
    request = Request(draft_orders=(), prefetch={"coverage": whole}, patient_id="p1")
    return decode(request, KNOWLEDGE.vocabulary, "2026-11-20")


def cover(name: str = "c", **elements: Any) -> dict[str, Any]:
    return {
        "resourceType": "Coverage",
        "id": name,
        "status": "active",
        "beneficiary": {"reference": "Patient/p1"},
        "payor": [{"display": "Example Plan"}],
        **elements,
    }


@pytest.mark.parametrize(
    ("elements", "in_force"),
    [
        ({}, True),
        ({"status": "cancelled"}, False),
        ({"status": "draft"}, False),
        ({"status": "entered-in-error"}, False),
        ({"period": {"start": "2026-01-01", "end": "2026-12-31"}}, True),
        ({"period": {"start": "2026-11-20", "end": "2026-11-20"}}, True),
        ({"period": {"end": "2026-11-19"}}, False),
        ({"period": {"end": "2026-11"}}, True),
        ({"period": {"end": "2026-10"}}, False),
        ({"period": {"start": "2026-11-21"}}, False),
        ({"period": "always"}, True),
        ({"beneficiary": {"reference": "Patient/other"}}, False),
        ({"id": None}, False),
        ({"id": "a b"}, False),
    ],
)
def test_covers_in_force(elements: dict[str, Any], in_force: bool) -> None:
    assert bool(read(cover(**elements)).coverages) is in_force


def test_a_cover_that_came_twice_counts_once() -> None:
    assert read(cover(), cover(), cover("d")).coverages == (
        Coverage("Coverage/c", ("Example Plan",)),
        Coverage("Coverage/d", ("Example Plan",)),
    )


def test_an_ended_cover_still_says_who_paid() -> None:
    case = read(cover(period={"end": "2020-01-01"}))
    assert (case.payers, case.coverages) == (("Example Plan",), ())


@pytest.mark.parametrize(
    ("name", "ours", "plan"),
    [
        ("Anthem Blue Cross", True, True),
        ("ANTHEM", True, True),
        ("Blue Cross of Example", True, False),
        ("Example Mutual", False, False),
        ("", False, False),
    ],
)
def test_the_payers_of_the_guideline(name: str, ours: bool, plan: bool) -> None:
    payers = KNOWLEDGE.payers
    assert Payers(payers.words, payers.words).speak_for([name]) is ours
    assert payers.speak_for([name]) is plan
    assert set(payers.plan) < set(payers.words)
