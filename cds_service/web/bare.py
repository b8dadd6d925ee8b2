"""Answers to what never became a request: the server's own refusals, in the form of all others."""

from __future__ import annotations

import orjson

from cds_service.web.problems import outcome_of_status
from cds_service.web.transport import SECURITY


def refusal(page: bytes, origins: tuple[str, ...]) -> bytes:
    """A page that the server would send, as an OperationOutcome with the same status.

    Whose page asks is not known yet, so that no origin is named unless every one may call.
    """
    line = page.split(b"\r\n", 1)[0]
    body = orjson.dumps(outcome_of_status(int(line.split(b" ")[1])))
    headers = [
        ("Connection", "close"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        *SECURITY,
        *([("Access-Control-Allow-Origin", "*")] if origins == ("*",) else []),
    ]
    head = [line, *(f"{name}: {value}".encode("latin-1") for name, value in headers)]
    return b"\r\n".join([*head, b"", body])
