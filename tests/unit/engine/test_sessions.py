"""Which orders are tested together: only two different stated dates, performers or patients separate them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import date

import pytest

from cds_service.core.case import Instant, Order
from cds_service.engine.lines import Line
from cds_service.engine.sessions import as_session, days_apart, group_sessions

# Each order is (name, date or "first-last", performer); "" is not stated. Sessions are their names.
Stated = tuple[str, str, str]

TOGETHER: dict[str, tuple[list[Stated], list[str]]] = {
    "nothing stated": ([("a", "", ""), ("b", "", "")], ["ab"]),
    "one date": ([("a", "1", ""), ("b", "", "")], ["ab"]),
    "the same date": ([("a", "1", ""), ("b", "1", "")], ["ab"]),
    "two dates": ([("a", "1", ""), ("b", "2", "")], ["a", "b"]),
    "the undated one joins the earlier": ([("a", "2", ""), ("b", "1", ""), ("c", "", "")], ["bc", "a"]),
    "two performers": ([("a", "", "p"), ("b", "", "q")], ["a", "b"]),
    "one performer": ([("a", "", "p"), ("b", "", "")], ["ab"]),
    "same performer, two dates": ([("a", "1", "p"), ("b", "2", "p")], ["a", "b"]),
    "same date, two performers": ([("a", "1", "p"), ("b", "1", "q")], ["a", "b"]),
    "a date and a performer": ([("a", "1", ""), ("b", "", "p")], ["ab"]),
    "sent last, done first": ([("a", "3", ""), ("b", "2", ""), ("c", "1", "")], ["c", "b", "a"]),
    "a period that contains the day": ([("a", "1-3", ""), ("b", "2", "")], ["ab"]),
    "a period that ends before the day": ([("a", "1-3", ""), ("b", "4", "")], ["a", "b"]),
    "periods that overlap": ([("a", "1-3", ""), ("b", "3-5", "")], ["ab"]),
    "periods apart": ([("a", "1-2", ""), ("b", "3-5", "")], ["a", "b"]),
    "a period beside two days joins the earlier": (
        [("a", "1-5", ""), ("b", "2", ""), ("c", "4", "")],
        ["ab", "c"],
    ),
    "all stay in the order sent": ([("c", "", ""), ("a", "1", ""), ("b", "", "")], ["cab"]),
}


def line(stated: Stated, patient: str = "") -> Line:
    name, day, performer = stated
    performers = frozenset({f"Practitioner/{performer}"}) if performer else frozenset()
    first, _, last = day.partition("-")
    return Line(Order(name, (), date=first, until=last, performers=performers, patient=patient), None, "")


def named(groups: Iterable[Iterable[Line]]) -> list[str]:
    return ["".join(each.ref for each in group) for group in groups]


@pytest.mark.parametrize("title", TOGETHER)
def test_what_is_not_stated_matches_any(title: str) -> None:
    stated, sessions = TOGETHER[title]
    assert named(group_sessions(tuple(map(line, stated)))) == sessions


@pytest.mark.parametrize("title", TOGETHER)
def test_sessions_do_not_depend_on_the_order_of_sending(title: str) -> None:
    stated, _ = TOGETHER[title]
    answers = {
        tuple("".join(sorted(group)) for group in named(group_sessions(tuple(map(line, orders)))))
        for orders in itertools.permutations(stated)
    }
    assert len(answers) == 1


def test_two_patients_are_never_one_session() -> None:
    lines = (line(("a", "", ""), "Patient/1"), line(("b", "", ""), "Patient/2"))
    assert named(group_sessions(lines)) == ["a", "b"]


def test_a_session_has_the_date_that_one_of_its_orders_states() -> None:
    assert as_session((line(("a", "", "")), line(("b", "1", "")))).date == "1"
    assert as_session((line(("a", "", "")),)).date == ""


# Minutes since 1970 of 2026-11-25T04:30:00Z, and zones as minutes ahead of UTC.
HALF_PAST_FOUR = 29926350
NEW_YORK, UTC, TOKYO = -300, 0, 540


def at(minute: int, offset: int) -> Order:
    day = date.fromordinal(date(1970, 1, 1).toordinal() + (minute + offset) // 1440)
    return Order("a", (), date=day.isoformat(), at=Instant(minute, offset))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (at(HALF_PAST_FOUR, NEW_YORK), at(HALF_PAST_FOUR, UTC), False),
        (at(HALF_PAST_FOUR, NEW_YORK), at(HALF_PAST_FOUR - 600, UTC), False),
        (at(HALF_PAST_FOUR, NEW_YORK), at(HALF_PAST_FOUR + 1440, UTC), True),
        (at(HALF_PAST_FOUR, NEW_YORK), at(HALF_PAST_FOUR + 60, NEW_YORK), True),
        (at(HALF_PAST_FOUR, UTC), at(HALF_PAST_FOUR + 1440, TOKYO), True),
        (at(HALF_PAST_FOUR, NEW_YORK), Order("b", (), date="2026-11-25"), True),
        (at(HALF_PAST_FOUR, NEW_YORK), Order("b", (), date="2026-11-24"), False),
        (at(HALF_PAST_FOUR, NEW_YORK), Order("b", ()), False),
    ],
    ids=[
        "the same instant",
        "one day in the first zone",
        "two days in both zones",
        "two days in one zone",
        "a day later",
        "another day without a zone",
        "the day as written",
        "no day",
    ],
)
def test_instants_are_apart_when_no_zone_makes_them_one_day(one: Order, other: Order, apart: bool) -> None:
    assert days_apart(one, other) is apart
    assert days_apart(other, one) is apart


def test_the_session_has_the_day_rather_than_a_period() -> None:
    assert as_session((line(("a", "1-5", "")), line(("b", "3", "")))).date == "3"
