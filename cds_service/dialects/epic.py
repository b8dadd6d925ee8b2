"""Dialect ``epic``: a suggestion is one create or one delete, all of a card may be taken (``any``).

So a correction becomes suggestions that belong together; whatever cannot be said so is said in words: choices
that exclude each other (``any`` would let a user take two), an order that keeps its code, a code without
preference list item.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cds_service.content import Roots
from cds_service.core.card import Card, CardAction
from cds_service.core.scene import Scene
from cds_service.dialects import tables, text
from cds_service.dialects.wire import Json, Speak, card_of, links_of
from cds_service.errors import ContentError
from cds_service.wording import Filled

NAME = "epic"
_NAMES = ("order", "sent", "code", "units", "count")
_ORDER = "ServiceRequest/"
# What belongs to the order replaced, not to the new one.
_ITS_OWN = ("id", "meta", "identifier", "text")


@dataclass(frozen=True, slots=True)
class Site:
    """What a site has told us: the item of its preference list by our code, and the reasons it has mapped."""

    items: Mapping[str, str]
    reasons: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """cards/dialects/epic.toml, compiled, with the site in use."""

    system: str
    action: Mapping[str, Filled]
    label: Mapping[str, Filled]
    site: Site


@dataclass(frozen=True, slots=True)
class Change:
    """One suggestion: a create (``resource``) or a delete (of ``order``)."""

    label: str
    description: str
    order: str = ""
    resource: Json | None = None


def load(roots: Roots, site: str = "") -> Table:
    """The table of ``site``; ``""``: of the site that the file names.

    Raises:
        ContentError: the file is wrong, or has no such site.
    """
    table = tables.read(roots, NAME)
    file = f"{NAME}.toml"
    wanted = site or table["site"]
    if wanted and wanted not in table["sites"]:
        raise ContentError([f"{file}::sites: {wanted} is no site; add its table, or name another site"])
    row = table["sites"].get(wanted, {"items": {}, "reasons": ()})
    return Table(
        system=table["system"],
        action=tables.compiled(table, "action", _NAMES, file),
        label=tables.compiled(table, "label", _NAMES, file),
        site=Site(row["items"], frozenset(row["reasons"])),
    )


def build(table: Table, words: text.Words) -> Speak:
    """The dialect as it is spoken to one site."""

    def speak(cards: Sequence[Card], scene: Scene) -> Json:
        return {"cards": [_card(table, words, card, scene) for card in cards]}

    return speak


def _card(table: Table, words: text.Words, card: Card, scene: Scene) -> Json:
    changes = _changes(table, words, card, scene)
    written = card_of(card, scene) if changes else text.card_in_words(words, card, scene)
    written["overrideReasons"] = [
        dict(reason) for reason in card.reasons if reason["code"] in table.site.reasons
    ]
    if not written["overrideReasons"]:
        del written["overrideReasons"]
    if changes:
        together = table.action["together"]({"count": len(changes)}) if len(changes) > 1 else ""
        written["suggestions"] = [_suggestion(change, together, scene) for change in changes]
        written["selectionBehavior"] = "any"
        if card.links:
            written["links"] = links_of(card)
    return written


def _suggestion(change: Change, together: str, scene: Scene) -> Json:
    action: Json = {"type": "create", "description": f"{change.description}{together}"}
    if change.resource is None:
        action |= {"type": "delete", "resourceId": change.order}
    else:
        action["resource"] = change.resource
    return {"label": change.label, "uuid": scene.new_id(), "actions": [action]}


def _changes(table: Table, words: text.Words, card: Card, scene: Scene) -> list[Change]:
    """The card's correction as single changes; empty where that cannot be."""
    if len(card.suggestions) != 1:
        return []
    actions = card.suggestions[0].actions
    if not all(action.order.startswith(_ORDER) and _can_be_said(table, action) for action in actions):
        return []
    return [change for action in actions for change in _parts(table, words, action, scene)]


def _can_be_said(table: Table, action: CardAction) -> bool:
    """An order is removed, or added or exchanged by one that the preference list has."""
    if action.type == "delete":
        return True
    codes = {edit.code for edit in action.edits}
    if len(codes) != 1 or not codes <= table.site.items.keys() or action.resource is None:
        return False
    return action.type == "create" or all(edit.code != edit.replaces for edit in action.edits)


def _parts(table: Table, words: text.Words, action: CardAction, scene: Scene) -> Iterator[Change]:
    known: dict[str, Any] = {"order": action.order, "sent": text.sent(action, scene)}
    if action.type != "delete":
        edit = action.edits[-1]
        if action.type == "create":
            description = text.sentence(words, action, scene)
        else:
            begin = table.action["replace"](known)
            description = f"{begin}{text.parts(words, action)}{words.join['end']}"
        label = table.label["create"]({**known, "code": edit.code, "units": edit.units})
        yield Change(label, description, resource=_listed(table, action.resource or {}, edit.code))
    if action.type != "create":
        gone = CardAction("delete", action.order, "", edits=action.edits)
        yield Change(table.label["delete"](known), text.sentence(words, gone, scene), order=action.order)


def _listed(table: Table, resource: Mapping[str, Any], code: str) -> Json:
    """The new order, named by the item of the preference list and by our code."""
    item = {"system": table.system, "code": table.site.items[code]}
    order = {name: value for name, value in resource.items() if name not in _ITS_OWN}
    order["code"] = {**order["code"], "coding": [item, *order["code"].get("coding", ())]}
    return order
