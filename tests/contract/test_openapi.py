"""GET /openapi.json describes the service that answers."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service import schemas
from tests.conftest import Server
from tests.contract.bodies import HOOKS, SIGN, body

REQUESTS = {"order-sign": "OrderSignRequest", "order-select": "OrderSelectRequest"}


@pytest.fixture(scope="module")
def described(server: Server) -> dict[str, Any]:
    document: dict[str, Any] = server.get("/openapi.json").json
    return document


def test_it_is_openapi_3_1(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    assert described["info"]["title"]
    assert described["info"]["version"]


def test_every_described_path_answers(server: Server, described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method in methods:
            status = server.send(method.upper(), path, {} if method == "post" else None).status
            assert status == (400 if method == "post" else 200), (method, path)


def test_every_service_is_described(described: dict[str, Any]) -> None:
    for service, hook in HOOKS.items():
        operation = described["paths"][f"/cds-services/{service}"]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": f"#/components/schemas/{REQUESTS[hook]}"}
        assert {"200", "400", "405", "413", "415", "500"} <= set(operation["responses"])


def test_feedback_of_every_service_is_described(described: dict[str, Any]) -> None:
    for service in HOOKS:
        operation = described["paths"][f"/cds-services/{service}/feedback"]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Feedback"}
        assert {"200", "400", "401", "405", "413", "415", "500", "503"} <= set(operation["responses"])


def test_only_what_is_about_patients_asks_for_a_token(described: dict[str, Any]) -> None:
    guarded = {
        path
        for path, methods in described["paths"].items()
        for operation in methods.values()
        if {"client": []} in operation.get("security", [])
    }
    hooks = {f"/cds-services/{service}" for service in HOOKS}
    assert guarded == {"/cds-services", *hooks, *(f"{hook}/feedback" for hook in hooks)}
    assert "client" in described["components"]["securitySchemes"]


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    for reference in references(described):
        node: Any = described
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


@pytest.mark.parametrize(
    "request_body",
    [
        body(),
        body(hook="order-select"),
        body(hookInstance=...),
        body(context={"patientId": ...}),
        body(fhirAuthorization={}),
        [],
    ],
)
def test_the_described_schema_decides_as_the_service_does(
    server: Server, described: dict[str, Any], request_body: Any
) -> None:
    component = described["components"]["schemas"]["OrderSignRequest"]
    valid = schemas.compiled(component).is_valid(request_body)
    assert (server.hook(SIGN, request_body).status == 200) == valid


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in references(value)]
    return [found for value in node for found in references(value)] if isinstance(node, list) else []
