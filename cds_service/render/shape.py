"""What every card has beside its words: override reasons, a summary that fits, suggestions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cds_service.core.card import Card, CardAction, CardSuggestion, Link
from cds_service.core.offer import Action, Draft, Offer, Topic
from cds_service.render import lines
from cds_service.render.book import Book
from cds_service.render.buttons import Label, buttons

LONGEST_SUMMARY = 139
CUT = "…"

Json = dict[str, Any]


def card(
    book: Book,
    *,
    finding: str,
    summary: str,
    detail: str,
    indicator: str,
    kind: str,
    orders: Sequence[str],
    facts: Mapping[str, Any],
    suggestions: tuple[CardSuggestion, ...] = (),
    links: tuple[Link, ...] = (),
    advisory: str = "",
) -> Card:
    """A card whose summary fits."""
    return Card(
        finding=finding,
        kind=kind,
        summary=within(summary, LONGEST_SUMMARY),
        detail=detail,
        indicator=indicator,
        orders=tuple(orders),
        facts=facts,
        reasons=book.reasons_for(kind),
        suggestions=suggestions,
        links=links,
        advisory=advisory,
    )


def together(book: Book, draft: Draft, cards: Iterable[Card]) -> list[Card]:
    """Cards that say the same of several orders as one that names them."""
    alike: dict[tuple[str, str], list[Card]] = {}
    for one in cards:
        alike.setdefault((one.summary, one.detail), []).append(one)
    return [_joined(book, draft, same) if len(same) > 1 else same[0] for same in alike.values()]


def _joined(book: Book, draft: Draft, same: Sequence[Card]) -> Card:
    orders = tuple(dict.fromkeys(ref for one in same for ref in one.orders))
    named = lines.enumerated(book, [lines.named(book, ref, draft) for ref in orders])
    about = book.phrases["about"]({"orders": named})
    return replace(same[0], orders=orders, detail=f"{about}\n\n{same[0].detail}")


def within(text: str, longest: int) -> str:
    """The text, cut at a word if need be: the contract counts, and a cut line beats a refused card."""
    if len(text) <= longest:
        return text
    return f"{text[: longest - 1].rsplit(' ', 1)[0].rstrip(' ,;:+/')}{CUT}"


def shown(offers: Sequence[Offer]) -> list[Offer]:
    """The offers that have a button."""
    applicable = [offer for offer in offers if offer.applicable and offer.actions]
    return sorted(applicable, key=lambda offer: not offer.recommended)[: lines.MOST_SHOWN]


def suggestions(book: Book, topic: Topic, draft: Draft, label: Label) -> tuple[CardSuggestion, ...]:
    """The offers a client can carry out; they exclude each other."""
    offers = shown(topic.offers)
    texts = buttons(book, topic, offers, draft, label)
    return tuple(
        CardSuggestion(
            text, tuple(_action(book, action, draft) for action in offer.actions), offer.recommended
        )
        for offer, text in zip(offers, texts, strict=True)
    )


def _action(book: Book, action: Action, draft: Draft) -> CardAction:
    return CardAction(
        type=action.type,
        order=action.order,
        description=lines.describe(book, action, draft),
        resource=action.resource,
        edits=action.edits,
        reasons=tuple((correction.from_, codes) for correction, codes in action.diagnoses),
    )
