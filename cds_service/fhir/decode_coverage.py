"""Coverage -> who pays, and which covers are in force."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cds_service.core.coverage import Coverage, Payer
from cds_service.fhir.elements import JsonObject, as_object, as_text, day, objects
from cds_service.fhir.search import Finds, Found

NO_COVER = frozenset({"cancelled", "entered-in-error", "draft"})
_REF = re.compile(r"Coverage/[A-Za-z0-9.\-]{1,64}")


def read_payers(finds: Finds, coverages: Iterable[Found], as_of: str) -> tuple[Payer, ...]:
    """Who pays on the day, each once; also by a cover that nothing can refer to."""
    found = (each for each in coverages if _in_force(each.resource, as_of))
    return tuple(dict.fromkeys(payer for each in found for payer in _payers(finds, each)))


def read_coverages(finds: Finds, coverages: Iterable[Found], as_of: str) -> tuple[Coverage, ...]:
    """The covers in force on the day, each once; one that nothing can refer to is left out."""
    found = {
        each.ref: Coverage(each.ref, tuple(_payers(finds, each)))
        for each in coverages
        if _REF.fullmatch(each.ref) and _in_force(each.resource, as_of)
    }
    return tuple(found.values())


def _in_force(resource: JsonObject, as_of: str) -> bool:
    if as_text(resource.get("status")) in NO_COVER:
        return False
    period = as_object(resource.get("period"))
    start, end = day(period.get("start"), late=False), day(period.get("end"))
    return (not start or start <= as_of) and (not end or as_of <= end)


def _payers(finds: Finds, coverage: Found) -> Iterator[Payer]:
    for payor in objects(coverage.resource.get("payor")):
        name, identifiers = as_text(payor.get("display")), _identifiers(payor.get("identifier"))
        found = finds.resolve(payor, coverage.resource)
        if found is not None and found.type == "Organization":
            name = name or as_text(found.resource.get("name"))
            identifiers += _identifiers(found.resource.get("identifier"))
        if name or identifiers:
            yield Payer(name, identifiers)


def _identifiers(given: object) -> tuple[str, ...]:
    read = ((as_text(each.get("system")), as_text(each.get("value"))) for each in objects(given))
    return tuple(f"{system}|{value}" for system, value in read if system and value)
