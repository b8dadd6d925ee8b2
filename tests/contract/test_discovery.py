"""GET /cds-services, by the requirement ids of the CDS Hooks 2.0 checklist."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from cds_service import schemas
from cds_service.hooks.services import SCHEMAS
from tests.conftest import Server
from tests.contract.bodies import HOOKS

TOKENS = {"context.patientId"}


@pytest.fixture(scope="module")
def services(server: Server) -> list[dict[str, Any]]:
    reply = server.get("/cds-services")
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    listed: list[dict[str, Any]] = reply.json["services"]
    return listed


def test_d1_the_body_satisfies_the_schema(server: Server) -> None:
    schema = schemas.load(SCHEMAS / "discovery.schema.json")
    assert schema.lines(server.get("/cds-services").json, file="discovery") == []


def test_d2_d3_both_services_are_there_with_their_hooks(services: list[dict[str, Any]]) -> None:
    assert {service["id"]: service["hook"] for service in services} == HOOKS
    assert all(service["title"] and service["description"] for service in services)


def test_d6_ids_differ(services: list[dict[str, Any]]) -> None:
    assert max(Counter(service["id"] for service in services).values()) == 1


def test_g2_nothing_is_null_or_empty(services: list[dict[str, Any]]) -> None:
    assert list(empties(services)) == []


def test_p1_p2_only_tokens_that_cds_hooks_2_allows(services: list[dict[str, Any]]) -> None:
    for service in services:
        for template in service["prefetch"].values():
            found = re.findall(r"\{\{(.*?)\}\}", template)
            assert found, template
            assert set(found) <= TOKENS, template
            assert "{" not in re.sub(r"\{\{.*?\}\}", "", template), template


def test_p4_p6_queries_are_reads_or_searches_by_patient_without_a_parameter_twice(
    services: list[dict[str, Any]],
) -> None:
    for service in services:
        assert set(service["prefetch"]) == {
            "patient",
            "conditions",
            "observations",
            "procedures",
            "medications",
            "deviceUse",
            "carePlans",
            "serviceRequests",
            "coverage",
            "questionnaireResponses",
        }
        for template in service["prefetch"].values():
            kind, _, query = template.partition("?")
            if not query:
                assert template == "Patient/{{context.patientId}}"
                continue
            assert re.fullmatch(r"[A-Z][A-Za-z]+", kind)
            names = [part.partition("=")[0] for part in query.split("&")]
            assert names[0] == "patient"
            assert len(names) == len(set(names))
            assert not {"_include", "_revinclude"} & set(names)


def test_crd_versions_and_options_are_told_as_that_guide_wants(services: list[dict[str, Any]]) -> None:
    """dev-1, dev-2, dev-5, dev-8: one boolean for each card type returned, each named once."""
    for service in services:
        extension = service["extension"]
        assert extension["davinci-crd.version"] == ["2.0", "2.1", "2.2"]
        options = extension["davinci-crd.configuration-options"]
        types = {option["code"]: option["type"] for option in options}
        signed = {"coverage-info": "boolean"} if service["hook"] == "order-sign" else {}
        assert types == {
            **signed,
            "claim": "boolean",
            "guideline": "boolean",
            "off-guideline": "boolean",
            "max-cards": "integer",
        }
        for name in ("code", "name", "description"):
            assert len({option[name] for option in options}) == len(options)
        for option in options:
            assert type(option["default"]) is {"boolean": bool, "integer": int}[option["type"]]


def empties(value: Any, path: str = "$") -> list[str]:
    """Where null, "", [] or {} stand."""
    if value is None or value in ("", [], {}):
        return [path]
    if isinstance(value, dict):
        return [found for key, each in value.items() for found in empties(each, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for index, each in enumerate(value) for found in empties(each, f"{path}[{index}]")]
    return []
