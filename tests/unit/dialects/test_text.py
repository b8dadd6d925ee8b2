"""Dialect text: corrections as instructions that can be typed."""

from __future__ import annotations

import pytest

from cds_service.content import Roots
from cds_service.core.card import CardAction
from cds_service.core.case import Site
from cds_service.dialects import text
from tests.unit.dialects.scenes import LINK, add, card, change, offer, reason, remove, scene

WORDS = text.load(Roots.default())
BOTH_ARMS = (Site("arm", "left"), Site("arm", "right"))

SENTENCES: dict[str, tuple[CardAction, str]] = {
    "another code, with its units": (
        change("a", "95860", "95886", units=2),
        "In ServiceRequest/a (95860): code 95886 instead of 95860, units 2.",
    ),
    "the code stays, the units change": (
        change("a", "95886", "95886", units=2),
        "In ServiceRequest/a (95886): code 95886, units 2.",
    ),
    "modifiers and limbs are named one by one": (
        change("a", "95885", "95886", modifiers=("59", "RT"), sites=BOTH_ARMS),
        (
            "In ServiceRequest/a (95885): code 95886 instead of 95885, units 1, modifiers 59 + RT, "
            "limbs left arm + right arm."
        ),
    ),
    "no modifier and no limb is said too": (
        change("a", "95886", "95886", modifiers=(), sites=()),
        "In ServiceRequest/a (95886): code 95886, units 1, no modifiers, no limbs.",
    ),
    "a limb without side": (
        change("a", "95886", "95886", sites=(Site("trunk"),)),
        "In ServiceRequest/a (95886): code 95886, units 1, limbs trunk.",
    ),
    "another day": (
        change("a", "95909", "95909", date="2026-11-24"),
        "In ServiceRequest/a (95909): code 95909, units 1, date 2026-11-24.",
    ),
    "an order without a code of ours is called as it shows": (
        change("a", "", "95886"),
        "In ServiceRequest/a (EMG-1): code 95886, units 1.",
    ),
    "a new order": (
        add("a", "95909"),
        "New order beside ServiceRequest/a (EMG-1), with its patient, date and reasons: code 95909, units 1.",
    ),
    "an order to remove": (remove("b", "95861"), "Remove ServiceRequest/b (95861)."),
    "a reason": (
        reason("a", "M54.1", "M54.16"),
        "In ServiceRequest/a (EMG-1): reason M54.16 instead of M54.1.",
    ),
    "a reason to leave out": (
        CardAction("update", "ServiceRequest/a", "", {}, reasons=((("G62.9", "E11.9"), ()),)),
        "In ServiceRequest/a (EMG-1): without reason G62.9 + E11.9.",
    ),
    "what is not known by edits is said by the description": (
        CardAction("update", "ServiceRequest/a", "Change something", {}),
        "Change something",
    ),
}


@pytest.mark.parametrize(("action", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_an_action_in_a_sentence(action: CardAction, expected: str) -> None:
    assert text.sentence(WORDS, action, scene(a="EMG-1", b="95861")) == expected


def test_one_correction_is_a_list_of_what_to_do() -> None:
    said = text.card_in_words(
        WORDS, card(offer(remove("b", "95909"), change("a", "95908", "95910"))), scene(a="95908", b="95909")
    )
    assert said["detail"].splitlines() == [
        "Detail",
        "",
        "To type in:",
        "",
        "- Remove ServiceRequest/b (95909).",
        "- In ServiceRequest/a (95908): code 95910 instead of 95908, units 1.",
    ]


def test_corrections_that_exclude_each_other_are_numbered() -> None:
    one = offer(change("a", "95907", "95908"), label="Change to 95908", recommended=True)
    two = offer(change("a", "95907", "95909"), label="Change to 95909")
    said = text.card_in_words(WORDS, card(one, two), scene(a="95907"))
    assert said["detail"].splitlines()[2:] == [
        "To type in, one of these 2:",
        "",
        "1. Change to 95908 (recommended)",
        "   - In ServiceRequest/a (95907): code 95908 instead of 95907, units 1.",
        "2. Change to 95909",
        "   - In ServiceRequest/a (95907): code 95909 instead of 95907, units 1.",
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
    "markup": ("<b>95860</b>", "&lt;b&gt;95860&lt;/b&gt;"),
    "a link": ("[x](https://evil.example.org)", "x(//evil.example.org)"),
    "lines of a list": ("95860\n- order 2", "95860 - order 2"),
}


@pytest.mark.parametrize(("sent", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_codes_as_sent_stay_inert(sent: str, shown: str) -> None:
    said = text.sentence(WORDS, change("a", sent, "95886"), scene(a=sent))
    assert said == f"In ServiceRequest/a ({shown}): code 95886 instead of {shown}, units 1."
