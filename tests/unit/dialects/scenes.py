"""Cards and scenes to speak about."""

from __future__ import annotations

import uuid
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
LINK = Link("Guideline", "https://example.org/guideline")


def order(name: str, code: str, **rest: Any) -> Json:
    return {
        "resourceType": "ServiceRequest",
        "id": name,
        "meta": {"versionId": "3"},
        "identifier": [{"value": "placer"}],
        "code": {"coding": [{"system": CPT, "code": code}]},
        "priority": "urgent",
        **rest,
    }


def change(name: str, old: str, new: str, **edit: Any) -> CardAction:
    """An order gets another code, or keeps it when ``old`` is ``new``."""
    done = Edit("change", f"ServiceRequest/{name}", new, replaces=old, **edit)
    return CardAction("update", done.order, f"Change {old} to {new}", order(name, new), (done,))


def add(beside: str, code: str, **edit: Any) -> CardAction:
    done = Edit("create", f"ServiceRequest/{beside}", code, **edit)
    resource = {name: value for name, value in order("", code).items() if name not in ("id", "meta")}
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
    orders = {f"ServiceRequest/{name}": order(name, code) for name, code in codes.items()}
    guideline = Guideline(**dict.fromkeys(Guideline.__dataclass_fields__, ""))
    call = HookCall("service", "order-sign")
    return Scene(guideline, call, orders, Evaluation("2026-11-20"), lambda: str(uuid.uuid4()), "2026-11-22")
