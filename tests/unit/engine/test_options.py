"""Billing options: an order that may be billed by one of several codes is corrected only if none fits."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.content import Roots
from cds_service.core.case import Case
from cds_service.core.request import Request
from cds_service.engine.evaluate import evaluate, lines_of
from cds_service.engine.options import settle
from cds_service.fhir.decode import decode
from cds_service.fhir.decode_order import BILLING_OPTIONS
from cds_service.guidelines import load as guideline_files

KNOWLEDGE = guideline_files.load(Roots.default())
CPT = "http://www.ama-assn.org/go/cpt"
REASON = "http://hl7.org/fhir/sid/icd-10-cm"


def order(name: str, *options: str, own: str = "") -> dict[str, Any]:
    """An order with a local code, or one of the table, and the codes it may be billed by."""
    coding = {"system": CPT, "code": own} if own else {"system": "urn:local", "code": f"LOCAL-{name}"}
    return {
        "resourceType": "ServiceRequest",
        "id": name,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "reasonCode": [{"coding": [{"system": REASON, "code": "G56.01"}]}],
        "code": {
            "coding": [coding],
            "extension": [
                {
                    "url": BILLING_OPTIONS,
                    "valueCodeableConcept": {"coding": [{"system": CPT, "code": code}]},
                }
                for code in options
            ],
        },
    }


def read(*orders: dict[str, Any]) -> Case:
    drafts = tuple((f"entry[{index}].resource", each) for index, each in enumerate(orders))
    return decode(Request(draft_orders=drafts, patient_id="p1"), KNOWLEDGE.vocabulary, "2026-11-20")


@pytest.mark.parametrize(
    ("said", "options", "chosen", "corrected"),
    [
        ("the first option fits", ("95886", "95860"), "95886", False),
        ("the second option fits", ("95860", "95886"), "95886", False),
        ("the third option fits", ("95860", "95861", "95886"), "95886", False),
        ("no option fits", ("95860", "95861"), "95860", True),
        ("the one option does not fit", ("95860",), "95860", True),
        ("an option that is no test of ours does not excuse the other", ("95860", "97110"), "95860", True),
    ],
    ids=lambda each: each if isinstance(each, str) and " " in each else "",
)
def test_an_order_beside_conduction_studies(
    said: str, options: tuple[str, ...], chosen: str, corrected: bool
) -> None:
    settled = settle(KNOWLEDGE, read(order("a", *options), order("b", "95909")))
    codes = {line.ref: line.sent for line in lines_of(KNOWLEDGE, settled)}
    assert codes == {"ServiceRequest/a": chosen, "ServiceRequest/b": "95909"}
    assert bool(evaluate(KNOWLEDGE, settled).corrections) is corrected


def test_options_of_two_orders_are_chosen_together() -> None:
    settled = settle(KNOWLEDGE, read(order("a", "95860", "95886"), order("b", "97110", "95909")))
    assert [line.sent for line in lines_of(KNOWLEDGE, settled)] == ["95886", "95909"]


def test_the_code_of_the_order_itself_is_no_choice() -> None:
    case = read(order("a", "95886", "95885", own="95860"), order("b", own="95909"))
    assert settle(KNOWLEDGE, case) == case
    assert evaluate(KNOWLEDGE, case).corrections
