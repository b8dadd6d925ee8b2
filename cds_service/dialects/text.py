"""Dialect ``text``: no suggestions; a card says in words what to type. For clients that only show cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cds_service.content import Roots
from cds_service.core.card import Card, CardAction, CardSuggestion
from cds_service.core.finding import Edit
from cds_service.core.scene import Scene
from cds_service.dialects import tables
from cds_service.dialects.wire import Json, Speak, card_of, links_of, shown
from cds_service.wording import Filled

NAME = "text"
_NAMES = ("count", "order", "sent", "code", "old", "new", "units", "modifiers", "limbs", "date")


@dataclass(frozen=True, slots=True)
class Words:
    """The wording of instructions, compiled."""

    block: Mapping[str, Filled]
    action: Mapping[str, Filled]
    part: Mapping[str, Filled]
    join: Mapping[str, str]


def load(roots: Roots) -> Words:
    """Raises ContentError for what is wrong in cards/dialects/text.toml."""
    table = tables.read(roots, NAME)
    block, action, part = (
        tables.compiled(table, section, _NAMES, f"{NAME}.toml") for section in ("block", "action", "part")
    )
    return Words(block, action, part, table["join"])


def build(words: Words) -> Speak:
    """The dialect that speaks with these words."""

    def speak(cards: Sequence[Card], scene: Scene) -> Json:
        return {"cards": [card_in_words(words, card, scene) for card in cards]}

    return speak


def card_in_words(words: Words, card: Card, scene: Scene) -> Json:
    """The card without suggestions; what they would do stands in ``detail``."""
    written = card_of(card, scene)
    written["detail"] = with_instructions(words, card, scene)
    if card.links:
        written["links"] = links_of(card)
    return written


def with_instructions(words: Words, card: Card, scene: Scene) -> str:
    """The detail of the card, and below it the instructions that stand for its suggestions."""
    block = instructions(words, card.suggestions, scene)
    return "\n\n".join(part for part in (card.detail, block) if part)


def instructions(words: Words, suggestions: Sequence[CardSuggestion], scene: Scene) -> str:
    """What to type, as Markdown; ``""`` without suggestions. Several suggestions exclude each other."""
    if not suggestions:
        return ""
    if len(suggestions) == 1:
        actions = (f"- {sentence(words, action, scene)}" for action in suggestions[0].actions)
        return "\n".join([words.block["single"]({}), "", *actions])
    lines = [words.block["several"]({"count": len(suggestions)}), ""]
    for number, suggestion in enumerate(suggestions, start=1):
        mark = words.block["recommended"]({}) if suggestion.recommended else ""
        lines.append(f"{number}. {suggestion.label}{mark}")
        lines.extend(f"   - {sentence(words, action, scene)}" for action in suggestion.actions)
    return "\n".join(lines)


def sentence(words: Words, action: CardAction, scene: Scene) -> str:
    """One action, precise enough to type; it stands alone."""
    order = {"order": action.order, "sent": sent(action, scene)}
    written = "" if action.type == "delete" else parts(words, action)
    if action.type != "delete" and not written:
        return action.description
    return f"{words.action[action.type](order)}{written}{words.join['end']}"


def sent(action: CardAction, scene: Scene) -> str:
    """What the order of the action is called now: the code that is corrected, else what it shows."""
    replaced = (edit.replaces for edit in action.edits if edit.replaces)
    return next(replaced, "") or shown(scene.orders.get(action.order))


def parts(words: Words, action: CardAction) -> str:
    """What an action writes into its order, element by element."""
    return words.join["parts"].join(_parts(words, action))


def _parts(words: Words, action: CardAction) -> Iterator[str]:
    for edit in action.edits:
        yield from _details(words, edit)
    join = words.join["codes"].join
    for old, new in action.reasons:
        yield words.part["reason"]({"old": join(old), "new": join(new)})


def _details(words: Words, edit: Edit) -> Iterator[str]:
    join = words.join["codes"].join
    yield words.part["code"]({"code": edit.code, "old": edit.replaces})
    yield words.part["units"]({"units": edit.units})
    if edit.modifiers is not None:
        yield words.part["modifiers"]({"modifiers": join(edit.modifiers)})
    if edit.sites is not None:
        yield words.part["limbs"](
            {"limbs": join(f"{site.side} {site.region}".strip() for site in edit.sites)}
        )
    if edit.date:
        yield words.part["date"]({"date": edit.date})
