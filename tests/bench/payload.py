"""An ordinary order-sign request: 3 orders and a chart whose size can be multiplied."""

from __future__ import annotations

from typing import Any

from tests.contract.bodies import body, bundle

SUBJECT = {"reference": "Patient/p1"}
CPT = "http://www.ama-assn.org/go/cpt"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
PROBLEMS = ("I10", "E78.5", "E11.9", "M54.50", "G56.01", "R20.2", "J45.909", "K21.9", "F41.1", "N18.30")


def request(times: int = 1) -> dict[str, Any]:
    """3 orders, Patient, Coverage; ``times`` x (20 Conditions, 5 Procedures, 5 MedicationRequests)."""
    chart = [
        *(_condition(number) for number in range(20 * times)),
        *(_procedure(number) for number in range(5 * times)),
        *(_medication(number) for number in range(5 * times)),
    ]
    return body(
        fhirServer="https://ehr.example.org/fhir",
        context={"draftOrders": bundle(_order("a", "95886"), _order("b", "95910"), _order("c", "95886"))},
        prefetch={
            "patient": {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1970-01-01"},
            "coverage": bundle(
                {
                    "resourceType": "Coverage",
                    "id": "c1",
                    "status": "active",
                    "beneficiary": SUBJECT,
                    "payor": [{"display": "Example Health Plan"}],
                }
            ),
            "chart": bundle(*chart),
        },
    )


def _order(name: str, code: str) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "id": name,
        "status": "draft",
        "intent": "order",
        "code": {"coding": [{"system": CPT, "code": code}]},
        "subject": SUBJECT,
        "authoredOn": "2026-11-20",
        "occurrenceDateTime": "2026-11-27",
        "requester": {"reference": "Practitioner/example"},
        "reasonCode": [{"coding": [{"system": ICD10CM, "code": "G56.01"}], "text": "numb right hand"}],
        "bodySite": [{"coding": [{"system": SNOMED, "code": "368209003"}], "text": "right arm"}],
    }


def _condition(number: int) -> dict[str, Any]:
    clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    verification = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    category = "http://terminology.hl7.org/CodeSystem/condition-category"
    return {
        "resourceType": "Condition",
        "id": f"condition-{number}",
        "meta": {"versionId": "1", "lastUpdated": "2026-01-02T03:04:05Z"},
        "clinicalStatus": {"coding": [{"system": clinical, "code": "active"}]},
        "verificationStatus": {"coding": [{"system": verification, "code": "confirmed"}]},
        "category": [{"coding": [{"system": category, "code": "problem-list-item"}]}],
        "code": {
            "coding": [
                {
                    "system": ICD10CM,
                    "code": PROBLEMS[number % len(PROBLEMS)],
                    "display": "as coded by the clinic",
                },
                {"system": SNOMED, "code": "404684003", "display": "as coded by the vendor"},
            ],
            "text": "as the clinician wrote it",
        },
        "subject": SUBJECT,
        "onsetDateTime": "2026-01-01",
        "recordedDate": "2026-01-02",
        "recorder": {"reference": "Practitioner/example", "display": "Clinician One"},
    }


def _procedure(number: int) -> dict[str, Any]:
    return {
        "resourceType": "Procedure",
        "id": f"procedure-{number}",
        "status": "completed",
        "code": {"coding": [{"system": CPT, "code": "97110"}], "text": "therapy"},
        "subject": SUBJECT,
        "performedDateTime": "2026-06-01",
    }


def _medication(number: int) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": f"medication-{number}",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [{"system": RXNORM, "code": "310965", "display": "a tablet"}],
            "text": "a tablet",
        },
        "subject": SUBJECT,
        "authoredOn": "2026-05-01",
        "dosageInstruction": [{"text": "one a day", "timing": {"repeat": {"frequency": 1, "period": 1}}}],
    }
