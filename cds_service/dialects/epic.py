"""Dialect ``epic``: a suggestion is one create or one delete, and ``any`` of a card may be taken.

A card offers the next click of its correction and says what follows. In words is said what no click can do:
choices that exclude each other, an order that keeps its code, a code without preference list item, and a
correction that could not be left half done (see ``single_clicks``).
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cds_service.contained import needed
from cds_service.content import Roots
from cds_service.core.card import Card, CardAction, CardSuggestion
from cds_service.core.finding import Determination, Result, Verdict
from cds_service.core.scene import Scene
from cds_service.dialects import tables, text
from cds_service.dialects.single_clicks import Plan, in_time, plan_of, safe_clicks
from cds_service.dialects.wire import Json, Speak, card_of, links_of, shown
from cds_service.inert import Written
from cds_service.wording import Filled, Texts

NAME = "epic"
_NAMES = ("order", "code", "label", "units", "by_hand", "next", "summary")
_LONGEST_TOPIC = 100
_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")
# What a new order has in common with the one it replaces. Not what was decided about that one.
_CARRIED = (
    *(
        "category",
        "priority",
        "subject",
        "encounter",
        "authoredOn",
        "requester",
        "performer",
        "performerType",
    ),
    *("locationCode", "locationReference", "reasonCode", "reasonReference", "insurance", "supportingInfo"),
    *("occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"),
    *("quantityQuantity", "bodySite", "orderDetail"),
)
_CODING = ("system", "code", "display")


@dataclass(frozen=True, slots=True)
class Site:
    """What a site has told us: the item of its preference list by our code, and the reasons it has mapped."""

    items: Mapping[str, str]
    reasons: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """cards/dialects/epic.toml, compiled, with the site in use."""

    system: str
    action: Mapping[str, Filled]
    later: Mapping[str, Filled]
    label: Mapping[str, Filled]
    site: Site


def load(roots: Roots, site: str = "") -> Table:
    """The table of ``site``; ``""``: of the site that the file names.

    Raises:
        ContentError: the file is wrong, or has no such site.
    """
    (table,) = tables.read(roots, NAME)
    texts = Texts(tables.file_of(roots, NAME))
    wanted = site or table["site"]
    if wanted and wanted not in table["sites"]:
        texts.wrong("sites", f"{wanted} is no site; add its table, or name another site")
        wanted = ""
    row = table["sites"].get(wanted, {"items": {}, "reasons": ()})
    built = Table(
        system=table["system"],
        action=tables.compiled(table, "action", _NAMES, texts, plain=True),
        later=tables.compiled(table, "later", _NAMES, texts, plain=True),
        label=tables.compiled(table, "label", _NAMES, texts, plain=True),
        site=Site(row["items"], frozenset(row["reasons"])),
    )
    texts.check()
    return built


def build(table: Table, words: text.Words) -> Speak:
    """The dialect as it is spoken to one site."""

    def speak(cards: Sequence[Card], scene: Scene) -> Json:
        near = in_time(scene)
        return {"cards": [_card(table, words, card, near) for card in cards]}

    return speak


def _card(table: Table, words: text.Words, card: Card, scene: Scene) -> Json:
    known = table.site.items
    plan = plan_of(card, scene, known)
    clicks = safe_clicks(plan, scene, known) if plan is not None else ()
    written = card_of(card, scene) if clicks else text.card_in_words(words, _by_hand(card, plan), scene)
    written["source"]["topic"]["code"] = _topic(card, scene)
    written["overrideReasons"] = [
        dict(reason) for reason in card.reasons if reason["code"] in table.site.reasons
    ]
    if not written["overrideReasons"]:
        del written["overrideReasons"]
    if clicks:
        written["suggestions"] = [_suggestion(table, words, card, clicks, scene)]
        written["selectionBehavior"] = "any"
        if card.links:
            written["links"] = links_of(card)
    return written


def _by_hand(card: Card, plan: Plan | None) -> Card:
    """The card whose correction completes orders that stand already, instead of making them anew."""
    if plan is None or not plan.left:
        return card
    return replace(card, suggestions=(CardSuggestion(card.suggestions[0].label, plan.actions()),))


def _topic(card: Card, scene: Scene) -> str:
    """One override silences one piece of advice: what was found, why, about which codes, and what to do."""
    facts = (card.facts.get(name, ()) for name in ("patterns", "rows", "questions"))
    codes = sorted(shown(scene.orders.get(ref)) for ref in card.orders)
    told = dict.fromkeys(
        code
        for suggestion in card.suggestions
        for action in suggestion.actions
        for code in (
            *(edit.code for edit in action.edits),
            *itertools.chain.from_iterable((*old, *new) for old, new in action.reasons),
        )
    )
    decisive = itertools.chain.from_iterable(
        _decisive(each)
        for each in scene.evaluation.determinations
        if each.orders == card.orders and each.result.value == card.facts.get("determination")
    )
    parts = [card.finding, *itertools.chain.from_iterable(facts), *decisive, *codes, *told]
    code = _NOT_ALPHANUMERIC.sub("", "".join(parts))
    if len(code) <= _LONGEST_TOPIC:
        return code
    mark = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return code[: _LONGEST_TOPIC - len(mark)] + mark


def _decisive(determination: Determination) -> Iterator[str]:
    """The criteria that a determination rests on; where a person decides, the grounds that were found."""
    yield from determination.satisfied
    if determination.result is Result.REVIEW:
        yield from (
            step.id
            for step in determination.steps
            if step.verdict is Verdict.MET and step.evidence and not step.criterion
        )


def _suggestion(
    table: Table, words: text.Words, card: Card, clicks: Sequence[CardAction], scene: Scene
) -> Json:
    click, *rest = clicks
    later = (table.later[each.type](_named(words, each, scene)) for each in rest)
    known = {
        **_named(words, click, scene),
        "summary": Written(card.summary),
        "next": Written(words.join["steps"].join(later)),
    }
    action: Json = {"type": click.type, "description": table.action[click.type](known)}
    if click.type == "delete":
        action["resourceId"] = click.order
    else:
        action["resource"] = _listed(table, click.resource or {}, click.edits[-1].code)
    return {"label": table.label[click.type](known), "uuid": scene.new_id(), "actions": [action]}


def _named(words: text.Words, click: CardAction, scene: Scene) -> Json:
    known: Json = {"order": text.called(words, click, scene)}
    if click.type == "create":
        edit = click.edits[-1]
        known |= {
            "code": edit.code,
            "label": scene.label_of(edit.code),
            "units": edit.units,
            "by_hand": Written(text.parts(words, click, scene, leave=("code",))),
        }
    return known


def _listed(table: Table, resource: Mapping[str, Any], code: str) -> Json:
    """The new order, named by the item of the preference list and by our code."""
    item = {"system": table.system, "code": table.site.items[code]}
    ours = next(each for each in resource["code"]["coding"] if each.get("code") == code)
    order: Json = {
        "resourceType": resource["resourceType"],
        "status": "draft",
        "intent": resource.get("intent", "order"),
        "code": {
            "coding": [item, {name: ours[name] for name in ("system", "code", "display") if name in ours}]
        },
    }
    for name in _CARRIED:
        order |= {each: resource[each] for each in (name, f"_{name}") if each in resource}
    contained = needed(order, resource.get("contained"))
    return {**order, "contained": contained} if contained else order
