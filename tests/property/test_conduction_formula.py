"""The code for a number of nerve conduction studies, against plain counting."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from exchange import ask
from strategies import line, request, service

from cds_service.core.finding import Mode

LEVELS = {level: code.code for level, code in service().knowledge.coding.table.conduction.items()}
MOST_STUDIES = 40


def code_by_counting(studies: int) -> str:
    """Two studies a code, the last code takes the rest: 1-2, 3-4, ... 13 or more."""
    code, covered = 1, 2
    while covered < studies and code < max(LEVELS):
        code, covered = code + 1, covered + 2
    return LEVELS[code]


def studies_of(level: int) -> range:
    return (
        range(1, MOST_STUDIES)
        if level == 0
        else range(2 * level - 1, 2 * level + 1)
        if level < max(LEVELS)
        else range(13, MOST_STUDIES)
    )


@pytest.mark.parametrize("studies", range(1, MOST_STUDIES + 1))
def test_a_number_of_studies_has_one_code(studies: int) -> None:
    assert service().knowledge.coding.table.conduction_for(studies).code == code_by_counting(studies)
    retired = [line("a", "95900", studies)]
    (found,) = ask(request(retired)).evaluation.corrections[:1]
    assert found.mode is Mode.FIX
    assert [choice.lines() for choice in found.choices] == [((code_by_counting(studies), 1),)]


@pytest.mark.parametrize(
    "levels",
    [
        pair
        for size in (2, 3)
        for pair in itertools.combinations_with_replacement(range(1, 8), size)
        if len(set(pair)) == size
    ],
    ids=str,
)
def test_several_conduction_codes_become_the_codes_their_sum_may_need(levels: tuple[int, ...]) -> None:
    sums = {sum(counts) for counts in itertools.product(*(studies_of(level) for level in levels))}
    wanted = {code_by_counting(total) for total in sums}
    found = conduction_correction([LEVELS[level] for level in levels])
    assert {code for choice in found.choices for code, _ in choice.lines()} == wanted
    assert all(len(choice.lines()) == 1 for choice in found.choices)
    assert (found.mode is Mode.FIX) == (len(wanted) == 1)


@pytest.mark.parametrize(
    "levels",
    [
        levels
        for size in (2, 3)
        for levels in itertools.combinations_with_replacement(range(1, 8), size)
        if len(set(levels)) < size
    ],
    ids=str,
)
def test_a_repeated_conduction_code_is_never_summed_without_asking(levels: tuple[int, ...]) -> None:
    once = sorted(set(levels))
    sums = {sum(counts) for counts in itertools.product(*(studies_of(level) for level in levels))}
    sums |= {sum(counts) for counts in itertools.product(*(studies_of(level) for level in once))}
    found = conduction_correction([LEVELS[level] for level in levels])
    assert found.mode is Mode.ASK or len(set(found.choices)) == 1
    assert {code for choice in found.choices for code, _ in choice.lines()} == {
        code_by_counting(n) for n in sums
    }


def conduction_correction(codes: list[str]) -> Any:
    sent = request([line(name, code) for name, code in zip("abc", codes, strict=False)])
    patterns = ("C22", "C22b", "C23")
    (found,) = [each for each in ask(sent).evaluation.corrections if each.pattern in patterns]
    return found
