"""What an order takes over from orders that it stands for, as JSON."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.core.case import Site
from cds_service.core.finding import Edit
from tests.property.strategies import service

Json = dict[str, Any]

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"


def reason(code: str, **rest: Any) -> Json:
    return {"coding": [{"system": ICD, "code": code}], **rest}


def site(code: str) -> Json:
    return {"coding": [{"system": SNOMED, "code": code}]}


def merged(own: Json, other: Json, *, sites: tuple[Site, ...] | None = None, stays: bool = False) -> Json:
    code = {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "95860"}]}
    edit = Edit("change", "a", "95861", sites=sites, replaces="95860", takes=("b",), stays=stays)
    found = service().writer.changed({"code": code, **own}, [edit], {"b": {"code": code, **other}})
    assert found is not None
    return {name: value for name, value in found.items() if name != "code"}


TAKEN: dict[str, tuple[Json, Json, Json]] = {
    "a reason that is new": (
        {"reasonCode": [reason("M54.12")]},
        {"reasonCode": [reason("M54.16", text="leg pain")]},
        {"reasonCode": [reason("M54.12"), reason("M54.16", text="leg pain")]},
    ),
    "a reason where there was none": (
        {},
        {"reasonCode": [reason("M54.16")]},
        {"reasonCode": [reason("M54.16")]},
    ),
    "not the same reason twice": (
        {"reasonCode": [reason("M54.12", text="neck")]},
        {"reasonCode": [reason("M54.12")]},
        {"reasonCode": [reason("M54.12", text="neck")]},
    ),
    "a reason in words": (
        {"reasonCode": [{"text": "weak hand"}]},
        {"reasonCode": [{"text": "weak hand"}, {"text": "weak leg"}]},
        {"reasonCode": [{"text": "weak hand"}, {"text": "weak leg"}]},
    ),
    "a reference": (
        {"reasonReference": [{"reference": "Condition/1"}]},
        {"reasonReference": [{"reference": "Condition/1"}, {"reference": "Condition/2"}]},
        {"reasonReference": [{"reference": "Condition/1"}, {"reference": "Condition/2"}]},
    ),
    "a reference with what it contains": (
        {},
        {
            "reasonReference": [{"reference": "#c"}],
            "contained": [{"resourceType": "Condition", "id": "c"}, {"resourceType": "Patient", "id": "p"}],
        },
        {
            "reasonReference": [{"reference": "#c"}],
            "contained": [{"resourceType": "Condition", "id": "c"}],
        },
    ),
    "no reference to something contained that would mean another": (
        {"contained": [{"resourceType": "Patient", "id": "c"}]},
        {"reasonReference": [{"reference": "#c"}], "contained": [{"resourceType": "Condition", "id": "c"}]},
        {"contained": [{"resourceType": "Patient", "id": "c"}]},
    ),
    "a note": (
        {"note": [{"text": "right"}]},
        {"note": [{"text": "right", "time": "2026-11-18"}, {"text": "left"}]},
        {"note": [{"text": "right"}, {"text": "left"}]},
    ),
    "nothing from what is broken": (
        {"reasonCode": "pain"},
        {"reasonCode": [reason("M54.12")], "note": {"text": "left"}, "reasonReference": [{}]},
        {"reasonCode": "pain"},
    ),
}


@pytest.mark.parametrize("title", TAKEN)
def test_an_order_takes_over(title: str) -> None:
    own, other, expected = TAKEN[title]
    assert merged(own, other) == expected


def test_notes_stay_behind_where_the_order_stays_as_it_is() -> None:
    other = {"reasonCode": [reason("M54.16")], "note": [{"text": "left"}]}
    assert merged({}, other, stays=True) == {"reasonCode": [reason("M54.16")]}


def test_a_body_site_is_taken_over_as_it_is_written() -> None:
    hand, forearm = site("78791008"), site("66480008")
    arms = (Site("arm", "left"), Site("arm", "right"))
    assert merged({"bodySite": [hand]}, {"bodySite": [forearm]}, sites=arms) == {"bodySite": [hand, forearm]}


def test_a_limb_that_nobody_wrote_gets_its_code() -> None:
    limbs = (Site("arm", "right"), Site("leg", "right"))
    found = merged({"bodySite": [site("78791008")]}, {}, sites=limbs)["bodySite"]
    assert [each["coding"][0]["code"] for each in found] == ["78791008", "62175007"]


def test_the_orders_given_are_not_edited() -> None:
    own: Json = {"reasonCode": [reason("M54.12")], "note": [{"text": "right"}]}
    other: Json = {"reasonCode": [reason("M54.16")], "note": [{"text": "left"}]}
    merged(own, other)
    assert own == {"reasonCode": [reason("M54.12")], "note": [{"text": "right"}]}
    assert other == {"reasonCode": [reason("M54.16")], "note": [{"text": "left"}]}
