"""One table: what went wrong -> HTTP status and OperationOutcome. No patient text leaves here.

A refusal says what, where and what to do. An unexpected exception says only the request's id.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from cds_service.core.caller import Caller
from cds_service.errors import AuthenticationError, Fault, Kind, RequestError, StoreError
from cds_service.logs import shape_of
from cds_service.web.transport import REQUEST_ID, json_response

log = logging.getLogger("cds_service.web")

RETRY_SECONDS = 5


class Answer(NamedTuple):
    """A status, and the code of the OperationOutcome's issue."""

    status: int
    issue: str


REFUSALS: dict[Kind, Answer] = {
    Kind.BODY: Answer(400, "structure"),
    Kind.TOO_LARGE: Answer(413, "too-long"),
    Kind.SLOW: Answer(408, "timeout"),
    Kind.JSON: Answer(400, "structure"),
    Kind.DEPTH: Answer(400, "structure"),
    Kind.ENVELOPE: Answer(400, "required"),
    Kind.HOOK_MISMATCH: Answer(400, "invalid"),
    Kind.MEDIA_TYPE: Answer(415, "not-supported"),
    Kind.VERSION: Answer(400, "not-supported"),
    Kind.COVERAGE: Answer(400, "required"),
    Kind.UNKNOWN_SERVICE: Answer(404, "not-found"),
    Kind.TOO_MANY_ORDERS: Answer(400, "too-long"),
    Kind.FEEDBACK: Answer(400, "invalid"),
}
# The code of the issue where the envelope is refused.
ENVELOPE_ISSUES = {Fault.MISSING: "required", Fault.TYPE: "structure", Fault.VALUE: "invalid"}
# Their bodies are not read before they are refused.
UNREAD = {Kind.MEDIA_TYPE}
# How many of the largest bodies are read on of one that is too large.
OVERLONG = 4
HTTP_REFUSALS: dict[int, tuple[str, str]] = {
    400: ("structure", "the request cannot be read; send a CDS Hooks request as JSON"),
    404: ("not-found", "there is nothing at this path; GET /cds-services names the services and their hooks"),
    405: ("not-supported", "this path does not take this method; the Allow header names those it takes"),
    413: ("too-long", "the body is larger than this service takes; send less prefetch data"),
    414: ("too-long", "the path is longer than any of this service; GET /cds-services names the services"),
    415: ("not-supported", "the body's media type is not taken; send application/json"),
    417: ("not-supported", "what the Expect header asks for is not offered; leave it out"),
    431: ("too-long", "the headers are larger than this service takes; send fewer or shorter ones"),
    500: ("exception", "unexpected failure; send the request again"),
    501: ("not-supported", "this transfer coding is not taken; send the body with its Content-Length"),
}
HTTP_WORDS = {413: "too-large"}


def register(app: Flask) -> None:
    """Answer every failure of the app from the tables above."""
    app.register_error_handler(RequestError, _refused)
    app.register_error_handler(AuthenticationError, _unknown_caller)
    app.register_error_handler(StoreError, _not_kept)
    app.register_error_handler(HTTPException, _http_refused)
    app.register_error_handler(Exception, _failed)


def outcome_of(error: RequestError) -> dict[str, Any]:
    """The OperationOutcome of a refused request."""
    diagnostics = str(error) if error.where else _sentence(str(error))
    issue = REFUSALS[error.kind].issue
    if error.kind is Kind.ENVELOPE:
        issue = ENVELOPE_ISSUES[error.fault]
    return operation_outcome(issue, diagnostics, where=error.where)


def outcome_of_status(status: int) -> dict[str, Any]:
    """The OperationOutcome of a status of HTTP itself."""
    issue, diagnostics = HTTP_REFUSALS.get(status, ("invalid", "the request cannot be answered"))
    return operation_outcome(issue, _sentence(diagnostics))


def operation_outcome(issue: str, diagnostics: str, *, where: str = "", fault: str = "") -> dict[str, Any]:
    """An OperationOutcome with one issue; ``fault`` is the id of a failure of ours."""
    entry: dict[str, Any] = {
        "severity": "fatal" if fault else "error",
        "code": issue,
        "diagnostics": diagnostics,
    }
    if where:
        entry["expression"] = [where]
    outcome: dict[str, Any] = {"resourceType": "OperationOutcome"}
    if fault:
        outcome["id"] = fault
    outcome["issue"] = [entry]
    return outcome


def _because(word: str) -> None:
    """Leave the word for the log and the counters, when this is a call of which account is given."""
    account = g.get("account")
    if account is not None:
        account.refusal = word


def _refused(error: RequestError) -> Response:
    _because(error.kind.value)
    if error.kind in UNREAD:
        _drain()
    return json_response(outcome_of(error), REFUSALS[error.kind].status)


def _unknown_caller(error: AuthenticationError) -> Response:
    """401 that helps no stranger: the reason is for the log alone."""
    _because(error.reason)
    account = g.get("account")
    if account is not None and error.issuer:
        account.caller = Caller(error.issuer, error.tenant, error.token_id)
    _drain()
    response = json_response(operation_outcome("login", "The request is not authenticated"), 401)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _not_kept(error: StoreError) -> Response:
    _because("store")
    log.error("feedback not kept: %s", error)
    words = f"Feedback cannot be kept now; send it again in {RETRY_SECONDS} seconds or later"
    response = json_response(operation_outcome("transient", words), 503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _http_refused(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return Response(status=status, headers=error.get_headers())
    _because(HTTP_WORDS.get(status, "http"))
    _drain(OVERLONG if isinstance(error, RequestEntityTooLarge) else 1)
    response = json_response(outcome_of_status(status), status)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted({*error.valid_methods, "OPTIONS"}))
    return response


def _failed(error: Exception) -> Response:
    """Log where it broke, by types and source lines only: an exception's text may quote the patient."""
    fault = request.environ[REQUEST_ID]
    kinds, frames = shape_of(error)
    _because("failure")
    log.error("unexpected failure %s: %s\n%s", fault, kinds, frames)
    return json_response(
        operation_outcome("exception", f"Unexpected failure; report it with id {fault}", fault=fault), 500
    )


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _drain(bodies: int = 1) -> None:
    """Read on a little: a client that is still sending would see a broken connection, not the answer."""
    stream = request.environ["wsgi.input"]
    left = bodies * current_app.config["MAX_CONTENT_LENGTH"]
    # The server's reader has errors of its own, and what cannot be read need not be.
    with suppress(Exception):
        while left > 0 and (read := len(stream.read(min(left, 1 << 16)))):
            left -= read
