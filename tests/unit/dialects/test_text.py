"""Dialect text: corrections as instructions that can be typed."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.content import Roots
from cds_service.core.card import CardAction
from cds_service.core.case import Site
from cds_service.dialects import text
from tests.unit.dialects.scenes import LINK, add, card, change, offer, order, reason, remove, scene, stage

WORDS = text.load(Roots.default())
BOTH_ARMS = (Site("arm", "left"), Site("arm", "right"))

SENTENCES: dict[str, tuple[CardAction, str]] = {
    "another code, with its units": (
        change("a", "95860", "95886", units=2),
        "In order 1 (95860): code 95886 (complete limb EMG) instead of 95860, units 2.",
    ),
    "the code stays and is in the order's name, the units change": (
        change("b", "95861", "95861", units=2),
        "In order 2 (95861): units 2.",
    ),
    "modifiers and limbs are named one by one, units that stay are not": (
        change("a", "95885", "95886", modifiers=("59", "RT"), sites=BOTH_ARMS),
        (
            "In order 1 (95885): code 95886 (complete limb EMG) instead of 95885, modifiers 59 + RT, "
            "limbs left arm + right arm."
        ),
    ),
    "no modifier and no limb is not said where there was none": (
        change("a", "95885", "95886", modifiers=(), sites=()),
        "In order 1 (95885): code 95886 (complete limb EMG) instead of 95885.",
    ),
    "a limb without side": (
        change("b", "95861", "95861", sites=(Site("trunk"),)),
        "In order 2 (95861): limbs trunk.",
    ),
    "another day": (
        change("b", "95861", "95861", date="2026-11-24"),
        "In order 2 (95861): date 2026-11-24.",
    ),
    "a code of another system stays, ours is new": (
        change("a", "", "95886"),
        "In order 1 (EMG-1): code 95886 (complete limb EMG).",
    ),
    "a new order": (
        add("a", "95910", units=2),
        (
            "New order beside order 1 (EMG-1), with its patient, date and reasons: "
            "code 95910 (7-8 studies), units 2."
        ),
    ),
    "an order to remove": (remove("b", "95861"), "Remove order 2 (95861)."),
    "a reason": (
        reason("a", "M54.1", "M54.16"),
        "In order 1 (EMG-1): reason M54.16 instead of M54.1.",
    ),
    "a reason to leave out": (
        CardAction("update", "ServiceRequest/a", "", {}, reasons=((("G62.9", "E11.9"), ()),)),
        "In order 1 (EMG-1): without reason G62.9 + E11.9.",
    ),
    "what is not known by edits is said by the description": (
        CardAction("update", "ServiceRequest/a", "Change something", {}),
        "Change something",
    ),
    "an order that is not on the list is called by its reference": (
        remove("z", "95861"),
        "Remove ServiceRequest/z (95861).",
    ),
}
TWO = stage(order("a", "EMG-1", "urn:house"), order("b", "95861"))


@pytest.mark.parametrize(("action", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_an_action_in_a_sentence(action: CardAction, expected: str) -> None:
    assert text.sentence(WORDS, action, TWO) == expected


SENT: dict[str, tuple[dict[str, Any], CardAction, str]] = {
    "modifiers and limbs that go are said": (
        order("a", "95886", orderDetail=[{"text": "50"}], bodySite=[{"text": "left arm"}]),
        change("a", "95886", "95886", modifiers=(), sites=()),
        "In order 1 (95886, complete limb EMG): no modifiers, no limbs.",
    ),
    "units that become one are said": (
        order("a", "95886", quantityQuantity={"value": 2}),
        change("a", "95886", "95886", units=1),
        "In order 1 (95886, complete limb EMG): units 1.",
    ),
    "the right code in the wrong system": (
        order("a", "95886", "http://www.ama-assn.org/cpt"),
        change("a", "95886", "95886"),
        "In order 1 (95886, complete limb EMG): code 95886 marked as CPT.",
    ),
    "a misspelt code of our system beside which the right one is written": (
        order("a", "9588"),
        change("a", "", "95886"),
        "In order 1 (9588): code 95886 (complete limb EMG) instead of 9588.",
    ),
}


@pytest.mark.parametrize(("sent", "action", "expected"), SENT.values(), ids=SENT)
def test_only_what_changes_is_said(sent: dict[str, Any], action: CardAction, expected: str) -> None:
    assert text.sentence(WORDS, action, stage(sent)) == expected


def test_two_orders_of_one_code_are_told_apart() -> None:
    twice = scene(a="95861", b="95861")
    assert [text.sentence(WORDS, remove(name, "95861"), twice) for name in "ab"] == [
        "Remove order 1 (95861).",
        "Remove order 2 (95861).",
    ]


def test_choices_about_different_reasons_are_grouped_by_reason() -> None:
    offers = [
        offer(reason("a", old, new), label=new)
        for old, new in (("M50.1", "M50.11"), ("M51.1", "M51.16"), ("M50.1", "M50.12"))
    ]
    said = text.instructions(WORDS, offers, scene(a="95886"))
    assert said.splitlines() == [
        "To type in, one of these 2 for reason M50.1:",
        "",
        "1. M50.11",
        "   - In order 1 (95886, complete limb EMG): reason M50.11 instead of M50.1.",
        "2. M50.12",
        "   - In order 1 (95886, complete limb EMG): reason M50.12 instead of M50.1.",
        "",
        "To type in, for reason M51.1:",
        "",
        "- In order 1 (95886, complete limb EMG): reason M51.16 instead of M51.1.",
    ]


def test_one_correction_is_a_list_of_what_to_do() -> None:
    said = text.card_in_words(
        WORDS, card(offer(remove("b", "95909"), change("a", "95908", "95910"))), scene(a="95908", b="95909")
    )
    assert said["detail"].splitlines() == [
        "Detail",
        "",
        "To type in:",
        "",
        "- In order 1 (95908): code 95910 (7-8 studies) instead of 95908.",
        "- Remove order 2 (95909).",
    ]


def test_corrections_that_exclude_each_other_are_numbered() -> None:
    one = offer(change("a", "95907", "95908"), label="Change to 95908", recommended=True)
    two = offer(change("a", "95907", "95909"), label="Change to 95909")
    said = text.card_in_words(WORDS, card(one, two), scene(a="95907"))
    assert said["detail"].splitlines()[2:] == [
        "To type in, one of these 2:",
        "",
        "1. Change to 95908 (recommended)",
        "   - In order 1 (95907): code 95908 instead of 95907.",
        "2. Change to 95909",
        "   - In order 1 (95907): code 95909 instead of 95907.",
    ]


def test_a_card_without_suggestions_stays_as_it_is() -> None:
    said = text.card_in_words(WORDS, card(links=(LINK,)), scene())
    assert said["detail"] == "Detail"
    assert [link["url"] for link in said["links"]] == [LINK.url]


def test_no_card_has_suggestions() -> None:
    said = text.build(WORDS)([card(offer(change("a", "1", "2"))), card()], scene(a="1"))
    assert len(said["cards"]) == 2
    assert not any({"suggestions", "selectionBehavior"} & each.keys() for each in said["cards"])


HOSTILE = {
    "markup": ("<b>95860</b>", "95860"),
    "emphasis": ("**95860** _x_", "95860 x"),
    "no end": ("95860 " * 20, "95860 95860 95860 95860 95860 95860 95860 95860 95860 95860…"),
    "what is not seen": ("\x1b95\u202e860", "95860"),
    "a link": ("[x](https://evil.example.org)", "x(//evil example org)"),
    "lines of a list": ("95860\n- order 2", "95860 - order 2"),
}


@pytest.mark.parametrize(("sent", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_codes_as_sent_stay_inert(sent: str, shown: str) -> None:
    said = text.sentence(WORDS, change("a", sent, "95886"), scene(a=sent))
    assert said == f"In order 1 ({shown}): code 95886 (complete limb EMG) instead of {shown}."
