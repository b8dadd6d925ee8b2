"""The exchange of a clinician with the service: ask, take a suggestion, ask again."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import orjson
from strategies import service

from cds_service import golden, pipeline, schemas
from cds_service.content import Roots
from cds_service.core.finding import Choice, Correction, DiagnosisCorrection, Edit
from cds_service.core.offer import Offer, Topic
from cds_service.engine.lines import read_lines
from cds_service.fhir import validate
from cds_service.hooks import envelope
from cds_service.hooks import services as hook_services
from cds_service.offers import topics_of
from cds_service.pipeline import Decision
from tests.contract.response_rules import FINDING, drafts, target

Json = dict[str, Any]

KEPT = 200

SPELLING = service().knowledge.coding.patterns.of("code-text").id
_SERVICES = {known.hook: known for known in hook_services.load(Roots.default()).values()}
_DEPTH = schemas.DepthLimit.of(64)


@dataclass(frozen=True)
class Button:
    """One suggestion of one card, with what it is made of."""

    card: Json
    suggestion: Json
    topic: Topic
    offer: Offer
    before: Decision

    def edits(self) -> tuple[Edit, ...]:
        return tuple(edit for action in self.offer.actions for edit in action.edits)

    def settles(self) -> tuple[Correction, ...]:
        """The corrections of which this suggestion carries out a choice.

        To keep a code is an answer that an order cannot show: it settles the spelling and nothing else.
        """
        done = {replace(edit, date="") for edit in self.edits()}
        moved = {(edit.order, edit.date) for edit in self.edits()}
        return tuple(
            correction
            for correction in self.topic.corrections
            if any(
                choice.applicable
                and {replace(edit, date="") for edit in choice.edits if edit.action != "keep"} <= done
                and {(edit.order, edit.date) for edit in choice.edits if edit.date} <= moved
                and (correction.pattern == SPELLING or not self._keeps(choice))
                for choice in correction.choices
            )
        )

    def _keeps(self, choice: Choice) -> bool:
        knowledge = service().knowledge
        read = read_lines(self.before.case, knowledge.coding.table, knowledge.vocabulary.systems)
        sent = {(line.ref, line.code.code, line.units) for line in read if line.code is not None}
        return all(
            (edit.order, edit.code, edit.units) in sent and edit.sites is None and not edit.date
            for edit in choice.edits
        )

    def reasons(self) -> tuple[tuple[DiagnosisCorrection, tuple[str, ...]], ...]:
        """The reason codes this suggestion corrects, and what they become."""
        return tuple(change for action in self.offer.actions for change in action.diagnoses)


def ask(request: Json) -> Decision:
    """The answer of the service, with counted uuids; the request travels as bytes.

    A law asks the same thing several times over, so the last answers are kept; nobody may change one.
    """
    return _kept(orjson.dumps(request))


def ask_anew(request: Json) -> Decision:
    """The answer, worked out whatever was asked before."""
    return answer(service(), orjson.dumps(request))


def answer(of: pipeline.Service, sent: bytes, dialect: str = "") -> Decision:
    """What a service answers to a request as it travels."""
    body = envelope.parse(sent, _DEPTH)
    call = envelope.call_of(_SERVICES[body["hook"]], body)
    return pipeline.decide(of, call, today=golden.TODAY, new_id=golden.counted_ids(), dialect=dialect)


@lru_cache(maxsize=KEPT)
def _kept(sent: bytes) -> Decision:
    return answer(service(), sent)


def buttons(request: Json, decision: Decision) -> list[Button]:
    """Every suggestion of every card, in the order shown."""
    topics = topics_of(decision.evaluation, drafts(request), service().writer, validate.adds_errors)
    waiting = [topic for topic in topics if any(offer.applicable and offer.actions for offer in topic.offers)]
    found: list[Button] = []
    for card in decision.response["cards"]:
        if "suggestions" in card:
            topic = next(each for each in waiting if _is_about(card, each))
            waiting.remove(topic)
            for suggestion in card["suggestions"]:
                offer = next(each for each in topic.offers if each.applicable and _does(suggestion, each))
                found.append(Button(card, suggestion, topic, offer, decision))
    assert not waiting, "an offer stands on no card"
    return found


def take(request: Json, suggestion: Json) -> Json:
    """The request after a client carried out the suggestion: deletes, then creates, then updates."""
    after = copy.deepcopy(request)
    bundle = after["context"]["draftOrders"]
    actions = suggestion["actions"]
    gone = {target(action) for action in actions if action["type"] == "delete"}
    entries = [entry for entry in bundle["entry"] if _name(entry) not in gone]
    taken = {entry["resource"].get("id") for entry in bundle["entry"]}
    names = (name for number in itertools.count(1) if (name := f"new{number}") not in taken)
    for action in actions:
        if action["type"] == "create":
            created: Json = {**copy.deepcopy(dict(action["resource"])), "id": next(names)}
            entries.append({"resource": created})
    for action in actions:
        if action["type"] == "update":
            place = [_name(entry) for entry in entries].index(target(action))
            entries[place] = {"resource": copy.deepcopy(dict(action["resource"]))}
    bundle["entry"] = entries
    return after


def new_orders(before: Json, after: Json) -> set[str]:
    """References of the orders that a suggestion created."""
    return set(drafts(after)) - set(drafts(before))


def lines(request: Json) -> Iterator[tuple[str, Any, Any]]:
    """(reference, code, units) of every draft order, for messages."""
    for ref, order in drafts(request).items():
        yield ref, order.get("code"), order.get("quantityQuantity", {}).get("value")


def _does(suggestion: Json, offer: Offer) -> bool:
    """The suggestion carries out just this offer."""
    said = [
        (action["type"], action.get("resourceId"), action.get("resource")) for action in suggestion["actions"]
    ]
    return said == [
        (action.type, action.order if action.type == "delete" else None, action.resource)
        for action in offer.actions
    ]


def _name(entry: Json) -> str:
    return f"{entry['resource'].get('resourceType')}/{entry['resource'].get('id')}"


def _is_about(card: Json, topic: Topic) -> bool:
    said = card["extension"][FINDING]
    return (
        tuple(said["orders"]) == topic.orders
        and said.get("patterns", []) == list(dict.fromkeys(each.pattern for each in topic.corrections))
        and said.get("rows", []) == list(dict.fromkeys(each.row for each in topic.diagnoses))
    )
