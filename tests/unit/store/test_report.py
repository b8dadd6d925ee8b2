"""Counts of served, accepted, overridden and unanswered cards, by what one asks for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cds_service.store.connect import Store
from cds_service.store.feedback import FeedbackStore
from cds_service.store.report import Origin, Report, report, shape
from tests.unit.store.records import NOON, answer, card, keep, new_id, record

EHR, OTHER = "https://ehr.example.org", "https://other.example.org"
Lines = dict[tuple[str, ...], tuple[int, int, int, int]]


def lines(found: Report) -> Lines:
    """Key: served, accepted, overridden, unanswered."""
    return {
        group.key: (group.served, group.accepted, group.overridden, group.unanswered)
        for group in found.groups
    }


def origin(
    finding: str = "C01", guideline: str = "G 1", issuer: str = EHR, day: str = "2026-11-18"
) -> Origin:
    return Origin(finding, guideline, issuer, date.fromisoformat(day))


SERVED = {
    origin(): 4,
    origin("C02"): 1,
    origin(issuer=OTHER): 2,
    origin(guideline="G 2", day="2026-11-30"): 3,
}
ANSWERS = [
    (origin(), "accepted", ""),
    (origin(), "overridden", "later"),
    (origin(), "overridden", ""),
    (origin(issuer=OTHER), "overridden", "later"),
    (origin(guideline="G 2", day="2026-11-30"), "accepted", ""),
]
SHAPES: list[tuple[tuple[str, ...], Lines]] = [
    (("finding",), {("C01",): (9, 2, 3, 4), ("C02",): (1, 0, 0, 1)}),
    (("guideline",), {("G 1",): (7, 1, 3, 3), ("G 2",): (3, 1, 0, 2)}),
    (("issuer",), {(EHR,): (8, 2, 2, 4), (OTHER,): (2, 0, 1, 1)}),
    (("week",), {("2026-W47",): (7, 1, 3, 3), ("2026-W49",): (3, 1, 0, 2)}),
    (
        ("week", "finding"),
        {
            ("2026-W47", "C01"): (6, 1, 3, 2),
            ("2026-W47", "C02"): (1, 0, 0, 1),
            ("2026-W49", "C01"): (3, 1, 0, 2),
        },
    ),
]


@pytest.mark.parametrize(("by", "expected"), SHAPES)
def test_cards_are_counted_by_what_one_asks_for(by: tuple[str, ...], expected: Lines) -> None:
    found = shape(by, SERVED, ANSWERS)
    assert lines(found) == expected
    assert (found.total.served, found.total.accepted, found.total.overridden) == (10, 2, 3)


def test_reasons_are_counted_the_most_frequent_first() -> None:
    assert shape(("finding",), SERVED, ANSWERS).groups[0].reasons == (("later", 2), ("", 1))


def test_shares_are_of_served_cards() -> None:
    total = shape(("finding",), SERVED, ANSWERS).total
    assert (total.share(total.accepted), total.share(total.overridden)) == (0.2, 0.3)
    assert shape(("finding",), {}, []).total.share(0) == 0.0


WEEKS = [("2025-12-28", "2025-W52"), ("2025-12-29", "2026-W01"), ("2027-01-03", "2026-W53")]


@pytest.mark.parametrize(("day", "week"), WEEKS)
def test_weeks_are_those_of_iso_8601(day: str, week: str) -> None:
    assert origin(day=day).key(("week",)) == (week,)


def serve(store: Store, finding: str, issuer: str = EHR, at: datetime = NOON) -> str:
    served = card(finding=finding)
    keep(store, record(served, issuer=issuer, at=at))
    return served.uuid


def test_the_store_is_counted(store: Store) -> None:
    ear = FeedbackStore(store)
    accepted, overridden, _ = (serve(store, "C01") for _ in range(3))
    open_card = serve(store, "M0", issuer="")
    ear.add([answer(accepted), answer(overridden, "overridden", reason_system="s", reason_code="c")], EHR)
    ear.add([answer(open_card, at=None)], "")
    found = report(store)
    assert lines(found) == {("C01",): (3, 1, 1, 1), ("M0",): (1, 1, 0, 0)}
    assert found.groups[0].reasons == (("s|c", 1),)
    assert found.strays == 0
    assert set(lines(report(store, by=("guideline", "issuer", "week")))) == {
        ("CG-1 2025-10-01 1.0.0", "", "2026-W47"),
        ("CG-1 2025-10-01 1.0.0", EHR, "2026-W47"),
    }


def test_the_last_word_on_a_card_counts_by_the_client_s_time(store: Store) -> None:
    ear = FeedbackStore(store)
    served = serve(store, "C01")
    ear.add([answer(served, "overridden", at=NOON + timedelta(minutes=2))], EHR)
    ear.add([answer(served, "accepted", at=NOON + timedelta(minutes=1))], EHR)
    assert lines(report(store)) == {("C01",): (1, 0, 1, 0)}
    ear.add([answer(served, "accepted", at=NOON + timedelta(minutes=3))], EHR)
    assert lines(report(store)) == {("C01",): (1, 1, 0, 0)}


def test_feedback_of_nobody_s_card_or_of_another_client_is_a_stray(store: Store) -> None:
    served = serve(store, "C01")
    FeedbackStore(store).add([answer(served), answer(new_id())], OTHER)
    found = report(store)
    assert lines(found) == {("C01",): (1, 0, 0, 1)}
    assert found.strays == 2


def test_feedback_that_came_before_its_card_was_written_is_counted(store: Store) -> None:
    early = card()
    FeedbackStore(store).add([answer(early.uuid)], "")
    assert report(store).strays == 1
    keep(store, record(early))
    assert (lines(report(store)), report(store).strays) == ({("C01",): (1, 1, 0, 0)}, 0)


# First and last day asked for; which cards are counted.
PERIODS = [
    (None, None, 4),
    ("2026-11-18", None, 3),
    (None, "2026-11-18", 3),
    ("2026-11-18", "2026-11-18", 2),
    ("2026-11-19", "2026-11-18", 0),
]


@pytest.mark.parametrize(("since", "until", "cards"), PERIODS)
def test_both_days_of_a_period_count_in_utc(
    store: Store, since: str | None, until: str | None, cards: int
) -> None:
    for at in (
        "2026-11-17T23:59:59",
        "2026-11-18T00:00:00",
        "2026-11-18T23:59:59.999999",
        "2026-11-19T00:00:00",
    ):
        serve(store, "C01", at=datetime.fromisoformat(at).replace(tzinfo=UTC))
    first, last = (date.fromisoformat(day) if day else None for day in (since, until))
    assert report(store, since=first, until=last).total.served == cards
