"""A reasoning in, what may be kept of it out: our own words and verdicts, references as keyed hashes.

Only members listed here pass; what was seen in the chart, dates and labels are never among them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cds_service.store.hashes import Hashes

Json = dict[str, Any]

# Long enough to tell the references of a call apart, short enough to be read.
SHORT = 12
_TYPES = frozenset(
    {
        "Condition",
        "Coverage",
        "DiagnosticReport",
        "Encounter",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Patient",
        "Procedure",
        "QuestionnaireResponse",
        "ServiceRequest",
    }
)
# Codes of procedures and reasons, old ones too; anything else in the place of a code could be free text.
_CODE = re.compile(
    r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}|[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?|[0-9]{3}\.[0-9]{1,2}"
)


def keep(trace: Mapping[str, Any], hashes: Hashes) -> Json:
    """The explanation of a decision (contract's JSON) without anything of the patient."""
    return {
        "as_of": trace.get("as_of", ""),
        "determinations": _each(trace, "determinations", lambda item: _determination(item, hashes)),
        "corrections": _each(trace, "corrections", lambda item: _correction(item, hashes)),
        "diagnosis_corrections": _each(trace, "diagnosis_corrections", lambda item: _diagnosis(item, hashes)),
        "notices": _each(
            trace,
            "notices",
            lambda item: {**_ours(item, "id"), "orders": _references(item, "orders", hashes)},
        ),
        # The path of a gap quotes the client's own key names.
        "gaps": sorted({str(gap.get("what", "")) for gap in _items(trace, "gaps")}),
    }


def reference(text: str, hashes: Hashes) -> str:
    """``Type/id`` with the id as a short keyed hash; the type only when it is one of FHIR's we know."""
    kind, slash, _ = text.rpartition("/")
    kind = kind.rpartition("/")[2]
    if not slash and text in _TYPES:
        return text
    return f"{kind if kind in _TYPES else 'resource'}/{hashes.text('reference', text)[:SHORT]}"


def _determination(item: Mapping[str, Any], hashes: Hashes) -> Json:
    return {
        **_ours(item, "pathway", "result", "rows", "missing", "satisfied"),
        "orders": _references(item, "orders", hashes),
        "criteria": _each(
            item,
            "criteria",
            lambda step: {
                **_ours(step, "id", "verdict", "basis", "expected"),
                "evidence": _references(step, "evidence", hashes),
            },
        ),
    }


def _correction(item: Mapping[str, Any], hashes: Hashes) -> Json:
    return {
        **_ours(item, "pattern", "mode", "default", "asks", "why", "basis", "source", "warning"),
        "orders": _references(item, "orders", hashes),
        "about": _references(item, "about", hashes),
        "choices": [
            [{"code": _code(line.get("code")), "units": line.get("units")} for line in choice]
            for choice in item.get("choices") or ()
        ],
    }


def _diagnosis(item: Mapping[str, Any], hashes: Hashes) -> Json:
    return {
        **_ours(item, "row", "mode", "asks", "why"),
        "order": reference(str(item.get("order", "")), hashes),
        "from": [_code(code) for code in item.get("from") or ()],
        "choices": [[_code(code) for code in choice] for choice in item.get("choices") or ()],
    }


def _ours(item: Mapping[str, Any], *names: str) -> Json:
    return {name: item[name] for name in names if name in item}


def _items(item: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return list(item.get(name) or ())


def _each(item: Mapping[str, Any], name: str, make: Callable[[Mapping[str, Any]], Json]) -> list[Json]:
    return [make(part) for part in _items(item, name)]


def _references(item: Mapping[str, Any], name: str, hashes: Hashes) -> list[str]:
    return [reference(str(text), hashes) for text in item.get(name) or ()]


def _code(code: object) -> str:
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "(not kept)"
