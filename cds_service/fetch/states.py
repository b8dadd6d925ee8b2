"""Prefetch as sent and our templates in, the state of each advertised key out. Pure.

A key that is there is the client's answer to it; resources of the type under any other key answer it as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cds_service.fetch.templates import type_of

State = Literal[
    "supplied",
    "absent",  # the client did not say: may be fetched
    "null",  # the client looked, there is none
    "empty",  # the same, as a Bundle without resources
    "outcome",  # the client met an error; asking again is pointless
    "partial",  # a first page: may be fetched whole
]
FETCHED: frozenset[State] = frozenset({"absent", "partial"})

_SEVERE = ("error", "fatal")
# What clients call a list of Conditions without saying so.
_WORDS = {"Condition": ("condition", "problem", "diagnos")}


@dataclass(frozen=True, slots=True)
class Standing:
    """``key`` is where the resources stand in prefetch: the advertised key, or the client's own name."""

    key: str
    state: State


def states(prefetch: Mapping[str, Any], templates: Mapping[str, str]) -> dict[str, Standing]:
    """The state of each key of ``templates``."""
    found = {
        key: Standing(key, state_of(prefetch[key]) if key in prefetch else "absent") for key in templates
    }
    absent = [key for key, standing in found.items() if standing.state == "absent"]
    if not absent or not prefetch:
        return found
    kinds = {key: kinds_in(value) for key, value in prefetch.items()}
    wanted = {type_of(template) for template in templates.values()}
    for own in absent:
        kind = type_of(templates[own])
        for key, present in kinds.items():
            if kind in present or (not present and key not in templates and _named_for(key, wanted) == kind):
                state = state_of(prefetch[key])
                # A first page of several types cannot be replaced by one search.
                whole = state != "partial" or present == {kind}
                found[own] = Standing(key, state if whole else "supplied")
                break
    return found


def state_of(value: object) -> State:
    """The state of one prefetch value. What cannot be read is the client's answer all the same."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return "supplied" if value else "empty"
    if not isinstance(value, dict):
        return "supplied"
    if value.get("resourceType") == "OperationOutcome":
        return "outcome"
    if value.get("resourceType") != "Bundle":
        return "supplied"
    if next_link(value) is not None:
        return "partial"
    if any(_holds_resource(entry) for entry in entries_of(value)):
        return "supplied"
    return "outcome" if any(reports_error(entry) for entry in entries_of(value)) else "empty"


def next_link(bundle: Mapping[str, Any]) -> str | None:
    """The address of the next page; ``""`` when there is a link without one."""
    links = bundle.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            url = link.get("url")
            return url if isinstance(url, str) else ""
    return None


def entries_of(bundle: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The entries of a Bundle that are objects."""
    entries = bundle.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            yield entry


def reports_error(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is an OperationOutcome of an error; one that says that nothing was found is none."""
    resource = entry.get("resource")
    if not isinstance(resource, dict) or resource.get("resourceType") != "OperationOutcome":
        return False
    issues = resource.get("issue")
    return any(
        isinstance(issue, dict) and issue.get("severity") in _SEVERE
        for issue in (issues if isinstance(issues, list) else ())
    )


def kinds_in(value: object) -> set[str]:
    """The types of the resources in a prefetch value, nested Bundles and lists included."""
    return {
        kind
        for resource in _resources(value)
        if isinstance(kind := resource.get("resourceType"), str) and kind != "OperationOutcome"
    }


def _resources(value: object) -> Iterator[dict[str, Any]]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(each)
        elif isinstance(each, dict):
            if each.get("resourceType") == "Bundle":
                waiting.extend(entry.get("resource") for entry in entries_of(each))
            else:
                yield each


def _holds_resource(entry: Mapping[str, Any]) -> bool:
    resource = entry.get("resource")
    return isinstance(resource, dict) and resource.get("resourceType") != "OperationOutcome"


def _named_for(key: str, kinds: set[str]) -> str:
    """The type that a client's own name of a value without resources speaks of, or ``""``.

    The last word decides, so that ``patientConditions`` are Conditions.
    """
    lowered = key.lower()
    ends = {
        kind: max(lowered.rfind(word) + len(word) if word in lowered else 0 for word in words)
        for kind in sorted(kinds)
        for words in [(kind.lower(), *_WORDS.get(kind, ()))]
    }
    kind = max(ends, key=lambda each: (ends[each], len(each)), default="")
    return kind if ends.get(kind) else ""
