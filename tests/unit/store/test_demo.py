"""Demo data: invented, labelled, the same for the same seed, and taken away without touching the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from click.testing import CliRunner, Result

from cds_service import cli, demo
from cds_service.core.feedback_picture import DEMO, Wanted
from cds_service.errors import StoreError
from cds_service.store import demo as kept
from cds_service.store.connect import Store
from cds_service.store.feedback import FeedbackStore
from cds_service.store.picture import read
from tests.unit.store.conftest import KEY
from tests.unit.store.records import NOON, answer, card, count, keep, record, rows

LAST = date(2026, 11, 22)
TEMPLATES = [
    record(card(suggestions=("s",)), orders=2),
    record(card(finding="C02"), orders=1),
    record(orders=3),
]
TABLES = ("calls", "served_cards", "feedback")
Run = Callable[..., Result]


def events(seed: int = 1, calls: int = 40) -> list[demo.Event]:
    return list(demo.weeks(TEMPLATES, last=LAST, count=6, calls=calls, seed=seed))


def fill(store: Store, seed: int = 1) -> list[demo.Event]:
    made = events(seed)
    said = [(event.record.issuer, item) for event in made for item in event.feedback]
    kept.keep(store, [event.record for event in made], said)
    return made


def real_call(store: Store, issuer: str) -> None:
    served = card()
    keep(store, record(served, issuer=issuer))
    FeedbackStore(store).add([answer(served.uuid)], issuer)


def test_the_same_seed_gives_the_same_weeks_and_another_seed_others() -> None:
    assert events() == events()
    assert [each.record.at for each in events()] != [each.record.at for each in events(seed=2)]


def test_every_call_is_labelled_and_lies_on_a_workday_of_the_weeks_asked_for() -> None:
    made = events()
    assert {each.record.issuer for each in made} == {client.issuer for client in demo.CLIENTS}
    assert all(each.record.issuer.startswith(DEMO) for each in made)
    days = {each.record.at.date() for each in made}
    assert min(days) >= LAST - timedelta(weeks=6)
    assert max(days) <= LAST
    assert all(day.weekday() < 5 for day in days)


def test_feedback_is_on_its_own_cards_and_comes_after_them() -> None:
    heard = 0
    for event in events():
        own = {each.uuid: each for each in event.record.cards}
        for item in event.feedback:
            heard += 1
            assert item.at is not None
            assert item.at > event.record.at
            assert set(item.suggestions) <= set(own[item.card].suggestions)
    assert heard > 20


def test_no_two_cards_share_a_uuid() -> None:
    uuids = [each.uuid for event in events() for each in event.record.cards]
    assert len(uuids) == len(set(uuids)) > 50


def test_what_was_invented_is_what_the_picture_shows(store: Store) -> None:
    made = fill(store)
    found = read(store, Wanted())
    cards = [each for event in made for each in event.record.cards]
    said = [item for event in made for item in event.feedback]
    assert found.invented == found.total.calls == len(made)
    assert found.total.cards.served == len(cards)
    assert found.total.cards.accepted == sum(item.outcome == "accepted" for item in said)
    assert found.total.cards.overridden == sum(item.outcome == "overridden" for item in said)
    received = {row["card"]: row["received_at"] for row in rows(store, "feedback")}
    assert all(received[item.card] >= item.at for item in said if item.at)


def test_remove_takes_demo_data_and_nothing_else(store: Store) -> None:
    # Names that only look like demo data to a careless comparison.
    for issuer in ("", "DEMO:x", "demo", "demonstration", "https://ehr.example.org/demo:"):
        real_call(store, issuer)
    before = {table: rows(store, table) for table in TABLES}
    made = fill(store)
    gone = kept.remove(store)
    assert gone == {"feedback": sum(len(each.feedback) for each in made), "calls": len(made)}
    assert {table: rows(store, table) for table in TABLES} == before
    assert kept.real(store) == 10


def test_nothing_is_kept_under_a_name_that_is_no_demo_name(store: Store) -> None:
    with pytest.raises(ValueError, match=DEMO):
        kept.keep(store, [record(issuer="https://ehr.example.org")], [])
    with pytest.raises(ValueError, match=DEMO):
        kept.keep(store, [], [("", answer("x"))])
    assert kept.real(store) == 0


@pytest.fixture
def run(store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("CDS_STORE_KEY", KEY)
    usual = ("demo-data", "--weeks", "3", "--calls", "40", "--until", LAST.isoformat())
    return lambda *more: CliRunner().invoke(cli.group, (*usual, *more))


def test_the_command_fills_the_store_from_real_scenarios_and_fills_it_anew(run: Run, store: Store) -> None:
    first = run()
    assert first.exit_code == 0, first.exception
    found = read(store, Wanted())
    assert f"{found.total.calls} invented calls, {found.total.cards.served} cards" in first.output
    assert found.invented == found.total.calls > 80
    assert len(found.findings) > 10
    assert found.questions
    assert len(found.choices.guidelines) == 2
    again = run()
    assert again.output == first.output
    assert count(store, "calls") == found.total.calls
    other = run("--seed", "2")
    assert other.output != first.output
    assert other.output.startswith(f"{count(store, 'calls')} invented calls")


def test_the_command_leaves_real_data_alone_unless_it_is_told_to(run: Run, store: Store) -> None:
    keep(store, record(card()))
    refused = run()
    assert isinstance(refused.exception, StoreError)
    assert "--force" in str(refused.exception)
    assert count(store, "calls") == 1
    assert run("--force").exit_code == 0
    assert read(store, Wanted()).invented > 0
    removed = run("--remove")
    assert removed.output.startswith("feedback: ")
    assert [row["at"] for row in rows(store, "calls")] == [NOON]
