"""Laws of dialects, on generated sessions: each says the same, keeps the rules, and can be acted on.

An Epic-like card (``any``) is taken whole, as its descriptions ask; of another card one suggestion is taken.
"""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import orjson
import pytest
from comparisons import not_settled, restored
from exchange import Button, buttons, new_orders
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Json, laws, requests, service
from test_hostile_text import hostile

from cds_service import golden, pipeline, schemas
from cds_service.apply_suggestion import applied, chosen
from cds_service.content import PACKAGE, Roots
from cds_service.dialects import epic, speakers, text
from cds_service.hooks import envelope
from cds_service.hooks import services as hook_services
from cds_service.pipeline import Decision
from tests.contract.response_rules import FINDING, drafts, faults

MOST_ROUNDS = 30
EXAMPLE = "epic-example"
DIALECTS = [*speakers.load(Roots.default()), EXAMPLE]
# An element that a correction may write, and that decides what the service reads.
READ = ("quantityQuantity", "bodySite", "orderDetail", "reasonCode", "occurrenceDateTime", "occurrencePeriod")

in_every_dialect = pytest.mark.parametrize("dialect", DIALECTS)
where_clicks_are = pytest.mark.parametrize("dialect", [name for name in DIALECTS if name != text.NAME])


@dataclass(frozen=True)
class Click:
    """What one click or, with ``any``, all clicks on a card do: the request before and after."""

    card: Json
    numbers: tuple[int, ...]
    before: Json
    after: Json


@in_every_dialect
@given(sent=requests())
@settings(laws)
def test_every_response_keeps_the_schema_and_every_rule(dialect: str, sent: Json) -> None:
    said = _said(sent, dialect)
    schema().check(said, file="response")
    assert faults(sent, _as_choices(said)) == []


@given(sent=requests())
@settings(laws)
def test_every_dialect_says_the_same(sent: Json) -> None:
    expected = _statements(_said(sent, speakers.DEFAULT))
    assert {dialect: _statements(_said(sent, dialect)) for dialect in DIALECTS} == dict.fromkeys(
        DIALECTS, expected
    )


@where_clicks_are
@given(sent=requests(), rng=st.randoms(use_true_random=False))
@settings(laws)
def test_what_was_taken_is_not_raised_again_nor_undone(dialect: str, sent: Json, rng: random.Random) -> None:
    """Held against the same suggestion of ``spec``, of which it is known what it settles."""
    known = buttons(sent, ask(sent))
    for click in _some(clicks(sent, dialect), rng):
        button = _meant(click, known)
        again = ask(click.after)
        assert not_settled(button, click.after, again, new_orders(sent, click.after)) == []
        assert restored(button, buttons(click.after, again)) == []


@where_clicks_are
@given(sent=requests(), rng=st.randoms(use_true_random=False))
@settings(laws)
def test_every_dialect_leads_to_the_same_orders(dialect: str, sent: Json, rng: random.Random) -> None:
    known = buttons(sent, ask(sent))
    for click in _some(clicks(sent, dialect), rng):
        plain = applied(sent, _meant(click, known).suggestion["actions"])
        assert _read(click.after) == _read(plain)


@where_clicks_are
@given(sent=requests(), rng=st.randoms(use_true_random=False))
@settings(laws)
def test_clicking_on_comes_to_an_end_without_turning_back(
    dialect: str, sent: Json, rng: random.Random
) -> None:
    seen = [_read(sent)]
    for _ in range(MOST_ROUNDS):
        shown = clicks(sent, dialect)
        if not shown:
            return
        sent = rng.choice(shown[:3]).after
        assert _read(sent) not in seen
        seen.append(_read(sent))
    raise AssertionError(f"still offering after {MOST_ROUNDS}: {seen[-3:]}")


@given(sent=requests())
@settings(laws)
def test_epic_gets_single_creates_and_deletes_that_say_what_they_do(sent: Json) -> None:
    for dialect in ("epic", EXAMPLE):
        for card in _said(sent, dialect)["cards"]:
            for suggestion in card.get("suggestions", ()):
                (action,) = suggestion["actions"]
                assert action["type"] in ("create", "delete")
                assert "isRecommended" not in suggestion
                assert card["selectionBehavior"] == "any"
                assert len(action["description"].split()) > 2
            assert {each["code"] for each in card.get("overrideReasons", ())} <= {
                "asIntended",
                "notApplicable",
            }


@given(sent=requests())
@settings(laws)
def test_text_tells_every_code_of_what_spec_offers_and_offers_nothing(sent: Json) -> None:
    said = _said(sent, text.NAME)["cards"]
    assert not any("suggestions" in card for card in said)
    told = {_identity(card): card["detail"] for card in said}
    for button in buttons(sent, ask(sent)):
        typed = told[_identity(button.card)].rpartition("To type in")[2]
        assert all(edit.code in typed for edit in button.edits() if edit.action != "remove")
        assert all(code in typed for _, codes in button.reasons() for code in codes)


@in_every_dialect
@given(sent=requests(), texts=st.lists(hostile, min_size=2, max_size=2))
@settings(laws, max_examples=60)
def test_text_of_the_order_stays_inert(dialect: str, sent: Json, texts: list[str]) -> None:
    for order, spoilt in zip(drafts(sent).values(), itertools.cycle(texts)):
        order["code"]["text"] = f"EMG {spoilt}"
        for coding in (*order["code"].get("coding", ()), *_reason_codings(order)):
            coding["display"] = spoilt
            coding["code"] += f" {spoilt}"
    assert faults(sent, _as_choices(_said(sent, dialect))) == []


def test_generated_sessions_reach_every_kind_of_suggestion() -> None:
    """Guards the laws above against saying nothing."""
    seen: Counter[tuple[str, str]] = Counter()

    @given(sent=requests())
    @settings(laws, max_examples=300)
    def collect(sent: Json) -> None:
        for dialect in ("spec", EXAMPLE):
            for click in clicks(sent, dialect):
                for number in click.numbers:
                    for action in click.card["suggestions"][number - 1]["actions"]:
                        seen[dialect, action["type"]] += 1

    collect()
    wanted = [
        ("spec", "update"),
        ("spec", "delete"),
        ("spec", "create"),
        (EXAMPLE, "create"),
        (EXAMPLE, "delete"),
    ]
    assert min(seen[each] for each in wanted) >= 20, seen


@cache
def spoken() -> pipeline.Service:
    """The service with one dialect more: Epic, with the example of a site table."""
    example = speakers.load(Roots.default(), epic_site="example")["epic"]
    return replace(service(), dialects={**service().dialects, EXAMPLE: example})


@cache
def item_system() -> str:
    return epic.load(Roots.default()).system


@cache
def schema() -> schemas.Schema:
    return schemas.load(PACKAGE / "hooks" / "schema" / "cds-response.schema.json")


@cache
def hooks() -> Mapping[str, hook_services.Service]:
    return {known.hook: known for known in hook_services.load(Roots.default()).values()}


def ask(request: Json, dialect: str = speakers.DEFAULT) -> Decision:
    """The answer in a dialect; the request travels as bytes."""
    body = envelope.parse(orjson.dumps(request), schemas.DepthLimit.of(64))
    call = envelope.call_of(hooks()[body["hook"]], body)
    return pipeline.decide(spoken(), call, today=golden.TODAY, new_id=golden.counted_ids(), dialect=dialect)


def clicks(request: Json, dialect: str) -> list[Click]:
    """Everything a user can take."""
    cards = _said(request, dialect)["cards"]
    return [
        Click(card, numbers, request, applied(request, chosen(cards, place, numbers)))
        for place, card in enumerate(cards, start=1)
        for numbers in _numbers(card)
    ]


def _numbers(card: Json) -> Iterator[tuple[int, ...]]:
    every = tuple(range(1, len(card.get("suggestions", ())) + 1))
    if card.get("selectionBehavior") == "any":
        yield every
    else:
        yield from ((number,) for number in every)


def _said(request: Json, dialect: str) -> Json:
    said: Json = json.loads(orjson.dumps(ask(request, dialect).response))
    return said


def _as_choices(said: Json) -> Json:
    """The response as the common rules expect: suggestions exclude each other, no empty systemActions."""
    cards = [
        {**card, "selectionBehavior": "at-most-one"} if "suggestions" in card else card
        for card in said["cards"]
    ]
    rest = {name: value for name, value in said.items() if name != "systemActions" or value}
    return {**rest, "cards": cards}


def _identity(card: Json) -> tuple[object, ...]:
    said = card["extension"][FINDING]
    return (said["finding"], card["summary"], card["indicator"], said.get("determination"), *said["orders"])


def _statements(said: Json) -> set[tuple[object, ...]]:
    """What is found and said about which orders; a dialect may say it on more than one card."""
    return {_identity(card) for card in said["cards"]}


def _meant(click: Click, known: list[Button]) -> Button:
    """The suggestion of ``spec`` that this click carries out."""
    same = [button for button in known if _identity(button.card) == _identity(click.card)]
    if click.card.get("selectionBehavior") == "any":
        (only,) = same
        return only
    label = click.card["suggestions"][click.numbers[0] - 1]["label"]
    (only,) = [button for button in same if button.suggestion["label"] == label]
    return only


def _read(request: Json) -> list[str]:
    """The draft orders as the service reads them, blind to ids, sequence and items of preference lists."""
    items = item_system()
    return sorted(
        json.dumps(
            [
                [each for each in order["code"].get("coding", ()) if each.get("system") != items],
                *(order.get(name) for name in READ),
            ],
            sort_keys=True,
        )
        for order in drafts(request).values()
    )


def _reason_codings(order: Mapping[str, Any]) -> list[Any]:
    return [coding for reason in order.get("reasonCode", ()) for coding in reason.get("coding", ())]


def _some(shown: list[Click], rng: random.Random) -> Iterator[Click]:
    """The first and two others: enough to find a fault, few enough to be quick."""
    yield from itertools.chain(shown[:1], rng.sample(shown[1:], min(2, len(shown[1:]))))
