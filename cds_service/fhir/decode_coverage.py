"""Coverage -> who pays, and which covers are in force."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cds_service.core.coverage import Coverage
from cds_service.fhir.elements import JsonObject, as_object, as_text, day, objects
from cds_service.fhir.search import Finds, Found

NO_COVER = frozenset({"cancelled", "entered-in-error", "draft"})
_REF = re.compile(r"Coverage/[A-Za-z0-9.\-]{1,64}")


def read_payers(finds: Finds, coverages: Iterable[Found]) -> tuple[str, ...]:
    """The names of who pays, each once."""
    names = (name for found in coverages if _covers(found.resource) for name in _names(finds, found))
    return tuple(dict.fromkeys(names))


def read_coverages(finds: Finds, coverages: Iterable[Found], as_of: str) -> tuple[Coverage, ...]:
    """The covers in force on the day, each once; one that nothing can refer to is left out."""
    found = {
        each.ref: Coverage(each.ref, tuple(_names(finds, each)))
        for each in coverages
        if _REF.fullmatch(each.ref) and _covers(each.resource) and _in_force(each.resource, as_of)
    }
    return tuple(found.values())


def _covers(resource: JsonObject) -> bool:
    return as_text(resource.get("status")) not in NO_COVER


def _in_force(resource: JsonObject, as_of: str) -> bool:
    period = as_object(resource.get("period"))
    start, end = day(period.get("start"), late=False), day(period.get("end"))
    return (not start or start <= as_of) and (not end or as_of <= end)


def _names(finds: Finds, coverage: Found) -> list[str]:
    names: list[str] = []
    for payer in objects(coverage.resource.get("payor")):
        name = as_text(payer.get("display"))
        if not name:
            found = finds.resolve(payer, coverage.resource)
            if found is not None and found.type == "Organization":
                name = as_text(found.resource.get("name"))
        if name:
            names.append(name)
    return names
