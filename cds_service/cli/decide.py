"""A request file in, a decision out: the same steps as the web view, without HTTP."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cds_service import pipeline, schemas
from cds_service.content import Roots
from cds_service.core.hook_call import HookCall
from cds_service.errors import Kind, RequestError
from cds_service.hooks import envelope
from cds_service.hooks import services as hook_services
from cds_service.hooks.services import Service
from cds_service.settings import Settings

Decide = Callable[[str], pipeline.Decision]


def decider(as_of: str) -> Decide:
    """Load the knowledge once; the result turns a file name (``-``: standard input) into a decision.

    The result raises RequestError when the request is refused.
    """
    settings = Settings.from_env()
    roots = Roots.default()
    services = hook_services.load(roots)
    loaded = pipeline.load(roots, strict_output=settings.strict_output)
    depth = schemas.DepthLimit.of(settings.max_depth)

    def decide(file: str) -> pipeline.Decision:
        body = envelope.parse(_read(file), depth)
        call = envelope.call_of(_service(services, body), body)
        return _decide(loaded, call, as_of)

    return decide


def _decide(loaded: pipeline.Service, call: HookCall, as_of: str) -> pipeline.Decision:
    return pipeline.decide(
        loaded,
        call,
        today=time.strftime("%Y-%m-%d"),
        new_id=lambda: str(uuid.uuid4()),
        as_of=as_of,
    )


def _read(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


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
