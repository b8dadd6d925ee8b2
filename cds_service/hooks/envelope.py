"""The envelope of a hook request: bytes or JSON in, HookCall out, RequestError when it cannot be read.

Lenient where clients differ (unknown members, entries without resource), strict where guessing would harm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cds_service import schemas
from cds_service.core.case import Gap
from cds_service.core.hook_call import FhirAccess, HookCall
from cds_service.errors import Fault, Kind, RequestError
from cds_service.hooks import json_text
from cds_service.hooks.services import HOOKS, Service

# What may stand in an Authorization header after "Bearer".
_TOKEN = re.compile(r"[!-~]+", re.ASCII)
# Which rule of the schema is broken -> what is wrong; any other: a value is not one it may be.
_FAULTS = {"required": Fault.MISSING, "type": Fault.TYPE}


def parse(raw: bytes, depth: schemas.DepthLimit) -> Any:
    """JSON text to Python values, checked for depth before anything recursive sees them.

    Raises:
        RequestError: no JSON, or nested too deep.
    """
    document = json_text.values_of(raw)
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
    orders, urls, gaps = _draft_orders(context.get("draftOrders") or {})
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
        draft_urls=urls,
        extension=extension if isinstance(extension, dict) else {},
        gaps=gaps,
        fhir_access=_access(body.get("fhirAuthorization")),
    )


def limit_orders(call: HookCall, most: int) -> None:
    """Refuse a call with more entries in context.draftOrders than ``most``.

    Raises:
        RequestError: it has more.
    """
    if len(call.draft_orders) + len(call.gaps) > most:
        raise RequestError(
            Kind.TOO_MANY_ORDERS,
            f"has more than {most} entries",
            where="context.draftOrders.entry",
            remedy="sign fewer orders at a time",
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
) -> tuple[tuple[tuple[str, Mapping[str, Any]], ...], dict[str, str], tuple[Gap, ...]]:
    """The resources of the Bundle and their addresses, with their paths; entries that hold none are gaps."""
    orders: list[tuple[str, Mapping[str, Any]]] = []
    urls: dict[str, str] = {}
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
            if isinstance(url := entry.get("fullUrl"), str):
                urls[f"{path}.resource"] = url
    return tuple(orders), urls, tuple(gaps)


def _refusal(service: Service, body: Any) -> RequestError:
    """Say the first thing that is wrong, in terms of the schema, never of the values sent."""
    if not isinstance(body, dict):
        return RequestError(
            Kind.ENVELOPE,
            "the body is not a JSON object",
            remedy="send a CDS Hooks request",
            fault=Fault.TYPE,
        )
    problem = service.request.first(body)
    if problem is None:
        return RequestError(
            Kind.ENVELOPE,
            "the body breaks the request schema",
            remedy="see GET /openapi.json",
            fault=Fault.VALUE,
        )
    where, what, remedy = problem.path, problem.what, problem.remedy
    fault = _FAULTS.get(problem.rule, Fault.VALUE)
    if where == "fhirServer" and "fhirAuthorization" in body and not body.get("fhirServer"):
        fault, what = Fault.MISSING, "is missing while fhirAuthorization is there"
        remedy = "send fhirServer with fhirAuthorization, or neither"
    elif problem.rule == "minLength":
        remedy = "fill it"
    elif where == "context.patientId" and problem.rule == "pattern":
        what, remedy = "is not a bare resource id", "send the id without a slash"
    return RequestError(Kind.ENVELOPE, what, where=where, remedy=remedy, fault=fault)
