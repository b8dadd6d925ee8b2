"""Laws of corrections from the request as sent to the orders as taken, on generated sessions.

Not one of them looks at a particular pattern: they say what any correction has to keep to.
"""

from __future__ import annotations

import copy
import itertools
import json
import random
from collections import Counter

import orjson
from comparisons import furnished, lost, not_settled, restored, stated
from exchange import Button, ask, ask_anew, buttons, lines, new_orders, take
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Json, laws, requests, service

from tests.contract.response_rules import drafts, faults, target

MOST_ROUNDS = 30


@given(requests())
@settings(laws, max_examples=300)
def test_any_session_gets_a_response_that_keeps_every_rule(sent: Json) -> None:
    said = json.loads(orjson.dumps(ask(sent).response))
    assert faults(sent, said) == []


@given(requests())
@settings(laws)
def test_the_same_request_gets_the_same_bytes(sent: Json) -> None:
    one, two = ask_anew(sent), ask_anew(copy.deepcopy(sent))
    assert orjson.dumps(one.response) == orjson.dumps(two.response)
    assert one.trace() == two.trace()


@given(requests())
@settings(laws)
def test_a_correction_can_change_something(sent: Json) -> None:
    for correction in ask(sent).evaluation.corrections:
        edits = [edit for choice in correction.choices for edit in choice.edits]
        assert not edits or any(edit.action != "keep" for edit in edits), correction.pattern


@given(requests(), st.randoms(use_true_random=False))
@settings(laws, max_examples=200)
def test_a_taken_suggestion_settles_what_it_was_about(sent: Json, rng: random.Random) -> None:
    for button in some(buttons(sent, ask(sent)), rng):
        after = take(sent, button.suggestion)
        again = ask(after)
        assert not_settled(button, after, again, new_orders(sent, after)) == []


@given(requests(), st.randoms(use_true_random=False))
@settings(laws, max_examples=200)
def test_no_later_suggestion_restores_what_an_earlier_one_replaced(sent: Json, rng: random.Random) -> None:
    for button in some(buttons(sent, ask(sent)), rng):
        after = take(sent, button.suggestion)
        assert restored(button, buttons(after, ask(after))) == []


@given(requests(), st.randoms(use_true_random=False))
@settings(laws)
def test_taking_one_suggestion_after_another_comes_to_an_end(sent: Json, rng: random.Random) -> None:
    seen = []
    for _ in range(MOST_ROUNDS):
        shown = buttons(sent, ask(sent))
        if not shown:
            return
        seen.append(shown[0].suggestion["label"])
        after = take(sent, rng.choice(shown[:3]).suggestion)
        assert after != sent
        sent = after
    raise AssertionError(f"still offering after {MOST_ROUNDS}: {seen}, now {list(lines(sent))}")


@given(requests())
@settings(laws)
def test_what_a_suggestion_does_not_name_survives(sent: Json) -> None:
    for entry in sent["context"]["draftOrders"]["entry"]:
        entry["resource"] |= furnished(entry["resource"])
    before = drafts(sent)
    for button in buttons(sent, ask(sent)):
        for action in button.suggestion["actions"]:
            if action["type"] == "update":
                changed = json.loads(orjson.dumps(action["resource"]))
                assert lost(before[target(action)], changed) == []


@given(requests(), st.randoms(use_true_random=False))
@settings(laws, max_examples=200)
def test_the_order_of_orders_and_of_the_chart_changes_no_correction(sent: Json, rng: random.Random) -> None:
    other = copy.deepcopy(sent)
    rng.shuffle(other["context"]["draftOrders"]["entry"])
    entries = list(other.get("prefetch", {}).items())
    rng.shuffle(entries)
    other["prefetch"] = dict(entries)
    assert stated(ask(sent)) == stated(ask(other))


@given(requests())
@settings(laws)
def test_the_explanation_always_has_its_members(sent: Json) -> None:
    said = json.loads(orjson.dumps(ask(sent).explanation()))
    assert said.keys() >= {
        "service",
        "guideline",
        "as_of",
        "determinations",
        "corrections",
        "diagnosis_corrections",
        "notices",
        "gaps",
    }
    for one in said["determinations"]:
        assert one["result"] in {"MET", "MET-PROV", "NOT-MET", "NEED-INFO", "REVIEW", "OUT-OF-SCOPE"}
        assert one["pathway"] in {"emg+ncs", "ncs", "emg", "nmj", "other"}
        assert isinstance(one["rows"], list)
        assert isinstance(one["criteria"], list)
        assert isinstance(one["missing"], list)
        assert all(each["verdict"] in {"met", "not-met", "unknown"} for each in one["criteria"])
        assert all(each["basis"] in {*"ABCD", "unknown"} for each in one["criteria"])
    for one in said["corrections"]:
        assert one["mode"] in {"FIX", "ASK"}
        assert isinstance(one["orders"], list)
        for line in itertools.chain.from_iterable(one["choices"]):
            assert isinstance(line["code"], str)
            assert line["units"] >= 1
        assert one["mode"] == "ASK" or len(one["choices"]) == 1
        for choice in one["choices"]:
            assert max(Counter(line["code"] for line in choice).values(), default=1) == 1
        told = [json.dumps(sorted(choice, key=str)) for choice in one["choices"]]
        assert len(told) == len(set(told))
    named = [(one["pattern"], *one["about"]) for one in said["corrections"]]
    assert len(named) == len(set(named))
    for one in said["diagnosis_corrections"]:
        assert one["order"] in drafts(sent)
        assert one["from"]
        assert isinstance(one["choices"], list)
        assert one["mode"] == "ASK" or len(one["choices"]) == 1


def test_generated_sessions_reach_nearly_every_pattern() -> None:
    """Guards the laws above against saying nothing."""
    seen: set[str] = set()
    pressed: Counter[str] = Counter()

    @given(requests())
    @settings(laws, max_examples=600)
    def collect(sent: Json) -> None:
        decision = ask(sent)
        seen.update(each.pattern for each in decision.evaluation.corrections)
        pressed.update(each.mode.value for each in decision.evaluation.corrections)

    collect()
    patterns = service().knowledge.coding.patterns.by_id
    corrected = {each.id for each in patterns.values() if each.mode != "OK"}
    assert len(seen & corrected) >= 0.75 * len(corrected), sorted(corrected - seen)
    assert min(pressed["FIX"], pressed["ASK"]) > 100


def some(shown: list[Button], rng: random.Random) -> list[Button]:
    """The first suggestion and two others: enough to find a fault, few enough to be quick."""
    return [*shown[:1], *rng.sample(shown[1:], min(2, len(shown[1:])))]
