"""Cards and scenes to speak about."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from cds_service.core.card import Card, CardAction, CardSuggestion, Link
from cds_service.core.finding import Edit, Evaluation
from cds_service.core.guideline import Guideline
from cds_service.core.hook_call import HookCall
from cds_service.core.scene import Scene

Json = dict[str, Any]

CPT = "http://www.ama-assn.org/go/cpt"
REASONS = tuple(
    {"code": code, "system": "urn:test", "display": code}
    for code in ("asIntended", "payerRuleDiffers", "notApplicable")
)
LABELS = {"95886": "complete limb EMG", "95910": "7-8 studies"}
LINK = Link("Guideline", "https://example.org/guideline")


def order(name: str, code: str, system: str = CPT, **rest: Any) -> Json:
    return {
        "resourceType": "ServiceRequest",
        "id": name,
        "meta": {"versionId": "3"},
        "identifier": [{"value": "placer"}],
        "code": {"coding": [{"system": system, "code": code}]},
        "priority": "urgent",
        **rest,
    }


def change(name: str, old: str, new: str, **edit: Any) -> CardAction:
    """An order gets another code, or keeps it when ``old`` is ``new``."""
    done = Edit("change", f"ServiceRequest/{name}", new, replaces=old, **edit)
    return CardAction(
        "update", done.order, f"Change {old} to {new}", order(name, new, **written(done)), (done,)
    )


def written(edit: Edit) -> Json:
    """What an edit leaves in the order beside the code."""
    found: Json = {}
    if edit.units > 1:
        found["quantityQuantity"] = {"value": edit.units}
    if edit.modifiers:
        found["orderDetail"] = [{"text": modifier} for modifier in edit.modifiers]
    if edit.sites:
        found["bodySite"] = [{"text": f"{site.side} {site.region}"} for site in edit.sites]
    return found


def add(beside: str, code: str, **edit: Any) -> CardAction:
    done = Edit("create", f"ServiceRequest/{beside}", code, **edit)
    whole = order("", code, **written(done))
    resource = {name: value for name, value in whole.items() if name not in ("id", "meta")}
    return CardAction("create", done.order, f"Add {code}", resource, (done,))


def remove(name: str, code: str) -> CardAction:
    ref = f"ServiceRequest/{name}"
    return CardAction("delete", ref, f"Remove {code}", edits=(Edit("remove", ref, replaces=code),))


def reason(name: str, old: str, new: str) -> CardAction:
    ref = f"ServiceRequest/{name}"
    return CardAction("update", ref, "Change reason", order(name, "95909"), reasons=(((old,), (new,)),))


def offer(*actions: CardAction, label: str = "Do it", recommended: bool = False) -> CardSuggestion:
    return CardSuggestion(label, actions, recommended)


def card(*suggestions: CardSuggestion, links: tuple[Link, ...] = ()) -> Card:
    return Card(
        finding="coding:C3-test.1",
        kind="coding",
        summary="Summary",
        detail="Detail",
        indicator="info",
        orders=("ServiceRequest/a",),
        facts={"pattern": "C3", "mode": "FIX"},
        reasons=REASONS,
        suggestions=suggestions,
        links=links,
    )


def scene(**codes: str) -> Scene:
    """``codes``: the code that each draft order was sent with."""
    return stage(*(order(name, code) for name, code in codes.items()))


def stage(*orders: Json, **rest: Any) -> Scene:
    """These draft orders, in this sequence."""
    guideline = Guideline(**dict.fromkeys(Guideline.__dataclass_fields__, ""))
    by_ref = {f"ServiceRequest/{each['id']}": each for each in orders}
    drafts = tuple((f"entry[{place}]", each) for place, each in enumerate(orders))
    return Scene(
        guideline=guideline,
        call=HookCall("service", "order-sign", draft_orders=drafts),
        orders=by_ref,
        evaluation=Evaluation("2026-11-20"),
        new_id=lambda: str(uuid.uuid4()),
        today="2026-11-22",
        numbers={ref: number for number, ref in enumerate(by_ref, start=1)},
        label_of=lambda code: LABELS.get(code, ""),
        **rest,
    )


def as_the_service_goes_on(one: Card, here: Scene) -> Scene:
    """The scene with answers foreseen: what is left of the card is said again, and nothing else."""

    def foresee(call: HookCall) -> tuple[tuple[Card, ...], Scene]:
        orders = {f"ServiceRequest/{each['id']}": each for _, each in call.draft_orders}
        left = tuple(
            action
            for each in one.suggestions
            for action in each.actions
            if action.type == "create" or action.order in orders
        )
        later = replace(here, call=call, orders=orders, foresee=foresee)
        again = replace(one, orders=tuple(orders), suggestions=(offer(*left),))
        return ((again,) if left else ()), later

    return replace(here, foresee=foresee)
