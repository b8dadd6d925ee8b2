"""The picture of feedback: what is counted, for whom, and what the database is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cds_service.core.feedback_picture import (
    WORKBENCH,
    Choices,
    Count,
    Picture,
    Question,
    Reason,
    Spread,
    Step,
    Wanted,
)
from cds_service.errors import StoreError
from cds_service.store.connect import Store, open_store
from cds_service.store.feedback import FeedbackStore
from cds_service.store.picture import Asked, Heard, Origin, Served, read, shape, spread
from tests.unit.store.records import NOON, answer, card, keep, new_id, record

EHR, OTHER, DEMO = "https://ehr.example.org", "https://other.example.org", "demo:clinic"
MONDAY, WEEK_BEFORE = date(2026, 11, 16), date(2026, 11, 9)
OLD, NEW = "CG-1 2025-10-01 1.0.0", "CG-1 2025-10-01 2.0.0"


def asks(*questions: str) -> dict[str, Any]:
    return {
        "corrections": [{"pattern": "C01", "asks": list(questions)}],
        "diagnosis_corrections": [{"row": "G56.0", "asks": list(questions[:1])}],
        "determinations": [
            {"pathway": "emg", "missing": [{"fact": "weakness", "question": "Is there any?"}]}
        ],
    }


@pytest.fixture
def filled(store: Store) -> Store:
    """Two clients, two versions, two weeks; one card with two answers, one answered by the wrong client."""
    week_before = NOON - timedelta(days=7)
    accepted, changed, silent, foreign, older = (card() for _ in range(5))
    keep(
        store,
        record(
            accepted, changed, issuer=EHR, orders=3, duration=10.0, trace=lambda: asks("limbs", "studies")
        ),
        record(silent, issuer=EHR, orders=1, duration=20.0, version="2.0.0", trace=lambda: asks("limbs")),
        record(card(finding="C02"), foreign, issuer=OTHER, orders=2, duration=30.0),
        record(older, issuer=EHR, orders=4, duration=40.0, at=week_before),
        record(issuer=DEMO, orders=5, duration=50.0, trace=lambda: asks("studies")),
        record(issuer=EHR, orders=100, duration=9000.0, status=400, refusal="not-json"),
    )
    heard = FeedbackStore(store)
    heard.add(
        [
            answer(accepted.uuid, at=NOON + timedelta(seconds=30)),
            answer(changed.uuid, at=NOON + timedelta(seconds=40)),
            answer(
                changed.uuid,
                "overridden",
                at=NOON + timedelta(seconds=90),
                reason_system="urn:r",
                reason_code="later",
            ),
            answer(older.uuid, "overridden", at=week_before - timedelta(seconds=5)),
            answer(foreign.uuid),
            answer(new_id()),
        ],
        EHR,
    )
    return store


def test_everything_the_store_holds_is_counted_once(filled: Store) -> None:
    found = read(filled, Wanted())
    assert found.total.calls == 5
    assert found.total.orders == 15
    assert found.total.cards == Count(served=6, accepted=1, overridden=2)
    assert found.total.cards.unanswered == 3
    assert found.total.burden == pytest.approx(40.0)
    assert found.total.to_answer == Spread(5, 30.0, 50.0)
    assert found.total.to_feedback == Spread(3, 30.0, 90.0)
    assert found.invented == 1
    assert found.choices == Choices(
        guidelines=(OLD, NEW),
        issuers=(DEMO, EHR, OTHER),
        findings=("C01", "C02"),
        first=NOON.date() - timedelta(days=7),
        last=NOON.date(),
    )


def test_counts_stand_by_week_finding_version_client_reason_and_question(filled: Store) -> None:
    found = read(filled, Wanted())
    assert found.step is Step.WEEK
    assert {start: each.cards for start, each in found.periods.items()} == {
        WEEK_BEFORE: Count(1, 0, 1),
        MONDAY: Count(5, 1, 1),
    }
    # That client's clock went before ours.
    assert found.periods[WEEK_BEFORE].to_feedback == Spread(1, 0.0, 0.0)
    first, second = found.findings
    assert (first.name, first.cards, first.to_feedback) == ("C01", Count(5, 1, 2), Spread(3, 30.0, 90.0))
    assert first.periods == {WEEK_BEFORE: Count(1, 0, 1), MONDAY: Count(4, 1, 1)}
    assert (second.name, second.cards, second.to_feedback) == ("C02", Count(1), Spread())
    assert [(name, each.cards) for name, each in found.guidelines] == [
        (OLD, Count(5, 1, 2)),
        (NEW, Count(1)),
    ]
    assert [(name, each.cards, each.orders) for name, each in found.issuers] == [
        (EHR, Count(4, 1, 2), 8),
        (OTHER, Count(2), 2),
        (DEMO, Count(), 5),
    ]
    assert found.reasons == (Reason("", "C01", 1), Reason("urn:r|later", "C01", 1))


def test_a_question_counts_once_for_a_call_with_cards_that_left_it_open(filled: Store) -> None:
    found = read(filled, Wanted())
    assert found.questions == (Question("limbs", 2), Question("weakness", 2), Question("studies", 1))


RESTRICTED: list[tuple[str, Wanted, int, int, Count, int]] = [
    ("since", Wanted(since=MONDAY), 4, 11, Count(5, 1, 1), 2),
    ("until, the day included", Wanted(until=NOON.date() - timedelta(days=7)), 1, 4, Count(1, 0, 1), 0),
    ("one day", Wanted(since=NOON.date(), until=NOON.date()), 4, 11, Count(5, 1, 1), 2),
    ("version", Wanted(guideline=NEW), 1, 1, Count(1), 1),
    ("client", Wanted(issuer=OTHER), 1, 2, Count(2), 0),
    ("open access", Wanted(issuer=""), 0, 0, Count(), 0),
    ("finding: its cards of all orders", Wanted(finding="C02"), 5, 15, Count(1), 0),
    ("finding and its questions", Wanted(finding="C01"), 5, 15, Count(5, 1, 2), 2),
    ("a finding nobody knows", Wanted(finding="C99"), 5, 15, Count(), 0),
    ("quotes in a name", Wanted(issuer="' OR 1=1 --"), 0, 0, Count(), 0),
]


@pytest.mark.parametrize(
    ("wanted", "calls", "orders", "cards", "limbs"),
    [each[1:] for each in RESTRICTED],
    ids=[each[0] for each in RESTRICTED],
)
def test_what_is_wanted_restricts(
    filled: Store, wanted: Wanted, calls: int, orders: int, cards: Count, limbs: int
) -> None:
    found = read(filled, wanted)
    assert (found.total.calls, found.total.orders, found.total.cards) == (calls, orders, cards)
    assert {each.name: each.calls for each in found.questions}.get("limbs", 0) == limbs
    assert found.choices.issuers == (DEMO, EHR, OTHER)


def test_an_empty_store_gives_an_empty_picture(store: Store) -> None:
    assert read(store, Wanted()) == Picture()


def test_what_was_tried_on_the_workbench_counts_only_when_asked_for(store: Store) -> None:
    keep(store, record(card(), issuer=EHR), record(card(), card(), issuer=WORKBENCH))
    every, own = read(store, Wanted()), read(store, Wanted(issuer=WORKBENCH))
    assert [(name, each.cards.served) for name, each in every.issuers] == [(EHR, 1)]
    assert [(name, each.cards.served) for name, each in own.issuers] == [(WORKBENCH, 2)]
    assert set(every.choices.issuers) == {EHR, WORKBENCH}


def test_a_store_that_is_down_says_so() -> None:
    store = open_store("postgresql://postgres@127.0.0.1:1/none")
    with pytest.raises(StoreError):
        read(store, Wanted())


def test_a_long_span_is_shown_by_month_unless_weeks_are_wanted(store: Store) -> None:
    keep(store, record(card()), record(card(), at=NOON - timedelta(days=400)))
    assert read(store, Wanted()).step is Step.MONTH
    assert len(read(store, Wanted()).periods) == 14
    assert read(store, Wanted(since=MONDAY)).step is Step.WEEK
    assert len(read(store, Wanted(step=Step.WEEK)).periods) == 58


def test_a_card_served_just_before_midnight_belongs_to_its_own_day_in_utc(store: Store) -> None:
    sunday = datetime(2026, 11, 15, 23, 59, 59, tzinfo=UTC)
    keep(store, record(card(), at=sunday), record(card(), at=sunday + timedelta(seconds=1)))
    assert list(read(store, Wanted()).periods) == [WEEK_BEFORE, MONDAY]


def shaped(asked: list[Asked], served: list[Served], heard: list[Heard], step: Step = Step.WEEK) -> Picture:
    return shape(step, asked, served, heard, {}, Choices())


def origin(start: date = MONDAY, issuer: str = EHR) -> Origin:
    return Origin(OLD, issuer, start)


def test_periods_without_calls_are_there_and_empty() -> None:
    start = date(2026, 1, 5)
    found = shaped([Asked(origin(start), 1.0, 1, 1), Asked(origin(date(2026, 2, 2)), 1.0, 1, 1)], [], [])
    assert [each.calls for each in found.periods.values()] == [1, 0, 0, 0, 1]


def test_a_call_of_another_age_does_not_make_thousands_of_periods() -> None:
    found = shaped([Asked(origin(date(1970, 1, 5)), 1.0, 1, 1), Asked(origin(), 1.0, 1, 1)], [], [])
    assert list(found.periods) == [date(1970, 1, 5), MONDAY]


def test_months_follow_one_another() -> None:
    days = (date(2026, 12, 31), date(2028, 2, 29))
    starts = [Step.MONTH.start(day) for day in days]
    assert starts == [date(2026, 12, 1), date(2028, 2, 1)]
    assert [Step.MONTH.next(start) for start in starts] == [date(2027, 1, 1), date(2028, 3, 1)]


def test_the_most_served_finding_stands_first_and_ties_are_sorted_by_name() -> None:
    served = [Served(origin(), name, cards) for name, cards in (("b", 2), ("c", 5), ("a", 2))]
    assert [each.name for each in shaped([], served, []).findings] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Spread()),
        ({7.0: 1}, Spread(1, 7.0, 7.0)),
        ({1.0: 1, 2.0: 1}, Spread(2, 1.0, 2.0)),
        ({1.0: 95, 9.0: 5}, Spread(100, 1.0, 1.0)),
        ({1.0: 94, 9.0: 6}, Spread(100, 1.0, 9.0)),
        ({3.0: 1, 1.0: 1, 2.0: 1}, Spread(3, 2.0, 3.0)),
    ],
)
def test_percentiles_are_nearest_ranks(values: dict[float, int], expected: Spread) -> None:
    assert spread(values) == expected


def test_shares_of_nothing_are_none() -> None:
    assert Count().share(0) is None
    assert Picture().total.burden is None
    assert replace(Picture().total, orders=4, cards=Count(1)).burden == 25.0
