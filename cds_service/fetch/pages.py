"""One answer of a FHIR server: bytes in, the entries of the type asked for and the next link out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from cds_service.fetch.outcome import FetchError
from cds_service.fetch.states import entries_of, next_link, reports_error
from cds_service.schemas import DepthLimit


@dataclass(frozen=True, slots=True)
class Page:
    """``next`` is the address of the next page as the server gave it, None on the last page.

    ``reported``: the server said beside the entries that something went wrong.
    """

    entries: tuple[dict[str, Any], ...]
    next: str | None = None
    reported: bool = False


def read_page(raw: bytes, kind: str, depth: DepthLimit) -> Page:
    """A page of a search.

    Raises:
        FetchError: no JSON, an error of the server, or not the resources asked for.
    """
    bundle = _resource(raw, depth)
    if bundle.get("resourceType") != "Bundle":
        raise FetchError("wrong-type")
    entries = list(entries_of(bundle))
    ours = tuple(entry for entry in entries if _type_of(entry.get("resource")) == kind)
    reported = any(reports_error(entry) for entry in entries)
    if not ours and reported:
        raise FetchError("reported-error")
    if not ours and any(_type_of(entry.get("resource")) != "OperationOutcome" for entry in entries):
        raise FetchError("wrong-type")
    return Page(ours, next_link(bundle), reported)


def read_resource(raw: bytes, kind: str, own: str, depth: DepthLimit) -> dict[str, Any]:
    """The resource of a read, which must have the id ``own``.

    Raises:
        FetchError: no JSON, an error of the server, or another resource.
    """
    resource = _resource(raw, depth)
    if resource.get("resourceType") != kind or resource.get("id") != own:
        raise FetchError("wrong-type")
    return resource


def _resource(raw: bytes, depth: DepthLimit) -> dict[str, Any]:
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise FetchError("not-json") from None
    if not isinstance(document, dict):
        raise FetchError("wrong-type")
    if not depth.holds(document):
        raise FetchError("too-large")
    if document.get("resourceType") == "OperationOutcome":
        raise FetchError("reported-error")
    return document


def _type_of(resource: object) -> object:
    return resource.get("resourceType") if isinstance(resource, dict) else None
