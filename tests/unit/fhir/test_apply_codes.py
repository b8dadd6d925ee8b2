"""Which codings of an order a correction rewrites."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.core.finding import Edit
from tests.property.strategies import CPT, HCPCS, service

Json = dict[str, Any]

LOCAL = "urn:example:orderables"
OID = "urn:oid:2.16.840.1.113883.6.12"
HTTPS = "https://www.ama-assn.org/go/cpt"

# system, code
Codings = list[tuple[str, str]]

WRITTEN: dict[str, tuple[Codings, Codings]] = {
    "the only one": ([(CPT, "95860")], [(CPT, "95886")]),
    "not a code of the house that looks alike": (
        [(LOCAL, "95860"), (CPT, "95860")],
        [(LOCAL, "95860"), (CPT, "95886")],
    ),
    "nor one behind it": ([(CPT, "95860"), (LOCAL, "95860")], [(CPT, "95886"), (LOCAL, "95860")]),
    "the same code under another name of the system": (
        [(OID, "95860"), (CPT, "95860")],
        [(OID, "95886"), (CPT, "95886")],
    ),
    "the same code under the other procedure system": (
        [(CPT, "95860"), (HCPCS, "95860")],
        [(CPT, "95886"), (HCPCS, "95886")],
    ),
    "three names, of which the first gets the usual one": (
        [(HTTPS, "95860"), (OID, "95860"), (HCPCS, "95860")],
        [(CPT, "95886"), (OID, "95886"), (HCPCS, "95886")],
    ),
    "twice the same is once": ([(CPT, "95860"), (CPT, "95860")], [(CPT, "95886")]),
    "another code stays": ([(CPT, "95860"), (CPT, "99999")], [(CPT, "95886"), (CPT, "99999")]),
    "the wrong system, where there is no right one": ([(LOCAL, "95860")], [(CPT, "95886")]),
    "one of two wrong systems": (
        [(LOCAL, "95860"), ("urn:x", "95860")],
        [(CPT, "95886"), ("urn:x", "95860")],
    ),
}


def changed(codings: list[Json], code: str = "95886") -> list[Json]:
    edit = Edit("change", "a", code, replaces="95860")
    order = service().writer.changed({"resourceType": "ServiceRequest", "code": {"coding": codings}}, [edit])
    assert order is not None
    found: list[Json] = order["code"]["coding"]
    return found


@pytest.mark.parametrize("title", WRITTEN)
def test_the_code_is_corrected_wherever_it_stands(title: str) -> None:
    before, after = WRITTEN[title]
    found = changed([{"system": system, "code": code} for system, code in before])
    assert [(each["system"], each["code"]) for each in found] == after


def test_a_corrected_coding_has_the_new_label_and_keeps_what_is_beside_it() -> None:
    alike = {"system": LOCAL, "code": "95860", "display": "house name"}
    twin = {"system": OID, "code": "95860", "display": "old", "userSelected": True}
    label = service().knowledge.coding.table.label_of("95886")
    assert changed([alike, {"system": CPT, "code": "95860", "display": "old"}, twin]) == [
        alike,
        {"system": CPT, "code": "95886", "display": label},
        {"system": OID, "code": "95886", "display": label, "userSelected": True},
    ]
