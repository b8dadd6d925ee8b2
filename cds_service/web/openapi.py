"""OpenAPI 3.1 of this service, built from the JSON Schemas that check requests and answers."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from cds_service import schemas
from cds_service.hooks.services import SCHEMAS, Service
from cds_service.settings import Settings

PACKAGE = "emg-ncs-cds"
REFUSALS = {
    "400": "Not JSON, nested too deep, or no request of this hook",
    "405": "Method not taken",
    "413": "Body too large",
    "415": "Media type not taken",
    "500": "Unexpected failure; the id is in the log",
}


def describe(services: Mapping[str, Service], settings: Settings) -> dict[str, Any]:
    """The body of GET /openapi.json."""
    components: dict[str, Any] = {
        "CdsResponse": _component("cds-response", "CdsResponse"),
        "Discovery": _component("discovery", "Discovery"),
        "OperationOutcome": _component("operation-outcome", "OperationOutcome"),
    }
    paths: dict[str, Any] = {
        "/cds-services": {"get": _get("The services and what they prefetch", "Discovery")}
    }
    for service in services.values():
        name = "".join(part.capitalize() for part in service.hook.split("-")) + "Request"
        components[name] = {key: value for key, value in service.request.document.items() if key != "$schema"}
        paths[f"/cds-services/{service.id}"] = {"post": _post(service, name)}
    for path, words in (
        ("/healthz", "The process answers"),
        ("/readyz", "The knowledge is loaded"),
        ("/openapi.json", "This description"),
        ("/", "Where to start"),
    ):
        paths[path] = {"get": _get(words)}
    paths["/fhir/Questionnaire/emg-ncs-order-facts"] = {
        "get": _get(
            "What no standard code says, asked as a FHIR Questionnaire", media="application/fhir+json"
        )
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "CDS Hooks service for EMG and nerve conduction orders",
            "version": _version(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": settings.base_url}],
        "paths": paths,
        "components": {"schemas": components},
    }


def _post(service: Service, component: str) -> dict[str, Any]:
    answers = {"200": _content("Cards; an empty list when there is nothing to say", "CdsResponse")}
    answers |= {status: _content(words, "OperationOutcome") for status, words in REFUSALS.items()}
    return {
        "operationId": service.id,
        "summary": service.discovery["title"],
        "description": service.discovery["description"],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(component)}}},
        "responses": answers,
    }


def _get(words: str, component: str = "", media: str = "application/json") -> dict[str, Any]:
    schema = _ref(component) if component else {"type": "object"}
    return {
        "summary": words,
        "responses": {"200": {"description": words, "content": {media: {"schema": schema}}}},
    }


def _content(words: str, component: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": _ref(component)}}}


def _ref(component: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{component}"}


def _component(name: str, component: str) -> dict[str, Any]:
    """A schema file as a component: references to its own definitions become references into the document."""
    file = f"{name}.schema.json"
    document: dict[str, Any] = schemas.read_json(SCHEMAS / file, file=file)
    document.pop("$schema", None)
    rebased: dict[str, Any] = _rebase(document, f"#/components/schemas/{component}/")
    return rebased


def _rebase(node: Any, base: str) -> Any:
    if isinstance(node, dict):
        return {
            key: base + value.removeprefix("#/") if key == "$ref" else _rebase(value, base)
            for key, value in node.items()
        }
    return [_rebase(value, base) for value in node] if isinstance(node, list) else node


def _version() -> str:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return "unknown"
