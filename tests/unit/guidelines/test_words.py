"""Phrases, asides and lists of codes.toml: what they match, on small tables."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.core.order_text import Roster, Words
from cds_service.guidelines.load_words import load_asides, load_roster, load_words

TABLES: dict[str, Any] = {
    "parts": {"few": ["1", "2", "one", "two"], "under": ["<", "fewer than"]},
    "words": {
        "plain": ["limited study", "3 hz"],
        "counted": ["{few} muscles", "{under} 5 muscles", "{n} units"],
        "symptoms": ["weak", "weakness"],
        "stimulated": ["hz", "nerve"],
        "small": ["and", "the", "of", "nerve", "nerves"],
        "apart": {"phrases": ["muscle"], "apart": ["symptoms"]},
        "stopped": {"phrases": ["limited"], "not_before": ["to", "by"]},
        "doubtful": {"phrases": ["stimulation"], "doubtful": ["rns"], "near": ["stimulated"]},
    },
    "asides": {
        "past": ["prior", "last year"],
        "finding": ["normal"],
        "denied": ["no", "without"],
        "left_out": ["except"],
        "unless": ["prior to", "no more than"],
    },
    "roster": {
        "nerves": {
            "names": {"fibular": ["peroneal", "fibular"], "median": ["median", "cn x"]},
            "noun": ["nerve", "nerves"],
            "known": ["small"],
            "apart": ["symptoms"],
        },
        "by_noun": {"names": ["t3", "t4"], "noun": ["paraspinals"], "by_noun": True, "known": ["small"]},
        "lists": {"names": {"plain": "plain"}, "known": ["small"]},
    },
}
WORDS = load_words(TABLES)

MATCHED = [
    ("plain", "a limited study of", True),
    ("plain", "unlimited study", False),
    ("plain", "limited studying", False),
    ("plain", "limited  study", True),
    ("plain", "non-limited study", False),
    ("plain", "3hz", True),
    ("plain", "13 hz", False),
    ("counted", "two muscles", True),
    ("counted", "12 muscles", False),
    ("counted", "<5 muscles", True),
    ("counted", "fewer than 5 muscles", True),
    ("counted", "12.5 units", True),
    ("apart", "muscle", True),
    ("apart", "muscle weakness", False),
    ("apart", "weak. muscle", True),
    ("stopped", "limited", True),
    ("stopped", "limited to the arm", False),
    ("stopped", "limited today", True),
    ("doubtful", "rns", True),
    ("doubtful", "call | rns | now", True),
    ("doubtful", "rns to call", False),
    ("doubtful", "rns at 3 hz", True),
    ("doubtful", "rns to call; nerve", False),
    ("doubtful", "", False),
]


@pytest.mark.parametrize(("name", "text", "found"), MATCHED)
def test_phrases_of_a_list(name: str, text: str, found: bool) -> None:
    assert (text in WORDS[name]) is found


def test_found_phrases_are_told_apart_without_their_spaces() -> None:
    words: Words = WORDS["plain"]
    assert words.found("3 hz and 3hz, a limited study") == {"3hz", "limitedstudy"}


LEFT = [
    ("emg of the arm", "emg of the arm"),
    ("prior emg limited. emg of the arm", "emg of the arm"),
    ("emg last year | ncs", "ncs"),
    ("prior to surgery", "prior to surgery"),
    ("tone normal, emg of the arm", " emg of the arm"),
    ("emg without ncs", "emg  "),
    ("emg without ncs, right arm", "emg  , right arm"),
    ("no more than 4 muscles", "no more than 4 muscles"),
    ("all muscles except biceps, triceps; emg", "all muscles   | emg"),
]


@pytest.mark.parametrize(("text", "left"), LEFT)
def test_what_is_about_something_else_is_left_out(text: str, left: str) -> None:
    assert load_asides(TABLES).left_out(text).split() == left.split()


READ: list[tuple[str, str, set[str], bool]] = [
    ("nerves", "median and peroneal nerves", {"median", "fibular"}, True),
    ("nerves", "peroneal (fibular) nerve", {"fibular"}, True),
    ("nerves", "cn x", {"median"}, True),
    ("nerves", "median and others", {"median"}, False),
    ("nerves", "median; another nerve", {"median"}, False),
    ("nerves", "median; call before", {"median"}, True),
    ("nerves", "median. weak peroneal muscles", {"median"}, True),
    ("nerves", "weak peroneal muscles", set(), False),
    ("nerves", "call before", set(), False),
    ("by_noun", "t3 paraspinals", {"t3"}, False),
    ("by_noun", "rib t3", set(), False),
    ("lists", "the limited study", {"plain"}, True),
]


@pytest.mark.parametrize(("name", "text", "names", "whole"), READ)
def test_a_list_is_understood_when_all_its_words_are(
    name: str, text: str, names: set[str], whole: bool
) -> None:
    roster: Roster = load_roster(TABLES, name)
    assert roster.read(text) == (names, whole)
