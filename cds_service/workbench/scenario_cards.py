"""Cards as an EHR would draw them, in whatever dialect they were written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from cds_service.workbench.markdown import is_web, to_html
from cds_service.workbench.request_tree import Json, member, objects, reference, text

FINDING = "io.github.emg-ncs-cds.finding"
INDICATORS = {"info": "Information", "warning": "Warning", "critical": "Critical"}
_DOES = {"create": "Adds", "update": "Changes", "delete": "Removes"}


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """``key`` is what its button sends: which card and suggestion, and a digest of what they say."""

    key: str
    uuid: str
    label: str
    recommended: bool
    actions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LinkView:
    """``url`` is ``""`` when the link leads to no web page."""

    label: str
    url: str
    kind: str


@dataclass(frozen=True, slots=True)
class CardView:
    """One card; ``reasons`` are (value of the choice, words)."""

    index: int
    uuid: str
    indicator: str
    word: str
    summary: str
    detail: Markup
    source: LinkView
    finding: str
    suggestions: tuple[SuggestionView, ...]
    several: bool
    links: tuple[LinkView, ...]
    reasons: tuple[tuple[str, str], ...]


def views(response: Mapping[str, Any]) -> tuple[CardView, ...]:
    """The cards of a response."""
    return tuple(_card(index, card) for index, card in enumerate(objects(response, "cards")))


def unasked(response: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What the EHR does without asking anybody: (what, description) of each system action."""
    return tuple(
        (does, words or reference(action.get("resource")))
        for action in objects(response, "systemActions")
        for does, words in [_action(action)]
    )


def key_of(cards: Sequence[Json], card: int, suggestion: int) -> str:
    """``card:suggestion:digest``; the digest tells whether they still say the same when they come back."""
    view = cards[card]
    chosen = objects(view, "suggestions")[suggestion]
    said = "\n".join((text(view, "summary"), text(chosen, "label"), finding_of(view)))
    return f"{card}:{suggestion}:{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def chosen(cards: Sequence[Json], key: str) -> tuple[int, int] | None:
    """The card and suggestion of a key, or ``None`` when they are no longer what they were."""
    parts = key.split(":")
    if len(parts) != 3 or not (parts[0].isdecimal() and parts[1].isdecimal()):
        return None
    card, suggestion = int(parts[0]), int(parts[1])
    if card >= len(cards) or suggestion >= len(objects(cards[card], "suggestions")):
        return None
    return (card, suggestion) if key_of(cards, card, suggestion) == key else None


def finding_of(card: object) -> str:
    """The finding a card is about."""
    return text(member(member(card, "extension"), FINDING), "finding")


def override(card: Json, value: str) -> Json | None:
    """The override reason of a card that a choice of the form names."""
    for index, reason in enumerate(objects(card, "overrideReasons")):
        if value == str(index):
            return {name: reason[name] for name in ("code", "system", "display") if name in reason}
    return None


def _card(index: int, card: Json) -> CardView:
    indicator = text(card, "indicator") if text(card, "indicator") in INDICATORS else "info"
    source = member(card, "source")
    return CardView(
        index=index,
        uuid=text(card, "uuid"),
        indicator=indicator,
        word=INDICATORS[indicator],
        summary=text(card, "summary"),
        detail=to_html(text(card, "detail")),
        source=_link(text(source, "label"), text(source, "url"), ""),
        finding=finding_of(card),
        suggestions=tuple(
            SuggestionView(
                key=key_of([card], 0, number).replace("0:", f"{index}:", 1),
                uuid=text(suggestion, "uuid"),
                label=text(suggestion, "label"),
                recommended=suggestion.get("isRecommended") is True,
                actions=tuple(_action(action) for action in objects(suggestion, "actions")),
            )
            for number, suggestion in enumerate(objects(card, "suggestions"))
        ),
        several=text(card, "selectionBehavior") == "any",
        links=tuple(
            _link(text(link, "label"), text(link, "url"), text(link, "type"))
            for link in objects(card, "links")
        ),
        reasons=tuple(
            (str(number), text(reason, "display") or text(reason, "code"))
            for number, reason in enumerate(objects(card, "overrideReasons"))
        ),
    )


def _action(action: Json) -> tuple[str, str]:
    return _DOES.get(text(action, "type"), text(action, "type")), text(action, "description")


def _link(label: str, url: str, kind: str) -> LinkView:
    return LinkView(label, url if is_web(url) else "", kind)
