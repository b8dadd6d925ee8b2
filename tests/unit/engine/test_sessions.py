"""Which orders are tested together: only two different stated dates, performers or patients separate them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest

from cds_service.core.case import Order
from cds_service.engine.lines import Line
from cds_service.engine.sessions import as_session, group_sessions

# Each order is (name, date, performer); "" is not stated. Sessions are written as their names.
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
    "all stay in the order sent": ([("c", "", ""), ("a", "1", ""), ("b", "", "")], ["cab"]),
}


def line(stated: Stated, patient: str = "") -> Line:
    name, date, performer = stated
    performers = frozenset({f"Practitioner/{performer}"}) if performer else frozenset()
    return Line(Order(name, (), date=date, performers=performers, patient=patient), None, "")


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
