"""Laws of dialects, on generated sessions: each says the same, keeps the rules, and can be acted on.

Any one suggestion may be taken alone. A card with ``any`` gives the next click of its correction: for what a
whole correction does, such clicks are followed, from answer to answer.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import orjson
import pytest
from comparisons import families, not_settled, restored
from exchange import KEPT, Button, answer, buttons, new_orders
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Json, laws, requests, scenarios, service
from test_hostile_text import hostile

from cds_service import pipeline, schemas
from cds_service.apply_suggestion import applied, chosen
from cds_service.content import PACKAGE, Roots
from cds_service.dialects import epic, speakers, text
from cds_service.pipeline import Decision
from tests.contract.response_rules import FINDING, drafts, faults

MOST_ROUNDS = 30
EXAMPLE = "epic-example"
DIALECTS = [*speakers.load(Roots.default()), EXAMPLE]
# An element that a correction may write, and that decides what the service reads.
READ = ("quantityQuantity", "bodySite", "orderDetail", "reasonCode", "occurrenceDateTime", "occurrencePeriod")

# What a new order of a preference list has in common with what we sent.
LISTED = ("resourceType", "status", "intent", "code", "subject")
SIGN_AGAIN = " Then sign again to "

in_every_dialect = pytest.mark.parametrize("dialect", DIALECTS)
where_clicks_are = pytest.mark.parametrize("dialect", [name for name in DIALECTS if name != text.NAME])


@dataclass(frozen=True)
class Click:
    """What one click does, or with ``any`` all that the card asks for: the request before and after."""

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
        ours = dialect == EXAMPLE
        assert _read(click.after, ours=ours) == _read(plain, ours=ours)


WALKS = [*((name, True) for name in DIALECTS if name != text.NAME), (EXAMPLE, False)]


@pytest.mark.parametrize(("dialect", "whole"), WALKS)
@given(sent=requests(), rng=st.randoms(use_true_random=False))
@settings(laws)
def test_one_click_at_a_time_comes_to_an_end_without_turning_back_or_losing_all(
    dialect: str, whole: bool, sent: Json, rng: random.Random
) -> None:
    """Not ``whole``: of a new order only the code arrives, as from a preference list.

    Only a click in Epic must leave an order: it cannot say on the same card what to order instead.
    """
    seen = [_read(sent)]
    for _ in range(MOST_ROUNDS):
        shown = list(_single(sent, dialect, whole))
        if not shown:
            return
        sent = rng.choice(shown[:4])
        assert _read(sent) not in seen
        if dialect in (epic.NAME, EXAMPLE):
            assert families(ask(sent)).keys() & drafts(sent).keys()
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
                assert action["description"].endswith(f" Why: {card['summary']}")
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
        typed = told[_identity(button.card)].partition("To type in")[2]
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

    def count(sent: Json) -> None:
        for dialect in ("spec", EXAMPLE):
            for click in clicks(sent, dialect):
                for number in click.numbers:
                    for action in click.card["suggestions"][number - 1]["actions"]:
                        seen[dialect, action["type"]] += 1

    @given(sent=requests())
    @settings(laws, max_examples=200)
    def collect(sent: Json) -> None:
        count(sent)

    collect()
    for asked in itertools.chain.from_iterable(scenarios().values()):
        count(asked)
    wanted = [
        ("spec", "update"),
        ("spec", "delete"),
        ("spec", "create"),
        (EXAMPLE, "create"),
        (EXAMPLE, "delete"),
    ]
    assert min(seen[each] for each in wanted) >= 10, seen


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


def ask(request: Json, dialect: str = speakers.DEFAULT) -> Decision:
    """The answer in a dialect; the request travels as bytes."""
    return _kept(orjson.dumps(request), dialect)


@lru_cache(maxsize=KEPT)
def _kept(sent: bytes, dialect: str) -> Decision:
    return answer(spoken(), sent, dialect)


def clicks(request: Json, dialect: str) -> list[Click]:
    """Everything a user can take."""
    cards = _said(request, dialect)["cards"]
    return [
        Click(card, numbers, request, _followed(request, dialect, card, chosen(cards, place, numbers)))
        for place, card in enumerate(cards, start=1)
        for numbers in _numbers(card)
    ]


def _numbers(card: Json) -> Iterator[tuple[int, ...]]:
    every = tuple(range(1, len(card.get("suggestions", ())) + 1))
    if card.get("selectionBehavior") == "any":
        yield every
    else:
        yield from ((number,) for number in every)


def _followed(request: Json, dialect: str, card: Json, actions: list[Json]) -> Json:
    """The request after a card's clicks: those that a description says will follow are in later answers, on
    the card about the same orders where several say the same.
    """
    after = applied(request, actions)
    about = set(card["extension"][FINDING]["orders"])
    left = [step for action in actions for step in _told(action["description"])]
    while left:
        cards = _said(after, dialect)["cards"]
        ours_first = sorted(
            enumerate(cards, start=1),
            key=lambda each: about.isdisjoint(each[1]["extension"][FINDING]["orders"]),
        )
        place, step = next(
            (place, step)
            for place, later in ours_first
            for suggestion in later.get("suggestions", ())
            for step in left
            if _step(suggestion["label"]) == _step(step)
        )
        after = applied(after, chosen(cards, place, (1,)))
        left.remove(step)
    return after


def _told(description: str) -> list[str]:
    """The clicks that a description says will follow."""
    following = description.partition(SIGN_AGAIN)[2].partition(". Why: ")[0]
    return re.split(r"(?<!&lt)(?<!&gt)(?<!&amp); ", following) if following else []


def _step(words: str) -> tuple[str, str]:
    """What is done, and to which code; an order's number changes while others go."""
    verb, _, what = words.lower().partition(" ")
    code = what.partition("(")[2] if verb == "remove" else what
    return verb, re.split(r"[ ,)]", code)[0]


def _single(request: Json, dialect: str, whole: bool) -> Iterator[Json]:
    """The request after each single click."""
    if dialect == "crd":  # what is to be taken together is: its cards say so
        yield from (click.after for click in clicks(request, dialect))
        return
    cards = _said(request, dialect)["cards"]
    for place, card in enumerate(cards, start=1):
        for number in range(1, len(card.get("suggestions", ())) + 1):
            actions = chosen(cards, place, (number,))
            yield applied(request, actions if whole else [_as_listed(action) for action in actions])


def _as_listed(action: Json) -> Json:
    """The action as Epic does it: a new order takes nothing but its code from us."""
    if action["type"] != "create":
        return action
    return {**action, "resource": {name: action["resource"][name] for name in LISTED}}


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


def _read(request: Json, *, ours: bool = False) -> list[str]:
    """The draft orders as the service reads them, blind to ids, sequence and items of preference lists.

    ``ours``: of the codes, only the first that the service knows; a new order takes no other along.
    """
    return sorted(
        json.dumps([_codes(order, ours=ours), *(order.get(name) for name in READ)], sort_keys=True)
        for order in drafts(request).values()
    )


def _codes(order: Mapping[str, Any], *, ours: bool) -> list[Any]:
    codings = [each for each in order["code"].get("coding", ()) if each.get("system") != item_system()]
    if not ours:
        return codings
    known = service().knowledge.coding.table.codes
    return [each["code"] for each in codings if each.get("code") in known][:1]


def _reason_codings(order: Mapping[str, Any]) -> list[Any]:
    return [coding for reason in order.get("reasonCode", ()) for coding in reason.get("coding", ())]


def _some(shown: list[Click], rng: random.Random) -> Iterator[Click]:
    """The first and two others: enough to find a fault, few enough to be quick."""
    yield from itertools.chain(shown[:1], rng.sample(shown[1:], min(2, len(shown[1:]))))
