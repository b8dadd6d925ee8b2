"""Dialect ``crd``: the response types of Da Vinci CRD; a card with suggestions has no links and one form.

Propose Alternate Request: each suggestion one update, or one delete and one create. Identify Additional
Orders: only creates. What fits neither is said in words. Coverage information goes into system actions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cds_service.content import Roots
from cds_service.core.card import Card, CardAction, CardSuggestion
from cds_service.core.scene import Scene
from cds_service.dialects import coverage_plan, tables, text
from cds_service.dialects.coverage_information import PAYER, Statement, Teller, covers_of
from cds_service.dialects.crd_version import (
    Option,
    Version,
    configured,
    options_of,
    requested,
    versions_of,
)
from cds_service.dialects.wire import Json, Speak, action_of, card_of, links_of
from cds_service.wording import Filled, Texts

NAME = "crd"
ASSOCIATED = "davinci-crd.associated-resource"
COVERAGE_INFO = "coverage-info"
MAX_CARDS = "max-cards"
TOGETHER = "any"
_HOLES = ("orders", "count", "number", "code")
_REF = re.compile(r"([A-Za-z]+/[A-Za-z0-9.\-]{1,64})(?:#[0-9]+)?")
_CODE = re.compile(r"[A-Za-z0-9.\-]{1,20}")


@dataclass(frozen=True, slots=True)
class Table:
    """cards/dialects/crd.toml and plan.toml, compiled."""

    versions: Mapping[str, Version]
    default_version: str
    topics: tuple[Mapping[str, str], ...]
    options: Mapping[str, Option]
    words: Mapping[str, Filled]
    insurer: Filled
    teller: Teller

    def topic_of(self, card: Card) -> Mapping[str, str] | None:
        """The card type of a card."""
        determination = str(card.facts.get("determination", ""))
        return next(
            (
                topic
                for topic in self.topics
                if topic["kind"] == card.kind and topic.get("determination", determination) == determination
            ),
            None,
        )


def load(roots: Roots) -> Table:
    """Raises ContentError for what is wrong in crd.toml or plan.toml."""
    table, plan = tables.read(roots, NAME, "plan")
    versions = versions_of(table)
    texts = Texts(tables.file_of(roots, NAME))
    insured = Texts(tables.file_of(roots, "plan"), texts.problems)
    advisor = coverage_plan.load(table["assertion"], versions, texts)
    payer = coverage_plan.load(plan["assertion"], versions, insured)
    if table["default_version"] not in versions:
        texts.wrong("default_version", "is no version of the file; use one of them")
    options = options_of(table)
    for code in (COVERAGE_INFO, MAX_CARDS, *dict.fromkeys(row["code"] for row in table["topic"])):
        if code not in options:
            texts.wrong("option", f"{code} is missing; add it")
    words = tables.compiled(table, "words", _HOLES, texts)
    insurer = insured(plan["insurer"], ("publisher", "guideline"), "insurer", plain=True)
    texts.check()
    return Table(
        versions=versions,
        default_version=table["default_version"],
        topics=tuple(table["topic"]),
        options=options,
        words=words,
        insurer=insurer,
        teller=Teller(advisor, payer, plan["questionnaire"], words["missing_join"]({})),
    )


def build(table: Table, by_hand: text.Words) -> Speak:
    """The dialect; ``by_hand`` words what no form can say."""

    def speak(cards: Sequence[Card], scene: Scene) -> Json:
        version = requested(table.versions, table.default_version, scene.call.extension)
        options = configured(table.options, scene.call.extension)
        numbered = _numbered(scene)
        signs = scene.call.hook in table.options[COVERAGE_INFO].hooks
        told: tuple[Statement, ...] = ()
        if signs and options[COVERAGE_INFO]:
            told = tuple(table.teller.statements(scene, version))
        shown = []
        for card in cards:
            topic = table.topic_of(card)
            if topic is None or options[topic["code"]]:
                written = _card(table, by_hand, _deciding(card, told, scene), scene)
                _say_what_about(table, card, written, numbered, len(scene.call.draft_orders))
                _mark(card, written, version, topic)
                shown.append(written)
        response: Json = {"cards": shown[: int(options[MAX_CARDS])]}
        if signs:
            response["systemActions"] = _system_actions(table, told, numbered)
        return response

    return speak


def _card(table: Table, by_hand: text.Words, card: Card, scene: Scene) -> Json:
    """The card in the form that its suggestions, or else its links, have."""
    written = card_of(card, scene)
    if scene.role == PAYER and covers_of(scene):
        names = {"publisher": scene.guideline.publisher, "guideline": scene.guideline.id}
        written["source"]["label"] = table.insurer(names)
    offered, rest, behaviour = _offered(card)
    if offered:
        written["suggestions"] = [_suggestion(each, scene) for each in offered]
        written["selectionBehavior"] = behaviour
        if behaviour == TOGETHER and len(offered) > 1:
            written["detail"] += "\n\n" + table.words["together"]({"count": len(offered)})
    elif card.links:
        written["links"] = links_of(card)
    if rest:
        said = _others(table, by_hand, rest, scene) if offered else text.instructions(by_hand, rest, scene)
        written["detail"] = "\n\n".join(part for part in (card.detail, said) if part)
    return written


def _others(table: Table, by_hand: text.Words, rest: Sequence[CardSuggestion], scene: Scene) -> str:
    """What may be done instead of the suggestions on the card."""
    lines = [table.words["others"]({"count": len(rest)}), ""]
    for suggestion in rest:
        lines.append(f"- {suggestion.label}")
        lines.extend(f"  - {text.sentence(by_hand, action, scene)}" for action in suggestion.actions)
    return "\n".join(lines)


def _deciding(card: Card, told: Sequence[Statement], scene: Scene) -> Card:
    """The card without the words that it decides nothing, where the payer states coverage of its orders."""
    if scene.role != PAYER or not card.advisory or not {each.order for each in told} & set(card.orders):
        return card
    kept = (part for part in card.detail.split("\n\n") if part != card.advisory)
    return replace(card, detail="\n\n".join(kept))


def _offered(card: Card) -> tuple[tuple[CardSuggestion, ...], tuple[CardSuggestion, ...], str]:
    """The suggestions of one form, those left to words, and how many of the former may be taken."""
    given = card.suggestions
    for fits in (_is_alternate, _is_additional):
        offered = tuple(each for each in given if fits(each))
        if offered:
            return offered, tuple(each for each in given if not fits(each)), "at-most-one"
    if len(given) == 1 and all(_stands_alone(action) for action in given[0].actions):
        parts = tuple(
            CardSuggestion(action.description, (action,), given[0].recommended) for action in given[0].actions
        )
        return parts, (), TOGETHER
    return (), given, ""


def _is_alternate(suggestion: CardSuggestion) -> bool:
    return sorted(action.type for action in suggestion.actions) in (["update"], ["create", "delete"])


def _is_additional(suggestion: CardSuggestion) -> bool:
    return all(action.type == "create" for action in suggestion.actions)


def _stands_alone(action: CardAction) -> bool:
    """It changes reasons of one order, and makes sense without what is done to another."""
    return action.type == "update" and not action.edits


def _suggestion(suggestion: CardSuggestion, scene: Scene) -> Json:
    written: Json = {"label": suggestion.label, "uuid": scene.new_id()}
    if suggestion.recommended:
        written["isRecommended"] = True
    written["actions"] = [action_of(action) for action in suggestion.actions]
    return written


def _mark(card: Card, written: Json, version: Version, topic: Mapping[str, str] | None) -> None:
    """The card type, and the orders the card is about."""
    if topic is not None:
        written["source"]["topic"] = {
            "system": version.topic_system,
            "code": topic["code"],
            "display": topic["display"],
        }
    named = dict.fromkeys(found[1] for ref in card.orders if (found := _REF.fullmatch(ref)))
    if named:
        written["extension"][ASSOCIATED] = [
            {"reference": ref} if version.references else ref for ref in named
        ]


def _numbered(scene: Scene) -> dict[str, tuple[int, str]]:
    """Place among the draft orders, and code, by reference."""
    places = {id(order): number for number, (_, order) in enumerate(scene.call.draft_orders, start=1)}
    return {
        ref: (places[id(order)], _code_of(order))
        for ref, order in scene.orders.items()
        if id(order) in places
    }


def _say_what_about(
    table: Table, card: Card, written: Json, numbered: Mapping[str, tuple[int, str]], count: int
) -> None:
    """Name the orders in ``detail`` when there are others beside them."""
    about = [numbered[ref] for ref in card.orders if ref in numbered]
    if not about or len(about) == count:
        return
    names = (table.words["order"]({"number": number, "code": code}) for number, code in about)
    said = table.words["subset"]({"orders": table.words["join"]({}).join(names), "count": count})
    written["detail"] = f"{said}\n\n{written['detail']}"


def _code_of(order: Mapping[str, Any]) -> str:
    """The first code of an order, where it looks like one."""
    concept = order.get("code")
    codings = concept.get("coding") if isinstance(concept, dict) else None
    for coding in codings if isinstance(codings, list) else ():
        code = coding.get("code") if isinstance(coding, dict) else None
        if isinstance(code, str) and _CODE.fullmatch(code):
            return code
    return ""


def _system_actions(
    table: Table, told: Sequence[Statement], numbered: Mapping[str, tuple[int, str]]
) -> list[Json]:
    """Nothing but the extension is changed; what an order says already is not said again."""
    found = []
    for statement in told:
        if statement.resource is not None:
            number, code = numbered[statement.order]
            words = table.words["action"]({"number": number, "code": code})
            found.append({"type": "update", "description": words, "resource": statement.resource})
    return found
