"""A new order that stands by itself: with the resources it points to, without what is broken in its model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cds_service.contained import fragments, needed
from cds_service.fhir.validate import errors_of, is_valid

Json = dict[str, Any]

# Required, so that one is put in where the model's is broken.
_INTENT = "order"
_CONTAINED = "contained"
# Every round takes something away; a model that needs more is not worth copying.
_MOST_ROUNDS = 20
_PART = re.compile(r"(_?[A-Za-z]+)(?:\[(\d+)\])?")


def complete(order: Json, model: Mapping[str, Any]) -> Json:
    """``order`` with what it needs of the ``contained`` of its model, and without what breaks it."""
    if not any(fragments(order)) and is_valid(order):
        return order
    whole = _with_contained(order, model.get(_CONTAINED))
    for _ in range(_MOST_ROUNDS):
        broken = list(_dangling(whole)) or _faulty(whole)
        if not broken:
            break
        whole = _without(whole, broken)
    return _with_contained(whole, whole.get(_CONTAINED))


def _with_contained(order: Json, there: object) -> Json:
    """The order with those resources it points to."""
    rest = {name: value for name, value in order.items() if name != _CONTAINED}
    kept = needed(rest, there)
    return {"resourceType": order["resourceType"], _CONTAINED: kept, **rest} if kept else rest


def _dangling(order: Json) -> Iterator[tuple[str, int | None]]:
    """The parts that point to a contained resource that is not there."""
    there = {each.get("id") for each in order.get(_CONTAINED, ())}
    for name, value in order.items():
        for at, part in enumerate(value) if isinstance(value, list) else ((None, value),):
            if not there.issuperset(fragments(part)):
                yield name, at


def _faulty(order: Json) -> list[tuple[str, int | None]]:
    """The parts that break a rule of FHIR."""
    if is_valid(order):
        return []
    found = [part for problem in errors_of(order) if (part := _PART.match(problem.path))]
    return [(part[1], int(part[2]) if part[2] else None) for part in found]


def _without(order: Json, broken: list[tuple[str, int | None]]) -> Json:
    """What is said of an element (``_authoredOn``) goes with it."""
    kept: Json = {}
    for name, value in order.items():
        places = {at for part, at in broken if name in (part, f"_{part}")}
        if name == "intent" and places:
            kept[name] = _INTENT
        elif isinstance(value, list) and places and None not in places:
            if left := [each for at, each in enumerate(value) if at not in places]:
                kept[name] = left
        elif not places:
            kept[name] = value
    return kept
