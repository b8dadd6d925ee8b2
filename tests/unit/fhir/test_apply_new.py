"""A new order modelled on another: what it carries of it, as JSON."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cds_service.core.finding import Edit
from cds_service.fhir import validate
from tests.property.strategies import service

Json = dict[str, Any]

CPT = "http://www.ama-assn.org/go/cpt"
MODEL: Json = {
    "resourceType": "ServiceRequest",
    "id": "a",
    "status": "draft",
    "intent": "order",
    "code": {"coding": [{"system": CPT, "code": "95860"}]},
    "subject": {"reference": "Patient/p"},
}
CONDITION: Json = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"}}
COVERAGE: Json = {
    "resourceType": "Coverage",
    "id": "cov",
    "status": "active",
    "beneficiary": {"reference": "#p"},
    "payor": [{"reference": "#org"}],
}
PATIENT: Json = {"resourceType": "Patient", "id": "p"}
PAYER: Json = {"resourceType": "Organization", "id": "org"}


def created(**model: Any) -> Json:
    """What a new order carries of its model, beside what every new order has."""
    whole = {**MODEL, **model}
    before = copy.deepcopy(whole)
    order = service().writer.created(whole, Edit("create", "ServiceRequest/a", "95910"))
    assert whole == before
    assert order["code"]["coding"][0]["code"] == "95910"
    return {name: value for name, value in order.items() if name not in ("resourceType", "status", "code")}


ALWAYS = {"intent": "order", "subject": {"reference": "Patient/p"}}
TO_CONDITION = {"reasonReference": [{"reference": "#c"}]}

CARRIED: dict[str, tuple[Json, Json]] = {
    "nothing of its own": ({}, ALWAYS),
    "a contained reason": (
        {**TO_CONDITION, "contained": [CONDITION]},
        {**ALWAYS, **TO_CONDITION, "contained": [CONDITION]},
    ),
    "what a contained resource points to": (
        {"insurance": [{"reference": "#cov"}], "contained": [PAYER, COVERAGE, CONDITION, PATIENT]},
        {**ALWAYS, "insurance": [{"reference": "#cov"}], "contained": [PAYER, COVERAGE, PATIENT]},
    ),
    "no contained resource that only other elements need": (
        {"note": [{"text": "x", "authorReference": {"reference": "#c"}}], "contained": [CONDITION]},
        ALWAYS,
    ),
    "no reference to what is not there": (
        {"reasonReference": [{"reference": "#gone"}, {"reference": "Condition/1"}]},
        {**ALWAYS, "reasonReference": [{"reference": "Condition/1"}]},
    ),
    "no reason that is no reason": ({"reasonCode": 3}, ALWAYS),
    "the reasons beside one that is broken": (
        {"reasonCode": [{"text": "weakness"}, 3, {"coding": [{"code": 5}]}]},
        {**ALWAYS, "reasonCode": [{"text": "weakness"}]},
    ),
    "no date that is none, nor what is said of it": (
        {"authoredOn": "soon", "_authoredOn": {"id": "x"}, "occurrenceDateTime": "2026-12-01"},
        {**ALWAYS, "occurrenceDateTime": "2026-12-01"},
    ),
    "an intent where the model's is none": ({"intent": 3}, ALWAYS),
    "no contained resource that is broken, nor what points to it": (
        {"insurance": [{"reference": "#cov"}], "contained": [{**COVERAGE, "status": 3}, PAYER, PATIENT]},
        ALWAYS,
    ),
    "resources that point to each other": (
        {
            **TO_CONDITION,
            "contained": [
                {**CONDITION, "evidence": [{"detail": [{"reference": "#d"}]}]},
                {**CONDITION, "id": "d", "evidence": [{"detail": [{"reference": "#c"}]}]},
            ],
        },
        {
            **ALWAYS,
            **TO_CONDITION,
            "contained": [
                {**CONDITION, "evidence": [{"detail": [{"reference": "#d"}]}]},
                {**CONDITION, "id": "d", "evidence": [{"detail": [{"reference": "#c"}]}]},
            ],
        },
    ),
    "contained that is no list": ({**TO_CONDITION, "contained": 3}, ALWAYS),
}


@pytest.mark.parametrize(("model", "carried"), CARRIED.values(), ids=CARRIED)
def test_a_new_order_carries(model: Json, carried: Json) -> None:
    found = created(**model)
    assert found == carried
    assert validate.errors_of({**found, "resourceType": "ServiceRequest", "status": "draft"}) == ()


def test_a_patient_that_is_none_is_not_made_up() -> None:
    """The order then lacks what it must have, and is not offered."""
    assert "subject" not in created(subject=3)
