"""Hook requests as the Inferno CRD kit posts them: scenarios with a Coverage, and orders of other kinds."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tests import loaded

Json = dict[str, Any]

PAYER = "Anthem Test Plan"
# Between them every response type: corrections by update, orders to add, a policy link, instructions.
SCENARIOS = (
    "icd-r51-header",
    "c18-one-and-three-limbs",
    "n0-lymphoedema-other-side",
    "v01-carpal-tunnel-after-splint",
    "v06-diabetic-neuropathy-despite-treatment",
)
# What the kit's presets send; of these options only max-cards is one of ours.
CONFIGURATION = {"alt-drug": True, "coverage": True, "dtr-clin": True, "max-cards": 10}


@cache
def _texts() -> dict[str, bytes]:
    return {scenario.name: scenario.request() for scenario in loaded.scenarios().values()}


def scenario(name: str, *payers: str, version: str = "", configuration: Any = None) -> Json:
    """The request of a scenario, with a Coverage for each payer and what a CRD client adds."""
    request: Json = json.loads(_texts()[name])
    request.setdefault("prefetch", {})["coverage"] = coverages(request["context"]["patientId"], *payers)
    extension = request.setdefault("extension", {})
    extension["davinci-crd.configuration"] = CONFIGURATION if configuration is None else configuration
    if version:
        extension["davinci-crd.requestedVersion"] = version
    return request


def coverages(patient: str, *payers: str) -> Json:
    """A search result with one Coverage of each payer."""
    found = [
        {
            "resourceType": "Coverage",
            "id": f"cov-{number}",
            "status": "active",
            "beneficiary": {"reference": f"Patient/{patient}"},
            "payor": [{"display": payer}],
        }
        for number, payer in enumerate(payers, start=1)
    ]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found),
        "entry": [{"resource": each, "search": {"mode": "match"}} for each in found],
    }


def orders_of(request: Json) -> dict[str, Json]:
    """The draft orders by reference."""
    resources = [entry["resource"] for entry in request["context"]["draftOrders"]["entry"]]
    return {f"{each['resourceType']}/{each['id']}": each for each in resources}


def selected(request: Json) -> Json:
    """The same orders, selected instead of signed."""
    context = {**request["context"], "selections": list(orders_of(request))}
    return {**request, "hook": "order-select", "context": context}


def bodies(hook: str) -> list[Json]:
    """Everything that is posted for a hook."""
    found = [scenario(name, PAYER) for name in SCENARIOS] + [_foreign(order) for order in _FOREIGN]
    return found if hook == "order-sign" else [selected(request) for request in found]


def _foreign(order: Json) -> Json:
    common = {
        "status": "draft",
        "intent": "original-order",
        "subject": {"reference": "Patient/pat-1"},
        "authoredOn": "2026-11-20",
        "requester": {"display": "Example Requester"},
    }
    return {
        "hook": "order-sign",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": "https://ehr.example.org/fhir",
        "fhirAuthorization": {
            "access_token": "example-token",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/Patient.read patient/Observation.read",
            "subject": "example-client",
        },
        "context": {
            "userId": "Practitioner/pra-1",
            "patientId": "pat-1",
            "encounterId": "enc-1",
            "draftOrders": {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [{"resource": {**common, **order}}],
            },
        },
        "prefetch": {
            "patient": {"resourceType": "Patient", "id": "pat-1"},
            "coverage": coverages("pat-1", PAYER),
        },
        "extension": {"davinci-crd.configuration": CONFIGURATION},
    }


_HCPCS = "https://bluebutton.cms.gov/resources/codesystem/hcpcs"
_FOREIGN: tuple[Json, ...] = (
    {
        "resourceType": "DeviceRequest",
        "id": "device-1",
        "codeCodeableConcept": {"coding": [{"system": _HCPCS, "code": "E0250"}]},
    },
    {
        "resourceType": "ServiceRequest",
        "id": "service-1",
        "code": {"coding": [{"system": _HCPCS, "code": "G0180"}]},
    },
)
