"""OpenAPI 3.1 of this service, built from the JSON Schemas that check requests and answers."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from cds_service import schemas
from cds_service.hooks.services import SCHEMAS, Service
from cds_service.settings import Settings

PACKAGE = "emg-ncs-cds"
QUESTIONNAIRE_PATH = "/fhir/Questionnaire/emg-ncs-order-facts"
UNKNOWN_CALLER = {"401": "No token of a known client, where a trust registry is set up"}
REFUSALS = UNKNOWN_CALLER | {
    "400": "Not JSON, nested too deep, too many orders, or not what is to be sent here",
    "405": "Method not taken",
    "408": "The body stopped coming",
    "413": "Body too large",
    "415": "Media type not taken",
    "500": "Unexpected failure; the id is in the log",
}
READINESS = {
    "title": "Readiness",
    "type": "object",
    "required": ["status", "knowledge", "store"],
    "properties": {
        "status": {"enum": ["ready", "degraded"]},
        "knowledge": {"type": "string"},
        "store": {"type": "string", "description": "ok, none, or what is wrong and what to do"},
    },
}


def describe(services: Mapping[str, Service], settings: Settings) -> dict[str, Any]:
    """The body of GET /openapi.json."""
    components: dict[str, Any] = {
        "CdsResponse": _component("cds-response", "CdsResponse"),
        "Discovery": _component("discovery", "Discovery"),
        "Feedback": _component("feedback", "Feedback"),
        "OperationOutcome": _component("operation-outcome", "OperationOutcome"),
        "Readiness": READINESS,
    }
    listing = _get("The services and what they prefetch", "Discovery")
    paths: dict[str, Any] = {"/cds-services": {"get": _guarded(listing, UNKNOWN_CALLER)}}
    for service in services.values():
        name = "".join(part.capitalize() for part in service.hook.split("-")) + "Request"
        components[name] = _request(service)
        paths[f"/cds-services/{service.id}"] = {"post": _hook(service, name)}
        paths[f"/cds-services/{service.id}/feedback"] = {"post": _feedback(service)}
    for path, words in (
        ("/healthz", "The process answers"),
        ("/openapi.json", "This description"),
    ):
        paths[path] = {"get": _get(words)}
    kind = "text/html" if settings.shows_workbench else "application/json"
    paths["/"] = {"get": _get("Where to start", media=kind)}
    ready = _get("Every part does its work", "Readiness")
    ready["responses"]["503"] = _content("A part does not; hooks are answered all the same", "Readiness")
    paths["/readyz"] = {"get": ready}
    paths["/metrics"] = {"get": _get("Counts and times for Prometheus", media="text/plain")}
    paths[QUESTIONNAIRE_PATH] = {
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
        "components": {
            "schemas": components,
            "securitySchemes": {
                "client": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "CDS Hooks client token, needed where a trust registry is set up",
                }
            },
        },
    }


def _request(service: Service) -> dict[str, Any]:
    """The schema that checks requests, with the one hook that this service takes."""
    document = {key: value for key, value in service.request.document.items() if key != "$schema"}
    properties = document["properties"]
    hook = {**properties["hook"], "const": service.hook}
    return {**document, "properties": {**properties, "hook": hook}}


def _hook(service: Service, component: str) -> dict[str, Any]:
    operation = {
        "operationId": service.id,
        "summary": service.discovery["title"],
        "description": service.discovery["description"],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(component)}}},
        "responses": {"200": _content("Cards; an empty list when there is nothing to say", "CdsResponse")},
    }
    return _guarded(operation, REFUSALS)


def _feedback(service: Service) -> dict[str, Any]:
    kept = {"description": "Kept", "content": {"application/json": {"schema": {"type": "object"}}}}
    again = _content("Cannot be kept now, or there is no store; send it again later", "OperationOutcome")
    operation = {
        "operationId": f"{service.id}-feedback",
        "summary": f"What became of cards of {service.id}",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref("Feedback")}}},
        "responses": {
            "200": kept,
            "503": {**again, "headers": {"Retry-After": {"schema": {"type": "integer"}}}},
        },
    }
    return _guarded(operation, REFUSALS)


def _guarded(operation: dict[str, Any], refusals: Mapping[str, str]) -> dict[str, Any]:
    """With what may be refused, and the token that may be asked for."""
    for status, words in refusals.items():
        operation["responses"][status] = _content(words, "OperationOutcome")
    return {**operation, "security": [{}, {"client": []}]}


def _get(words: str, component: str = "", media: str = "application/json") -> dict[str, Any]:
    schema = _ref(component) if component else {"type": "object" if "json" in media else "string"}
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
