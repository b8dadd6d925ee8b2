"""What every CDS Hooks response of this service keeps to: one pure function per requirement.

Each rule yields a sentence per fault. ``sent`` is the hook request (it names the draft orders), ``said`` the
response. ``faults`` asks all of them.
"""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

Json = Mapping[str, Any]
Rule = Callable[[Json, Json], Iterator[str]]

FINDING = "io.github.emg-ncs-cds.finding"
LONGEST_SUMMARY = 139
LONGEST_TOPIC = 100
OUR_TOPICS = "urn:emg-ncs-cds:topic"
INDICATORS = {"info", "warning"}
CARD_MEMBERS = {
    "uuid",
    "summary",
    "detail",
    "indicator",
    "source",
    "suggestions",
    "selectionBehavior",
    "overrideReasons",
    "links",
    "extension",
}
# What a card is about: at least one of these stands beside the always required members.
ABOUT = ("determination", "pattern", "row", "notice")
ALWAYS = ("guideline", "edition", "version", "finding", "mode")
RELATIVE = re.compile(r"ServiceRequest/[A-Za-z0-9.\-]{1,64}")
DELETED = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}")
MARKUP = re.compile(
    r"<|\]\s*\(|\]\s*\[|!\[|^\s*\[[^\]]+\]:|(?<![a-z0-9])(?:https?|javascript|data|vbscript):"
    r"|(?<![a-z0-9])www\.|\S@\S",
    re.IGNORECASE | re.MULTILINE,
)
UNSEEN = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
ESCAPED = re.compile(r"&(?:lt|gt|amp|#\w+);")
EMPTY: tuple[Any, ...] = (None, "", [], {})


def drafts(sent: Json) -> dict[str, Json]:
    """The draft orders of a request by relative reference."""
    entries = sent["context"].get("draftOrders", {}).get("entry", [])
    resources = [entry["resource"] for entry in entries if isinstance(entry.get("resource"), dict)]
    return {f"{each.get('resourceType')}/{each.get('id')}": each for each in resources}


def _cards(said: Json) -> Iterator[tuple[str, Json]]:
    for index, card in enumerate(said["cards"]):
        yield f"cards[{index}]", card


def _suggestions(said: Json) -> Iterator[tuple[str, Json]]:
    for where, card in _cards(said):
        for index, suggestion in enumerate(card.get("suggestions", [])):
            yield f"{where}.suggestions[{index}]", suggestion


def _actions(said: Json) -> Iterator[tuple[str, Json]]:
    for where, suggestion in _suggestions(said):
        for index, action in enumerate(suggestion.get("actions", [])):
            yield f"{where}.actions[{index}]", action


def response(sent: Json, said: Json) -> Iterator[str]:
    """An object with the list ``cards`` and nothing unknown beside it."""
    if not isinstance(said.get("cards"), list):
        yield "cards is not a list"
    yield from (
        f"{name} is no member of a response"
        for name in said
        if name not in ("cards", "systemActions", "extension")
    )


def nothing_empty(sent: Json, said: Json) -> Iterator[str]:
    """No null, "", [] or {} outside a resource; only ``cards`` and ``systemActions`` may be empty."""
    lists = ("cards", "systemActions")
    waiting: list[tuple[str, Any]] = [(name, value) for name, value in said.items() if name not in lists]
    waiting += [(f"systemActions[{index}]", each) for index, each in enumerate(said.get("systemActions", []))]
    waiting += list(_cards(said))
    while waiting:
        where, value = waiting.pop()
        if any(value == empty and type(value) is type(empty) for empty in EMPTY):
            yield f"{where} is {value!r}"
        elif isinstance(value, dict):
            waiting += [(f"{where}.{name}", inner) for name, inner in value.items() if name != "resource"]
        elif isinstance(value, list):
            waiting += [(f"{where}[{index}]", inner) for index, inner in enumerate(value)]


def members(sent: Json, said: Json) -> Iterator[str]:
    """A card has no member that the specification does not know."""
    for where, card in _cards(said):
        yield from (f"{where}.{name} is no member of a card" for name in card if name not in CARD_MEMBERS)


def summary(sent: Json, said: Json) -> Iterator[str]:
    """One line of 1 to 139 characters."""
    for where, card in _cards(said):
        text = card.get("summary")
        if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_SUMMARY:
            yield f"{where}.summary has {len(text) if isinstance(text, str) else 'no'} characters: {text!r}"
        elif text != " ".join(text.split()):
            yield f"{where}.summary is not one line of plain words: {text!r}"


def indicator(sent: Json, said: Json) -> Iterator[str]:
    """info or warning: nothing here is critical."""
    for where, card in _cards(said):
        if card.get("indicator") not in INDICATORS:
            yield f"{where}.indicator is {card.get('indicator')!r}"


def source(sent: Json, said: Json) -> Iterator[str]:
    """A label, an absolute url, and a topic of system and code; a code of ours is alphanumeric."""
    for where, card in _cards(said):
        given = card.get("source", {})
        if not isinstance(given.get("label"), str):
            yield f"{where}.source has no label"
        if "url" in given and not _is_absolute(given["url"]):
            yield f"{where}.source.url is not absolute: {given['url']!r}"
        topic = given.get("topic", {})
        code = topic.get("code", "")
        word = code if topic.get("system") == OUR_TOPICS else code.replace("-", "")
        if not topic.get("system") or not (word.isascii() and word.isalnum() and len(code) <= LONGEST_TOPIC):
            yield f"{where}.source.topic is {topic!r}"


def identity(sent: Json, said: Json) -> Iterator[str]:
    """Cards and suggestions have a uuid each, and no uuid stands twice."""
    given: list[str] = []
    for where, holder in (*_cards(said), *_suggestions(said)):
        try:
            given.append(str(uuid.UUID(holder.get("uuid", ""))))
        except ValueError:
            yield f"{where}.uuid is {holder.get('uuid')!r}"
    yield from (f"uuid {one} stands {count} times" for one, count in Counter(given).items() if count > 1)


def suggestions(sent: Json, said: Json) -> Iterator[str]:
    """Suggestions exclude each other, say what they do, differ in words, and at most one is recommended."""
    for where, card in _cards(said):
        offered = card.get("suggestions", [])
        if bool(offered) != (card.get("selectionBehavior") == "at-most-one"):
            behaviour = card.get("selectionBehavior")
            yield f"{where}.selectionBehavior is {behaviour!r} with {len(offered)} suggestions"
        if sum(one.get("isRecommended", False) is True for one in offered) > 1:
            yield f"{where} recommends more than one suggestion"
        labels = Counter(one.get("label") for one in offered)
        yield from (
            f"{where}: {count} suggestions say {label!r}" for label, count in labels.items() if count > 1
        )
    for where, one in _suggestions(said):
        if not isinstance(one.get("label"), str) or not one.get("actions"):
            yield f"{where} has no label or no action"
        if one.get("isRecommended", True) is not True:
            yield f"{where}.isRecommended is written though it says nothing"


def actions(sent: Json, said: Json) -> Iterator[str]:
    """Every action has a type and a description and names an order of this request, each order once."""
    orders = drafts(sent)
    for where, action in _actions(said):
        kind, resource = action.get("type"), action.get("resource")
        if not isinstance(action.get("description"), str):
            yield f"{where} has no description"
        if kind == "delete":
            if resource is not None:
                yield f"{where} deletes and carries a resource"
            if not DELETED.fullmatch(str(action.get("resourceId"))) or action["resourceId"] not in orders:
                yield f"{where}.resourceId {action.get('resourceId')!r} is no draft order"
        elif not isinstance(resource, dict):
            yield f"{where} carries no resource"
        elif kind == "create":
            if "id" in resource:
                yield f"{where} creates a resource that has an id already"
        elif kind == "update":
            if f"{resource.get('resourceType')}/{resource.get('id')}" not in orders:
                yield f"{where} updates {resource.get('id')!r}, which is no draft order"
        else:
            yield f"{where}.type is {kind!r}"
        if kind != "delete" and "resourceId" in action:
            yield f"{where}.resourceId stands beside a resource"


def self_contained(sent: Json, said: Json) -> Iterator[str]:
    """A new order carries the contained resources it points to, and no others."""
    for where, action in _actions(said):
        if action.get("type") == "create":
            resource = action["resource"]
            there = {each["id"] for each in resource.get("contained", [])}
            meant = set(re.findall(r'"reference": "#([^"]+)"', json.dumps(resource)))
            yield from (f"{where} points to #{each}, which it does not carry" for each in meant - there)
            yield from (f"{where} carries #{each} for nothing" for each in there - meant)


def one_edit_per_order(sent: Json, said: Json) -> Iterator[str]:
    """A suggestion touches an order once."""
    for where, one in _suggestions(said):
        touched = Counter(target(action) for action in one["actions"] if action["type"] != "create")
        yield from (f"{where} edits {order} {count} times" for order, count in touched.items() if count > 1)


def one_card_per_order(sent: Json, said: Json) -> Iterator[str]:
    """An order is edited by the suggestions of at most one card, so that no two cards undo each other."""
    cards: dict[str, set[str]] = {}
    for where, card in _cards(said):
        for one in card.get("suggestions", []):
            for action in one["actions"]:
                if action["type"] != "create":
                    cards.setdefault(target(action), set()).add(where)
    yield from (f"{order} is edited by {sorted(where)}" for order, where in cards.items() if len(where) > 1)


def override_reasons(sent: Json, said: Json) -> Iterator[str]:
    """Every override reason is a whole coding."""
    for where, card in _cards(said):
        for reason in card.get("overrideReasons", []):
            if not all(isinstance(reason.get(name), str) for name in ("code", "system", "display")):
                yield f"{where}.overrideReasons holds {reason!r}"


def links(sent: Json, said: Json) -> Iterator[str]:
    """Links are absolute and carry no application context."""
    for where, card in _cards(said):
        for link in card.get("links", []):
            if not isinstance(link.get("label"), str) or not _is_absolute(link.get("url")):
                yield f"{where}.links holds {link!r}"
            if link.get("type") != "absolute" or "appContext" in link:
                yield f"{where}.links: {link.get('type')!r} is not an absolute link"


def extension(sent: Json, said: Json) -> Iterator[str]:
    """What a script needs to know of the finding stands in one extension."""
    nameless = any(not isinstance(order.get("id"), str) for order in drafts(sent).values())
    for where, card in _cards(said):
        found = card.get("extension", {}).get(FINDING, {})
        yield from (f"{where}.extension has no {name}" for name in ALWAYS if not found.get(name))
        if not found.get("orders") and not nameless:
            yield f"{where}.extension names no orders"
        if not any(name in found for name in ABOUT):
            yield f"{where}.extension names none of {', '.join(ABOUT)}"
        yield from (
            f"{where}.extension.orders: {order!r} is no relative reference"
            for order in found.get("orders", [])
            if not RELATIVE.fullmatch(order)
        )


def plain_text(sent: Json, said: Json) -> Iterator[str]:
    """Nothing in a card is markup, a link or a scheme, or steers a screen: text of the order stays inert.

    Only ``detail`` is Markdown; elsewhere an entity would be shown as it is.
    """
    shown = [
        (f"{where}.{name}", holder[name])
        for where, holder in (*_cards(said), *_suggestions(said), *_actions(said))
        for name in ("summary", "detail", "label", "description")
        if name in holder
    ]
    for where, text in shown:
        for wrong in (MARKUP, UNSEEN, *(() if where.endswith(".detail") else (ESCAPED,))):
            if hit := wrong.search(text):
                yield f"{where} holds {hit.group()!r}: {text!r}"


RULES: Mapping[str, Rule] = {
    "1.7 response": response,
    "G-2": nothing_empty,
    "1.7 card": members,
    "1.7 summary": summary,
    "1.7 indicator": indicator,
    "1.7 source": source,
    "1.7 uuid": identity,
    "cds-resp-1 cds-resp-6": suggestions,
    "cds-resp-2 T-5 T-12": actions,
    "self-contained": self_contained,
    "one edit per order": one_edit_per_order,
    "one card per order": one_card_per_order,
    "cds-resp-4": override_reasons,
    "cds-resp-3 1.7 link": links,
    "contract 2": extension,
    "1.10": plain_text,
}


def faults(sent: Json, said: Json) -> list[str]:
    """Every broken rule; empty for a good response."""
    return [f"{name}: {fault}" for name, rule in RULES.items() for fault in rule(sent, said)]


def target(action: Json) -> str:
    """The order an update or delete is about."""
    if action["type"] == "delete":
        return str(action["resourceId"])
    resource = action["resource"]
    return f"{resource['resourceType']}/{resource['id']}"


def _is_absolute(url: object) -> bool:
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc)
