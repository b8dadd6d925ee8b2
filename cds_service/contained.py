"""Which contained resources the JSON of an order points to; for the rooms that make orders out of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def fragments(value: object) -> Iterator[str]:
    """The ids of contained resources that a value points to."""
    waiting = [value]
    for each in waiting:
        if isinstance(each, dict):
            literal = each.get("reference")
            if isinstance(literal, str) and literal[:1] == "#" != literal:
                yield literal[1:]
        elif not isinstance(each, list):
            continue
        waiting += [
            inner
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]


def needed(order: Mapping[str, Any], there: object) -> list[Any]:
    """Those resources of ``there`` that an order points to, by whatever way."""
    listed = there if isinstance(there, list) else []
    known = {each["id"]: each for each in reversed(listed) if isinstance(each, dict) and _has_id(each)}
    waiting = list(fragments({name: value for name, value in order.items() if name != "contained"}))
    found: set[str] = set()
    for own in waiting:
        if own in known and own not in found:
            found.add(own)
            waiting.extend(fragments(known[own]))
    return [known[own] for own in reversed(known) if own in found]


def _has_id(resource: Mapping[str, Any]) -> bool:
    return isinstance(resource.get("id"), str)
