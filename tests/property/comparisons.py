"""What the laws of corrections compare: what was settled, restored, stated and lost."""

from __future__ import annotations

import copy
from typing import Any

from exchange import Button, lines
from strategies import Json, service

from cds_service.core.finding import Mode
from cds_service.engine.lines import read_lines
from cds_service.pipeline import Decision


def not_settled(button: Button, after: Json, again: Decision, created: set[str]) -> list[str]:
    """Patterns and rows the suggestion settled that stand again for its orders.

    An order that became another kind of test, or that now stands beside orders of another session, may meet a
    pattern anew; that is a new finding.
    """
    left = []
    same = {ref for ref, family in families(button.before).items() if families(again).get(ref) == family}
    for correction in button.settles():
        known = {*correction.orders, *correction.about} | created
        here = known & same | created
        left += [
            f"{other.pattern} {other.mode} stands again on {other.orders or other.about} after "
            f"{button.suggestion['label']!r}: {list(lines(after))}"
            for other in again.evaluation.corrections
            if other.pattern == correction.pattern
            and here & set(other.orders or other.about)
            and set(other.about) <= known
        ]
    for reason, becomes in button.reasons():
        left += [
            f"{other.row} {other.mode} stands again for {other.from_} on {other.order}"
            for other in again.evaluation.diagnosis_corrections
            if (other.order, other.row) == (reason.order, reason.row)
            and (other.from_ == reason.from_ or set(other.from_) <= set(becomes))
        ]
    return left


def families(decision: Decision) -> dict[str, str]:
    """The kind of test of every order that names one by a code."""
    knowledge = service().knowledge
    read = read_lines(decision.case, knowledge.coding.table, knowledge.vocabulary.systems)
    return {line.ref: line.family for line in read}


def restored(button: Button, later: list[Button]) -> list[str]:
    """Edits of later one-way suggestions that write back what the first one replaced."""
    replaced = {
        (edit.order, edit.code, edit.replaces)
        for edit in button.edits()
        if edit.action == "change" and edit.code != edit.replaces
    }
    reasons = {
        (reason.order, becomes, reason.from_)
        for reason, becomes in button.reasons()
        if becomes != reason.from_
    }
    undone = []
    for other in later:
        if other.topic.mode is Mode.FIX:
            undone += [
                f"{edit.order}: {edit.replaces} goes back to {edit.code}"
                for edit in other.edits()
                if edit.action == "change" and (edit.order, edit.replaces, edit.code) in replaced
            ]
            undone += [
                f"{reason.order}: {reason.from_} goes back to {becomes}"
                for reason, becomes in other.reasons()
                if (reason.order, reason.from_, becomes) in reasons
            ]
    return undone


def stated(decision: Decision) -> tuple[set[Any], set[Any], set[Any], set[Any]]:
    """What is said about codes, reasons and necessity, blind to sequence."""
    evaluation = decision.evaluation
    return (
        {
            (
                each.pattern,
                each.mode,
                frozenset(each.about),
                frozenset(frozenset(choice.lines()) for choice in each.choices),
                frozenset(each.asks),
                frozenset(each.choices[each.default].lines()) if each.default >= 0 and each.choices else None,
            )
            for each in evaluation.corrections
        },
        {
            (each.row, each.mode, each.order, each.from_, frozenset(each.choices))
            for each in evaluation.diagnosis_corrections
        },
        {
            (
                each.pathway,
                frozenset(each.orders),
                each.result,
                frozenset(each.rows),
                frozenset(m.fact for m in each.missing),
            )
            for each in evaluation.determinations
        },
        {(each.id, frozenset(each.orders)) for each in evaluation.notices},
    )


LOCAL = {"system": "http://example.org/orderables", "code": "LOCAL-1", "display": "house name"}
UNKNOWN = {"url": "http://example.org/unknown", "valueString": "kept"}


def furnished(order: Json) -> Json:
    """Members that no correction is about."""
    code = copy.deepcopy(order["code"])
    code["coding"] = [*code.get("coding", []), dict(LOCAL)]
    code["extension"] = [UNKNOWN]
    whole: Json = {
        "meta": {"versionId": "3", "tag": [{"system": "http://example.org/tags", "code": "x"}]},
        "extension": [UNKNOWN],
        "modifierExtension": [],
        "contained": [{"resourceType": "Patient", "id": "inside", "active": True}],
        "identifier": [{"system": "urn:example:placer", "value": "1"}],
        "code": code,
        "priority": "urgent",
        "note": [*order.get("note", []), {"text": "call before"}],
        "insurance": [{"reference": "Coverage/1"}],
        "x-unknown": {"kept": [1, 2.50, "three", None, True]},
        "orderDetail": [*order.get("orderDetail", []), {"text": "portable unit"}],
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">old</div>'},
        "reasonCode": [*order.get("reasonCode", []), {"text": "in words only"}],
    }
    if "quantityQuantity" in order:
        whole["quantityQuantity"] = {**order["quantityQuantity"], "unit": "study", "extension": [UNKNOWN]}
    del whole["modifierExtension"]
    return whole


# Where a correction may write.
WRITTEN_TO = {
    "code",
    "quantityQuantity",
    "bodySite",
    "orderDetail",
    "reasonCode",
    "text",
    "occurrenceDateTime",
    "occurrencePeriod",
    "occurrenceTiming",
}


# Where an order that stands for another one may get more entries.
ADDED_TO = {"note", "reasonReference", "contained"}


def lost(before: Json, after: Json) -> list[str]:
    """Members that changed though no correction is about them."""
    gone = [
        name
        for name in (before | after)
        if name not in WRITTEN_TO | ADDED_TO and before.get(name) != after.get(name)
    ]
    gone += [
        name for name in ADDED_TO if after.get(name, [])[: len(before.get(name, []))] != before.get(name, [])
    ]
    kept_code = {name: value for name, value in before["code"].items() if name not in ("coding", "text")}
    if {name: value for name, value in after["code"].items() if name not in ("coding", "text")} != kept_code:
        gone.append("code beside coding and text")
    if LOCAL not in after["code"]["coding"]:
        gone.append("code.coding of the house")
    if "quantityQuantity" in before:
        rest = {name: value for name, value in before["quantityQuantity"].items() if name != "value"}
        if {name: value for name, value in after["quantityQuantity"].items() if name != "value"} != rest:
            gone.append("quantityQuantity beside value")
    if {"text": "portable unit"} not in after["orderDetail"]:
        gone.append("orderDetail in words")
    if {"text": "in words only"} not in after["reasonCode"]:
        gone.append("reasonCode in words")
    return gone
