"""What an order takes over from orders that it stands for from now on: reasons, notes and body sites."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cds_service.core.case import Site

Json = dict[str, Any]
Order = Mapping[str, Any]


def take_over(order: Json, others: Iterable[Order], *, notes: bool) -> None:
    """Add to ``order`` the reasons, and the ``notes``, of ``others`` that it does not have."""
    for other in others:
        _add(order, other, "reasonCode", _codes)
        _add_references(order, other)
        if notes:
            _add(order, other, "note", _text)


def concepts_for(
    wanted: list[Site], others: Iterable[Order], fold: Callable[[object], tuple[Site, ...]]
) -> list[Any]:
    """The body sites of ``others`` that say what is ``wanted``; what they say is taken from the list."""
    found = []
    for other in others:
        for concept in _list(other, "bodySite"):
            folded = fold(concept)
            if folded and set(folded) <= set(wanted):
                found.append(concept)
                wanted[:] = [site for site in wanted if site not in folded]
    return found


def _add(order: Json, other: Order, name: str, meaning: Callable[[Any], frozenset[object]]) -> None:
    """The entries of a list that say more than the order's own."""
    own = _list(order, name)
    known = frozenset().union(*map(meaning, own))
    added = [entry for entry in _list(other, name) if not meaning(entry) <= known]
    if added and (name not in order or isinstance(order[name], list)):
        order[name] = [*own, *added]


def _add_references(order: Json, other: Order) -> None:
    """References to reasons; one that is contained in the other order comes along."""
    own = _list(order, "reasonReference")
    known = {_literal(reference) for reference in own}
    contained = _list(order, "contained")
    ids = {entry.get("id") for entry in contained if isinstance(entry, dict)}
    for reference in _list(other, "reasonReference"):
        literal = _literal(reference)
        if not literal or literal in known:
            continue
        if literal.startswith("#"):
            inside = [entry for entry in _list(other, "contained") if f"#{_id(entry)}" == literal]
            if not inside or _id(inside[0]) in ids:
                continue
            contained = [*contained, inside[0]]
            order["contained"] = contained
        own = [*own, reference]
        order["reasonReference"] = own


def _list(order: Order, name: str) -> list[Any]:
    given = order.get(name)
    return given if isinstance(given, list) else []


def _codes(concept: Any) -> frozenset[object]:
    codings = concept.get("coding") if isinstance(concept, dict) else None
    found = [
        (coding.get("system"), coding.get("code"))
        for coding in (codings if isinstance(codings, list) else [])
        if isinstance(coding, dict) and isinstance(coding.get("code"), str)
    ]
    return frozenset(found) if found else _text(concept)


def _text(entry: Any) -> frozenset[object]:
    text = entry.get("text") if isinstance(entry, dict) else None
    return frozenset([text]) if isinstance(text, str) else frozenset()


def _literal(reference: Any) -> str:
    literal = reference.get("reference") if isinstance(reference, dict) else None
    return literal if isinstance(literal, str) else ""


def _id(resource: Any) -> object:
    return resource.get("id") if isinstance(resource, dict) else None
