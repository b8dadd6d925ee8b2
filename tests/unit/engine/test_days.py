"""EMG and conduction studies of different days: what moves where, and what is not asked then."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.core.finding import Edit
from tests.code_orders import looked_at, said
from tests.property.strategies import service

DAY, LATER = "2026-11-24", "2026-12-01"
PERIOD = "2026-11-23..2026-11-27"

SAID: dict[str, tuple[tuple[str, ...], dict[str, Any], list[str]]] = {
    "the later one moves": (
        (f"95860 RUE @{DAY}", f"95909 @{LATER}"),
        {},
        [f"C57 ASK b: 95909 @{DAY} | (95909)"],
    ),
    "whichever it is": (
        (f"95860 RUE @{LATER}", f"95909 @{DAY}"),
        {},
        [f"C57 ASK a: 95860 @{DAY} | (95860)"],
    ),
    "a day inside the period is no other day": (
        (f"95860 RUE @{PERIOD}", f"95909 @{DAY}"),
        {},
        ["C04 FIX a: 95886"],
    ),
    "a day after the period is": (
        (f"95860 RUE @{PERIOD}", f"95909 @{LATER}"),
        {},
        ["C57 ASK b: 95909 @2026-11-23 | (95909)"],
    ),
    "one session, so the add-on has its study": (
        (f"95886 RUE @{DAY}", f"95909 @{LATER}"),
        {"same-session": True},
        [f"C57 FIX b: 95909 @{DAY}", f"C11 FIX b: 95909 @{DAY}"],
    ),
    "for limbs and other sites alike": (
        (f"95886 RUE @{DAY}", f"95887 head @{DAY}", f"95909 @{LATER}"),
        {"same-session": True},
        [f"{pattern} FIX c: 95909 @{DAY}" for pattern in ("C57", "C11", "C12")],
    ),
    "two sessions, so the add-on lacks one": (
        (f"95886 RUE @{DAY}", f"95909 @{LATER}"),
        {"same-session": False},
        ["C11 FIX a: 95860", "C55 ASK -: 95886 | 95885"],
    ),
    "what is signed stays where it is": (
        (f"95860 RUE @{DAY}", f"!95909 @{LATER}"),
        {},
        [f"C57 ASK a: 95860 @{LATER} | (95860)"],
    ),
}


@pytest.mark.parametrize("title", SAID)
def test_what_is_said_of_two_days(title: str) -> None:
    orders, answers, expected = SAID[title]
    assert said(*orders, answers=answers) == expected


def test_an_order_that_joins_a_period_gets_the_period() -> None:
    (found,) = looked_at(f"95860 RUE @{PERIOD}", f"95909 @{LATER}").corrections
    (edit,) = found.choices[0].edits
    period = {"start": "2026-11-23", "end": "2026-11-27"}
    orders = {"ServiceRequest/a": {"occurrencePeriod": period}}
    study = {"code": {"coding": []}, "occurrenceDateTime": LATER, "_occurrenceDateTime": {"id": "x"}}
    gone = Edit("change", "b", "95909", like="ServiceRequest/signed", date=edit.date)
    alone = service().writer.changed(study, [gone], orders)
    assert alone is not None
    assert alone["occurrenceDateTime"] == edit.date
    moved = service().writer.changed(
        study, [Edit("change", "b", "95909", like=edit.like, date=edit.date)], orders
    )
    assert moved is not None
    assert moved["occurrencePeriod"] == period
    assert not {"occurrenceDateTime", "_occurrenceDateTime"} & set(moved)
