"""Every resource of a request, wherever it stands: prefetch values, Bundles, contained, draft orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cds_service.core.case import Gap
from cds_service.core.request import Request
from cds_service.fhir.elements import JsonObject, as_object, as_text, objects, reference, type_and_id

CONDITION_WORDS = ("condition", "problem", "diagnos")


@dataclass(frozen=True, slots=True)
class Found:
    """One resource. ``owner`` is the resource it is contained in; ``url`` its Bundle address."""

    type: str
    resource: JsonObject
    path: str
    draft: bool = False
    owner: JsonObject | None = None
    owner_ref: str = ""
    url: str = ""

    @property
    def ref(self) -> str:
        """``Type/id``, or the nearest name there is."""
        own = as_text(self.resource.get("id"))
        if self.owner is not None:
            return f"{self.owner_ref}#{own}"
        if own:
            return f"{self.type}/{own}"
        return self.url or self.path


@dataclass(slots=True)
class Finds:
    """``conditions``: whether a value that may hold Conditions was supplied (empty counts)."""

    found: list[Found] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    conditions: bool = False
    _by_reference: dict[str, Found] | None = None

    def resolve(self, value: object, owner: JsonObject | None = None) -> Found | None:
        """The resource a Reference points to: in ``owner``'s contained, the draft orders, the prefetch."""
        literal = reference(value)
        if not literal:
            return None
        if literal.startswith("#"):
            for inner in objects(owner.get("contained")) if owner is not None else ():
                if inner.get("id") == literal[1:]:
                    return Found(as_text(inner.get("resourceType")), inner, "", owner=owner)
            return None
        if self._by_reference is None:
            self._by_reference = self._index()
        return (
            self._by_reference.get(type_and_id(literal))
            or self._by_reference.get(literal)
            or self._by_reference.get(literal.removeprefix("urn:uuid:"))
        )

    def _index(self) -> dict[str, Found]:
        index: dict[str, Found] = {}
        for found in sorted(self.found, key=lambda each: not each.draft):
            if found.owner is None:
                own = as_text(found.resource.get("id"))
                if own:
                    index.setdefault(f"{found.type}/{own}", found)
                    index.setdefault(own, found)
                if found.url:
                    index.setdefault(found.url, found)
        return index


def search(request: Request) -> Finds:
    """Walk the request once; nested Bundles and lists are walked too, without recursion."""
    finds = Finds()
    for path, resource in request.draft_orders:
        _take(finds, path, resource, draft=True, url="", waiting=None)
    prefetch = request.prefetch if isinstance(request.prefetch, Mapping) else {}
    if not prefetch:
        finds.gaps.append(Gap("prefetch", "not supplied"))
    for key, value in prefetch.items():
        path = f"prefetch.{key}"
        if any(word in key.lower() for word in CONDITION_WORDS):
            finds.conditions = True
        waiting: list[tuple[str, object]] = [(path, value)]
        for where, each in waiting:
            if isinstance(each, list):
                waiting.extend((f"{where}[{index}]", entry) for index, entry in enumerate(each))
            elif each is not None:
                _take(finds, where, each, draft=False, url="", waiting=waiting)
    if not finds.conditions:
        finds.gaps.append(Gap("prefetch.conditions", "not supplied"))
    return finds


def _take(
    finds: Finds,
    path: str,
    value: object,
    *,
    draft: bool,
    url: str,
    waiting: list[tuple[str, object]] | None,
) -> None:
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str):
        finds.gaps.append(Gap(path, "not a FHIR resource; set aside"))
    elif kind == "Bundle":
        if waiting is not None:
            _take_bundle(finds, path, value, waiting)
    elif kind == "OperationOutcome":
        finds.gaps.append(Gap(path, "the EHR reported an error"))
    else:
        found = Found(kind, value, path, draft=draft, url=url)
        finds.found.append(found)
        if kind == "Condition" and not draft:
            finds.conditions = True
        if "contained" in value:
            finds.found.extend(_contained(found))


def _contained(found: Found) -> Iterator[Found]:
    ref = found.ref
    for index, inner in enumerate(objects(found.resource.get("contained"))):
        kind = inner.get("resourceType")
        if isinstance(kind, str):
            yield Found(
                kind, inner, f"{found.path}.contained[{index}]", found.draft, found.resource, owner_ref=ref
            )


def _take_bundle(finds: Finds, path: str, bundle: JsonObject, waiting: list[tuple[str, object]]) -> None:
    for link in objects(bundle.get("link")):
        relation = link.get("relation")
        if relation == "next":
            finds.gaps.append(Gap(path, "only a first page was supplied"))
        elif relation == "self" and "Condition?" in as_text(link.get("url")):
            finds.conditions = True
    entries = bundle.get("entry")
    for index, entry in enumerate(entries if isinstance(entries, list) else objects(entries)):
        where = f"{path}.entry[{index}].resource"
        if not isinstance(entry, dict):
            finds.gaps.append(Gap(f"{path}.entry[{index}]", "not a Bundle entry; set aside"))
            continue
        resource = entry.get("resource")
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if kind == "OperationOutcome":
            if _is_error(as_object(resource)) and as_object(entry.get("search")).get("mode") != "outcome":
                finds.gaps.append(Gap(path, "the EHR reported an error"))
        elif kind == "Bundle":
            waiting.append((where, resource))
        elif resource is not None:
            _take(finds, where, resource, draft=False, url=as_text(entry.get("fullUrl")), waiting=waiting)


def _is_error(outcome: JsonObject) -> bool:
    return any(issue.get("severity") in ("error", "fatal") for issue in objects(outcome.get("issue")))
