"""STRICT_OUTPUT: the FHIR models are asked about every resource that a suggestion carries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service import pipeline
from cds_service.fhir import validate
from tests import loaded


@pytest.fixture(scope="module")
def service() -> pipeline.Service:
    return loaded.service()


BEFORE = {
    "resourceType": "ServiceRequest",
    "id": "a",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": "Patient/p"},
}


@pytest.mark.parametrize(("strict", "asked"), [(False, 0), (True, 1)])
def test_the_models_are_asked_only_when_output_is_strict(
    service: pipeline.Service, monkeypatch: pytest.MonkeyPatch, strict: bool, asked: int
) -> None:
    calls: list[object] = []
    real = validate.explain
    monkeypatch.setattr(validate, "explain", lambda resource: calls.append(resource) or real(resource))
    after = {**BEFORE, "quantityQuantity": {"value": 2}}
    assert not replace(service, strict_output=strict).worse(BEFORE, after)
    assert len(calls) == asked


def test_a_correction_that_only_the_models_refuse_is_not_offered(
    service: pipeline.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = {**BEFORE, "quantityQuantity": {"value": 2}}
    monkeypatch.setattr(validate, "explain", lambda resource: ["refused"] if resource is after else [])
    assert replace(service, strict_output=True).worse(BEFORE, after)
    assert not service.worse(BEFORE, after)
