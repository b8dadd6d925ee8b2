"""Every resource of a request, wherever it stands: prefetch values, Bundles, contained, draft orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service.core.case import Gap
from cds_service.core.request import Request
from cds_service.fhir.elements import JsonObject, as_object, as_text, objects, reference, type_and_id
from cds_service.fhir.patient import is_foreign

CONDITION_WORDS = ("condition", "problem", "diagnos")
REPORTED = "the EHR reported an error"
FIRST_PAGE = "only a first page was supplied"
# Types that are no chart entry but hold or replace them.
WRAPPERS = frozenset({"Bundle", "OperationOutcome"})


@dataclass(slots=True)
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
        given = self.resource.get("id")
        own = given if isinstance(given, str) else ""
        if self.owner is not None:
            return f"{self.owner_ref}#{own}"
        if own:
            return f"{self.type}/{own}"
        return self.url or self.path


@dataclass(slots=True)
class Batch:
    """Resources that stand together: the entries of a Bundle, or one alone (no ``entries``).

    Whole batches instead of one object per resource: most resources of a chart mean nothing here.
    """

    base: str
    kinds: list[str]
    resources: list[JsonObject]
    entries: list[Any] | None = None
    draft: bool = False
    owner: JsonObject | None = None
    owner_ref: str = ""
    url: str = ""

    def found(self, at: int) -> Found:
        """The resource at a place of the batch, with all that is known of it."""
        path, url = self.base, self.url
        if self.entries is not None:
            path = f"{path}.entry[{at}].resource"
            given = self.entries[at].get("fullUrl")
            url = given if isinstance(given, str) else ""
        return Found(self.kinds[at], self.resources[at], path, self.draft, self.owner, self.owner_ref, url)


@dataclass(slots=True)
class Finds:
    """``conditions``: whether a value that may hold Conditions was supplied (empty counts). ``patients``: who
    the request is about.
    """

    batches: list[Batch] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    conditions: bool = False
    patients: frozenset[str] = frozenset()
    _by_type: dict[str, dict[str, tuple[Batch, int]]] = field(default_factory=dict)
    # By the identity of their owner, which lives as long as the request.
    _inner: dict[int, dict[str, JsonObject]] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Take a batch and what its resources contain."""
        self.batches.append(batch)
        self.kinds.update(batch.kinds)
        if batch.owner is None:
            for at, resource in enumerate(batch.resources):
                if "contained" in resource:
                    self._add_contained(batch.found(at))

    def _add_contained(self, owner: Found) -> None:
        ref = owner.ref
        for index, inner in enumerate(objects(owner.resource["contained"])):
            kind = inner.get("resourceType")
            if isinstance(kind, str):
                path = f"{owner.path}.contained[{index}]"
                self.add(Batch(path, [kind], [inner], None, owner.draft, owner.resource, ref))

    def resolve(self, value: object, owner: JsonObject | None = None) -> Found | None:
        """The resource a Reference points to: in ``owner``'s contained, the draft orders, the prefetch.

        None, too, when that is about another patient.
        """
        found = self._find(value, owner)
        return None if found is None or is_foreign(found.resource, self.patients) else found

    def names_another(self, value: object, owner: JsonObject | None = None) -> bool:
        """Whether a Reference points to something about another patient."""
        found = self._find(value, owner)
        return found is not None and is_foreign(found.resource, self.patients)

    def _find(self, value: object, owner: JsonObject | None) -> Found | None:
        literal = reference(value)
        if not literal:
            return None
        if literal.startswith("#"):
            inner = self._contained_in(owner).get(literal[1:]) if owner is not None else None
            return Found(as_text(inner.get("resourceType")), inner, "", owner=owner) if inner else None
        name = type_and_id(literal)
        kind, _, own = name.rpartition("/")
        place = self._index(kind).get(own) if kind else None
        if place is None:
            place = self._index("").get(literal) or self._index("").get(literal.removeprefix("urn:uuid:"))
        return place[0].found(place[1]) if place is not None else None

    def _contained_in(self, owner: JsonObject) -> dict[str, JsonObject]:
        """id -> resource contained in one; of two with one id the first."""
        index = self._inner.get(id(owner))
        if index is None:
            index = self._inner[id(owner)] = {}
            for inner in objects(owner.get("contained")):
                own = inner.get("id")
                if isinstance(own, str):
                    index.setdefault(own, inner)
        return index

    def _index(self, kind: str) -> dict[str, tuple[Batch, int]]:
        """id -> place of the resources of one type; for no type, id and Bundle address of all."""
        index = self._by_type.get(kind)
        if index is None:
            index = self._by_type[kind] = {}
            for batch in sorted(self.batches, key=lambda each: not each.draft):
                if batch.owner is None:
                    for at, name in enumerate(batch.kinds):
                        if not kind or name == kind:
                            self._index_one(index, batch, at, addresses=not kind)
        return index

    @staticmethod
    def _index_one(index: dict[str, tuple[Batch, int]], batch: Batch, at: int, *, addresses: bool) -> None:
        own = batch.resources[at].get("id")
        if isinstance(own, str):
            index.setdefault(own, (batch, at))
        if addresses:
            url = batch.found(at).url
            if url:
                index.setdefault(url, (batch, at))

    def of_type(self, kind: str, *, draft: bool) -> Iterator[Found]:
        """The resources of one type that are not contained in another."""
        for batch in self.batches:
            if batch.draft == draft and batch.owner is None:
                for at, name in enumerate(batch.kinds):
                    if name == kind:
                        yield batch.found(at)


def search(request: Request) -> Finds:
    """Walk the request once; nested Bundles and lists are walked too, without recursion."""
    finds = Finds()
    for path, resource in request.draft_orders:
        _take(finds, path, resource, draft=True, url=request.draft_urls.get(path, ""))
    prefetch = request.prefetch if isinstance(request.prefetch, Mapping) else {}
    if not prefetch:
        finds.gaps.append(Gap("prefetch", "not supplied"))
    for key, value in prefetch.items():
        if not finds.conditions:
            lowered = key.lower()
            finds.conditions = any(word in lowered for word in CONDITION_WORDS)
        waiting: list[tuple[str, object]] = [(f"prefetch.{key}", value)]
        for where, each in waiting:
            if isinstance(each, list):
                waiting.extend((f"{where}[{index}]", entry) for index, entry in enumerate(each))
            elif isinstance(each, dict) and each.get("resourceType") == "Bundle":
                _take_bundle(finds, where, each, waiting)
            elif each is not None:
                _take(finds, where, each, draft=False)
    if not finds.conditions:
        finds.gaps.append(Gap("prefetch.conditions", "not supplied"))
    return finds


def _take(finds: Finds, path: str, value: object, *, draft: bool, url: str = "") -> None:
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str):
        finds.gaps.append(Gap(path, "not a FHIR resource; set aside"))
    elif kind == "OperationOutcome":
        if _is_error(value):
            finds.gaps.append(Gap(path, REPORTED))
    elif kind != "Bundle":
        finds.add(Batch(path, [kind], [value], draft=draft, url=url))
        finds.conditions = finds.conditions or (kind == "Condition" and not draft)


def _take_bundle(finds: Finds, path: str, bundle: JsonObject, waiting: list[tuple[str, object]]) -> None:
    if "link" in bundle:
        for link in objects(bundle["link"]):
            relation = link.get("relation")
            if relation == "next":
                finds.gaps.append(Gap(path, FIRST_PAGE))
            elif relation == "self" and "Condition?" in as_text(link.get("url")):
                finds.conditions = True
    entries = bundle.get("entry")
    if not isinstance(entries, list):
        entries = objects(entries)
    total = bundle.get("total")
    # What a search includes beside its matches is not in the total, so that more entries say nothing.
    if type(total) is int and total > len(entries):
        finds.gaps.append(Gap(path, FIRST_PAGE))
    if not _take_entries(finds, path, entries):
        _take_each(finds, path, entries, waiting)


def _take_entries(finds: Finds, path: str, entries: list[Any]) -> bool:
    """Take all entries at once; ``False`` when they have to be looked at one by one."""
    try:
        resources = [entry["resource"] for entry in entries]
        kinds = [resource["resourceType"] for resource in resources]
        distinct = set(kinds)
    except (TypeError, KeyError):
        return False
    if not distinct.isdisjoint(WRAPPERS) or not all(isinstance(kind, str) for kind in distinct):
        return False
    if kinds:
        finds.add(Batch(path, kinds, resources, entries))
        finds.conditions = finds.conditions or "Condition" in distinct
    return True


def _take_each(finds: Finds, path: str, entries: list[Any], waiting: list[tuple[str, object]]) -> None:
    for index, entry in enumerate(entries):
        where = f"{path}.entry[{index}].resource"
        if not isinstance(entry, dict):
            finds.gaps.append(Gap(f"{path}.entry[{index}]", "not a Bundle entry; set aside"))
            continue
        resource = entry.get("resource")
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if kind == "OperationOutcome":
            # An empty search may hold an outcome that says so.
            if _is_error(as_object(resource)) and as_object(entry.get("search")).get("mode") != "outcome":
                finds.gaps.append(Gap(path, REPORTED))
        elif kind == "Bundle":
            waiting.append((where, resource))
        elif resource is not None:
            _take(finds, where, resource, draft=False, url=as_text(entry.get("fullUrl")))


def _is_error(outcome: JsonObject) -> bool:
    """Whether something went wrong; an outcome that says nothing at all stands for data that is not there."""
    issues = objects(outcome.get("issue"))
    return not issues or any(issue.get("severity") not in ("warning", "information") for issue in issues)
