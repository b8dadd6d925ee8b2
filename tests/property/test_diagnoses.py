"""Laws of diagnosis corrections, on generated sessions."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.core.case import Answer, Fact, Order, Site
from cds_service.core.finding import Mode
from cds_service.core.icd10 import UNSPECIFIED
from tests.builders import table
from tests.diagnosis_orders import Found, applied, coded, corrected, icd10, order, rules

STEPS_AT_MOST = 12


def matched(stem: str) -> list[str]:
    begin = stem.removesuffix("-").removesuffix(".")
    return [code for code in icd10().labels if code.startswith(begin)] if stem.endswith("-") else [begin]


def told() -> list[str]:
    """The codes the rules talk about, where corrections are dense."""
    tables = table("diagnoses")
    stems = [row["id"] for row in tables["header"]]
    stems += [stem for row in tables["side_family"] for stem in row["stems"]]
    for pair in tables["pair"]:
        stems += [stem for both in pair["together"] for stem in (*both["drop"], *both["keep"])]
    stems += [code for row in tables["manifestation"]["code"] for code in row["codes"]]
    stems += [row["code"] for row in tables["icd9"]]
    stems += [
        "E11.9",
        "E11.65",
        "E11.4-",
        "E10.-",
        "E85.-",
        "B20",
        "C34.90",
        "Z33.1",
        "M62.5-",
        "G56.-",
        "G57.-",
    ]
    return sorted({code for stem in stems for code in matched(stem)})


def mangle(code: str, how: int) -> str:
    ways = (
        code,
        code,
        code,
        code.lower(),
        code.replace(".", ""),
        f" {code} ",
        code + "A",
        code.replace("0", "O"),
    )
    return ways[how % len(ways)]


codes = st.builds(
    mangle,
    st.one_of(st.sampled_from(told()), st.sampled_from(sorted(icd10().labels))),
    st.integers(min_value=0, max_value=7),
)
texts = st.one_of(codes, codes, codes, st.text(max_size=8))
sites = st.lists(
    st.builds(
        Site,
        st.sampled_from(["arm", "arm", "leg", "leg", "head", "cervical", "lumbar", "trunk"]),
        st.sampled_from(["right", "left", "right", "left", ""]),
    ),
    max_size=3,
)
answers: st.SearchStrategy[dict[str, Answer]] = st.sampled_from(
    [
        {},
        {},
        {"symptomatic-sides": "right"},
        {"symptomatic-sides": "left"},
        {"symptomatic-sides": "both"},
        {"symptomatic-sides": ("right", "left")},
        {"symptomatic-sides": 3},
    ]
)
facts = st.lists(
    st.builds(
        lambda code, group: Fact("condition", frozenset({group}), f"Condition/{code}", code=code),
        st.sampled_from(["G56.01", "G56.02", "G56.03", "E11.9", "C34.90", "M54.16"]),
        st.sampled_from(["carpal-tunnel", "diabetes", "neoplasm", "pregnancy"]),
    ),
    max_size=2,
).map(tuple)


@st.composite
def sessions(draw: st.DrawFn) -> tuple[Order, ...]:
    shared = draw(st.lists(texts, min_size=1, max_size=3))
    orders = []
    for number in range(draw(st.integers(min_value=1, max_value=3))):
        own = draw(st.one_of(st.just(shared), st.lists(texts, max_size=4)))
        reasons = [
            coded(code, index, referenced=draw(st.integers(min_value=0, max_value=9)) == 0)
            for index, code in enumerate(own)
        ]
        words = draw(st.sampled_from(["", "", "suspected", "orthostatic"]))
        orders.append(
            order(f"o{number}", reasons, *draw(sites), words=words, draft=draw(st.integers(0, 4)) > 0)
        )
    return tuple(orders)


def tidy(code: str) -> str:
    """A code that is not in the extract may still be moved, as it would be written."""
    bare = "".join(filter(str.isalnum, code.upper()))
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare


def is_unspecified(code: str) -> bool:
    return any(place.side == UNSPECIFIED for place in rules().entries[code].places)


@given(sessions(), facts, answers)
@settings(max_examples=400, deadline=None)
def test_what_is_offered_can_be_taken(
    orders: tuple[Order, ...], chart: tuple[Fact, ...], said: dict[str, Answer]
) -> None:
    sent = {each.ref: each for each in orders}
    for item in corrected(*orders, facts=chart, answers=said)[0]:
        here = {reason.position: reason.code for reason in sent[item.order].reasons if reason.position}
        assert sent[item.order].draft
        assert tuple(here[place] for place in item.positions) == item.from_
        assert len(set(item.choices)) == len(item.choices)
        assert -1 <= item.default < max(len(item.choices), 1)
        for code in (code for choice in item.choices for code in choice):
            assert icd10().is_leaf(code) or code in map(tidy, item.from_)
        if item.mode is Mode.FIX:
            assert len(item.choices) == 1
            assert item.default == 0
            named_open = any(is_unspecified(code) for code in item.choices[0] if code in rules().entries)
            assert not named_open or item.row == "format" or item.row in item.from_ or len(item.from_) > 1


@given(sessions(), facts, answers)
@settings(max_examples=400, deadline=None)
def test_no_code_becomes_two_things_and_nothing_is_kept_as_it_is(
    orders: tuple[Order, ...], chart: tuple[Fact, ...], said: dict[str, Answer]
) -> None:
    becomes: dict[tuple[str, tuple[int, int]], str] = {}
    for item in corrected(*orders, facts=chart, answers=said)[0]:
        assert item.from_ not in item.choices
        for choice in item.choices:
            placed = [place for _, place in item.placed(choice) if place is not None]
            assert len(placed) == len(set(placed))
        if item.mode is Mode.FIX:
            written = {place: code for code, place in item.placed(item.choices[0]) if place is not None}
            for place in item.positions:
                code = written.get(place, "")
                assert becomes.setdefault((item.order, place), code) == code


@given(sessions(), facts, answers, st.randoms(use_true_random=False))
@settings(max_examples=250, deadline=None)
def test_the_sequence_of_codes_changes_no_pair(
    orders: tuple[Order, ...], chart: tuple[Fact, ...], said: dict[str, Answer], rng: random.Random
) -> None:
    rows = {pair.row.id for pair in rules().pairs}

    def stated(*given: Order) -> set[object]:
        return {
            (
                item.order,
                item.row,
                item.mode,
                frozenset(map(tidy, item.from_)),
                frozenset(map(frozenset, item.choices)),
            )
            for item in corrected(*given, facts=chart, answers=said)[0]
            if item.row in rows
        }

    other = []
    for each in orders:
        reasons = [replace(reason, position=None) for reason in each.reasons]
        places = [reason.position is not None for reason in each.reasons]
        mixed = list(range(len(reasons)))
        rng.shuffle(mixed)
        other.append(
            replace(
                each,
                reasons=tuple(
                    replace(reasons[old], position=(new, 0) if places[old] else None)
                    for new, old in enumerate(mixed)
                ),
            )
        )
    assert stated(*orders) == stated(*other)


@given(sessions(), facts, answers)
@settings(max_examples=250, deadline=None)
def test_a_choice_taken_settles_its_point(
    orders: tuple[Order, ...], chart: tuple[Fact, ...], said: dict[str, Answer]
) -> None:
    for item in corrected(*orders, facts=chart, answers=said)[0]:
        for number, choice in enumerate(item.choices[:6]):
            after = tuple(applied(each, item, number) if each.ref == item.order else each for each in orders)
            again = corrected(*after, facts=chart, answers=said)[0]
            assert not [
                other
                for other in again
                if other.order == item.order and other.row == item.row and set(other.from_) <= set(choice)
            ], (item, choice)


@given(sessions(), facts, answers, st.integers(min_value=0, max_value=50))
@settings(max_examples=250, deadline=None)
def test_taking_choices_comes_to_an_end(
    orders: tuple[Order, ...], chart: tuple[Fact, ...], said: dict[str, Answer], pick: int
) -> None:
    reasons = sum(len(each.reasons) for each in orders)
    for _ in range(STEPS_AT_MOST + 3 * reasons):
        open_items = [item for item in corrected(*orders, facts=chart, answers=said)[0] if item.choices]
        if not open_items:
            return
        item = open_items[pick % len(open_items)]
        orders = tuple(
            applied(each, item, pick % len(item.choices)) if each.ref == item.order else each
            for each in orders
        )
    raise AssertionError(orders)


@given(sessions(), facts, answers)
@settings(max_examples=150, deadline=None)
def test_the_order_of_lines_does_not_matter(
    orders: tuple[Order, ...], chart: tuple[Fact, ...], said: dict[str, Answer]
) -> None:
    def told_apart(found: Found) -> set[str]:
        return {repr(item) for item in found[0]} | {
            f"{notice.id} {sorted(notice.orders)}" for notice in found[1]
        }

    assert told_apart(corrected(*orders, facts=chart, answers=said)) == told_apart(
        corrected(*reversed(orders), facts=chart, answers=said)
    )
