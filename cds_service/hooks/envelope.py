"""The envelope of a hook request: bytes or JSON in, HookCall out, RequestError when it cannot be read.

Lenient where clients differ (unknown members, entries without resource), strict where guessing would harm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from cds_service import schemas
from cds_service.core.case import Gap
from cds_service.core.hook_call import FhirAccess, HookCall
from cds_service.errors import Kind, RequestError
from cds_service.hooks.services import HOOKS, Service

# What may stand in an Authorization header after "Bearer".
_TOKEN = re.compile(r"[!-~]+", re.ASCII)


def parse(raw: bytes, depth: schemas.DepthLimit) -> Any:
    """JSON text to Python values, checked for depth before anything recursive sees them.

    Raises:
        RequestError: no JSON, or nested too deep.
    """
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise RequestError(
            Kind.JSON, "the body is not JSON in UTF-8", remedy="send one JSON object"
        ) from None
    if not depth.holds(document):
        raise RequestError(
            Kind.DEPTH,
            f"the body is nested deeper than {depth.levels} levels",
            remedy="send a hook request with ordinary FHIR resources",
        )
    return document


def call_of(service: Service, body: Any) -> HookCall:
    """The hook call in a parsed request body.

    Raises:
        RequestError: not a request of this service's hook.
    """
    if isinstance(body, dict) and isinstance(body.get("hook"), str) and body["hook"] != service.hook:
        raise RequestError(
            Kind.HOOK_MISMATCH,
            f"is not {service.hook}, the hook of service {service.id}",
            where="hook",
            remedy=f"send hook {service.hook}, or call the service GET /cds-services names for your hook; "
            f"the hooks served are {' and '.join(HOOKS)}",
        )
    if not service.request.is_valid(body):
        raise _refusal(service, body)
    context = body["context"]
    orders, gaps = _draft_orders(context.get("draftOrders") or {})
    extension = body.get("extension")
    return HookCall(
        service=service.id,
        hook=service.hook,
        hook_instance=body["hookInstance"],
        context=context,
        prefetch=body.get("prefetch") or {},
        patient_id=context["patientId"].removeprefix("Patient/"),
        encounter_id=(context.get("encounterId") or "").removeprefix("Encounter/"),
        user_id=context["userId"],
        fhir_server=body.get("fhirServer") or "",
        selections=service.selections(context),
        draft_orders=orders,
        extension=extension if isinstance(extension, dict) else {},
        gaps=gaps,
        fhir_access=_access(body.get("fhirAuthorization")),
    )


def _access(sent: object) -> FhirAccess | None:
    """The access to the client's FHIR server; members of a wrong type count as absent."""
    if not isinstance(sent, dict):
        return None
    token, kind, scope, patient, subject = (
        value if isinstance(value := sent.get(name), str) else ""
        for name in ("access_token", "token_type", "scope", "patient", "subject")
    )
    seconds = sent.get("expires_in")
    usable = kind.lower() in ("", "bearer") and _TOKEN.fullmatch(token)
    return FhirAccess(
        token=token if usable else "",
        token_type=kind,
        scope=scope,
        patient=patient.removeprefix("Patient/"),
        expires_in=seconds if isinstance(seconds, int) and seconds > 0 else 0,
        subject=subject,
    )


def _draft_orders(
    bundle: Mapping[str, Any],
) -> tuple[tuple[tuple[str, Mapping[str, Any]], ...], tuple[Gap, ...]]:
    """The resources of the Bundle with their paths; entries that hold none are gaps."""
    orders: list[tuple[str, Mapping[str, Any]]] = []
    gaps: list[Gap] = []
    for index, entry in enumerate(bundle.get("entry") or ()):
        path = f"context.draftOrders.entry[{index}]"
        if not isinstance(entry, dict):
            gaps.append(Gap(path, "is not a Bundle entry"))
            continue
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            gaps.append(Gap(f"{path}.resource", "not supplied" if resource is None else "is not a resource"))
        elif not isinstance(resource.get("resourceType"), str):
            gaps.append(Gap(f"{path}.resource.resourceType", "not supplied"))
        else:
            orders.append((f"{path}.resource", resource))
    return tuple(orders), tuple(gaps)


def _refusal(service: Service, body: Any) -> RequestError:
    """Say the first thing that is wrong, in terms of the schema, never of the values sent."""
    if not isinstance(body, dict):
        return RequestError(Kind.ENVELOPE, "the body is not a JSON object", remedy="send a CDS Hooks request")
    problem = service.request.first(body)
    if problem is None:
        return RequestError(
            Kind.ENVELOPE, "the body breaks the request schema", remedy="see GET /openapi.json"
        )
    where = problem.path
    if where == "fhirServer" and "fhirAuthorization" in body:
        return RequestError(
            Kind.ENVELOPE,
            "is missing while fhirAuthorization is there",
            where=where,
            remedy="send fhirServer with fhirAuthorization, or neither",
        )
    if where == "context.patientId" and problem.what.startswith("does not have"):
        return RequestError(
            Kind.ENVELOPE, "is not a bare resource id", where=where, remedy="send the id without a slash"
        )
    return RequestError(Kind.ENVELOPE, problem.what, where=where, remedy=problem.remedy)
