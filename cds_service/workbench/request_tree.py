"""Finding one's way in the JSON of a request that anybody may have typed: wrong shapes count as absent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]


class Held(NamedTuple):
    """A resource and what holds it; ``entry`` is its Bundle entry or ``None`` when it stands alone."""

    resource: Json
    bundle: Json | None
    entry: Json | None
    key: str


def member(holder: object, name: str) -> Json:
    """The object at ``name``, or an empty one."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def objects(holder: object, name: str) -> list[Json]:
    """The objects in the list at ``name``."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def text(holder: object, name: str) -> str:
    """The text at ``name``."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, str) else ""


def reference(resource: object) -> str:
    """``Type/id``, or ``""`` when it lacks one of them."""
    kind, name = text(resource, "resourceType"), text(resource, "id")
    return f"{kind}/{name}" if kind and name else ""


def draft_entries(request: object) -> list[Json]:
    """The entries of context.draftOrders that hold a ServiceRequest."""
    bundle = member(member(request, "context"), "draftOrders")
    return [
        entry
        for entry in objects(bundle, "entry")
        if text(member(entry, "resource"), "resourceType") == "ServiceRequest"
    ]


def prefetched(request: object) -> Iterator[Held]:
    """Every resource of the prefetch, in the order sent."""
    for key, value in member(request, "prefetch").items():
        if text(value, "resourceType") == "Bundle":
            for entry in objects(value, "entry"):
                if resource := member(entry, "resource"):
                    yield Held(resource, value, entry, key)
        elif text(value, "resourceType"):
            yield Held(value, None, None, key)


def drop(request: Json, held: Held) -> None:
    """Take a prefetched resource out; what is left of a searchset still counts right."""
    if held.bundle is None:
        del request["prefetch"][held.key]
        return
    # By identity: two entries may be equal, and only this one goes.
    held.bundle["entry"] = [entry for entry in held.bundle["entry"] if entry is not held.entry]
    _recount(held.bundle)


def put(request: Json, kind: str, key: str, resource: Json) -> None:
    """Add a resource beside others of its type, else as a searchset under ``key``."""
    bundle = next(
        (
            held.bundle
            for held in prefetched(request)
            if held.bundle is not None and text(held.resource, "resourceType") == kind
        ),
        None,
    )
    prefetch = request.get("prefetch")
    if not isinstance(prefetch, dict):
        prefetch = request["prefetch"] = {}
    if bundle is None:
        bundle = prefetch.get(key)
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        bundle = prefetch[key] = {"resourceType": "Bundle", "type": "searchset"}
    entries = bundle.get("entry")
    bundle["entry"] = [*(entries if isinstance(entries, list) else []), {"resource": resource}]
    _recount(bundle)


def free_id(request: object, stem: str) -> str:
    """An id no resource of the request has."""
    used = {text(held.resource, "id") for held in prefetched(request)}
    used |= {text(member(entry, "resource"), "id") for entry in draft_entries(request)}
    number = 1
    while f"{stem}{number}" in used:
        number += 1
    return f"{stem}{number}"


def _recount(bundle: Json) -> None:
    if bundle.get("type") == "searchset":
        bundle["total"] = len(bundle["entry"])
