"""What must hold for any case: total, blind to order, never refusing without something documented."""

from __future__ import annotations

import dataclasses
import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from cds_service.core.case import Answer, Case, Fact, Site, index_by_group
from cds_service.core.finding import Determination, Result, Verdict
from cds_service.core.session import Session
from cds_service.engine.advise import advise
from cds_service.engine.criteria.view import look
from cds_service.engine.determine import determine
from tests.builders import case as case_of
from tests.builders import criteria, day, order, reason, table

GROUPS = sorted(group["id"] for group in table("vocabulary")["group"])
KINDS = ("needle", "conduction", "nmj", "other", "")
SITES = (Site("arm", "right"), Site("arm", "left"), Site("leg", "right"), Site("arm"), Site("head"))
ITEMS = sorted(criteria().questions)
# They say which side another answer is about, so that blanking one alone changes what that answer says.
QUALIFIERS = {"splint-side", "symptomatic-sides"}
SIDE_CODES = ("G56.00", "G56.01", "G56.02", "G56.03", "")

Given = tuple[Case, Session]

# Groups that decide, so that generated cases come near a decision often enough.
DECIDING = (
    "carpal-tunnel",
    "ulnar",
    "hiv",
    "back-pain",
    "headache",
    "screening",
    "nmj-disease",
    "radiculopathy",
    "diabetic-neuropathy",
    "kidney-failure-stage-5",
    "known-neuropathy-cause",
    "unexplained-neuropathy",
    "explained-neuropathy",
    "mononeuropathy",
    "weakness",
    "disc-leg-pain",
    "non-specific",
)
SIGNS = ("weakness", "sensory-loss", "atrophy", "paraesthesia", "radicular-sign", "cranial-sign")
CARE = ("wrist-splint", "splint-applied", "neuropathic-agent", "nsaid", "dialysis-access")

any_groups = st.lists(st.sampled_from(GROUPS), min_size=1, max_size=3, unique=True)
groups = st.sampled_from([(each,) for each in DECIDING]) | any_groups
charted = st.sampled_from([(each,) for each in (*SIGNS, *SIGNS, *CARE, *DECIDING)]) | any_groups
ago = st.none() | st.integers(-3, 400).map(day)


@st.composite
def facts(draw: st.DrawFn) -> tuple[Fact, ...]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        start, end = draw(ago), draw(ago)
        found.append(
            Fact(
                draw(st.sampled_from(["condition", "observation", "procedure", "medication", "device-use"])),
                frozenset(draw(charted)),
                f"Resource/{number}",
                present=draw(st.booleans()),
                start=start or "",
                end=end or "",
                active=draw(st.booleans()),
                sites=tuple(draw(st.lists(st.sampled_from(SITES), max_size=2, unique=True))),
                code=draw(st.sampled_from(("1", "2", ""))),
            )
        )
    return tuple(found)


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for item in draw(st.lists(st.sampled_from(ITEMS), max_size=6, unique=True)):
        found[item] = draw(st.integers(0, 8)) if item == "splint-weeks" else draw(st.booleans())
    for item in draw(st.lists(st.sampled_from(sorted(QUALIFIERS)), unique=True)):
        found[item] = draw(st.sampled_from(["right", "left", "both"]))
    return found


@st.composite
def cases(draw: st.DrawFn) -> Given:
    orders = []
    for number in range(draw(st.integers(1, 3))):
        reasons = [
            reason(*draw(groups), code=draw(st.sampled_from(SIDE_CODES)), position=position)
            for position in range(draw(st.integers(0, 2)))
        ]
        sites = tuple(draw(st.lists(st.sampled_from(SITES), max_size=2, unique=True)))
        orders.append(order(str(number), draw(st.sampled_from(KINDS)), *reasons, sites=sites))
    setting = draw(st.sampled_from(["AMB", "", "IMP", "HH"]))
    return case_of(tuple(orders), draw(facts()), answers=draw(answers()), setting=setting)


def run(found: Given) -> tuple[Determination, ...]:
    return determine(look(criteria(), *found))


def with_facts(found: Given, chart: tuple[Fact, ...]) -> Given:
    return dataclasses.replace(found[0], facts=chart, facts_by_group=index_by_group(chart)), found[1]


def results(found: Given) -> dict[str, Result]:
    return {each.pathway: each.result for each in run(found)}


# A reason that asks, with its question answered no: nothing is left to ask.
ANSWERED = case_of(
    (order("0", "needle", reason("disc-leg-pain", code="G56.00")),), answers={"exam-atrophy": False}
)


@given(cases())
@example(ANSWERED)
@settings(max_examples=150, deadline=None)
def test_every_line_of_ours_has_exactly_one_determination(found: Given) -> None:
    case, session = found
    judged = [ref for each in run(found) for ref in each.orders]
    assert sorted(judged) == sorted(ref for ref, kind in session.kinds.items() if kind)
    for each in run(found):
        ids = [step.id for step in each.steps if step.criterion]
        assert len(ids) == len(set(ids))
        if each.result is Result.NEED_INFO:
            assert each.missing
        if each.result in (Result.MET, Result.MET_PROV):
            assert each.satisfied
            assert not each.rows
    advise(look(criteria(), case, session), run(found))


@given(cases())
@settings(max_examples=150, deadline=None)
def test_the_same_case_has_the_same_answer(found: Given) -> None:
    assert run(found) == run(found)


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_order_of_orders_and_facts_is_irrelevant(found: Given, rng: random.Random) -> None:
    case, session = found
    lines, chart = list(session.orders), list(case.facts)
    rng.shuffle(lines)
    rng.shuffle(chart)
    shuffled = dataclasses.replace(
        case, orders=tuple(lines), facts=tuple(chart), facts_by_group=index_by_group(tuple(chart))
    )
    other = shuffled, dataclasses.replace(session, orders=tuple(lines))
    for one, two in zip(run(found), run(other), strict=True):
        assert set(one.orders) == set(two.orders)
        assert dataclasses.replace(one, orders=()) == dataclasses.replace(two, orders=())


@given(cases())
@settings(max_examples=150, deadline=None)
def test_a_refusal_shows_something_documented_against_it(found: Given) -> None:
    for each in run(found):
        if each.result is Result.NOT_MET:
            assert each.rows
            assert any(step.verdict is Verdict.NOT_MET and step.evidence for step in each.steps)


@given(cases())
@settings(max_examples=200, deadline=None)
def test_the_chart_alone_never_refuses(found: Given) -> None:
    """Without a reason only the clinician's own no refuses: no disease of the junction is suspected."""
    case, session = found
    bare = tuple(dataclasses.replace(line, reasons=()) for line in session.orders)
    for each in run((dataclasses.replace(case, orders=bare), dataclasses.replace(session, orders=bare))):
        if each.result is Result.NOT_MET:
            assert each.rows == ("X5",)
            assert case.answers["nmj-suspected"] is False


@given(cases())
@settings(max_examples=200, deadline=None)
def test_what_was_answered_is_not_asked_again(found: Given) -> None:
    """But for the signs, when all of them are absent: that refuses nothing, and they may be found yet."""
    case, _ = found
    for each in run(found):
        again = {missing.fact for missing in each.missing} & case.answers.keys()
        if again:
            assert again <= {"exam-weakness", "exam-sensory-loss", "exam-atrophy"}
            assert each.values["no_sign"]


@given(cases())
@settings(max_examples=150, deadline=None)
def test_hidden_text_never_refuses(found: Given) -> None:
    for each in run(found):
        for step in each.steps:
            if step.criterion and step.verdict is Verdict.NOT_MET:
                assert step.basis in "AB"


@given(cases())
@settings(max_examples=150, deadline=None)
def test_without_negatives_and_answers_nothing_is_refused(found: Given) -> None:
    case, session = found
    # A use that was too short is a documented negative too.
    chart = tuple(fact for fact in case.facts if fact.present and "wrist-splint" not in fact.groups)
    bare = with_facts((dataclasses.replace(case, answers={}), session), chart)
    assert Result.NOT_MET not in results(bare).values()


@given(cases())
@settings(max_examples=200, deadline=None)
def test_blanking_a_negative_never_turns_an_open_result_into_a_refusal(found: Given) -> None:
    """A blanked *yes* may: without the sign it attested, a documented negative stands alone."""
    case, session = found
    before = results(found)
    blanked: list[Given] = [
        (dataclasses.replace(case, answers={k: v for k, v in case.answers.items() if k != item}), session)
        for item, value in case.answers.items()
        if value is not True and item not in QUALIFIERS
    ]
    blanked += [
        with_facts(found, tuple(other for other in case.facts if other is not fact))
        for fact in case.facts
        if not fact.present
    ]
    for other in blanked:
        for pathway, result in results(other).items():
            if result is Result.NOT_MET:
                assert before[pathway] not in (Result.NEED_INFO, Result.REVIEW)


def test_generated_cases_reach_every_result() -> None:
    """Guards the properties above against saying nothing."""
    seen: set[Result] = set()

    @given(cases())
    @settings(max_examples=400, deadline=None, database=None, derandomize=True)
    def collect(found: Given) -> None:
        seen.update(results(found).values())

    collect()
    assert seen == set(Result)


PROMISED = (Result.MET, Result.MET_PROV)
# A reason is no answer; signs that lift a row open other criteria; a side qualifies another answer.
OPENING = {"reason", "radicular-signs", "cranial-nerve-signs", "splint-side"}


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_a_way_that_is_called_enough_is_enough(found: Given, rng: random.Random) -> None:
    """One yes for each of its needs meets the determination."""
    case, session = found
    for each in run(found):
        if each.result is not Result.NEED_INFO or each.rows or "no_sign" in each.values:
            continue
        for way in each.ways:
            chosen = [rng.choice(need.any_of) for need in way.needs]
            if way.instead or not OPENING.isdisjoint(chosen):
                continue
            given_ = {item: 52 if item == "splint-weeks" else True for item in chosen}
            sides = {"splint-side": "both"} if "splint-weeks" in given_ else {}
            answered = dataclasses.replace(case, answers={**case.answers, **sides, **given_})
            assert results((answered, session))[each.pathway] in PROMISED, (way, chosen)
