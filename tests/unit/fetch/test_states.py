"""The states of advertised prefetch keys."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fetch.states import Standing, states
from tests.unit.fetch.fhir_server import outcome, resource, searchset

TEMPLATES = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "coverage": "Coverage?patient={{context.patientId}}",
}
NOT_FOUND = {"resource": outcome("warning"), "search": {"mode": "outcome"}}
FAILED = {"resource": outcome("error"), "search": {"mode": "outcome"}}
CONDITION = resource("Condition")


def bundle(*entries: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": list(entries)}


@pytest.mark.parametrize(
    ("sent", "state"),
    [
        (CONDITION, "supplied"),
        (searchset(CONDITION), "supplied"),
        ([CONDITION], "supplied"),
        (resource("Observation"), "supplied"),
        ("not a resource", "supplied"),
        ({}, "supplied"),
        (None, "null"),
        ([], "empty"),
        (searchset(), "empty"),
        ({"resourceType": "Bundle"}, "empty"),
        ({"resourceType": "Bundle", "entry": None, "link": None}, "empty"),
        (bundle(NOT_FOUND), "empty"),
        (bundle(FAILED), "outcome"),
        (bundle(FAILED, {"resource": CONDITION}), "supplied"),
        (outcome(), "outcome"),
        (outcome("information"), "outcome"),
        (searchset(CONDITION, next_link="x"), "partial"),
        (searchset(next_link="x"), "partial"),
        ({**searchset(CONDITION), "link": [{"relation": "next"}]}, "partial"),
        ({**searchset(CONDITION), "link": [{"relation": "self", "url": "x"}]}, "supplied"),
    ],
)
def test_a_value_under_our_own_key_has_the_state(sent: Any, state: str) -> None:
    assert states({"conditions": sent}, TEMPLATES)["conditions"] == Standing("conditions", state)


def test_a_key_that_is_not_there_is_absent() -> None:
    assert {each.state for each in states({}, TEMPLATES).values()} == {"absent"}


@pytest.mark.parametrize(
    ("sent", "standing"),
    [
        ({"problemList": searchset(CONDITION)}, Standing("problemList", "supplied")),
        ({"a": [bundle({"resource": searchset(CONDITION)})]}, Standing("a", "supplied")),
        ({"patient": searchset(resource("Patient"), CONDITION)}, Standing("patient", "supplied")),
        ({"a": searchset(CONDITION, next_link="x")}, Standing("a", "partial")),
        ({"a": searchset(CONDITION, resource("Patient"), next_link="x")}, Standing("a", "supplied")),
        ({"conditionBundle": searchset()}, Standing("conditionBundle", "empty")),
        ({"patientConditions": None}, Standing("patientConditions", "null")),
        ({"Problems": outcome()}, Standing("Problems", "outcome")),
        ({"a": searchset()}, Standing("conditions", "absent")),
        ({"coverageBundle": None}, Standing("conditions", "absent")),
        ({"a": resource("Observation")}, Standing("conditions", "absent")),
        ({"a": "Condition"}, Standing("conditions", "absent")),
        ({"a": resource("Patient", contained=[CONDITION])}, Standing("conditions", "absent")),
    ],
)
def test_a_type_counts_under_whatever_key_the_client_chose(sent: Any, standing: Standing) -> None:
    assert states(sent, TEMPLATES)["conditions"] == standing


JSON = st.recursive(
    st.none() | st.text(max_size=5) | st.sampled_from(["Bundle", "Condition", "OperationOutcome", "next"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["resourceType", "entry", "resource", "link", "relation", "issue", "url"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["conditions", "problems", "a"]), JSON, max_size=3))
def test_any_json_has_a_state(prefetch: dict[str, Any]) -> None:
    found = states(prefetch, TEMPLATES)
    assert set(found) == set(TEMPLATES)
    assert all(each.key in prefetch or each.state == "absent" for each in found.values())
