"""What a coverage-information extension of Da Vinci CRD keeps to, by version: parts, codes, invariants.

Written from the guide's own definitions, apart from the code that writes the extension.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

URL = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information"
PARTS = {
    "coverage": ("valueReference", 1, 1),
    "covered": ("valueCode", 1, 1),
    "pa-needed": ("valueCode", 0, 1),
    "doc-needed": ("valueCode", 0, 9),
    "doc-purpose": ("valueCode", 0, 9),
    "info-needed": ("valueCode", 0, 9),
    "reason": ("valueCodeableConcept", 0, 9),
    "detail": ("extension", 0, 9),
    "questionnaire": ("valueCanonical", 0, 9),
    "date": ("valueDate", 1, 1),
    "coverage-assertion-id": ("valueString", 1, 1),
}
CODES = {
    "covered": {"covered", "not-covered", "conditional"},
    "pa-needed": {"no-auth", "auth-needed", "satisfied", "performpa", "conditional"},
    "doc-needed": {"clinical", "admin", "conditional"},
    "doc-purpose": {"withpa", "withclaim", "withorder", "retain-doc", "OTH"},
    "info-needed": {"performer", "location", "timeframe", "contract-window", "OTH"},
}
OF_2_2 = {
    "covered": {"indeterminate"},
    "pa-needed": {"indeterminate"},
    "doc-needed": {"patient", "indeterminate"},
    "info-needed": {"detail-code"},
}
REASONS = {"2.0": {"gold-card", "detail-code"}, "2.1": {"gold-card", "detail-code"}, "2.2": {"gold-card"}}


def faults(extension: Json, version: str) -> list[str]:
    """Every rule that is broken."""
    parts = extension["extension"]
    return [*_shape(parts, version), *(name for name, holds in _invariants(parts, version) if not holds)]


def values(parts: list[Json], name: str) -> list[Any]:
    return [part.get(PARTS[name][0]) for part in parts if part["url"] == name]


def _shape(parts: list[Json], version: str) -> Iterator[str]:
    counts = Counter(part["url"] for part in parts)
    yield from (f"{name} is no part" for name in counts if name not in PARTS)
    for name, (value, least, most) in PARTS.items():
        if not least <= counts[name] <= (1 if name == "doc-needed" and version == "2.0" else most):
            yield f"{name} stands {counts[name]} times"
        if any(value not in part or len(part) != 2 for part in parts if part["url"] == name):
            yield f"{name} has no {value}"
    for name, known in CODES.items():
        known = known | (OF_2_2.get(name, set()) if version == "2.2" else set())
        yield from (f"{name}: {code} is no code" for code in values(parts, name) if code not in known)
    if not all(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day) for day in values(parts, "date")):
        yield "date is no date"
    if version != "2.2" and counts["detail"]:
        yield "detail is said where it has other parts"


def _invariants(parts: list[Json], version: str) -> Iterator[tuple[str, bool]]:
    covered, pa_needed, doc_needed, doc_purpose, info_needed = (
        values(parts, name) for name in ("covered", "pa-needed", "doc-needed", "doc-purpose", "info-needed")
    )
    reasons = values(parts, "reason")
    is_open = "conditional" in (*covered, *pa_needed, *doc_needed)
    yield "q1", not values(parts, "questionnaire") or bool(doc_needed)
    yield "q2", ("not-covered" in covered) != bool(pa_needed)
    yield "q3", (not info_needed or is_open) if version == "2.0" else is_open == bool(info_needed)
    yield "q4", version != "2.2" or "withpa" not in doc_purpose
    yield "q5", "satisfied" not in pa_needed
    yield "q6", "OTH" not in info_needed or bool(reasons)
    codes = {coding["code"] for reason in reasons for coding in reason.get("coding", [])}
    yield "q7", all(reason.get("text") for reason in reasons) and codes <= REASONS[version]
    yield "q8", not doc_purpose or bool(reasons)
    yield "q9", "indeterminate" not in (*covered, *pa_needed, *doc_needed) or bool(reasons)
