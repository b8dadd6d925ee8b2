"""What a request must have, and what clients may leave out or get wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.conftest import Server
from tests.contract.bodies import HOOKS, PREFETCH, SANDBOX, SELECT, SIGN, body, bundle
from tests.contract.test_http import answered, refused

ORDER = {"resourceType": "ServiceRequest", "id": "a", "status": "draft", "intent": "order"}
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "processing"}],
}

REFUSED: dict[str, tuple[Any, str]] = {
    "a list": ([], "not a JSON object"),
    "a text": ("order-sign", "not a JSON object"),
    "nothing": ({}, "hook: is missing"),
    "no hook": (body(hook=...), "hook: is missing"),
    "hook of another service": (body(hook="order-select"), "hook: is not order-sign"),
    "unknown hook": (body(hook="patient-view"), "hook: is not order-sign"),
    "hook is no text": (body(hook=5), "hook: is not a text"),
    "no hookInstance": (body(hookInstance=...), "hookInstance: is missing"),
    "hookInstance empty": (body(hookInstance=""), "hookInstance: is empty"),
    "hookInstance null": (body(hookInstance=None), "hookInstance: is not a text"),
    "hookInstance number": (body(hookInstance=7), "hookInstance: is not a text"),
    "no context": ({**body(), "context": ...}, "context: is missing"),
    "context null": ({**body(), "context": None}, "context: is not an object"),
    "context list": ({**body(), "context": []}, "context: is not an object"),
    "no userId": (body(context={"userId": ...}), "context.userId: is missing"),
    "no patientId": (body(context={"patientId": ...}), "context.patientId: is missing"),
    "patientId empty": (body(context={"patientId": ""}), "context.patientId: is empty; fill it"),
    "patientId number": (body(context={"patientId": 1}), "context.patientId: is not a text"),
    "patientId path": (body(context={"patientId": "a/b"}), "context.patientId: is not a bare resource id"),
    "draftOrders text": (body(context={"draftOrders": "x"}), "context.draftOrders: is not an object"),
    "draftOrders list": (body(context={"draftOrders": []}), "context.draftOrders: is not an object"),
    "entry object": (
        body(context={"draftOrders": {"resourceType": "Bundle", "entry": {}}}),
        "context.draftOrders.entry: is not a list",
    ),
    "prefetch list": (body(prefetch=[]), "prefetch: is not an object"),
    "fhirServer number": (body(fhirServer=1), "fhirServer: is not a text"),
    "token without server": (
        body(fhirAuthorization={"access_token": "secret-token"}),
        "fhirServer: is missing while fhirAuthorization",
    ),
}


def without(request: Any) -> Any:
    """``...`` stands for a member to take out."""
    return {k: v for k, v in request.items() if v is not ...} if isinstance(request, dict) else request


@pytest.mark.parametrize("name", REFUSED)
def test_refused(server: Server, name: str) -> None:
    request, words = REFUSED[name]
    reply = server.hook(SIGN, without(request))
    refused(400, reply, words)
    assert b"secret-token" not in reply.body


ISSUES: dict[str, str] = {
    "a list": "structure",
    "hook is no text": "structure",
    "hookInstance number": "structure",
    "context list": "structure",
    "prefetch list": "structure",
    "draftOrders text": "structure",
    "entry object": "structure",
    "no hook": "required",
    "no patientId": "required",
    "token without server": "required",
    "patientId empty": "invalid",
    "patientId path": "invalid",
    "hookInstance empty": "invalid",
}


@pytest.mark.parametrize("name", ISSUES)
def test_the_issue_says_of_what_kind_the_fault_is(server: Server, name: str) -> None:
    reply = server.hook(SIGN, without(REFUSED[name][0]))
    (issue,) = reply.json["issue"]
    assert issue["code"] == ISSUES[name]


def test_selections_must_be_a_list_of_texts(server: Server) -> None:
    for wrong in ("ServiceRequest/a", [1], {}):
        refused(
            400,
            server.hook(SELECT, body("order-select", context={"selections": wrong})),
            "context.selections",
        )


@pytest.mark.parametrize(
    "request_body",
    [
        body(hookInstance="D1577C69-DFBE-44AD-BA6D-3E05E953B2EA"),
        body(hookInstance="not-a-uuid"),
        body(extension={"com.epic.cdshooks.request.bpa-trigger-action": "23"}),
        body(extension=[]),
        body(unknown={"a": 1}, another=None),
        body(context={"unknown": 1}),
        body(context={"patientId": "Patient/p1"}),
        body(context={"encounterId": "enc89284"}),
        body(context={"encounterId": "Encounter/enc89284"}),
        body(context={"encounterId": None}),
        body(context={"draftOrders": ...}),
        body(context={"draftOrders": None}),
        body(context={"draftOrders": {}}),
        body(context={"draftOrders": {"resourceType": "Bundle"}}),
        body(context={"draftOrders": {"resourceType": "Bundle", "entry": None}}),
        body(context={"draftOrders": {"resourceType": "Bundle", "entry": []}}),
        body(context={"draftOrders": {"resourceType": "Bundle", "entry": [None, 5, "x", [], {}]}}),
        body(
            context={
                "draftOrders": bundle(None, 5, "x", [], {}, {"resourceType": 5}, {"resourceType": "Nonsense"})
            }
        ),
        body(fhirServer="http://example.org/fhir"),
        body(fhirServer=None, fhirAuthorization=None),
        body(fhirServer="http://example.org/fhir", fhirAuthorization={"access_token": ""}),
        body(prefetch={}),
        body(prefetch=None),
        body(prefetch={"patient": None, "x": 5, "y": "text", "z": [], "w": {}}),
        body(prefetch={"conditions": OUTCOME}),
        body(prefetch={"conditions": bundle(OUTCOME, None)}),
        body(prefetch={"conditions": {"resourceType": "Bundle", "type": "searchset", "total": 0}}),
    ],
    ids=lambda each: (
        ",".join(k for k in each if k not in ("hook", "context")) + "|" + ",".join(each["context"])
    ),
)
def test_tolerated(server: Server, request_body: Any) -> None:
    assert answered(server.hook(SIGN, request_body))["cards"] == []


@pytest.mark.parametrize("name", SANDBOX)
def test_the_public_sandbox_gets_an_answer(server: Server, name: str) -> None:
    service, request = SANDBOX[name]
    assert answered(server.hook(service, request))["cards"] == []


def test_the_sandboxs_wrong_hook_trick_is_refused(server: Server) -> None:
    request = {**SANDBOX["pama-chosen"][1], "hook": "order-sign"}
    refused(400, server.hook(SELECT, request), "hook: is not order-select")


def test_repeated_hook_instances_are_answered(server: Server) -> None:
    for _ in range(2):
        answered(server.hook(SIGN, body()))


@pytest.mark.parametrize("service", HOOKS)
@pytest.mark.parametrize(
    "order",
    [
        ORDER,
        {**ORDER, "code": None},
        {**ORDER, "code": {"coding": [{}]}},
        {**ORDER, "code": {"coding": [None, 5]}},
        {**ORDER, "code": {"coding": {}}},
        {**ORDER, "code": []},
        {**ORDER, "code": "95886"},
        {**ORDER, "status": 5, "intent": [], "subject": "p1"},
        {**ORDER, "reasonCode": {"coding": [{"code": "G56.01"}]}},
        {**ORDER, "quantityQuantity": {"value": "two"}},
        {**ORDER, "contained": {"resourceType": "Condition"}, "extension": {}, "bodySite": {}},
        {**ORDER, "id": None},
        {**ORDER, "id": 5},
    ],
)
def test_no_draft_order_however_odd_breaks_the_service(server: Server, service: str, order: Any) -> None:
    orders = copy.deepcopy(order)
    coded = {"system": "http://www.ama-assn.org/go/cpt", "code": "95886"}
    for code in (None, {"coding": [coded]}):
        if code is not None:
            orders["code"] = code
        request = body(HOOKS[service], context={"draftOrders": bundle(orders)}, prefetch=PREFETCH)
        answered(server.hook(service, request))
