"""Laws of corrections from the request as sent to the orders as taken, on generated sessions.

Not one of them looks at a particular pattern: they say what any correction has to keep to.
"""

from __future__ import annotations

import copy
import itertools
import json
import random
from collections import Counter
from typing import Any

import orjson
import pytest
from exchange import Button, ask, buttons, lines, new_orders, take
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import CPT, ICD10CM, SNOMED, Json, request, requests, service

from cds_service.core.finding import Mode
from cds_service.engine.lines import read_lines
from cds_service.pipeline import Decision
from tests.contract.response_rules import drafts, faults, target

MOST_ROUNDS = 30

settings.register_profile(
    "laws",
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
laws = settings.get_profile("laws")


@given(requests())
@settings(laws, max_examples=400)
def test_any_session_gets_a_response_that_keeps_every_rule(sent: Json) -> None:
    said = json.loads(orjson.dumps(ask(sent).response))
    assert faults(sent, said) == []


@given(requests())
@settings(laws)
def test_the_same_request_gets_the_same_bytes(sent: Json) -> None:
    one, two = ask(sent), ask(copy.deepcopy(sent))
    assert orjson.dumps(one.response) == orjson.dumps(two.response)
    assert one.trace() == two.trace()


@given(requests(), st.randoms(use_true_random=False))
@settings(laws, max_examples=300)
def test_a_taken_suggestion_settles_what_it_was_about(sent: Json, rng: random.Random) -> None:
    for button in some(buttons(sent, ask(sent)), rng):
        after = take(sent, button.suggestion)
        again = ask(after)
        assert not_settled(button, after, again, new_orders(sent, after)) == []


@given(requests(), st.randoms(use_true_random=False))
@settings(laws, max_examples=300)
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
@settings(laws, max_examples=250)
def test_the_order_of_orders_and_of_the_chart_changes_no_correction(sent: Json, rng: random.Random) -> None:
    other = copy.deepcopy(sent)
    rng.shuffle(other["context"]["draftOrders"]["entry"])
    entries = list(other["prefetch"].items())
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
    @settings(laws, max_examples=500)
    def collect(sent: Json) -> None:
        decision = ask(sent)
        seen.update(each.pattern for each in decision.evaluation.corrections)
        pressed.update(each.mode.value for each in decision.evaluation.corrections)

    collect()
    patterns = service().knowledge.coding.patterns.by_id
    corrected = {each.id for each in patterns.values() if each.mode != "OK"}
    assert len(seen & corrected) >= 0.8 * len(corrected), sorted(corrected - seen)
    assert min(pressed["FIX"], pressed["ASK"]) > 100


# Hostile text


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click here](https://evil.example.org)",
    "![pixel](https://evil.example.org/a.png)",
    "javascript:alert(1)",
    "http|://evil.example.org",
    "ht[tp]s://evil.example.org",
    "java`script:alert(1)",
    "www.evil.example.org",
    "write to evil@example.org",
    "&lt;b&gt; &#106;avascript&#58;alert(1)",
    "**bold** `code` | table | # heading",
    "line\nbreak\r\n\r\n# heading\n- item",
    "{{ config }} {% for x in y %}{{ x }}{% endfor %}",
    "x" * 5000,
    "95860 " * 500,
    "\U0001f9a0\U0001f469‍⚕️ ﷽ \u202eright-to-left\u202c",
    "\x00\x07\x1b[31mred",
    "' OR 1=1; --",
]
hostile = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))


@given(requests(), st.lists(hostile, min_size=6, max_size=6), st.data())
@settings(laws, max_examples=250)
def test_hostile_text_never_reaches_a_card_as_markup(
    sent: Json, texts: list[str], data: st.DataObject
) -> None:
    display, text, note, reason, detail, site = texts
    for entry in sent["context"]["draftOrders"]["entry"]:
        order = entry["resource"]
        for coding in order["code"].get("coding", []):
            coding["display"] = display
            if data.draw(st.integers(0, 5)) == 0:
                coding["code"] += f" {display}"
        order["code"]["text"] = f"EMG {text}"
        order["note"] = [{"text": note}]
        order["orderDetail"] = [{"text": detail}]
        order["bodySite"] = [*order.get("bodySite", []), {"text": f"right arm {site}"}]
        for concept in order.get("reasonCode", []):
            concept["text"] = reason
            for coding in concept["coding"]:
                coding["display"] = reason
                if data.draw(st.integers(0, 5)) == 0:
                    coding["code"] += reason
    said = json.loads(orjson.dumps(ask(sent).response))
    assert faults(sent, said) == []


# The conduction formula, against plain counting


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


def line(name: str, code: str, units: int | None = None, *sites: str, **rest: Any) -> Json:
    """One plain order."""
    order: Json = {
        "resourceType": "ServiceRequest",
        "id": name,
        "status": "draft",
        "intent": "order",
        "code": {"coding": [{"system": CPT, "code": code}]},
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2026-11-20",
        "reasonCode": [{"coding": [{"system": ICD10CM, "code": "G56.01"}]}],
        **rest,
    }
    if units:
        order["quantityQuantity"] = {"value": units}
    if sites:
        order["bodySite"] = [{"coding": [{"system": SNOMED, "code": site}]} for site in sites]
    return order


# What the laws compare


def some(shown: list[Button], rng: random.Random) -> list[Button]:
    """The first suggestion and two others: enough to find a fault, few enough to be quick."""
    return [*shown[:1], *rng.sample(shown[1:], min(2, len(shown[1:])))]


def not_settled(button: Button, after: Json, again: Decision, created: set[str]) -> list[str]:
    """Patterns and rows the suggestion settled that stand again for its orders.

    An order that became another kind of test may meet a pattern anew; that is a new finding.
    """
    left = []
    same = {ref for ref, family in families(button.before).items() if families(again).get(ref) == family}
    for correction in button.settles():
        here = (set(correction.orders) | set(correction.about)) & same | created
        left += [
            f"{other.pattern} {other.mode} stands again on {other.orders or other.about} after "
            f"{button.suggestion['label']!r}: {list(lines(after))}"
            for other in again.evaluation.corrections
            if other.pattern == correction.pattern and here & set(other.orders or other.about)
        ]
    for reason, becomes in button.reasons():
        left += [
            f"{other.row} {other.mode} stands again for {other.from_} on {other.order}"
            for other in again.evaluation.diagnosis_corrections
            if (other.order, other.row) == (reason.order, reason.row)
            and (other.from_ == reason.from_ or set(other.from_) <= set(becomes))
        ]
    return left


def families(decision: Decision) -> dict[str, str]:
    """The kind of test of every order that names one by a code."""
    knowledge = service().knowledge
    read = read_lines(decision.case, knowledge.coding.table, knowledge.vocabulary.systems)
    return {line.ref: line.family for line in read}


def restored(button: Button, later: list[Button]) -> list[str]:
    """Edits of later one-way suggestions that write back what the first one replaced."""
    replaced = {
        (edit.order, edit.code, edit.replaces)
        for edit in button.edits()
        if edit.action == "change" and edit.code != edit.replaces
    }
    reasons = {
        (reason.order, becomes, reason.from_)
        for reason, becomes in button.reasons()
        if becomes != reason.from_
    }
    undone = []
    for other in later:
        if other.topic.mode is Mode.FIX:
            undone += [
                f"{edit.order}: {edit.replaces} goes back to {edit.code}"
                for edit in other.edits()
                if edit.action == "change" and (edit.order, edit.replaces, edit.code) in replaced
            ]
            undone += [
                f"{reason.order}: {reason.from_} goes back to {becomes}"
                for reason, becomes in other.reasons()
                if (reason.order, reason.from_, becomes) in reasons
            ]
    return undone


def stated(decision: Decision) -> tuple[set[Any], set[Any], set[Any], set[Any]]:
    """What is said about codes, reasons and necessity, blind to sequence."""
    evaluation = decision.evaluation
    return (
        {
            (
                each.pattern,
                each.mode,
                frozenset(each.about),
                frozenset(frozenset(choice.lines()) for choice in each.choices),
                frozenset(each.asks),
                frozenset(each.choices[each.default].lines()) if each.default >= 0 and each.choices else None,
            )
            for each in evaluation.corrections
        },
        {
            (each.row, each.mode, each.order, each.from_, frozenset(each.choices))
            for each in evaluation.diagnosis_corrections
        },
        {
            (
                each.pathway,
                frozenset(each.orders),
                each.result,
                frozenset(each.rows),
                frozenset(m.fact for m in each.missing),
            )
            for each in evaluation.determinations
        },
        {(each.id, frozenset(each.orders)) for each in evaluation.notices},
    )


LOCAL = {"system": "http://example.org/orderables", "code": "LOCAL-1", "display": "house name"}
UNKNOWN = {"url": "http://example.org/unknown", "valueString": "kept"}


def furnished(order: Json) -> Json:
    """Members that no correction is about."""
    code = copy.deepcopy(order["code"])
    code["coding"] = [*code.get("coding", []), dict(LOCAL)]
    code["extension"] = [UNKNOWN]
    whole: Json = {
        "meta": {"versionId": "3", "tag": [{"system": "http://example.org/tags", "code": "x"}]},
        "extension": [UNKNOWN],
        "modifierExtension": [],
        "contained": [{"resourceType": "Patient", "id": "inside", "active": True}],
        "identifier": [{"system": "urn:example:placer", "value": "1"}],
        "code": code,
        "priority": "urgent",
        "note": [*order.get("note", []), {"text": "call before"}],
        "insurance": [{"reference": "Coverage/1"}],
        "x-unknown": {"kept": [1, 2.50, "three", None, True]},
        "orderDetail": [*order.get("orderDetail", []), {"text": "portable unit"}],
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">old</div>'},
        "reasonCode": [*order.get("reasonCode", []), {"text": "in words only"}],
    }
    if "quantityQuantity" in order:
        whole["quantityQuantity"] = {**order["quantityQuantity"], "unit": "study", "extension": [UNKNOWN]}
    del whole["modifierExtension"]
    return whole


# Where a correction may write.
WRITTEN_TO = {
    "code",
    "quantityQuantity",
    "bodySite",
    "orderDetail",
    "reasonCode",
    "text",
    "occurrenceDateTime",
    "occurrencePeriod",
    "occurrenceTiming",
}


def lost(before: Json, after: Json) -> list[str]:
    """Members that changed though no correction is about them."""
    gone = [
        name for name in (before | after) if name not in WRITTEN_TO and before.get(name) != after.get(name)
    ]
    kept_code = {name: value for name, value in before["code"].items() if name not in ("coding", "text")}
    if {name: value for name, value in after["code"].items() if name not in ("coding", "text")} != kept_code:
        gone.append("code beside coding and text")
    if LOCAL not in after["code"]["coding"]:
        gone.append("code.coding of the house")
    if "quantityQuantity" in before:
        rest = {name: value for name, value in before["quantityQuantity"].items() if name != "value"}
        if {name: value for name, value in after["quantityQuantity"].items() if name != "value"} != rest:
            gone.append("quantityQuantity beside value")
    if {"text": "portable unit"} not in after["orderDetail"]:
        gone.append("orderDetail in words")
    if {"text": "in words only"} not in after["reasonCode"]:
        gone.append("reasonCode in words")
    return gone
