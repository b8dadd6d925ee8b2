"""One table: what went wrong -> HTTP status and OperationOutcome. No patient text leaves here.

A refusal says what, where and what to do. An unexpected exception says only an id, which the log carries too.
"""

from __future__ import annotations

import logging
import traceback
import uuid
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from cds_service.errors import Kind, RequestError
from cds_service.web.transport import json_response

log = logging.getLogger("cds_service.web")


class Answer(NamedTuple):
    """A status, and the code of the OperationOutcome's issue."""

    status: int
    issue: str


REFUSALS: dict[Kind, Answer] = {
    Kind.JSON: Answer(400, "structure"),
    Kind.DEPTH: Answer(400, "structure"),
    Kind.ENVELOPE: Answer(400, "required"),
    Kind.HOOK_MISMATCH: Answer(400, "invalid"),
    Kind.MEDIA_TYPE: Answer(415, "not-supported"),
    Kind.VERSION: Answer(400, "not-supported"),
    Kind.COVERAGE: Answer(400, "required"),
    Kind.UNKNOWN_SERVICE: Answer(404, "not-found"),
}
HTTP_REFUSALS: dict[int, tuple[str, str]] = {
    400: ("structure", "the request cannot be read; send a CDS Hooks request as JSON"),
    404: ("not-found", "there is nothing at this path; GET /cds-services names the services and their hooks"),
    405: ("not-supported", "this path does not take this method; the Allow header names those it takes"),
    413: ("too-long", "the body is larger than this service takes; send less prefetch data"),
    415: ("not-supported", "the body's media type is not taken; send application/json"),
}


def register(app: Flask) -> None:
    """Answer every failure of the app from the tables above."""
    app.register_error_handler(RequestError, _refused)
    app.register_error_handler(HTTPException, _http_refused)
    app.register_error_handler(Exception, _failed)


def outcome_of(error: RequestError) -> dict[str, Any]:
    """The OperationOutcome of a refused request."""
    diagnostics = str(error) if error.where else _sentence(str(error))
    return operation_outcome(REFUSALS[error.kind].issue, diagnostics, where=error.where)


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


def _refused(error: RequestError) -> Response:
    return json_response(outcome_of(error), REFUSALS[error.kind].status)


def _http_refused(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return Response(status=status, headers=error.get_headers())
    if isinstance(error, RequestEntityTooLarge):
        _drain()
    issue, diagnostics = HTTP_REFUSALS.get(status, ("invalid", "the request cannot be answered"))
    response = json_response(operation_outcome(issue, _sentence(diagnostics)), status)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted({*error.valid_methods, "OPTIONS"}))
    return response


def _failed(error: Exception) -> Response:
    """Log where it broke, by types and source lines only: an exception's text may quote the patient."""
    fault = str(uuid.uuid4())
    kinds, frames = [], ""
    link: BaseException | None = error
    while link is not None:
        kinds.append(type(link).__qualname__)
        frames += "".join(traceback.format_tb(link.__traceback__))
        link = link.__cause__ or link.__context__
    log.error("unexpected failure %s: %s\n%s", fault, " from ".join(kinds), frames.rstrip())
    return json_response(
        operation_outcome("exception", f"Unexpected failure; report it with id {fault}", fault=fault), 500
    )


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _drain() -> None:
    """Read on a little: a client that is still sending would see a broken connection instead of the 413."""
    stream = request.environ["wsgi.input"]
    left = 4 * current_app.config["MAX_CONTENT_LENGTH"]
    while left > 0:
        read = len(stream.read(min(left, 1 << 16)))
        if not read:
            return
        left -= read
