"""Requests in FHIR, in few words: ``read(order("a", "95886"), chart=[condition("c", "R20.1")])``."""

from __future__ import annotations

from functools import cache
from typing import Any

from cds_service.content import Roots
from cds_service.core.case import Case, Fact
from cds_service.core.request import Request
from cds_service.core.vocabulary import Vocabulary
from cds_service.fhir.decode import decode
from cds_service.guidelines import load as guideline_files

CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"

PATIENT = {"reference": "Patient/p1"}
TODAY = "2026-11-22"
WRITTEN = "2026-11-20"

Resource = dict[str, Any]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary as shipped."""
    return guideline_files.load(Roots.default()).vocabulary


def coded(system: str, code: str, text: str = "") -> Resource:
    concept: Resource = {"coding": [{"system": system, "code": code}]}
    return {**concept, "text": text} if text else concept


def order(own: str, code: str = "95886", **elements: Any) -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": own,
        "status": "draft",
        "intent": "order",
        "subject": PATIENT,
        "authoredOn": WRITTEN,
        "code": coded(CPT, code),
        **elements,
    }


def condition(own: str, code: str | Resource, **elements: Any) -> Resource:
    concept = code if isinstance(code, dict) else coded(ICD10CM, code)
    status = {"clinicalStatus": {"coding": [{"code": "active"}]}}
    return {
        "resourceType": "Condition",
        "id": own,
        "subject": PATIENT,
        "code": concept,
        **status,
        **elements,
    }


def observation(name: str | Resource, **elements: Any) -> Resource:
    concept = name if isinstance(name, dict) else {"text": name}
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "subject": PATIENT,
        "code": concept,
        **elements,
    }


def resource(kind: str, own: str, **elements: Any) -> Resource:
    return {"resourceType": kind, "id": own, "subject": PATIENT, **elements}


def bundle(*resources: Any, **elements: Any) -> Resource:
    entries = [{"resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, **elements}


def request(*orders: Any, prefetch: Any = None, **elements: Any) -> Request:
    drafts = tuple((f"context.draftOrders.entry[{at}].resource", each) for at, each in enumerate(orders))
    return Request(drafts, {} if prefetch is None else prefetch, patient_id="p1", **elements)


def read(*orders: Any, chart: list[Any] | None = None, **elements: Any) -> Case:
    """The case of draft ``orders`` with a chart in one Bundle."""
    prefetch = None if chart is None else {"conditions": bundle(*chart)}
    return decode(request(*orders, prefetch=prefetch, **elements), vocabulary(), TODAY)


def only_fact(*chart: Any) -> Fact:
    """The one fact of a chart."""
    (fact,) = read(chart=list(chart)).facts
    return fact
