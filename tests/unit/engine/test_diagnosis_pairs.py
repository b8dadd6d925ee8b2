"""Several pairs of codes on one order: each is stated, and together they have one result."""

from __future__ import annotations

import itertools

import pytest

from cds_service.core.case import Site
from tests.builders import RIGHT_LEG
from tests.diagnosis_orders import Codes, applied, corrected, each, only, order

Stated = tuple[str, str, frozenset[str], frozenset[frozenset[str]]]


def stated(codes: Codes, *sites: Site) -> set[Stated]:
    """What is said, blind to the sequence of codes."""
    return {
        (item.row, item.mode.value, frozenset(item.from_), frozenset(map(frozenset, item.choices)))
        for item in corrected(order("a", codes, *sites))[0]
    }


def said(row: str, mode: str, from_: str, *choices: str) -> Stated:
    return row, mode, frozenset(from_.split()), frozenset(frozenset(each.split()) for each in choices)


TOGETHER = [
    (
        "M54.16 M51.16 M54.31",
        said("M54.1-+M51.1-", "FIX", "M54.16 M51.16", "M51.16"),
        said("M54.3-+M51.1-", "FIX", "M54.31 M51.16", "M51.16"),
    ),
    (
        "M54.16 M51.16 M47.26",
        said("M54.1-+M51.1-", "FIX", "M54.16 M51.16", "M51.16"),
        said("M54.1-+M47.2-", "FIX", "M54.16 M47.26", "M47.26"),
    ),
    (
        "M54.50 M54.41 M54.31",
        said("M54.5-+M54.4-", "ASK", "M54.50 M54.41 M54.31", "M54.41", "M54.50"),
        said("M54.3-+M54.4-", "FIX", "M54.41 M54.31", "M54.41"),
    ),
    (
        "M54.50 M54.41 M51.26",
        said("M54.5-+M54.4-", "ASK", "M54.50 M54.41 M51.26", "M54.41 M51.26", "M54.50"),
        said("M54.5-+M51.2-", "ASK", "M54.50 M54.41 M51.26", "M54.41 M51.26", "M54.50"),
    ),
    (
        "M54.50 M54.59 M54.41",
        said("M54.5-+M54.4-", "ASK", "M54.50 M54.59 M54.41", "M54.41", "M54.50 M54.59"),
    ),
    (
        "M54.31 M54.42 M51.16",
        said("M54.3-+M54.4-", "FIX", "M54.31 M54.42", "M54.42"),
        said("M54.3-+M51.1-", "FIX", "M54.31 M51.16", "M51.16"),
    ),
    (
        "M54.16 M54.31 M51.1",
        said("M54.1-+M51.1-", "ASK", "M54.16 M54.31 M51.1", "M51.14", "M51.15", "M51.16", "M51.17"),
        said("M54.3-+M51.1-", "ASK", "M54.16 M54.31 M51.1", "M51.14", "M51.15", "M51.16", "M51.17"),
    ),
    (
        "M54.12 M54.16 M47.22 M47.26",
        said("M54.1-+M47.2-", "FIX", "M54.12 M47.22", "M47.22"),
        said("M54.1-+M47.2-", "FIX", "M54.16 M47.26", "M47.26"),
    ),
    (
        "G63 E11.42 A69.22",
        said("E11.42+G63", "FIX", "G63 E11.42", "E11.42"),
        said("G63+A69.22", "FIX", "G63 A69.22", "A69.22"),
    ),
]


@pytest.mark.parametrize(("codes", "expected"), [(row[0].split(), set(row[1:])) for row in TOGETHER])
def test_every_pair_is_stated_whatever_the_sequence_of_codes(codes: list[str], expected: set[Stated]) -> None:
    for sequence in itertools.permutations(codes):
        assert stated(sequence, RIGHT_LEG) == expected


@pytest.mark.parametrize(
    ("codes", "place"),
    [(("M54.16", "M51.16"), 1), (("R53.1", "M62.81"), 1), (("G63", "E11.9"), 1), (("E11.9", "G63"), 0)],
)
def test_what_is_kept_keeps_its_place(codes: Codes, place: int) -> None:
    found = only(corrected(order("a", codes))[0])
    (choice,) = found.choices
    assert found.placed(choice) == ((choice[0], (place, 0)),)


def test_each_choice_of_a_question_stands_where_its_code_stood() -> None:
    found = only(corrected(order("a", ["Z21", "B20"]))[0])
    assert [found.placed(choice) for choice in found.choices] == [(("B20", (1, 0)),), (("Z21", (0, 0)),)]


def test_a_kept_header_is_completed_where_it_stands() -> None:
    sent = order("a", ["M54.16", "M51.1", "I10"])
    found = only(corrected(sent)[0])
    assert found.choices == each("M51.14", "M51.15", "M51.16", "M51.17")
    assert [reason.code for reason in applied(sent, found, 2).reasons] == ["M51.16", "I10"]
    assert {place for choice in found.choices for _, place in found.placed(choice)} == {(1, 0)}
