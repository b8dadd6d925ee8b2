"""Encounter -> setting."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.core.request import Request
from cds_service.fhir.elements import as_object, as_text, code_of, reference
from cds_service.fhir.search import Finds, Found

NO_VISIT = frozenset({"cancelled", "entered-in-error"})


def read_setting(request: Request, finds: Finds, orders: Iterable[Found], encounters: list[Found]) -> str:
    """The class code of the orders' encounter: theirs, the hook's, or the only one supplied."""
    named = [
        given for order in orders if reference(given := as_object(order.resource.get("encounter"))) != ""
    ]
    for given in named:
        found = finds.resolve(given)
        if found is not None and found.type == "Encounter":
            return _class(found)
    if request.encounter_id:
        for found in encounters:
            if found.resource.get("id") == request.encounter_id:
                return _class(found)
    if named or request.encounter_id:
        return ""
    visits = [found for found in encounters if as_text(found.resource.get("status")) not in NO_VISIT]
    return _class(visits[0]) if len({found.ref for found in visits}) == 1 else ""


def _class(found: Found) -> str:
    return code_of(found.resource.get("class"))
