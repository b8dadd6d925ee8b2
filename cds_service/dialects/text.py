"""Dialect ``text``: no suggestions; a card says in words what to type. For clients that only show cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cds_service.content import Roots
from cds_service.core.card import Card, CardAction, CardSuggestion
from cds_service.core.finding import Edit
from cds_service.core.scene import Scene
from cds_service.dialects import tables
from cds_service.dialects.wire import Json, Speak, card_of, links_of, shown
from cds_service.inert import Written, quoted
from cds_service.wording import Filled, Texts

NAME = "text"
_NAMES = (
    *("count", "order", "number", "sent", "label", "code", "system", "old", "new"),
    *("units", "modifiers", "limbs", "date", "until", "orders"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """The wording of instructions, compiled."""

    block: Mapping[str, Filled]
    action: Mapping[str, Filled]
    part: Mapping[str, Filled]
    order: Mapping[str, Filled]
    join: Mapping[str, str]
    systems: Mapping[str, str]


def load(roots: Roots) -> Words:
    """Raises ContentError for what is wrong in cards/dialects/text.toml."""
    (table,) = tables.read(roots, NAME)
    texts = Texts(tables.file_of(roots, NAME))
    block, action, part, order = (
        tables.compiled(table, section, _NAMES, texts) for section in ("block", "action", "part", "order")
    )
    texts.check()
    return Words(block, action, part, order, table["join"], table["systems"])


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
    """What to type, as Markdown; ``""`` without suggestions.

    Suggestions exclude each other, but for those that correct different reasons.
    """
    groups = _by_reason(suggestions)
    if len(groups) > 1:
        blocks = (_block(words, group, scene, reason) for reason, group in groups.items())
    else:
        blocks = (_block(words, suggestions, scene) for _ in groups)
    return "\n\n".join(blocks)


def _by_reason(suggestions: Sequence[CardSuggestion]) -> dict[tuple[str, ...], list[CardSuggestion]]:
    """Suggestions by the one reason that each corrects; together where some do anything else."""
    groups: dict[tuple[str, ...], list[CardSuggestion]] = {}
    for suggestion in suggestions:
        old = {codes for action in suggestion.actions for codes, _ in action.reasons}
        if len(old) != 1 or any(action.edits for action in suggestion.actions):
            return {(): list(suggestions)}
        groups.setdefault(old.pop(), []).append(suggestion)
    return groups


def _block(
    words: Words, suggestions: Sequence[CardSuggestion], scene: Scene, reason: tuple[str, ...] = ()
) -> str:
    of = {"old": words.join["codes"].join(map(quoted, reason)), "count": len(suggestions)}
    if len(suggestions) == 1:
        actions = (f"- {sentence(words, action, scene)}" for action in _in_turn(suggestions[0]))
        return "\n".join([words.block["single"](of), "", *actions])
    lines = [words.block["several"](of), ""]
    for number, suggestion in enumerate(suggestions, start=1):
        mark = words.block["recommended"]({}) if suggestion.recommended else ""
        lines.append(f"{number}. {suggestion.label}{mark}")
        lines.extend(f"   - {sentence(words, action, scene)}" for action in _in_turn(suggestion))
    return "\n".join(lines)


def _in_turn(suggestion: CardSuggestion) -> list[CardAction]:
    """By hand an order is removed when what replaces it stands."""
    return sorted(suggestion.actions, key=lambda action: action.type == "delete")


def sentence(words: Words, action: CardAction, scene: Scene) -> str:
    """One action, precise enough to type; it stands alone."""
    written = "" if action.type == "delete" else parts(words, action, scene)
    if action.type != "delete" and not written:
        return action.description
    order = {"order": called(words, action, scene)}
    return f"{words.action[action.type](order)}{written}{words.join['end']}"


def called(words: Words, action: CardAction, scene: Scene) -> Written:
    """The order as the clinician's list shows it: its place, its code, our words for the code."""
    known = sent(action, scene)
    number = scene.numbers.get(action.order, 0)
    label = scene.label_of(known)
    values = {"number": number, "order": action.order, "sent": known, "label": label}
    return Written(words.order["name"](values))


def sent(action: CardAction, scene: Scene) -> str:
    """The code that an order has now, fit to be quoted: the one that is corrected, else what it shows."""
    replaced = (edit.replaces for edit in action.edits if edit.replaces)
    return quoted(next(replaced, "") or shown(scene.orders.get(action.order)))


def parts(words: Words, action: CardAction, scene: Scene, *, leave: Sequence[str] = ()) -> str:
    """What an action writes into its order, element by element, but for those to ``leave`` out."""
    before = scene.orders.get(action.order, {}) if action.type == "update" else {}
    written = []
    for edit in action.edits:
        said = _details(words, action, edit, before, scene)
        written += [part for name, part in said if name not in leave]
    join = words.join["codes"].join
    written += [
        words.part["reason"]({"old": join(map(quoted, old)), "new": join(new)}) for old, new in action.reasons
    ]
    return words.join["parts"].join(written)


def _details(
    words: Words, action: CardAction, edit: Edit, before: Mapping[str, Any], scene: Scene
) -> Iterator[tuple[str, str]]:
    """The elements in which the order changes, in words."""
    join = words.join["codes"].join
    after = action.resource or {}
    system = _system(after, edit.code)
    if edit.code != edit.replaces:
        old = quoted(edit.replaces or next(iter(_codes(before, system)), ""))
        label = scene.label_of(edit.code)
        yield "code", words.part["code"]({"code": edit.code, "label": label, "old": old})
    elif system and edit.code not in _codes(before, system):
        name = words.systems.get(system, system)
        yield "code", words.part["system"]({"code": edit.code, "system": name})
    if edit.units != _units(before):
        yield "units", words.part["units"]({"units": edit.units})
    if edit.modifiers is not None and _differs(before, after, "orderDetail"):
        yield "modifiers", words.part["modifiers"]({"modifiers": join(edit.modifiers)})
    if _differs(before, after, "bodySite"):
        limbs = _limbs(edit, after)
        name = "same_limbs" if limbs is None else "limbs"
        yield "limbs", words.part[name]({"limbs": join(limbs or ())})
    if edit.date:
        period = after.get("occurrencePeriod") if edit.like else None
        until = period.get("end", "") if isinstance(period, dict) else ""
        yield "date", words.part["date"]({"date": edit.date, "until": until})
    if edit.takes:
        names = [_listed(words, ref, scene) for ref in edit.takes]
        yield "take", words.part["take"]({"orders": Written(", ".join(names))})


def _listed(words: Words, ref: str, scene: Scene) -> str:
    return words.order["name"]({"number": scene.numbers.get(ref, 0), "order": ref, "sent": "", "label": ""})


def _limbs(edit: Edit, order: Mapping[str, Any]) -> list[str] | None:
    """The sites that are written, else those the order names; ``None``: it names one by code only."""
    if edit.sites is not None:
        return [f"{site.side} {site.region}".strip() for site in edit.sites]
    sites = order.get("bodySite")
    named = []
    for concept in sites if isinstance(sites, list) else ():
        said = [concept.get("text")] if isinstance(concept, dict) else []
        said += [each.get("display") for each in _codings({"code": concept})]
        named.append(next((quoted(name) for name in said if isinstance(name, str) and name), ""))
    return named if all(named) else None


def _codings(order: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    concept = order.get("code")
    codings = concept.get("coding") if isinstance(concept, dict) else None
    return [each for each in codings if isinstance(each, dict)] if isinstance(codings, list) else []


def _system(order: Mapping[str, Any], code: str) -> str:
    """The system in which an order has a code."""
    systems = (each.get("system") for each in _codings(order) if each.get("code") == code)
    return next((system for system in systems if isinstance(system, str)), "")


def _codes(order: Mapping[str, Any], system: str) -> list[str]:
    """The codes of an order in a system."""
    codes = (each.get("code") for each in _codings(order) if each.get("system") == system)
    return [code for code in codes if isinstance(code, str)]


def _units(order: Mapping[str, Any]) -> object:
    quantity = order.get("quantityQuantity")
    return quantity.get("value", 1) if isinstance(quantity, dict) else 1


def _differs(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> bool:
    return (before.get(name) or None) != (after.get(name) or None)
