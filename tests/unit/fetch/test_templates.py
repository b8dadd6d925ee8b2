"""Templates become queries, with FHIR ids only."""

from __future__ import annotations

import pytest

from cds_service import schemas
from cds_service.content import Roots
from cds_service.core.hook_call import HookCall
from cds_service.fetch.templates import expand, is_search, type_of

CALL = HookCall("s", "order-sign", patient_id="p-1.a", encounter_id="e1", user_id="Practitioner/d1")


@pytest.mark.parametrize(
    ("template", "query"),
    [
        ("Patient/{{context.patientId}}", "Patient/p-1.a"),
        ("Condition?patient={{ context.patientId }}&status=active", "Condition?patient=p-1.a&status=active"),
        ("Encounter/{{context.encounterId}}", "Encounter/e1"),
        ("{{context.userId}}", "Practitioner/d1"),
        ("PractitionerRole?practitioner={{userPractitionerId}}", "PractitionerRole?practitioner=d1"),
        ("Patient/{{userPatientId}}", ""),
        ("Patient/{{context.draftOrders}}", ""),
        ("Condition?patient={{context.patientId}}&encounter={{context.unknown}}", ""),
        ("Questionnaire?name=x", "Questionnaire?name=x"),
    ],
)
def test_tokens_are_filled_from_the_call(template: str, query: str) -> None:
    assert expand(template, CALL) == query


@pytest.mark.parametrize(
    "sent",
    [
        "",
        ".",
        "..",
        "...",
        "a/b",
        "a?b",
        "a&b=c",
        "a b",
        "a\n",
        "%2e%2e",
        "a#b",
        "ä",
        "p_1",
        "x" * 65,
        "@h",
        "a|b",
    ],
)
def test_what_is_no_fhir_id_is_never_sent(sent: str) -> None:
    bad = HookCall("s", "order-sign", patient_id=sent, encounter_id=sent, user_id=f"Practitioner/{sent}")
    tokens = ("context.patientId", "context.encounterId", "context.userId", "userPractitionerId")
    assert [expand(f"X/{{{{{token}}}}}", bad) for token in tokens] == [""] * 4


@pytest.mark.parametrize("sent", ["Practitioner", "practitioner/a", "../a", "Practitioner/a/b", "A/../b"])
def test_a_user_that_is_no_reference_is_never_sent(sent: str) -> None:
    assert expand("{{context.userId}}", HookCall("s", "order-sign", user_id=sent)) == ""


def test_every_advertised_template_can_be_expanded() -> None:
    described = schemas.read_toml(Roots.default().cards / "discovery.toml", file="discovery.toml")
    for template in described["prefetch"].values():
        assert expand(template, CALL).startswith(type_of(template))
        assert is_search(template) == ("?" in template)
