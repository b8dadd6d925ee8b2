"""Corrections and the orders as sent -> topics: what each suggestion does, written out and checked.

A suggestion that would break an order (more problems than it came with) is not offered; the card says it
in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cds_service.core.case import is_addressed
from cds_service.core.finding import Edit, Evaluation, Mode
from cds_service.core.offer import Action, Offer, Topic
from cds_service.engine.picture import Picture, Suggestion, pictures
from cds_service.fhir.apply import Writer

Orders = Mapping[str, Mapping[str, Any]]
Worse = Callable[[object, object], bool]


def topics_of(evaluation: Evaluation, orders: Orders, writer: Writer, worse: Worse) -> tuple[Topic, ...]:
    """One topic per connected set of orders; advice on quantity alone stays a topic of its own."""
    joined = [item for item in evaluation.corrections if item.choices]
    apart = [item for item in evaluation.corrections if not item.choices]
    topics = [
        _topic(picture, orders, writer, worse)
        for picture in pictures(joined, evaluation.diagnosis_corrections, tuple(orders))
    ]
    topics.extend(Topic(item.about, (item,), (), (), (), Mode.ASK) for item in apart)
    return tuple(topics)


def _topic(picture: Picture, orders: Orders, writer: Writer, worse: Worse) -> Topic:
    offers = tuple(_offer(suggestion, orders, writer, worse) for suggestion in picture.suggestions)
    return Topic(
        orders=picture.orders,
        corrections=picture.corrections,
        diagnoses=picture.diagnoses,
        offers=offers,
        words=picture.words,
        mode=picture.mode,
    )


def _offer(suggestion: Suggestion, orders: Orders, writer: Writer, worse: Worse) -> Offer:
    by_order: dict[str, list[Edit]] = {}
    created: list[Edit] = []
    removed: list[Edit] = []
    for edit in suggestion.edits:
        if edit.action == "change":
            by_order.setdefault(edit.order, []).append(edit)
        elif edit.action == "create":
            created.append(edit)
        else:
            removed.append(edit)
    gone = {edit.order for edit in removed}
    diagnoses = [change for change in suggestion.diagnoses if change[0].order not in gone]
    refs = list(dict.fromkeys((*by_order, *(change[0].order for change in diagnoses))))
    actions: list[Action] = [Action("delete", edit.order, (edit,)) for edit in removed]
    actions.extend(_creation(edit, diagnoses, orders, writer) for edit in created)
    for ref in refs:
        own = tuple(change for change in diagnoses if change[0].order == ref)
        actions.append(_update(ref, tuple(by_order.get(ref, ())), own, orders, writer))
    applicable = all(_is_sound(action, orders, worse) for action in actions)
    return Offer(tuple(actions), suggestion.recommended, applicable)


def _update(ref: str, edits: tuple[Edit, ...], diagnoses: Any, orders: Orders, writer: Writer) -> Action:
    original = orders.get(ref)
    resource = writer.changed(original, edits, orders) if original is not None else None
    if resource is not None and diagnoses:
        resource = writer.with_diagnoses(resource, diagnoses)
    return Action("update", ref, edits, tuple(diagnoses), resource)


def _creation(edit: Edit, diagnoses: Iterable[Any], orders: Orders, writer: Writer) -> Action:
    """A new order carries the corrected reasons of the order it is modelled on."""
    model: Mapping[str, Any] | None = orders.get(edit.order)
    own = [change for change in diagnoses if change[0].order == edit.order]
    if model is not None and own:
        model = writer.with_diagnoses(model, own)
    return Action(
        "create", edit.order, (edit,), (), writer.created(model, edit) if model is not None else None
    )


def _is_sound(action: Action, orders: Orders, worse: Worse) -> bool:
    """Only an id says which order is meant; beside an order that has none a new one may still stand."""
    original = orders.get(action.order)
    if original is None:
        return False
    if not is_addressed(action.order) and (action.type != "create" or "id" in original):
        return False
    return action.type == "delete" or (action.resource is not None and not worse(original, action.resource))
