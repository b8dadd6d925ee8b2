"""The realistic and adversarial vignettes: what each determination must say."""

from __future__ import annotations

import pytest

from cds_service.core.case import Case, Site
from cds_service.core.session import Session
from tests.builders import (
    HEAD,
    LEFT_ARM,
    LEFT_LEG,
    NORMAL_EXAM,
    RIGHT_ARM,
    RIGHT_LEG,
    asked,
    case,
    fact,
    full,
    judged,
    normal,
    notices,
    only,
    order,
    reason,
    splint,
    verdicts,
)

Given = tuple[Case, Session]

CTS_RIGHT = reason("carpal-tunnel", "arm-mononeuropathy", code="G56.01")
CTS_LEFT = reason("carpal-tunnel", "arm-mononeuropathy", code="G56.02")
CTS = reason("carpal-tunnel", "arm-mononeuropathy", code="G56.0")

V1 = case(
    full(CTS_RIGHT, sites=(RIGHT_ARM,)),
    splint(45, 0, "right"),
    fact("sensory-loss", ago=0, sites=(RIGHT_ARM,)),
    answers={"activity-modification": True},
)
V2 = case(
    full(CTS_LEFT), splint(10), NORMAL_EXAM, fact("paraesthesia", "unexplained-neuropathy", kind="condition")
)
V3 = case(
    full(CTS, sites=(RIGHT_ARM,)),
    fact("atrophy", ago=0),
    fact("weakness", ago=0),
    fact("atrophy", kind="condition", sites=(RIGHT_ARM,)),
)
V4 = case(
    (order("a", "needle", "weakness"),), fact("weakness", ago=0), fact("fasciculation", kind="condition")
)
V4_WITH_CONDUCTION = case(full("weakness"), fact("weakness", ago=0), fact("fasciculation", kind="condition"))
V5 = case(
    (order("a", "needle", "radiculopathy", sites=(LEFT_LEG, RIGHT_LEG)),),
    fact("weakness", ago=0),
    fact("sensory-loss", ago=0),
    fact("physical-therapy", kind="procedure", ago=42),
)
V6 = case(
    full(reason("diabetic-neuropathy", "explained-neuropathy", "diabetes", code="E11.42")),
    fact("neuropathic-agent", kind="medication", ago=300, code="25480"),
    fact("neuropathic-agent", kind="medication", ago=150, code="72625"),
    fact("sensory-loss", ago=0),
)
V7 = case(
    (
        order("a", "nmj", "nmj-disease"),
        order("b", "needle", "nmj-disease"),
        order("c", "conduction", "nmj-disease"),
    ),
    fact("cranial-sign", "nmj-symptom", kind="condition", sites=(HEAD,)),
    fact("weakness", ago=0),
)
V8 = case(
    full(reason("mononeuropathy", "cranial-nerve")), fact("weakness", "cranial-sign", ago=0, sites=(HEAD,))
)
V9 = case(full("back-pain"), NORMAL_EXAM, normal("radicular-sign"))
V10 = case((order("a", "needle", "headache"),), normal("cranial-sign"))

T2 = case(
    full("back-pain"),
    fact("radiculopathy", kind="condition"),
    fact("weakness", kind="condition", sites=(RIGHT_LEG,)),
    fact("sensory-loss", ago=0),
)
T3 = case(full("headache"), fact("cranial-sign", ago=0, sites=(HEAD,)))
T5 = case((order("a", "needle", "polyneuropathy", "unexplained-neuropathy"),))
T7 = case(full(CTS_RIGHT), splint(60, 0, "left"))
T8 = case(
    full(reason("diabetic-neuropathy", "explained-neuropathy", code="E11.42")), fact("sensory-loss", ago=0)
)
T9 = case(full(CTS_RIGHT), normal("weakness"))
T10 = case(full(reason("hiv", "disease-without-neuropathy")))
T11 = case(
    (order("a", "conduction", "polyneuropathy"),),
    fact("antiplatelet", kind="medication", ago=100),
    fact("anticoagulant", kind="medication", ago=200, until=60, active=False),
)

TABLE = [
    ("V1", V1, "emg+ncs", "MET", ["E4a", "W1"], []),
    ("V2", V2, "emg+ncs", "NOT-MET", [], ["X2"]),
    ("V3", V3, "emg+ncs", "MET", ["W1"], []),
    ("V4", V4, "emg", "NEED-INFO", [], ["X4"]),
    ("V4 with conduction", V4_WITH_CONDUCTION, "emg+ncs", "MET", ["E1"], []),
    ("V5", V5, "emg", "MET-PROV", ["M0"], []),
    ("V6", V6, "emg+ncs", "MET", ["E3c"], []),
    ("V7", V7, "nmj", "MET-PROV", ["J0"], []),
    ("V8", V8, "emg+ncs", "MET", ["E3b"], []),
    ("V9", V9, "emg+ncs", "NOT-MET", [], ["X6"]),
    ("V10", V10, "emg", "NOT-MET", [], ["X7"]),
    ("T2", T2, "emg+ncs", "REVIEW", [], []),
    ("T3", T3, "emg+ncs", "NEED-INFO", [], []),
    ("T5", T5, "emg", "NEED-INFO", [], ["X4"]),
    ("T7", T7, "emg+ncs", "NEED-INFO", [], []),
    ("T8", T8, "emg+ncs", "NEED-INFO", [], []),
    ("T9", T9, "emg+ncs", "NEED-INFO", [], []),
    ("T10", T10, "emg+ncs", "NEED-INFO", [], ["X1"]),
    ("T11", T11, "ncs", "REVIEW", [], ["X3"]),
]


@pytest.mark.parametrize(
    ("given", "pathway", "result", "satisfied", "rows"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_vignette(given: Given, pathway: str, result: str, satisfied: list[str], rows: list[str]) -> None:
    found = only(given)
    assert (found.pathway, found.result.value) == (pathway, result)
    assert list(found.satisfied) == satisfied
    assert list(found.rows) == rows


def test_v2_says_how_many_days_are_short() -> None:
    found = only(V2)
    assert (found.values["days"], found.values["days_short"], found.values["side"]) == ("10", "18", "left")
    assert verdicts(found)["E0"] == "unknown"
    assert verdicts(found)["E4a"] == "not-met"


def test_v7_puts_every_line_of_the_session_on_the_junction_pathway() -> None:
    assert only(V7).orders == ("ServiceRequest/a", "ServiceRequest/b", "ServiceRequest/c")


def test_t1_inpatient_testing_is_out_of_scope_but_the_junction_is_not() -> None:
    given = case(
        (
            order("a", "needle", "myopathy"),
            order("b", "conduction", "myopathy"),
            order("c", "nmj", "myopathy"),
        ),
        setting="IMP",
    )
    found = judged(given)
    assert found["emg+ncs"].result.value == "OUT-OF-SCOPE"
    assert verdicts(found["emg+ncs"]) == {"S1": "not-met"}
    assert (found["nmj"].result.value, found["nmj"].rows) == ("REVIEW", ("X5",))
    assert found["nmj"].orders == ("ServiceRequest/c",)


def test_t2_asks_for_the_reason_from_the_chart() -> None:
    assert "reason-from-chart" in notices(T2)
    assert notices(T2)["reason-from-chart"].values["from_chart"] == "radiculopathy"
    assert verdicts(only(T2))["E4c-g"] == "unknown"


def test_t2_with_failed_care_is_provisionally_met() -> None:
    given = case(
        full("back-pain"),
        fact("radiculopathy", kind="condition"),
        fact("sensory-loss", ago=0),
        fact("physical-therapy", kind="procedure", ago=30),
    )
    assert only(given).result.value == "MET-PROV"


def test_t3_asks_which_nerve() -> None:
    assert "reason" in asked(only(T3))
    assert verdicts(only(T3))["E3b"] == "unknown"


def test_t6_two_sessions_are_two_pathways() -> None:
    needle = only(case((order("a", "needle", "polyneuropathy"),)))
    conduction = only(case((order("b", "conduction", "polyneuropathy"),)))
    assert (needle.pathway, conduction.pathway) == ("emg", "ncs")


def test_t7_asks_for_the_symptomatic_side() -> None:
    found = only(T7)
    questions = {each.fact: each.question for each in found.missing}
    assert questions["splint-weeks"] == (
        "How many weeks was a wrist splint worn on the right? At least 4 are wanted."
    )
    assert "activity-modification" in questions


def test_t8_asks_for_course_and_treatment() -> None:
    assert {"symptoms-persistent", "conservative-treatment-failed", "treatments-tried"} <= set(
        asked(only(T8))
    )


def test_t9_negatives_do_not_show_a_sign() -> None:
    assert verdicts(only(T9))["E0"] == "unknown"


def test_t10_status_alone_is_asked_about() -> None:
    found = only(T10)
    assert verdicts(found)["E3a"] == "unknown"
    assert set(asked(found)) >= {"exam-weakness", "exam-sensory-loss", "exam-atrophy"}


def test_t4_segments_make_no_difference_to_the_determination() -> None:
    given = case((order("a", "needle", CTS, sites=(Site("arm", "right"), Site("arm", "right"))),))
    assert only(given).pathway == "emg"


def test_t12_two_conduction_lines_are_one_pathway() -> None:
    given = case((order("a", "conduction", "polyneuropathy"), order("b", "conduction", "polyneuropathy")))
    assert only(given).orders == ("ServiceRequest/a", "ServiceRequest/b")


def test_left_splint_on_left_arm_counts() -> None:
    given = case(
        full(CTS_LEFT),
        splint(40, 5, "left"),
        fact("weakness", sites=(LEFT_ARM,)),
        answers={"activity-modification": True},
    )
    assert only(given).satisfied == ("E4a", "W1")
