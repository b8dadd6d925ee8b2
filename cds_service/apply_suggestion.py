"""A hook request as the EHR would send it next, after a click on suggestions of a card.

The actions of all suggestions taken are one FHIR transaction on context.draftOrders: deletes, creates,
updates. Everything they do not name stays as it was.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cds_service.errors import CdsError

Json = dict[str, Any]

_ANY = "any"
_NEW = "new"


class ChoiceError(CdsError):
    """What was chosen cannot be applied; the message says why."""


def chosen(cards: Sequence[Mapping[str, Any]], card: int, suggestions: Sequence[int]) -> list[Json]:
    """The actions of the suggestions, both counted from one.

    Raises:
        ChoiceError: there are no such ones, or they exclude each other.
    """
    if not 1 <= card <= len(cards):
        raise ChoiceError(f"there is no card {card}; the answer has {_count(cards, 'card')}")
    offered = cards[card - 1].get("suggestions", ())
    for number in suggestions:
        if not 1 <= number <= len(offered):
            raise ChoiceError(
                f"card {card} has no suggestion {number}; it has {_count(offered, 'suggestion')}"
            )
    taken = list(dict.fromkeys(suggestions))
    if len(taken) > 1 and cards[card - 1].get("selectionBehavior") != _ANY:
        raise ChoiceError(f"the suggestions of card {card} exclude each other; take one")
    return [action for number in taken for action in offered[number - 1].get("actions", ())]


def applied(request: Mapping[str, Any], actions: Sequence[Mapping[str, Any]]) -> Json:
    """The request after the actions; its parts that stay are shared with it.

    New orders get the ids ``new1``, ``new2``, ... that are free. Where the hook names the orders selected,
    new ones are selected and removed ones are not.

    Raises:
        ChoiceError: an action names an order that is no draft order of the request.
    """
    context = request["context"]
    bundle = context["draftOrders"]
    entries = list(bundle["entry"])
    removed = [str(action["resourceId"]) for action in actions if action["type"] == "delete"]
    for ref in removed:
        places = _places(entries, ref)
        entries = [entry for place, entry in enumerate(entries) if place not in places]
    created = [action["resource"] for action in actions if action["type"] == "create"]
    named = [
        {**resource, "id": name} for resource, name in zip(created, _free(bundle["entry"]), strict=False)
    ]
    entries += [{"resource": resource} for resource in named]
    for resource in (action["resource"] for action in actions if action["type"] == "update"):
        for place in _places(entries, reference(resource)):
            entries[place] = {**entries[place], "resource": resource}
    after: Json = {**context, "draftOrders": {**bundle, "entry": entries}}
    if isinstance(context.get("selections"), list):
        kept = [ref for ref in context["selections"] if not _names(ref, removed)]
        after["selections"] = [*kept, *(reference(resource) for resource in named)]
    return {**request, "context": after}


def reference(resource: Mapping[str, Any]) -> str:
    """``Type/id``."""
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def _names(selected: object, removed: Sequence[str]) -> bool:
    """Whether a selection, which may be an absolute URL, is of an order removed."""
    return any(selected == ref or str(selected).endswith(f"/{ref}") for ref in removed)


def _places(entries: Sequence[Any], ref: str) -> list[int]:
    """Where an order stands; one that was sent twice stands in two places."""
    resources = [entry.get("resource") if isinstance(entry, dict) else None for entry in entries]
    places = [
        place
        for place, resource in enumerate(resources)
        if isinstance(resource, dict) and reference(resource) == ref
    ]
    if places:
        return places
    raise ChoiceError(f"{ref} is no draft order of the request; take the suggestion from its own answer")


def _free(entries: Iterable[Any]) -> Iterable[str]:
    """Ids that no draft order has, in sequence."""
    resources = [entry.get("resource") for entry in entries if isinstance(entry, dict)]
    used = {resource.get("id") for resource in resources if isinstance(resource, dict)}
    return (name for number in itertools.count(1) if (name := f"{_NEW}{number}") not in used)


def _count(things: Sequence[object], name: str) -> str:
    return f"{len(things) or 'no'} {name}{'' if len(things) == 1 else 's'}"
