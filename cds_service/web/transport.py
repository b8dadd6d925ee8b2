"""What holds for every path: CORS with preflights, JSON by orjson, folded slashes, request ids, headers."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from flask import Flask, Response, request
from flask.json.provider import JSONProvider
from flask_cors import CORS

METHODS = ("GET", "POST", "OPTIONS")
HEADERS = ("Authorization", "Content-Type")
PREFLIGHT_SECONDS = 3600
# The picture of feedback is for those who open it here, not for whatever other page their browser shows.
OWN_FIGURES = "/feedback"
OPEN_PATHS = rf"/(?!{OWN_FIGURES[1:]}).*"
REQUEST_ID = "cds_service.request_id"
# Answers are JSON about one patient: no page, nothing to load, nothing to keep.
SECURITY = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)
ONLY_TLS = ("Strict-Transport-Security", "max-age=31536000")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

StartResponse = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class OrjsonProvider(JSONProvider):
    """JSON in and out of Flask by orjson."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """JSON text."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Python values."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """A response, without the detour over text."""
        return json_response(self._prepare_response_obj(args, kwargs))


def json_response(body: Any, status: int = 200) -> Response:
    """``body`` as JSON."""
    return Response(orjson.dumps(body), status, mimetype="application/json")


def register(app: Flask, origins: tuple[str, ...], *, tls: bool = False) -> None:
    """Set up JSON, slashes, headers and CORS of the app; ``tls``: clients reach us by https."""
    app.json = OrjsonProvider(app)
    headers = (*SECURITY, ONLY_TLS) if tls else SECURITY
    app.wsgi_app = framed(app.wsgi_app, headers)  # type: ignore[method-assign, assignment]
    app.before_request(_preflight)
    app.after_request(_name_headers)
    every = origins == ("*",)
    # always_send would put the whole list into one header when the request has no Origin.
    CORS(
        app,
        resources=OPEN_PATHS,
        origins=list(origins),
        methods=list(METHODS),
        max_age=PREFLIGHT_SECONDS,
        send_wildcard=every,
        always_send=every,
    )
    if every:
        # Runs before flask-cors, which then has nothing left to do: it would cost a tenth of a request.
        app.after_request(_every_origin)


def framed(wsgi: Wsgi, headers: Sequence[tuple[str, str]]) -> Wsgi:
    """Folded slashes and an id for every request, ``headers`` for every answer.

    ``//cds-services/`` is ``/cds-services``: clients glue URLs, and a redirect would lose their POST. An
    id that was sent is taken over only when it is a uuid: anything else could say something.
    """

    def frame(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if "//" in path or path[-1:] == "/":
            environ["PATH_INFO"] = "/" + "/".join(filter(None, path.split("/")))
        sent = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = sent.lower() if _UUID.fullmatch(sent) else str(uuid.uuid4())
        environ[REQUEST_ID] = request_id

        def start(status: str, given: list[tuple[str, str]], *failure: Any) -> Any:
            # A page says for itself what a browser may do with it.
            said = {name for name, _ in given}
            added = [pair for pair in headers if pair[0] not in said]
            return start_response(status, [*given, *added, ("X-Request-ID", request_id)], *failure)

        return wsgi(environ, start)

    return frame


def _preflight() -> Response | None:
    """OPTIONS is answered on every path, known or not, before anything looks at who asks."""
    if request.method != "OPTIONS":
        return None
    allowed = {"OPTIONS"}
    if request.url_rule is not None and request.url_rule.methods:
        allowed |= request.url_rule.methods
    elif (reason := request.routing_exception) is not None:
        allowed |= set(getattr(reason, "valid_methods", None) or ())
    response = Response(status=204, headers={"Allow": ", ".join(sorted(allowed))})
    del response.headers["Content-Type"]
    return response


def _every_origin(response: Response) -> Response:
    if request.method != "OPTIONS" and not request.path.startswith(OWN_FIGURES):
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _name_headers(response: Response) -> Response:
    """After flask-cors: name both headers clients need, as a wildcard does not cover Authorization."""
    if request.method == "OPTIONS" and "Access-Control-Allow-Origin" in response.headers:
        asked = request.headers.get("Access-Control-Request-Headers", "")
        known = {name.lower() for name in HEADERS}
        more = [name for part in asked.split(",") if (name := part.strip()) and name.lower() not in known]
        response.headers["Access-Control-Allow-Headers"] = ", ".join([*HEADERS, *more])
        response.headers["Access-Control-Allow-Methods"] = ", ".join(METHODS)
        response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response
