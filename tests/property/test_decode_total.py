"""Any JSON whatever gives a Case, and a large chart costs no more than its size."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cds_service.core.case import Case
from cds_service.core.request import Request
from cds_service.fhir.decode import decode
from cds_service.fhir.sort_out import WAYS
from tests.fhir_samples import (
    CPT,
    ICD10CM,
    SNOMED,
    TODAY,
    bundle,
    coded,
    condition,
    observation,
    order,
    request,
    vocabulary,
)

WORDS = st.sampled_from(
    [
        "",
        "active",
        "completed",
        "final",
        "refuted",
        "2026-11-20",
        "2026-02-30",
        "2026",
        "Patient/p1",
        "#a",
        "urn:uuid:a",
        "Condition/a",
        "4/5",
        "right arm",
        "no weakness",
        "wrist splint",
        "gabapentin",
        "M62.81",
        "26544005",
        "95886",
        "25480",
        "G56.0",
        "next",
        ICD10CM,
        SNOMED,
        CPT,
        "Muscle strength",
        "Questionnaire/emg-ncs-order-facts",
        "splint-weeks",
    ]
)
NAMES = st.sampled_from(
    [
        "answer authored authoredOn bodySite boundsPeriod category class clinicalStatus code coding",
        "component contained daysSupply device deviceName display doNotPerform effectiveDateTime",
        "encounter end entry event extension fullUrl id ingredient intent interpretation issue item",
        "itemCodeableConcept link linkId medicationCodeableConcept medicationReference mode name note",
        "occurrenceDateTime occurrenceTiming onsetDateTime onsetPeriod orderDetail patientInstruction",
        "payor performedPeriod performer quantityQuantity questionnaire reasonCode reasonReference",
        "reference relation repeat resource resourceType search severity start status subject system",
        "text timingPeriod type unit url value valueBoolean valueCodeableConcept valueCoding",
        "valueInteger valueQuantity valueRatio valueString verificationStatus whenHandedOver",
    ]
).flatmap(lambda row: st.sampled_from(row.split()))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | st.text(max_size=8)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=12,
)
KINDS = st.sampled_from([*WAYS, "Bundle", "OperationOutcome", "Device", "Medication", "Patient"])
RESOURCES = st.builds(
    lambda kind, body: {**body, "resourceType": kind}, KINDS, st.dictionaries(NAMES, JSON, max_size=9)
)
ANY = JSON | RESOURCES


def is_case(case: Case) -> bool:
    return isinstance(case, Case) and all(fact.groups for fact in case.facts)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(ANY, max_size=4),
    st.dictionaries(WORDS, ANY | st.lists(ANY, max_size=3), max_size=4),
    st.lists(WORDS, max_size=2),
)
def test_any_json_gives_a_case(orders: list[Any], prefetch: dict[str, Any], selections: list[str]) -> None:
    drafts = tuple((f"context.draftOrders.entry[{at}].resource", each) for at, each in enumerate(orders))
    asked = Request(drafts, prefetch, tuple(selections), "p1", "e1")
    first = decode(asked, vocabulary(), TODAY)
    assert is_case(first)
    assert decode(asked, vocabulary(), TODAY) == first
    refs = [each.ref for each in first.orders]
    assert len(refs) == len(set(refs))


GOOD = [
    order(
        "a",
        quantityQuantity={"value": 1},
        bodySite=[coded(SNOMED, "6921000", "right arm")],
        reasonCode=[coded(ICD10CM, "G56.01", "Carpal tunnel")],
        reasonReference=[{"reference": "Condition/c"}],
        occurrenceTiming={"event": ["2026-12-01"]},
        orderDetail=[{"text": "RT"}],
        note=[{"text": "x"}],
        performer=[{"reference": "Practitioner/d"}],
    ),
    condition("c", "M62.541", onsetDateTime="2026-01-01", bodySite=[{"text": "hand"}]),
    observation("Muscle strength", valueString="4/5", component=[{"code": {"text": "Pinprick"}}]),
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(GOOD), st.data(), JSON)
def test_any_element_may_be_anything(good: dict[str, Any], data: st.DataObject, value: Any) -> None:
    spoilt = {**good, data.draw(st.sampled_from(sorted(good))): value}
    for asked in (request(spoilt, prefetch={}), request(prefetch={"conditions": bundle(spoilt)})):
        assert is_case(decode(asked, vocabulary(), TODAY))


def test_depth_is_no_danger() -> None:
    nested: Any = condition("c", "M62.81")
    for _ in range(1_000):
        nested = bundle(nested)
    concept: Any = "4/5"
    for _ in range(20_000):
        concept = {"extension": [concept], "item": [concept]}
    asked = request(
        order("a", code=concept, bodySite=concept, contained=[concept]),
        order("a", code=concept),
        prefetch={"a": nested, "b": observation("Strength", valueString=concept), "c": concept},
    )
    assert decode(asked, vocabulary(), TODAY).facts


def _cost(chart: list[Any]) -> float:
    asked = request(order("a"), prefetch={"conditions": bundle(*chart)})
    best = float("inf")
    for _ in range(3):
        start = process_time()
        decode(asked, vocabulary(), TODAY)
        best = min(best, process_time() - start)
    return best


@pytest.mark.parametrize(
    "make",
    [
        lambda at: condition(f"c{at}", "M62.81"),
        lambda at: condition(f"c{at % 7}", "M62.81", onsetDateTime=f"20{at % 90 + 10}-01-{at % 28 + 1:02}"),
        lambda at: observation(f"Finding {at}", valueString="normal"),
        lambda at: order(f"s{at}", status="active", reasonReference=[{"reference": f"Condition/c{at}"}]),
    ],
)
def test_cost_is_linear(make: Any) -> None:
    few, many = _cost([make(at) for at in range(400)]), _cost([make(at) for at in range(4_000)])
    assert many < 30 * few
