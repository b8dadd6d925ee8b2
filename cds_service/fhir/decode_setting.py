"""Encounter -> setting."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.core.request import Request
from cds_service.fhir.elements import as_object, as_text, code_of, day, reference
from cds_service.fhir.search import Finds, Found

NO_VISIT = frozenset({"cancelled", "entered-in-error"})
OVER = frozenset({"finished", "completed", "discharged"})


def read_setting(
    request: Request, finds: Finds, orders: Iterable[Found], encounters: list[Found], as_of: str
) -> str:
    """The class code of the orders' encounter: theirs, the hook's, or the only one that is not long over."""
    named = [
        (given, order.resource)
        for order in orders
        if reference(given := as_object(order.resource.get("encounter"))) != ""
    ]
    for given, owner in named:
        found = finds.resolve(given, owner)
        if found is not None and found.type == "Encounter":
            return _class(found)
    if request.encounter_id:
        for found in encounters:
            if found.resource.get("id") == request.encounter_id:
                return _class(found)
    if named or request.encounter_id:
        return ""
    visits = [found for found in encounters if _may_be_meant(found, as_of)]
    return _class(visits[0]) if len({found.ref for found in visits}) == 1 else ""


def _may_be_meant(found: Found, as_of: str) -> bool:
    """Whether an encounter that nothing names may be the one of the orders."""
    status = as_text(found.resource.get("status"))
    end = day(as_object(found.resource.get("period")).get("end"))
    return status not in NO_VISIT and not (status in OVER and "" < end < as_of)


def _class(found: Found) -> str:
    return code_of(found.resource.get("class"))
