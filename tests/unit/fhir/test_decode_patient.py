"""What is about another patient counts nowhere; the context says who the patient is."""

from __future__ import annotations

import pytest

from cds_service.core.case import Gap
from cds_service.fhir.decode import FOREIGN, decode
from tests.fhir_samples import (
    TODAY,
    Resource,
    bundle,
    coded,
    condition,
    order,
    read,
    request,
    resource,
    vocabulary,
)

OTHER = {"subject": {"reference": "Patient/p2"}}
RESPONSE: Resource = {
    "resourceType": "QuestionnaireResponse",
    "id": "q",
    "status": "completed",
    "questionnaire": "Questionnaire/emg-ncs-order-facts",
    "item": [{"linkId": "exam-weakness", "answer": [{"valueBoolean": True}]}],
}


def test_an_order_of_another_patient_is_set_aside_with_all_it_holds() -> None:
    foreign = order("z", contained=[RESPONSE, condition("i", "R20.1", subject=None)], **OTHER)
    case = read(order("a"), foreign, chart=[condition("c", "M62.81", **OTHER)])
    assert [one.ref for one in case.orders] == ["ServiceRequest/a"]
    assert (case.facts, case.answers) == ((), {})
    assert case.gaps == (
        Gap("context.draftOrders.entry[1].resource", FOREIGN),
        Gap("prefetch.conditions.entry[0].resource", FOREIGN),
    )


def test_another_patients_order_does_not_set_the_date() -> None:
    assert read(order("a"), order("z", authoredOn="2026-12-24", **OTHER)).as_of == "2026-11-20"


@pytest.mark.parametrize("subject", ["Patient/p1", "https://ehr.example/fhir/Patient/p1", "urn:uuid:1", ""])
def test_the_own_patient_may_be_named_in_any_form(subject: str) -> None:
    case = read(chart=[condition("c", "M62.81", subject={"reference": subject} if subject else None)])
    assert len(case.facts) == 1


def test_without_a_context_the_orders_say_who_the_patient_is() -> None:
    prefetch = {"conditions": bundle(condition("a", "M62.81"), condition("b", "R20.1", **OTHER))}
    given = request(order("a", **OTHER), prefetch=prefetch)
    for one in (given, type(given)(given.draft_orders, given.prefetch)):
        facts = decode(one, vocabulary(), TODAY).facts
        assert [fact.code for fact in facts] == (["M62.81"] if one.patient_id else ["R20.1"])


def test_a_reason_about_another_patient_is_none() -> None:
    pointing = order("a", reasonReference=[{"reference": "Condition/c", "display": "Carpal tunnel syndrome"}])
    case = read(pointing, chart=[condition("c", "G56.01", **OTHER)])
    assert case.orders[0].reasons == ()
    assert "points to a resource about another patient" in {gap.what for gap in case.gaps}


def test_a_device_of_another_patient_is_no_splint() -> None:
    device = {"resourceType": "Device", "id": "x", "type": {"text": "Wrist splint"}}
    worn = resource("DeviceUseStatement", "d", status="active", device={"reference": "Device/x"})
    assert len(read(chart=[worn, device]).facts) == 1
    assert read(chart=[worn, {**device, "patient": OTHER["subject"]}]).facts == ()


def test_a_reason_may_stand_beside_a_reason_of_another_patient() -> None:
    both = order(
        "a",
        reasonCode=[coded("http://hl7.org/fhir/sid/icd-10-cm", "G56.01")],
        reasonReference=[{"reference": "#c"}],
        contained=[condition("c", "R20.1", **OTHER)],
    )
    assert [one.code for one in read(both, chart=[]).orders[0].reasons] == ["G56.01"]
