"""Request bodies as real clients send them, and the smallest valid one to vary."""

from __future__ import annotations

import json
from typing import Any

SIGN = "emg-ncs-order-sign"
SELECT = "emg-ncs-order-select"
HOOKS = {SIGN: "order-sign", SELECT: "order-select"}


def body(
    hook: str = "order-sign", *, context: dict[str, Any] | None = None, **members: Any
) -> dict[str, Any]:
    """The smallest valid request, with ``members`` put in; ``...`` takes a member out."""
    whole: dict[str, Any] = {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/example", "patientId": "p1", "draftOrders": bundle()},
    }
    for holder, changes in ((whole, members), (whole["context"], context or {})):
        for name, value in changes.items():
            if value is ...:
                holder.pop(name, None)
            else:
                holder[name] = value
    return whole


def bundle(*resources: Any) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in resources],
    }


def nested(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def _sandbox(hook: str, context: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "hookInstance": "8277734b-9640-4792-b9c4-f6d66c6ccb3f",
        "hook": hook,
        "fhirServer": "http://127.0.0.1:9080/fhir",
        "context": {"patientId": "p1", "userId": "Practitioner/COREPRACTITIONER1", **context},
        **members,
    }


def _orders(*resources: Any) -> dict[str, Any]:
    """The sandbox's Bundle has no type and its entries no fullUrl."""
    return {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}


DRUG: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "id": "request-123",
    "status": "draft",
    "subject": {"reference": "Patient/p1"},
    "authoredOn": "2026-11-22",
}
CHOSEN_DRUG: dict[str, Any] = {
    **DRUG,
    "dosageInstruction": [
        {
            "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": {"value": 1, "code": "{pill}"}}],
        }
    ],
    "intent": "order",
    "category": {"coding": [{"code": "community"}]},
    "reasonCode": {
        "coding": [{"system": "http://snomed.info/sct", "code": "38341003"}],
        "text": "Hypertension",
    },
    "medicationCodeableConcept": {
        "text": "Ibuprofen 200 MG Oral Tablet",
        "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "310965"}],
    },
}
STUDY: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "id": "example-request-id",
    "status": "draft",
    "intent": "plan",
    "code": {"coding": [{}]},
    "subject": {"reference": "Patient/p1"},
    "reasonCode": [],
}
CHOSEN_STUDY: dict[str, Any] = {
    **STUDY,
    "code": {"coding": [{"code": "72148", "system": "http://www.ama-assn.org/go/cpt"}], "text": "imaging"},
    "reasonCode": [
        {"coding": [{"code": "279039007", "system": "http://snomed.info/sct"}], "text": "back pain"}
    ],
}
DSTU2: dict[str, Any] = {
    "resourceType": "MedicationOrder",
    "id": "order-123",
    "patient": {"reference": "Patient/p1"},
    "dateWritten": "2026-11-22",
    "dosageInstruction": [{"timing": {"repeat": {"periodUnits": "d"}}, "doseQuantity": {"value": 1}}],
    "intent": "order",
}
PREFETCH: dict[str, Any] = {
    "patient": {"resourceType": "Patient", "id": "p1"},
    "coverage": {"resourceType": "Bundle", "type": "searchset", "total": 1},
}

SANDBOX: dict[str, tuple[str, dict[str, Any]]] = {
    "rx-sign-drug-chosen": (
        SIGN,
        _sandbox("order-sign", {"draftOrders": _orders(CHOSEN_DRUG)}, prefetch=PREFETCH),
    ),
    "rx-sign-no-drug": (SIGN, _sandbox("order-sign", {"draftOrders": _orders(DRUG)})),
    "rx-sign-dstu2": (SIGN, _sandbox("order-sign", {"draftOrders": _orders(DSTU2)})),
    "rx-sign-second-click": (SIGN, _sandbox("order-sign", {})),
    "rx-view": (
        SELECT,
        _sandbox(
            "order-select",
            {"selections": ["MedicationRequest/request-123"], "draftOrders": _orders(CHOSEN_DRUG)},
        ),
    ),
    "rx-view-second-click": (SELECT, _sandbox("order-select", {})),
    "pama-on-opening": (
        SELECT,
        _sandbox(
            "order-select",
            {"selections": ["ServiceRequest/example-request-id"], "draftOrders": _orders(STUDY)},
        ),
    ),
    "pama-chosen": (
        SELECT,
        _sandbox(
            "order-select",
            {"selections": ["ServiceRequest/example-request-id"], "draftOrders": _orders(CHOSEN_STUDY)},
        ),
    ),
}


def text(value: Any) -> bytes:
    return json.dumps(value).encode()
