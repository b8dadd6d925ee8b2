"""The routes: discovery, the hooks, feedback, health, figures, the questionnaire and what describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from cds_service import logs
from cds_service.account import DISCOVERY, FEEDBACK, HOOK, Account
from cds_service.errors import Kind, RequestError
from cds_service.exchange import Exchange
from cds_service.hooks.services import Service, discovery
from cds_service.metrics import CONTENT_TYPE
from cds_service.settings import Settings
from cds_service.web.openapi import QUESTIONNAIRE_PATH, describe
from cds_service.web.transport import REQUEST_ID, json_response

WELL = ("ok", "none")
# Beside every application/...+json: the plain one, and what FHIR clients of DSTU2 call theirs.
JSON_TYPES = ("application/json", "application/json+fhir")

HOME = {
    "service": "CDS Hooks service for EMG and nerve conduction orders",
    "discovery": "/cds-services",
    "openapi": "/openapi.json",
    "documentation": "README.md of the project",
}


def register(
    app: Flask,
    *,
    settings: Settings,
    services: Mapping[str, Service],
    exchange: Exchange,
    questionnaire: Mapping[str, Any],
) -> None:
    """Add every route to the app; what is behind them is the exchange's."""
    for service in services.values():
        _route(app, f"/cds-services/{service.id}", partial(_hook, exchange, service), "POST")
        _route(app, f"/cds-services/{service.id}/feedback", partial(_feedback, exchange, service), "POST")
    listed = app.json.dumps(discovery(services)).encode()
    _route(app, "/cds-services", partial(_discovery, exchange, listed))
    _route(app, "/readyz", partial(_readiness, exchange))
    _route(app, "/metrics", partial(_figures, exchange))
    _page(app, "/openapi.json", describe(services, settings))
    canonical = {**questionnaire, "url": settings.base_url + QUESTIONNAIRE_PATH}
    _page(app, QUESTIONNAIRE_PATH, canonical, mimetype="application/fhir+json")
    _page(app, "/healthz", {"status": "ok"})
    if not settings.shows_workbench:
        _page(app, "/", HOME)
    app.after_request(partial(_finish, exchange))


def _hook(exchange: Exchange, service: Service) -> Response:
    """Answer one hook request."""
    account = _identified(exchange, HOOK, service)
    _check_media_type()
    return json_response(exchange.hook(account, service, _body()))


def _feedback(exchange: Exchange, service: Service) -> Response:
    """Keep what became of cards, then say so."""
    account = _identified(exchange, FEEDBACK, service)
    _check_media_type()
    exchange.feedback(account, _body())
    return json_response({})


def _discovery(exchange: Exchange, listed: bytes) -> Response:
    _identified(exchange, DISCOVERY)
    return Response(listed, mimetype="application/json")


def _readiness(exchange: Exchange) -> Response:
    """503 while any part does not do its work, although hooks are answered without a store."""
    parts = exchange.readiness()
    well = all(state in WELL for state in parts.values())
    return json_response({"status": "ready" if well else "degraded", **parts}, 200 if well else 503)


def _figures(exchange: Exchange) -> Response:
    return Response(exchange.figures(), content_type=CONTENT_TYPE)


def _identified(exchange: Exchange, event: str, service: Service | None = None) -> Account:
    """Open the account of a call and find out who calls."""
    account = g.account = Account(event, service, request.environ[REQUEST_ID])
    exchange.identify(account, request.headers.get("Authorization"), request.path)
    return account


def _finish(exchange: Exchange, response: Response) -> Response:
    """Whatever goes wrong with keeping account, the answer goes out."""
    account = g.get("account")
    try:
        if account is None:
            exchange.metrics.passed(response.status_code)
        else:
            exchange.finish(account, response.status_code)
    except Exception as error:
        logs.failures.error("no account given: %s\n%s", *logs.shape_of(error))
    return response


def _body() -> bytes:
    """The whole body. Raises RequestError, or werkzeug's refusal of one that is too large."""
    try:
        return _read()
    except RequestEntityTooLarge:
        raise
    except Exception as error:  # the server's reader has errors of its own
        if TimeoutError in (type(error), type(error.__context__)):
            remedy = "send the body as soon as its headers are sent"
            raise RequestError(Kind.SLOW, "the body stopped coming", remedy=remedy) from None
        remedy = "send it with its Content-Length, or in well-formed chunks"
        raise RequestError(Kind.BODY, "the body cannot be read", remedy=remedy) from None


def _read() -> bytes:
    raw = request.get_data(cache=False)
    # A chunked body that reaches the limit is cut there without a word: look whether more was sent.
    cut = request.content_length is None and len(raw) == request.max_content_length
    if cut and request.environ["wsgi.input"].read(1):
        raise RequestEntityTooLarge
    return raw


def _check_media_type() -> None:
    kind = request.mimetype
    if kind not in JSON_TYPES and not (kind.startswith("application/") and kind.endswith("+json")):
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


def _page(app: Flask, path: str, body: Mapping[str, Any], *, mimetype: str = "application/json") -> None:
    """A route whose body never changes while the app runs."""
    data = app.json.dumps(body).encode()
    _route(app, path, lambda: Response(data, mimetype=mimetype))


def _route(app: Flask, path: str, view: Callable[[], Response], method: str = "GET") -> None:
    app.add_url_rule(path, path, view, methods=[method], provide_automatic_options=False)
