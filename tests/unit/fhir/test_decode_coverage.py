"""Coverage: which covers are in force, who pays, and for whom a plan speaks."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.content import Roots
from cds_service.core.case import Case
from cds_service.core.coverage import Coverage, Payer, Payers
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
        Coverage("Coverage/c", (Payer("Example Plan"),)),
        Coverage("Coverage/d", (Payer("Example Plan"),)),
    )


@pytest.mark.parametrize(
    "elements", [{"period": {"end": "2020-01-01"}}, {"period": {"start": "2027-01-01"}}, {"status": "draft"}]
)
def test_a_cover_that_is_not_in_force_does_not_say_who_pays(elements: dict[str, Any]) -> None:
    case = read(cover(payor=[{"display": "Old Plan"}], **elements), cover("d"))
    assert case.payers == (Payer("Example Plan"),)


def test_a_cover_that_nothing_can_refer_to_still_says_who_pays() -> None:
    case = read(cover(id=None))
    assert (case.payers, case.coverages) == ((Payer("Example Plan"),), ())


def test_a_payer_is_named_in_the_reference_or_by_its_organization() -> None:
    plan = {
        "resourceType": "Organization",
        "id": "o",
        "name": "Example Plan",
        "identifier": [{"system": "urn:s", "value": "1"}, {"value": "no system"}, 5],
    }
    direct = {"identifier": {"system": "urn:s", "value": "2"}}
    assert read(plan, cover(payor=[{"reference": "Organization/o"}])).payers == (
        Payer("Example Plan", ("urn:s|1",)),
    )
    assert read(cover(payor=[direct, {}, {"reference": "Organization/gone"}])).payers == (
        Payer("", ("urn:s|2",)),
    )


@pytest.mark.parametrize(
    ("name", "ours", "plan"),
    [
        ("Anthem Blue Cross", True, True),
        ("ANTHEM", True, True),
        ("Anthem, Inc.", True, True),
        ("UniCare Life & Health", True, True),
        ("Empire  BlueCross BlueShield", True, True),
        ("Simply Healthcare Plans", True, True),
        ("Blue Cross of Example", True, False),
        ("BlueCross BlueShield of Example", True, False),
        # Names of other insurers that hold one of the words, or what once was one.
        ("CommuniCare Advantage", False, False),
        ("The Empire Plan (UnitedHealthcare)", False, False),
        ("Chrysanthemum Health", False, False),
        ("Example Mutual", False, False),
        ("", False, False),
    ],
)
def test_the_payers_of_the_guideline(name: str, ours: bool, plan: bool) -> None:
    assert KNOWLEDGE.payers.use([Payer(name)]) is ours
    assert KNOWLEDGE.payers.speak_for([Payer(name)]) is plan


@pytest.mark.parametrize(
    ("payer", "told", "ours", "plan"),
    [
        (Payer("Other", ("urn:s|1",)), True, True, True),
        (Payer("Other", ("urn:s|2",)), True, True, False),
        (Payer("", ("urn:s|1",)), True, True, True),
        (Payer("Good Plan", ("urn:s|9",)), True, False, False),
        (Payer("Good Plan", ("urn:unknown|9",)), True, True, True),
        (Payer("", ("urn:unknown|1",)), False, False, False),
        (Payer(), False, False, False),
    ],
)
def test_an_identifier_of_a_known_system_goes_before_the_name(
    payer: Payer, told: bool, ours: bool, plan: bool
) -> None:
    payers = Payers(("good", "cousin"), ("good",), frozenset({"urn:s|1", "urn:s|2"}), frozenset({"urn:s|1"}))
    assert (payers.tells([payer]), payers.use([payer]), payers.speak_for([payer])) == (told, ours, plan)


def test_the_file_of_payers_may_hold_identifiers() -> None:
    rows = [
        {"name": "A", "plan": True, "words": ["good"], "identifiers": ["urn:s|1"]},
        {"name": "B", "plan": False, "words": ["cousin"], "identifiers": ["urn:s|2"]},
    ]
    assert guideline_files.payers_of(rows) == Payers(
        ("good", "cousin"), ("good",), frozenset({"urn:s|1", "urn:s|2"}), frozenset({"urn:s|1"})
    )
