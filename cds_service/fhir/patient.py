"""Whose a resource is. What says that it is about somebody else counts nowhere."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.core.request import Request
from cds_service.fhir.elements import JsonObject, reference, type_and_id


def patients_of(request: Request, orders: Iterable[JsonObject]) -> frozenset[str]:
    """Who the request is about: as its context says, else as its orders do; empty when nothing does."""
    if request.patient_id:
        return frozenset((f"Patient/{request.patient_id}",))
    subjects = {type_and_id(_subject(order)) for order in orders}
    return frozenset(subject for subject in subjects if subject.startswith("Patient/"))


def is_foreign(resource: JsonObject, patients: frozenset[str]) -> bool:
    """Whether a resource says that it is about another patient."""
    literal = _subject(resource)
    if not literal or literal in patients or not patients:
        return False
    subject = type_and_id(literal)
    return subject.startswith("Patient/") and subject not in patients


def _subject(resource: JsonObject) -> str:
    return (
        reference(resource.get("subject"))
        or reference(resource.get("patient"))
        or reference(resource.get("beneficiary"))
    )
