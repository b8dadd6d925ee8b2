"""A request file in, a decision out: the same steps as the web view, without HTTP."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cds_service import pipeline, schemas
from cds_service.content import Roots
from cds_service.core.hook_call import HookCall
from cds_service.errors import Kind, RequestError
from cds_service.hooks import envelope
from cds_service.hooks import services as hook_services
from cds_service.hooks.services import Service
from cds_service.settings import Settings

Decide = Callable[[str], pipeline.Decision]
# A request body -> it as parsed, and the decision.
Answer = Callable[[bytes], tuple[Any, pipeline.Decision]]


def decider(as_of: str, dialect: str = "") -> Decide:
    """Load the knowledge once; the result turns a file name (``-``: standard input) into a decision.

    The result raises RequestError when the request is refused.
    """
    answer = answerer(as_of, dialect)
    return lambda file: answer(read(file))[1]


def answerer(as_of: str, dialect: str = "") -> Answer:
    """Like :func:`decider`, for who needs the request too; the limits are those of the server."""
    settings = Settings.from_env()
    roots = Roots.default()
    services = hook_services.load(roots)
    loaded = pipeline.load(roots, strict_output=settings.strict_output, epic_site=settings.epic_site)
    if dialect and dialect not in loaded.dialects:
        raise click.BadParameter(f"{dialect} is no dialect; use {', '.join(loaded.dialects)}")
    depth = schemas.DepthLimit.of(settings.max_depth)

    def answer(raw: bytes) -> tuple[Any, pipeline.Decision]:
        if len(raw) > settings.max_body_bytes:
            raise RequestError(
                Kind.TOO_LARGE,
                f"the body is larger than {settings.max_body_bytes} bytes",
                remedy="send less prefetch data",
            )
        body = envelope.parse(raw, depth)
        call = envelope.call_of(_service(services, body), body)
        envelope.limit_orders(call, settings.max_orders)
        return body, _decide(loaded, call, as_of, dialect or settings.dialect, settings)

    return answer


def read(file: str) -> bytes:
    """The bytes of a file; ``-`` is standard input."""
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _decide(
    loaded: pipeline.Service, call: HookCall, as_of: str, dialect: str, settings: Settings
) -> pipeline.Decision:
    return pipeline.decide(
        loaded,
        call,
        today=time.strftime("%Y-%m-%d", time.gmtime()),
        new_id=lambda: str(uuid.uuid4()),
        as_of=as_of,
        dialect=dialect,
        role=settings.role,
        base_url=settings.base_url,
    )


def _service(services: dict[str, Service], body: Any) -> Service:
    """The service whose hook the request names; without one, any service says what is wrong."""
    hook = body.get("hook") if isinstance(body, dict) else None
    if not isinstance(hook, str) or not hook:
        return next(iter(services.values()))
    for service in services.values():
        if service.hook == hook:
            return service
    hooks = ", ".join(service.hook for service in services.values())
    raise RequestError(
        Kind.UNKNOWN_SERVICE, "no service of ours has this hook", where="hook", remedy=f"use {hooks}"
    )
