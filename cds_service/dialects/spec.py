"""Dialect ``spec``: CDS Hooks 2.0 as written; a suggestion may hold several actions, one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.core.card import Card, CardSuggestion
from cds_service.core.scene import Scene
from cds_service.dialects.wire import Json, action_of, card_of, links_of


def speak(cards: Sequence[Card], scene: Scene) -> Json:
    """The response body."""
    return {"cards": [_card(card, scene) for card in cards]}


def _card(card: Card, scene: Scene) -> Json:
    written = card_of(card, scene)
    if card.suggestions:
        written["suggestions"] = [_suggestion(each, scene) for each in card.suggestions]
        written["selectionBehavior"] = "at-most-one"
    if card.links:
        written["links"] = links_of(card)
    return written


def _suggestion(suggestion: CardSuggestion, scene: Scene) -> Json:
    written: Json = {"label": suggestion.label, "uuid": scene.new_id()}
    if suggestion.recommended:
        written["isRecommended"] = True
    written["actions"] = [action_of(action) for action in suggestion.actions]
    return written
