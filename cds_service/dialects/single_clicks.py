"""A correction as clicks that create or delete one order each, in a sequence that may be left at any point.

New orders come first, and an order is removed only when what replaces it stands. The service keeps nothing
between calls, so each answer on the way is foreseen: it must go on with just the clicks that are left.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cds_service.core.card import Card, CardAction
from cds_service.core.hook_call import HookCall
from cds_service.core.scene import Scene

_ORDER = "ServiceRequest"
# Nobody clicks more often for one correction, and a longer list of orders takes too long to foresee.
MOST_CLICKS = 4
MOST_ORDERS = 20
# How many answers may be foreseen for one: each costs as much time as the answer itself.
MOST_FORESEEN = 12
# What an order says beside its code; a preference list fills in none of it as we would.
_DETAILS = ("quantityQuantity", "bodySite", "orderDetail")
# What somebody wrote or put into an order does not come along into one that takes its place.
_LEFT_BEHIND = ("note", "patientInstruction", "contained")


@dataclass(frozen=True, slots=True)
class Plan:
    """``clicks``: creates, then deletes. ``left``: what only a hand can write into orders that stand."""

    clicks: tuple[CardAction, ...]
    left: tuple[CardAction, ...] = ()

    def actions(self) -> tuple[CardAction, ...]:
        return (*self.left, *self.clicks)


def in_time(scene: Scene) -> Scene:
    """The scene, from which only so much can be foreseen."""
    left = itertools.repeat(scene.foresee, MOST_FORESEEN)

    def foresee(call: HookCall) -> tuple[tuple[Card, ...], Scene] | None:
        ask = next(left, None)
        return ask(call) if ask is not None else None

    return replace(scene, foresee=foresee)


def plan_of(card: Card, scene: Scene, known: Collection[str]) -> Plan | None:
    """The card's correction without changes to orders that stay; ``None`` where that cannot be.

    Args:
        known: the codes that a new order can be made of.
    """
    if len(card.suggestions) != 1:
        return None
    actions = card.suggestions[0].actions
    if not all(_can_be_said(action, scene, known) for action in actions):
        return None
    replaced = {action.order for action in actions if action.type == "update"}
    standing = {ref: order for ref, order in scene.orders.items() if ref not in replaced}
    creates: list[CardAction] = []
    left: list[CardAction] = []
    for action in actions:
        if action.type == "delete":
            continue
        ref, complete = _in_place(action, standing)
        if not ref:
            creates.append(replace(action, type="create"))
            continue
        order = standing.pop(ref)
        if not complete and not _is_bare(order):
            return None
        if not complete:
            left.append(_completed(action, ref, order))
    gone = {action.order: action for action in actions if action.type != "create"}
    kept = set(scene.orders) - replaced - set(standing)
    deletes = [
        CardAction("delete", ref, gone[ref].description, edits=gone[ref].edits)
        for ref in scene.orders
        if ref in gone and ref not in kept
    ]
    plan = Plan((*sorted(creates, key=lambda each: each.edits[-1].code), *deletes), tuple(left))
    return plan if creates or kept or _stays(scene, card, {each.order for each in deletes}) else None


def safe_clicks(plan: Plan, scene: Scene, known: Collection[str]) -> tuple[CardAction, ...]:
    """The clicks in a sequence that every answer on the way goes on with; ``()`` where there is none."""
    if plan.left or not 0 < len(plan.clicks) <= MOST_CLICKS or len(scene.orders) > MOST_ORDERS:
        return ()
    creates = [click for click in plan.clicks if click.type == "create"]
    deletes = plan.clicks[len(creates) :]
    sequences = ((*first, *deletes) for first in itertools.permutations(creates))
    return next((each for each in sequences if _goes_on(each, scene, known)), ())


def _goes_on(clicks: tuple[CardAction, ...], scene: Scene, known: Collection[str]) -> bool:
    """Whether each answer offers just the clicks that are left, and none undoes what was done."""
    foresee = scene.foresee
    made: set[str] = set()
    gone = [click.order for click in clicks if click.type == "delete"]
    before = {code for ref in gone for code in _codes_of(scene.orders[ref])}
    for done, click in enumerate(clicks, start=1):
        call, new = _after(scene.call, click)
        seen = foresee(call)
        if seen is None:
            return False
        cards, scene = seen
        made |= new
        plans = [each for card in cards if (each := plan_of(card, scene, known)) is not None]
        rest = sorted(map(_signature, clicks[done:]))
        if rest and not any(not each.left and sorted(map(_signature, each.clicks)) == rest for each in plans):
            return False
        if any(_undoes(each, made, before) for each_plan in plans for each in each_plan.clicks):
            return False
    return True


def _can_be_said(action: CardAction, scene: Scene, known: Collection[str]) -> bool:
    """An order is removed, or added or exchanged by one that can be made."""
    order = scene.orders.get(action.order)
    if order is None or order.get("resourceType") != _ORDER or action.order != f"{_ORDER}/{order.get('id')}":
        return False
    if action.type == "delete":
        return True
    codes = {edit.code for edit in action.edits}
    if len(codes) != 1 or not codes <= set(known) or action.resource is None:
        return False
    return action.type == "create" or all(edit.code != edit.replaces for edit in action.edits)


def _in_place(action: CardAction, standing: Mapping[str, Mapping[str, Any]]) -> tuple[str, bool]:
    """An order that has the new code already, and whether it says all that the new one would."""
    code = action.edits[-1].code
    same = [ref for ref, order in standing.items() if code in _codes_of(order)]
    wanted = _details(action.resource or {})
    complete = [ref for ref in same if _details(standing[ref]) == wanted]
    return next(iter(complete or same), ""), bool(complete)


def _completed(action: CardAction, ref: str, order: Mapping[str, Any]) -> CardAction:
    """What the new order would say, as a change of the one that stands."""
    resource = {**order, **{name: (action.resource or {}).get(name) for name in _DETAILS}}
    edits = tuple(replace(edit, action="change", order=ref, replaces=edit.code) for edit in action.edits)
    return CardAction("update", ref, action.description, resource, edits)


def _stays(scene: Scene, card: Card, gone: Collection[str]) -> bool:
    """Whether an order that we speak of is left."""
    spoken = set(card.orders)
    for determination in scene.evaluation.determinations:
        spoken.update(determination.orders)
    return bool(spoken & set(scene.orders) - set(gone))


def _after(call: HookCall, click: CardAction) -> tuple[HookCall, set[str]]:
    """The call as it comes after a click, and the order that is new."""
    orders = call.draft_orders
    selected = call.selections
    if click.type == "delete":
        orders = tuple((path, order) for path, order in orders if _ref(order) != click.order)
        if selected is not None:
            selected = tuple(ref for ref in selected if ref != click.order)
        return replace(call, draft_orders=orders, selections=selected), set()
    used = {order.get("id") for _, order in orders}
    paths = {path for path, _ in orders}
    name = next(name for number in itertools.count(1) if (name := f"new{number}") not in used)
    places = (f"context.draftOrders.entry[{place}].resource" for place in itertools.count())
    path = next(path for path in places if path not in paths)
    order = {
        **{key: value for key, value in (click.resource or {}).items() if key not in _LEFT_BEHIND},
        "id": name,
    }
    if selected is not None:
        selected = (*selected, _ref(order))
    urls = {place: url for place, url in call.draft_urls.items() if place != path}
    later = replace(call, draft_orders=(*orders, (path, order)), draft_urls=urls, selections=selected)
    return later, {_ref(order)}


def _undoes(click: CardAction, made: Collection[str], before: Collection[object]) -> bool:
    if click.type == "delete":
        return click.order in made
    return click.edits[-1].code in before


def _signature(click: CardAction) -> tuple[str, ...]:
    if click.type == "delete":
        return (click.type, click.order)
    return (click.type, click.edits[-1].code, *map(str, _details(click.resource or {})))


def _details(order: Mapping[str, Any]) -> tuple[object, ...]:
    return (_units(order), order.get("bodySite") or None, order.get("orderDetail") or None)


def _is_bare(order: Mapping[str, Any]) -> bool:
    return _details(order) == (1, None, None)


def _units(order: Mapping[str, Any]) -> object:
    quantity = order.get("quantityQuantity")
    return quantity.get("value", 1) if isinstance(quantity, dict) else 1


def _codes_of(order: Mapping[str, Any]) -> list[object]:
    concept = order.get("code")
    codings = concept.get("coding") if isinstance(concept, dict) else None
    if not isinstance(codings, list):
        return []
    return [each.get("code") for each in codings if isinstance(each, dict)]


def _ref(order: Mapping[str, Any]) -> str:
    return f"{order.get('resourceType')}/{order.get('id')}"
