"""The parts of a CDS Hooks card that are the same in every dialect (CDS Hooks 2.0, Card Attributes)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cds_service.core.card import Card, CardAction
from cds_service.core.case import addresses
from cds_service.core.scene import Scene

EXTENSION = "io.github.emg-ncs-cds.finding"
TOPIC_SYSTEM = "urn:emg-ncs-cds:topic"
_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")

Json = dict[str, Any]
# cards and scene -> the response body
Speak = Callable[[Sequence[Card], Scene], Json]


def card_of(card: Card, scene: Scene) -> Json:
    """A card without suggestions or links; its uuid is new."""
    guideline, orders = scene.guideline, addresses(card.orders)
    return {
        "uuid": scene.new_id(),
        "summary": card.summary,
        "indicator": card.indicator,
        "detail": card.detail,
        "source": {
            "label": f"{guideline.id} order check",
            "url": guideline.url,
            "topic": {
                "system": TOPIC_SYSTEM,
                "code": _NOT_ALPHANUMERIC.sub("", card.finding)[:100],
                "display": card.finding,
            },
        },
        "overrideReasons": [dict(reason) for reason in card.reasons],
        "extension": {
            EXTENSION: {
                "guideline": guideline.id,
                "edition": guideline.edition,
                "version": guideline.version,
                "finding": card.finding,
                **card.facts,
                **({"orders": orders} if orders else {}),
            }
        },
    }


def links_of(card: Card) -> list[Json]:
    """The links, all absolute."""
    return [{"label": link.label, "url": link.url, "type": "absolute"} for link in card.links]


def action_of(action: CardAction) -> Json:
    """One action of a suggestion."""
    item: Json = {"type": action.type, "description": action.description}
    if action.type == "delete":
        item["resourceId"] = action.order
    else:
        item["resource"] = action.resource
    return item


def shown(order: Mapping[str, Any] | None) -> str:
    """How an order shows on the clinician's list: its first code as sent, else its words, else ``""``."""
    concept = (order or {}).get("code")
    if not isinstance(concept, dict):
        return ""
    codings = concept.get("coding")
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict) and isinstance(coding.get("code"), str):
            return str(coding["code"])
    text = concept.get("text")
    return text if isinstance(text, str) else ""
