"""The routes: discovery, the hooks, health, the questionnaire and the description of all this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from cds_service import schemas
from cds_service.core.hook_call import HookCall
from cds_service.errors import Kind, RequestError
from cds_service.hooks import envelope
from cds_service.hooks.services import Service, discovery
from cds_service.settings import Settings
from cds_service.web.openapi import describe
from cds_service.web.transport import json_response

Answer = Callable[[HookCall], Mapping[str, Any]]

QUESTIONNAIRE_PATH = "/fhir/Questionnaire/emg-ncs-order-facts"


def register(
    app: Flask,
    *,
    settings: Settings,
    services: Mapping[str, Service],
    answer: Answer,
    questionnaire: Mapping[str, Any],
) -> None:
    """Add every route to the app; ``answer`` turns a hook call into a response body."""
    depth = schemas.DepthLimit.of(settings.max_depth)
    for service in services.values():
        app.add_url_rule(
            f"/cds-services/{service.id}",
            endpoint=service.id,
            view_func=partial(_hook, service, depth, answer),
            methods=["POST"],
            provide_automatic_options=False,
        )
    canonical = {**questionnaire, "url": settings.base_url + QUESTIONNAIRE_PATH}
    _get(app, "/cds-services", discovery(services))
    _get(app, "/openapi.json", describe(services, settings))
    _get(app, QUESTIONNAIRE_PATH, canonical, mimetype="application/fhir+json")
    # The app exists only once its knowledge is loaded, so being reachable is being ready.
    _get(app, "/healthz", {"status": "ok"})
    _get(app, "/readyz", {"status": "ready"})
    _get(
        app,
        "/",
        {
            "service": "CDS Hooks service for EMG and nerve conduction orders",
            "discovery": "/cds-services",
            "openapi": "/openapi.json",
            "documentation": "README.md of the project",
        },
    )


def _hook(service: Service, depth: schemas.DepthLimit, answer: Answer) -> Response:
    """Answer one hook request."""
    _check_media_type()
    call = envelope.call_of(service, envelope.parse(_body(), depth))
    return json_response(answer(call))


def _body() -> bytes:
    raw = request.get_data(cache=False)
    # A chunked body that reaches the limit is cut there without a word: look whether more was sent.
    cut = request.content_length is None and len(raw) == request.max_content_length
    if cut and request.environ["wsgi.input"].read(1):
        raise RequestEntityTooLarge
    return raw


def _check_media_type() -> None:
    kind = request.mimetype
    if kind != "application/json" and not (kind.startswith("application/") and "json" in kind):
        raise RequestError(
            Kind.MEDIA_TYPE,
            "the body's media type is not taken",
            where="Content-Type",
            remedy="send application/json",
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise RequestError(
            Kind.MEDIA_TYPE,
            "an encoded body is not taken",
            where="Content-Encoding",
            remedy="send it uncompressed",
        )


def _get(app: Flask, path: str, body: Mapping[str, Any], *, mimetype: str = "application/json") -> None:
    """A route whose body never changes while the app runs."""
    data = app.json.dumps(body).encode()

    def view() -> Response:
        return Response(data, mimetype=mimetype)

    app.add_url_rule(path, endpoint=path, view_func=view, methods=["GET"], provide_automatic_options=False)
