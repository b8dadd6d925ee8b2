"""The shape every card has: uuid, source, topic, extension, override reasons, suggestions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cds_service.core.guideline import Guideline
from cds_service.core.offer import Offer
from cds_service.render import lines
from cds_service.render.book import Book

EXTENSION = "io.github.emg-ncs-cds.finding"
TOPIC_SYSTEM = "urn:emg-ncs-cds:topic"
LONGEST_SUMMARY = 139
CUT = "…"
_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")

Json = dict[str, Any]


def card(
    guideline: Guideline,
    book: Book,
    new_id: Callable[[], str],
    *,
    finding: str,
    summary: str,
    detail: str,
    indicator: str,
    kind: str,
    orders: Sequence[str],
    extra: Mapping[str, Any],
) -> Json:
    """A card without suggestions or links."""
    return {
        "uuid": new_id(),
        "summary": within(summary, LONGEST_SUMMARY),
        "indicator": indicator,
        "detail": detail,
        "source": {
            "label": f"{guideline.id} order check",
            "url": guideline.url,
            "topic": {
                "system": TOPIC_SYSTEM,
                "code": _NOT_ALPHANUMERIC.sub("", finding)[:100],
                "display": finding,
            },
        },
        "overrideReasons": book.reasons_for(kind),
        "extension": {
            EXTENSION: {
                "guideline": guideline.id,
                "edition": guideline.edition,
                "version": guideline.version,
                "finding": finding,
                **extra,
                "orders": list(orders),
            }
        },
    }


def within(text: str, longest: int) -> str:
    """The text, cut at a word if need be: the contract counts, and a cut line beats a refused card."""
    if len(text) <= longest:
        return text
    return f"{text[: longest - 1].rsplit(' ', 1)[0].rstrip(' ,;:+/')}{CUT}"


def with_suggestions(
    card: Json, book: Book, offers: Sequence[Offer], sent: Mapping[str, str], new_id: Callable[[], str]
) -> None:
    """Add the offers a client can carry out; they exclude each other."""
    shown = [offer for offer in offers if offer.applicable and offer.actions]
    shown = sorted(shown, key=lambda offer: not offer.recommended)[: lines.MOST_SHOWN]
    if shown:
        labels = lines.buttons(book, shown, sent)
        card["suggestions"] = [
            _suggestion(book, offer, label, sent, new_id) for offer, label in zip(shown, labels, strict=True)
        ]
        card["selectionBehavior"] = "at-most-one"


def _suggestion(
    book: Book, offer: Offer, label: str, sent: Mapping[str, str], new_id: Callable[[], str]
) -> Json:
    suggestion: Json = {"label": label, "uuid": new_id()}
    if offer.recommended:
        suggestion["isRecommended"] = True
    actions = []
    for action in offer.actions:
        item: Json = {"type": action.type, "description": lines.describe(book, action, sent)}
        if action.type == "delete":
            item["resourceId"] = action.order
        else:
            item["resource"] = action.resource
        actions.append(item)
    suggestion["actions"] = actions
    return suggestion
