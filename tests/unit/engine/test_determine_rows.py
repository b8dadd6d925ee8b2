"""Every criterion and not-necessary row: met, not met, unknown."""

from __future__ import annotations

import dataclasses

import pytest

from cds_service.core.case import Answer, Case, Diagnosis, Fact, Site
from cds_service.core.session import Session
from tests.builders import (
    HEAD,
    LEFT_ARM,
    LEFT_LEG,
    NORMAL_EXAM,
    RIGHT_ARM,
    asked,
    case,
    fact,
    full,
    judged,
    normal,
    only,
    order,
    reason,
    splint,
    verdicts,
)

SIGN = fact("sensory-loss", ago=3)
CTS = reason("carpal-tunnel", "arm-mononeuropathy", code="G56.01")
CTS_BOTH = reason("carpal-tunnel", "arm-mononeuropathy", code="G56.03")
CTS_NO_SIDE = reason("carpal-tunnel", "arm-mononeuropathy", code="G56.00")
DIABETIC = reason("diabetic-neuropathy", "explained-neuropathy", code="E11.42")
SHORT = splint(10, 0, "right")
CHANGED: dict[str, Answer] = {"activity-modification": True}


def cond(*groups: str, **rest: object) -> Fact:
    return fact(*groups, kind="condition", **rest)  # type: ignore[arg-type]


def drug(group: str, ago: int, code: str) -> Fact:
    return fact(group, kind="medication", ago=ago, code=code)


CRITERIA: list[
    tuple[str, str, str, str | Diagnosis, list[Fact | tuple[Fact, ...]], dict[str, Answer], str]
] = [
    # id, criterion, verdict, reason, chart, answers, result
    ("sign-as-reason", "E0", "met", "weakness", [], {}, "MET"),
    ("sign-answered", "E0", "met", "mononeuropathy", [], {"exam-atrophy": True}, "MET"),
    ("gate-open", "E0", "unknown", "mononeuropathy", [], {}, "NEED-INFO"),
    ("gate-never-closed", "E0", "unknown", "mononeuropathy", [NORMAL_EXAM], {}, "NEED-INFO"),
    ("tingling-is-no-sign", "E0", "unknown", "paraesthesia", [], {}, "NEED-INFO"),
    ("loss-unexplained", "E1", "met", "unexplained-neuropathy", [SIGN], {}, "MET"),
    ("pain-without-sign", "E1", "met", "neuropathic-pain", [], {}, "NEED-INFO"),
    (
        "explained-by-diabetes",
        "E1",
        "not-met",
        "unexplained-neuropathy",
        [cond("explained-neuropathy"), SIGN],
        {},
        "REVIEW",
    ),
    ("nothing-shown", "E1", "unknown", "unexplained-neuropathy", [], {}, "NEED-INFO"),
    ("current-injury", "E2", "met", "nerve-injury", [SIGN], {}, "MET"),
    ("old-injury", "E2", "unknown", "nerve-injury-late", [SIGN], {}, "NEED-INFO"),
    (
        "cause-and-consequence",
        "E3",
        "met",
        "known-neuropathy-cause",
        [SIGN],
        {"result-changes-management": True},
        "MET",
    ),
    (
        "cause-without-consequence",
        "E3",
        "not-met",
        "known-neuropathy-cause",
        [SIGN],
        {"result-changes-management": False},
        "NOT-MET",
    ),
    ("cause-alone", "E3", "unknown", "known-neuropathy-cause", [SIGN], {}, "NEED-INFO"),
    ("hiv-with-symptom", "E3a", "met", "hiv", [cond("paraesthesia"), SIGN], {}, "MET"),
    (
        "hiv-two-denied",
        "E3a",
        "unknown",
        "hiv",
        [],
        {"exam-weakness": False, "exam-sensory-loss": False},
        "NEED-INFO",
    ),
    ("hiv-all-denied", "E3a", "not-met", "hiv", [NORMAL_EXAM, normal("paraesthesia")], {}, "NOT-MET"),
    ("single-nerve", "E3b", "met", "mononeuropathy", [SIGN], {}, "MET"),
    ("other-cranial-nerve", "E3b", "unknown", "cranial-nerve", [SIGN], {}, "REVIEW"),
    ("cranial-sign-which-nerve", "E3b", "unknown", "cranial-sign", [SIGN], {}, "NEED-INFO"),
    (
        "diabetic-attested",
        "E3c",
        "met",
        DIABETIC,
        [SIGN],
        {"symptoms-progressive": True, "conservative-treatment-failed": True},
        "MET",
    ),
    (
        "diabetic-two-dates",
        "E3c",
        "met",
        DIABETIC,
        [SIGN, fact("sensory-loss", ago=180)],
        {"conservative-treatment-failed": True},
        "MET",
    ),
    (
        "diabetic-one-agent",
        "E3c",
        "unknown",
        DIABETIC,
        [SIGN, drug("neuropathic-agent", 90, "1")],
        {"symptoms-persistent": True},
        "NEED-INFO",
    ),
    (
        "diabetic-refill-is-no-second-agent",
        "E3c",
        "unknown",
        DIABETIC,
        [SIGN, drug("neuropathic-agent", 90, "1"), drug("neuropathic-agent", 60, "1")],
        {"symptoms-persistent": True},
        "NEED-INFO",
    ),
    (
        "diabetic-stable",
        "E3c",
        "not-met",
        DIABETIC,
        [SIGN],
        {"symptoms-persistent": False, "symptoms-progressive": False},
        "NOT-MET",
    ),
    (
        "diabetic-only-not-persistent",
        "E3c",
        "unknown",
        DIABETIC,
        [SIGN],
        {"symptoms-persistent": False},
        "NEED-INFO",
    ),
    (
        "diabetic-treatment-works",
        "E3c",
        "not-met",
        DIABETIC,
        [SIGN],
        {"symptoms-persistent": True, "conservative-treatment-failed": False},
        "NOT-MET",
    ),
    ("dialysis", "E3d", "met", "dialysis", [SIGN], {}, "MET"),
    (
        "stage-5-with-access",
        "E3d",
        "met",
        "kidney-failure-stage-5",
        [SIGN, fact("dialysis-access", kind="procedure")],
        {},
        "MET",
    ),
    (
        "stage-5-considered",
        "E3d",
        "met",
        "kidney-failure-stage-5",
        [SIGN],
        {"dialysis-considered": True},
        "MET",
    ),
    (
        "stage-5-not-considered",
        "E3d",
        "not-met",
        "kidney-failure-stage-5",
        [SIGN],
        {"dialysis-considered": False},
        "NOT-MET",
    ),
    ("stage-5-alone", "E3d", "unknown", "kidney-failure-stage-5", [SIGN], {}, "NEED-INFO"),
    ("28-days", "E4a", "met", CTS, [splint(28, 0, "right")], CHANGED, "NEED-INFO"),
    ("27-days", "E4a", "not-met", CTS, [splint(27, 0, "right"), NORMAL_EXAM], CHANGED, "NOT-MET"),
    ("27-days-exam-open", "E4a", "not-met", CTS, [splint(27, 0, "right")], CHANGED, "NEED-INFO"),
    ("still-worn", "E4a", "met", CTS, [splint(40, None, "right")], CHANGED, "NEED-INFO"),
    (
        "two-stretches",
        "E4a",
        "met",
        CTS,
        [splint(60, 45, "right"), splint(20, 5, "right")],
        CHANGED,
        "NEED-INFO",
    ),
    (
        "overlap-counts-once",
        "E4a",
        "not-met",
        CTS,
        [splint(20, 0, "right"), splint(20, 1, "right", ref="D/2")],
        CHANGED,
        "NEED-INFO",
    ),
    ("other-side", "E4a", "unknown", CTS, [splint(60, 0, "left")], CHANGED, "NEED-INFO"),
    ("no-end-known", "E4a", "unknown", CTS, [splint(60, None, "right", active=False)], CHANGED, "NEED-INFO"),
    (
        "no-start-known",
        "E4a",
        "unknown",
        CTS,
        [fact("wrist-splint", kind="device-use")],
        CHANGED,
        "NEED-INFO",
    ),
    (
        "applied-long-ago",
        "E4a",
        "met",
        CTS,
        [fact("splint-applied", kind="procedure", ago=30)],
        CHANGED,
        "NEED-INFO",
    ),
    (
        "applied-lately",
        "E4a",
        "unknown",
        CTS,
        [fact("splint-applied", kind="procedure", ago=9)],
        CHANGED,
        "NEED-INFO",
    ),
    ("weeks-answered", "E4a", "met", CTS, [], {**CHANGED, "splint-weeks": 4}, "NEED-INFO"),
    (
        "weeks-on-this-side",
        "E4a",
        "met",
        CTS,
        [],
        {**CHANGED, "splint-weeks": 5, "splint-side": "both"},
        "NEED-INFO",
    ),
    ("weeks-too-few", "E4a", "not-met", CTS, [NORMAL_EXAM], {**CHANGED, "splint-weeks": 3}, "NOT-MET"),
    (
        "weeks-other-side",
        "E4a",
        "unknown",
        CTS,
        [],
        {**CHANGED, "splint-weeks": 5, "splint-side": "left"},
        "NEED-INFO",
    ),
    ("both-sides-one-worn", "E4a", "unknown", CTS_BOTH, [splint(60, 0, "right")], CHANGED, "NEED-INFO"),
    (
        "both-sides-worn",
        "E4a",
        "met",
        CTS_BOTH,
        [splint(60, 0, "right"), splint(60, 0, "left")],
        CHANGED,
        "NEED-INFO",
    ),
    (
        "side-unknown-short-on-one",
        "E4a",
        "unknown",
        CTS_NO_SIDE,
        [splint(9, 0, "right"), NORMAL_EXAM],
        CHANGED,
        "NEED-INFO",
    ),
    (
        "side-unknown-no-side-short",
        "E4a",
        "not-met",
        CTS_NO_SIDE,
        [splint(9, 0), NORMAL_EXAM],
        CHANGED,
        "NOT-MET",
    ),
    (
        "side-answered",
        "E4a",
        "met",
        CTS_NO_SIDE,
        [splint(60, 0, "left")],
        {**CHANGED, "symptomatic-sides": "left"},
        "NEED-INFO",
    ),
    (
        "no-activity-change",
        "E4a",
        "not-met",
        CTS,
        [splint(60, 0, "right"), NORMAL_EXAM],
        {"activity-modification": False},
        "NOT-MET",
    ),
    ("ulnar-care", "E4b", "met", "ulnar", [SIGN, drug("nsaid", 40, "1")], {}, "MET"),
    ("ulnar-answered", "E4b", "met", "ulnar", [SIGN], {"conservative-treatment-failed": True}, "MET"),
    ("ulnar-care-today-only", "E4b", "unknown", "ulnar", [drug("nsaid", 0, "1")], {}, "NEED-INFO"),
    (
        "ulnar-not-failed",
        "E4b",
        "unknown",
        "ulnar",
        [NORMAL_EXAM],
        {"conservative-treatment-failed": False},
        "NEED-INFO",
    ),
    (
        "ulnar-not-failed-insignificant-deficit",
        "E4b",
        "unknown",
        "ulnar",
        [SIGN],
        {"conservative-treatment-failed": False, "deficit-significant": False},
        "REVIEW",
    ),
    ("ulnar-waived", "W1", "met", "ulnar", [SIGN], {"conservative-treatment-failed": False}, "MET"),
    (
        "root-with-care",
        "E4c-g",
        "met",
        "radiculopathy",
        [SIGN, fact("physical-therapy", kind="procedure", ago=50)],
        {},
        "MET-PROV",
    ),
    ("root-persistent", "E4c-g", "met", "radiculopathy", [SIGN], {"symptoms-persistent": True}, "MET-PROV"),
    ("root-alone", "E4c-g", "unknown", "radiculopathy", [], {}, "REVIEW"),
    (
        "root-never-refused",
        "E4c-g",
        "unknown",
        "plexus",
        [NORMAL_EXAM],
        {"symptoms-persistent": False, "conservative-treatment-failed": False},
        "REVIEW",
    ),
    ("root-met-gate-open", "E4c-g", "met", "tarsal-tunnel", [], {"symptoms-persistent": True}, "NEED-INFO"),
    ("muscle-disease", "E5", "unknown", "myopathy", [], {}, "REVIEW"),
    (
        "inflammatory-asks-first",
        "E5",
        "unknown",
        reason("inflammatory-neuropathy", "known-neuropathy-cause"),
        [SIGN],
        {},
        "NEED-INFO",
    ),
    (
        "deficit-in-the-leg",
        "W1",
        "unknown",
        CTS,
        [fact("weakness", ago=0, sites=(LEFT_LEG,))],
        {},
        "NEED-INFO",
    ),
    ("deficit-of-the-face", "W1", "unknown", CTS, [fact("weakness", ago=0, sites=(HEAD,))], {}, "NEED-INFO"),
    ("deficit-in-the-arm", "W1", "met", CTS, [fact("weakness", ago=0, sites=(RIGHT_ARM,))], {}, "MET"),
    (
        "deficit-called-insignificant",
        "W1",
        "not-met",
        CTS,
        [SIGN],
        {"deficit-significant": False},
        "NEED-INFO",
    ),
    ("one-negative-no-positive", "W1", "unknown", CTS, [SHORT, normal("weakness")], {}, "NEED-INFO"),
    ("one-denied", "W1", "unknown", CTS, [SHORT], {"exam-atrophy": False}, "NEED-INFO"),
    ("two-negatives", "W1", "unknown", CTS, [SHORT, normal("weakness", "atrophy")], {}, "NEED-INFO"),
    ("all-negative", "W1", "not-met", CTS, [SHORT, NORMAL_EXAM], {}, "NOT-MET"),
    (
        "charted-and-denied",
        "W1",
        "not-met",
        CTS,
        [SHORT, normal("weakness")],
        {"exam-sensory-loss": False, "exam-atrophy": False},
        "NOT-MET",
    ),
    ("negative-and-positive", "W1", "met", CTS, [normal("weakness"), SIGN], {}, "MET"),
    (
        "negatives-of-the-other-arm",
        "W1",
        "unknown",
        CTS,
        [SHORT, normal("weakness", "sensory-loss", "atrophy", sites=(LEFT_ARM,))],
        {},
        "NEED-INFO",
    ),
    (
        "negatives-of-the-leg",
        "W1",
        "unknown",
        CTS,
        [SHORT, normal("weakness", "sensory-loss", "atrophy", sites=(LEFT_LEG,))],
        {},
        "NEED-INFO",
    ),
    (
        "negatives-of-this-arm",
        "W1",
        "not-met",
        CTS,
        [SHORT, normal("weakness", "sensory-loss", "atrophy", sites=(RIGHT_ARM,))],
        {},
        "NOT-MET",
    ),
    (
        "deficit-of-the-other-arm",
        "W1",
        "unknown",
        CTS,
        [fact("atrophy", ago=0, sites=(LEFT_ARM,))],
        {},
        "NEED-INFO",
    ),
    (
        "deficit-of-either-arm",
        "W1",
        "met",
        CTS_BOTH,
        [fact("atrophy", ago=0, sites=(LEFT_ARM,))],
        {},
        "MET",
    ),
    (
        "side-unknown",
        "W1",
        "met",
        CTS_NO_SIDE,
        [fact("atrophy", ago=0, sites=(LEFT_ARM,))],
        {},
        "MET",
    ),
    (
        "side-answered-otherwise",
        "W1",
        "unknown",
        CTS_NO_SIDE,
        [fact("atrophy", ago=0, sites=(LEFT_ARM,))],
        {"symptomatic-sides": "right"},
        "NEED-INFO",
    ),
]


@pytest.mark.parametrize(
    ("criterion", "verdict", "given_reason", "chart", "answers", "result"),
    [row[1:] for row in CRITERIA],
    ids=[f"{row[1]}-{row[0]}" for row in CRITERIA],
)
def test_criterion_of_needle_with_conduction(
    criterion: str,
    verdict: str,
    given_reason: str | Diagnosis,
    chart: list[Fact | tuple[Fact, ...]],
    answers: dict[str, Answer],
    result: str,
) -> None:
    found = only(case(full(given_reason), *chart, answers=answers))
    assert verdicts(found)[criterion] == verdict
    assert found.result.value == result


Given = tuple[Case, Session]


def needle(*reasons: str | Diagnosis, chart: list[Fact | tuple[Fact, ...]], **answers: Answer) -> Given:
    return case((order("a", "needle", *reasons),), *chart, answers=_items(answers))


def conduction(*reasons: str | Diagnosis, chart: list[Fact | tuple[Fact, ...]], **answers: Answer) -> Given:
    return case((order("a", "conduction", *reasons, sites=(LEFT_ARM,)),), *chart, answers=_items(answers))


def junction(*reasons: str | Diagnosis, chart: list[Fact | tuple[Fact, ...]], **answers: Answer) -> Given:
    return case((order("a", "nmj", *reasons),), *chart, answers=_items(answers))


def both(*reasons: str | Diagnosis, chart: list[Fact | tuple[Fact, ...]], **answers: Answer) -> Given:
    return case(full(*reasons), *chart, answers=_items(answers))


def _items(answers: dict[str, Answer]) -> dict[str, Answer]:
    return {name.replace("_", "-"): value for name, value in answers.items()}


NECK = Site("cervical")
NO_ROOT = normal("radicular-sign")
LEG_PAIN = reason("disc-leg-pain", "root-perhaps", code="M51.361")
LUMBAR = reason("radiculopathy", code="M54.16")
CERVICAL = reason("radiculopathy", code="M54.12")
# What would refuse, were it the reason of the order.
REFUTED: list[Fact | tuple[Fact, ...]] = [cond("carpal-tunnel", code="G56.01"), SHORT, NORMAL_EXAM]
EXPLAINED: list[Fact | tuple[Fact, ...]] = [cond("diabetic-neuropathy", "explained-neuropathy")]

ROWS: list[tuple[str, Given, str, list[str]]] = [
    ("X1-denied", both("screening", chart=[NORMAL_EXAM]), "NOT-MET", ["X1"]),
    ("X1-open", both("screening", chart=[]), "NEED-INFO", ["X1"]),
    *[
        (f"X1-{group}-denied", both("screening", chart=[normal(group)]), "NOT-MET", ["X1"])
        for group in ("weakness", "sensory-loss")
    ],
    *[
        (f"X1-{group}-says-nothing", both("screening", chart=[normal(group)]), "NEED-INFO", ["X1"])
        for group in ("atrophy", "cranial-sign", "radicular-sign", "fasciculation", "reflex-change")
    ],
    ("X1-atrophy-denied", both("screening", chart=[], exam_atrophy=False), "NEED-INFO", ["X1"]),
    ("X1-lifted", both("screening", chart=[SIGN]), "NEED-INFO", []),
    ("X1-needle-alone", needle("screening", chart=[], exam_weakness=False), "NOT-MET", ["X1"]),
    ("X6-answered", both("back-pain", chart=[], radicular_signs=False), "NOT-MET", ["X6"]),
    ("X6-open", both("back-pain", chart=[]), "NEED-INFO", ["X6"]),
    ("X6-conduction-alone", conduction("back-pain", chart=[normal("radicular-sign")]), "NOT-MET", ["X6"]),
    ("X6-needle-alone-open", needle("back-pain", chart=[]), "NEED-INFO", ["X6"]),
    ("X6-one-positive-lifts", both("back-pain", chart=[NORMAL_EXAM, fact("reflex-change")]), "REVIEW", []),
    ("X6-with-unspecific-reason", both("back-pain", "non-specific", chart=[NORMAL_EXAM]), "NOT-MET", ["X6"]),
    ("X6-not-with-another-reason", both("back-pain", "radiculopathy", chart=[NORMAL_EXAM]), "REVIEW", []),
    ("X6-leg-pain-is-asked", both("disc-leg-pain", chart=[NORMAL_EXAM]), "NEED-INFO", []),
    ("X6-face-is-no-root", both("back-pain", chart=[fact("weakness", sites=(HEAD,))]), "NEED-INFO", ["X6"]),
    ("X6-needle-lifted", needle("back-pain", chart=[fact("radicular-sign")]), "NEED-INFO", ["X4"]),
    ("X6-needle-root-in-chart", needle("back-pain", chart=[cond("radiculopathy"), SIGN]), "MET-PROV", []),
    *[
        (
            f"X6-{name}",
            both(reason("back-pain", code=code), chart=[normal(*kinds, sites=sites)]),
            result,
            ["X6"],
        )
        for name, code, kinds, sites, result in (
            ("leg-sign-for-low-back", "M54.50", ("radicular-sign",), (LEFT_LEG,), "NOT-MET"),
            ("leg-sign-for-neck", "M54.2", ("radicular-sign",), (LEFT_LEG,), "NEED-INFO"),
            ("arm-strength-for-low-back", "M54.50", ("weakness",), (RIGHT_ARM,), "NEED-INFO"),
            ("arm-strength-for-neck", "M54.2", ("weakness",), (RIGHT_ARM,), "NOT-MET"),
            ("neck-test-for-neck", "M54.2", ("radicular-sign",), (NECK,), "NOT-MET"),
            ("neck-test-for-low-back", "M54.59", ("radicular-sign",), (NECK,), "NEED-INFO"),
            ("no-site-for-low-back", "M54.50", ("weakness",), (), "NOT-MET"),
            ("any-site-for-back-not-told", "M54.9", ("weakness",), (RIGHT_ARM,), "NOT-MET"),
            ("wasting-absent", "M54.50", ("atrophy",), (), "NEED-INFO"),
        )
    ],
    (
        "X6-other-arm-sign-lifts",
        both(reason("back-pain", code="M54.50"), chart=[fact("weakness", sites=(RIGHT_ARM,)), NO_ROOT]),
        "REVIEW",
        [],
    ),
    ("X6-perhaps-root", both("back-pain", chart=[cond("root-perhaps"), NO_ROOT]), "NEED-INFO", ["X6"]),
    (
        "X6-perhaps-root-denied",
        both("back-pain", chart=[cond("root-perhaps"), NO_ROOT], radicular_signs=False),
        "REVIEW",
        ["X6"],
    ),
    ("X6-leg-pain-denied", both(LEG_PAIN, chart=[NORMAL_EXAM], radicular_signs=False), "NEED-INFO", []),
    ("X6-stenosis", both(reason("back-pain", "stenosis"), chart=[NORMAL_EXAM]), "NOT-MET", ["X6"]),
    ("X7-answered", both("headache", chart=[], cranial_nerve_signs=False), "NOT-MET", ["X7"]),
    ("X7-open", both("headache", chart=[]), "NEED-INFO", ["X7"]),
    (
        "X7-occipital-is-asked",
        both("occipital-neuralgia", chart=[normal("cranial-sign")]),
        "NEED-INFO",
        [],
    ),
    (
        "X6-and-X7-one-open",
        both("back-pain", "headache", chart=[normal("cranial-sign")]),
        "NEED-INFO",
        ["X6", "X7"],
    ),
    ("X8", both("lymphoedema", chart=[SIGN]), "REVIEW", ["X8"]),
    ("X8-not-known-chart-cannot-refuse", both(reason(code="I10"), chart=REFUTED), "REVIEW", ["X8"]),
    *[
        (f"chart-cannot-refuse-{name}", both(*given, chart=REFUTED), "NEED-INFO", [])
        for name, given in (
            ("no-reason", ()),
            ("unspecific", ("non-specific",)),
            ("disease-alone", ("disease-without-neuropathy",)),
            ("two-that-say-little", ("non-specific", "disease-without-neuropathy")),
        )
    ],
    ("chart-cannot-refuse-anticoagulant", both("anticoagulant", chart=REFUTED), "REVIEW", ["X8"]),
    (
        "chart-cannot-refuse-diabetes",
        both(reason(code="I10"), chart=EXPLAINED, conservative_treatment_failed=False),
        "REVIEW",
        ["X8"],
    ),
    (
        "named-reason-refuses",
        both("diabetic-neuropathy", chart=[], conservative_treatment_failed=False),
        "NOT-MET",
        ["X2"],
    ),
    (
        "explained-neuropathy-refuses",
        both("unexplained-neuropathy", chart=EXPLAINED, conservative_treatment_failed=False),
        "NOT-MET",
        ["X2"],
    ),
    *[
        (
            f"hidden-text-may-cover-{group}",
            both(group, chart=[*EXPLAINED, SIGN], conservative_treatment_failed=False),
            "REVIEW",
            [],
        )
        for group in ("weakness", "atrophy", "sensory-loss", "limb-pain")
    ],
    (
        "X2-cause",
        both("known-neuropathy-cause", chart=[], result_changes_management=False),
        "NOT-MET",
        ["X2"],
    ),
    ("no-reason", both(chart=[]), "NEED-INFO", []),
    ("no-reason-chart-speaks", both(chart=[cond("carpal-tunnel"), SIGN]), "MET", []),
    ("unspecific", both("non-specific", chart=[SIGN]), "NEED-INFO", []),
    ("X4-other-family-denied", needle("polyneuropathy", chart=[], radicular_signs=False), "NOT-MET", ["X4"]),
    ("X4-charted-absent", needle("weakness", chart=[normal("radicular-sign")]), "NOT-MET", ["X4"]),
    ("X4-open", needle("polyneuropathy", chart=[]), "NEED-INFO", ["X4"]),
    ("X4-root-is-not-refused", needle("radiculopathy", chart=[], radicular_signs=False), "REVIEW", ["X4"]),
    ("X4-stenosis-is-not-refused", needle("stenosis", chart=[], radicular_signs=False), "REVIEW", ["X4"]),
    ("X4-stenosis-confirmed", needle("stenosis", chart=[], radicular_signs=True), "NEED-INFO", ["X4"]),
    ("X4-leg-pain-open", needle(LEG_PAIN, chart=[]), "NEED-INFO", ["X4"]),
    ("X4-leg-pain-denied", needle(LEG_PAIN, chart=[], radicular_signs=False), "NOT-MET", ["X4"]),
    ("X4-leg-pain-confirmed", needle(LEG_PAIN, chart=[], radicular_signs=True), "NEED-INFO", ["X4"]),
    ("X4-occipital-open", needle("occipital-neuralgia", chart=[]), "NEED-INFO", ["X4"]),
    (
        "X4-occipital-denied",
        needle("occipital-neuralgia", chart=[], radicular_signs=False, cranial_nerve_signs=False),
        "NOT-MET",
        ["X4"],
    ),
    *[
        (f"X4-{name}", needle(*given, chart=[], radicular_signs=False), "NEED-INFO", ["X4"])
        for name, given in (
            ("not-understood", (reason(code="724.4"),)),
            ("one-not-understood", ("polyneuropathy", reason(code="M50", position=1))),
            ("unspecific", ("non-specific",)),
            ("disease-alone", ("disease-without-neuropathy",)),
        )
    ],
    (
        "X4-root-in-chart",
        needle("polyneuropathy", chart=[cond("radiculopathy")], radicular_signs=False),
        "REVIEW",
        ["X4"],
    ),
    (
        "X4-leg-sign-for-arm-nerve",
        needle(CTS, chart=[normal("radicular-sign", sites=(LEFT_LEG,))]),
        "NEED-INFO",
        ["X4"],
    ),
    ("X4-muscle-disease", needle("myopathy", chart=[], radicular_signs=False), "REVIEW", ["X4"]),
    ("X4-no-reason", needle(chart=[], radicular_signs=False), "NEED-INFO", ["X4"]),
    ("M0", needle("radiculopathy", chart=[], radicular_signs=True), "MET-PROV", []),
    ("M0-sciatica", needle("sciatica", chart=[fact("reflex-change")]), "MET-PROV", []),
    ("M0-signs-open", needle("radiculopathy", chart=[]), "NEED-INFO", ["X4"]),
    ("M0-leg-sign", needle(LUMBAR, chart=[fact("weakness", sites=(LEFT_LEG,))]), "MET-PROV", []),
    (
        "M0-arm-sign-for-lumbar-root",
        needle(LUMBAR, chart=[fact("weakness", sites=(RIGHT_ARM,))]),
        "NEED-INFO",
        ["X4"],
    ),
    (
        "M0-arm-sign-for-neck-root",
        needle(CERVICAL, chart=[fact("weakness", sites=(RIGHT_ARM,))]),
        "MET-PROV",
        [],
    ),
    ("M0-sign-without-site", needle(LUMBAR, chart=[fact("weakness")]), "MET-PROV", []),
    ("J0-suspected", junction("weakness", chart=[], nmj_suspected=True), "MET-PROV", []),
    ("J0-medicine", junction("weakness", chart=[drug("pyridostigmine", 9, "1")]), "MET-PROV", []),
    ("J0-antibody", junction("weakness", chart=[fact("nmj-antibody")]), "MET-PROV", []),
    ("J0-antibody-negative", junction("weakness", chart=[normal("nmj-antibody")]), "REVIEW", ["X5"]),
    ("J0-open", junction("weakness", chart=[]), "REVIEW", ["X5"]),
    ("X5-denied", junction("weakness", chart=[], nmj_suspected=False), "NOT-MET", ["X5"]),
    (
        "X5-disease-in-chart",
        junction("weakness", chart=[cond("nmj-disease")], nmj_suspected=False),
        "MET-PROV",
        [],
    ),
    ("X5-back-pain-asked", junction("back-pain", chart=[normal("radicular-sign")]), "REVIEW", ["X5"]),
    ("X5-headache-denied", junction("headache", chart=[], nmj_suspected=False), "NOT-MET", ["X5"]),
    (
        "X5-occipital-denied",
        junction("occipital-neuralgia", chart=[], nmj_suspected=False),
        "NOT-MET",
        ["X5"],
    ),
    ("X5-screening-asked", junction("screening", chart=[NORMAL_EXAM]), "REVIEW", ["X5"]),
    ("X5-screening-suspected", junction("screening", chart=[], nmj_suspected=True), "MET-PROV", []),
    ("X3-leg-pain", conduction(LEG_PAIN, chart=[]), "REVIEW", ["X3"]),
    ("X3-leg-pain-denied", conduction(LEG_PAIN, chart=[], radicular_signs=False), "REVIEW", ["X3"]),
    ("X3-occipital", conduction("occipital-neuralgia", chart=[normal("cranial-sign")]), "REVIEW", ["X3"]),
    ("X3-none", conduction("polyneuropathy", chart=[]), "REVIEW", ["X3"]),
    ("X3-no-reason", conduction(chart=[]), "REVIEW", ["X3"]),
    ("N0-contraindicated", conduction("polyneuropathy", chart=[], needle_contraindicated=True), "REVIEW", []),
    ("N0-anticoagulated", conduction("polyneuropathy", chart=[drug("anticoagulant", 90, "1")]), "REVIEW", []),
    (
        "N0-lymphoedema-side",
        conduction("polyneuropathy", chart=[cond("lymphoedema", sites=(LEFT_ARM,))]),
        "REVIEW",
        [],
    ),
    (
        "N0-lymphoedema-other-side",
        conduction("polyneuropathy", chart=[cond("lymphoedema", sites=(RIGHT_ARM,))]),
        "REVIEW",
        ["X3"],
    ),
    ("N0-lymphoedema-no-side", conduction("polyneuropathy", chart=[cond("lymphoedema")]), "REVIEW", []),
    ("N0-not-tolerated", conduction("polyneuropathy", chart=[cond("needle-not-tolerated")]), "REVIEW", []),
    (
        "N0-follow-up",
        conduction("polyneuropathy", chart=[fact("prior-electrodiagnostic-study", kind="procedure", ago=90)]),
        "REVIEW",
        [],
    ),
    ("N0-acute-injury", conduction("nerve-injury", chart=[cond("nerve-injury", ago=20)]), "REVIEW", []),
    ("N0-injury-21-days", conduction("nerve-injury", chart=[cond("nerve-injury", ago=21)]), "REVIEW", ["X3"]),
    ("N0-entrapment", conduction("carpal-tunnel", chart=[]), "REVIEW", []),
    ("N0-bleeding", conduction("polyneuropathy", chart=[cond("bleeding-disorder")]), "REVIEW", []),
]


@pytest.mark.parametrize(("given", "result", "rows"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_row(given: Given, result: str, rows: list[str]) -> None:
    found = only(given)
    assert found.result.value == result
    assert list(found.rows) == rows


def test_x6_evidence_in_chart_is_searched_before_it_refuses() -> None:
    found = only(both("back-pain", chart=[normal("radicular-sign"), cond("radiculopathy")]))
    assert found.result.value == "REVIEW"


def test_explanation_in_the_chart_opens_its_own_criterion() -> None:
    found = only(
        both("unexplained-neuropathy", chart=[cond("explained-neuropathy", "diabetic-neuropathy"), SIGN])
    )
    assert verdicts(found)["E1"] == "not-met"
    assert verdicts(found)["E3c"] == "unknown"
    assert found.result.value == "NEED-INFO"


def test_limb_injury_before_the_symptoms_is_trauma() -> None:
    orders = full("limb-injury", sites=(LEFT_ARM,))
    before = case(orders, cond("limb-injury", ago=90, sites=(LEFT_ARM,)), fact("weakness", ago=60))
    assert verdicts(only(before))["E2"] == "met"
    after = case(orders, cond("limb-injury", ago=30, sites=(LEFT_ARM,)), fact("weakness", ago=60))
    assert verdicts(only(after))["E2"] == "unknown"
    elsewhere = case(orders, cond("limb-injury", ago=90, sites=(LEFT_LEG,)), fact("weakness", ago=60))
    assert verdicts(only(elsewhere))["E2"] == "unknown"


@pytest.mark.parametrize("setting", ["IMP", "ACUTE", "NONAC", "EMER", "OBSENC"])
def test_s1_other_settings_are_out_of_scope(setting: str) -> None:
    found = only(case(full(CTS), SIGN, setting=setting))
    assert (found.result.value, found.missing, found.rows) == ("OUT-OF-SCOPE", (), ())


def test_s1_without_encounter_is_outpatient_and_said() -> None:
    found = only(case(full(CTS), SIGN, setting=""))
    assert found.result.value == "MET"
    assert found.steps[0].id == "S1"
    assert "taken as outpatient" in found.steps[0].observed


@pytest.mark.parametrize(
    ("code", "verdict"), [("M62.541", "met"), ("M62.542", "unknown"), ("M62.549", "met")]
)
def test_wasting_given_as_a_reason_waives_on_its_side(code: str, verdict: str) -> None:
    found = only(both(CTS, reason("atrophy", code=code, position=1), chart=[]))
    assert verdicts(found)["W1"] == verdict


def test_no_sign_found_is_said() -> None:
    found = only(both("mononeuropathy", chart=[NORMAL_EXAM]))
    assert found.values["no_sign"] == "yes"
    denied = only(
        both("mononeuropathy", chart=[], exam_weakness=False, exam_sensory_loss=False, exam_atrophy=False)
    )
    assert denied.values["no_sign"] == "yes"
    assert asked(denied) == ["exam-weakness", "exam-sensory-loss", "exam-atrophy"]
    assert "no_sign" not in only(both("mononeuropathy", chart=[normal("weakness")])).values


def test_answered_items_are_not_asked_again() -> None:
    found = only(both(CTS, chart=[], activity_modification=True, exam_weakness=False))
    assert asked(found) == ["exam-sensory-loss", "exam-atrophy", "splint-weeks"]


def test_the_shortest_way_is_asked_first() -> None:
    signs = ["exam-weakness", "exam-sensory-loss", "exam-atrophy"]
    assert asked(only(both(CTS, chart=[]))) == [*signs, "activity-modification", "splint-weeks"]
    assert asked(only(both("ulnar", chart=[]))) == [*signs, "conservative-treatment-failed"]
    inflammatory = reason("inflammatory-neuropathy", "known-neuropathy-cause")
    assert asked(only(both(inflammatory, chart=[])))[0] == "result-changes-management"
    # the sign is found and insignificant: only treatment is left
    found = only(both(CTS, chart=[SIGN], deficit_significant=False))
    assert asked(found) == ["activity-modification", "splint-weeks"]


def test_a_sign_that_is_charted_absent_is_not_asked_for() -> None:
    found = only(both("mononeuropathy", chart=[normal("weakness")]))
    assert asked(found) == ["exam-sensory-loss", "exam-atrophy"]
    assert asked(only(both(chart=[normal("weakness", "atrophy")]))) == ["reason", "exam-sensory-loss"]


def test_no_reason_is_asked_for_first() -> None:
    assert asked(only(both(chart=[])))[0] == "reason"


@pytest.mark.parametrize(
    ("given", "items"),
    [
        (needle("weakness", chart=[]), ["radicular-signs"]),
        (needle("weakness", chart=[], radicular_signs=True), ["reason"]),
        (needle("weakness", chart=[fact("radicular-sign")]), ["reason"]),
        (needle("stenosis", chart=[], radicular_signs=True), ["reason"]),
        (needle(LEG_PAIN, chart=[]), ["radicular-signs"]),
        (needle(LEG_PAIN, chart=[], radicular_signs=True), ["reason"]),
        (needle(reason(code="724.4"), chart=[]), ["reason", "radicular-signs"]),
        (needle(reason(code="724.4"), chart=[], radicular_signs=False), ["reason"]),
        (needle(chart=[], radicular_signs=True), ["reason"]),
        (needle(LUMBAR, chart=[]), ["radicular-signs"]),
        (needle(LUMBAR, chart=[], radicular_signs=False), []),
        (junction("back-pain", chart=[]), ["nmj-suspected"]),
        (both("cranial-nerve", chart=[SIGN]), []),
        (both("headache", chart=[fact("cranial-sign", sites=(HEAD,)), SIGN]), ["reason"]),
    ],
)
def test_what_is_asked(given: Given, items: list[str]) -> None:
    assert asked(only(given)) == items


def test_what_the_chart_shows_is_asked_by_name() -> None:
    chart: list[Fact | tuple[Fact, ...]] = [cond("cranial-sign", code="H49.02", sites=(HEAD,)), SIGN]
    (question,) = only(both("headache", chart=chart)).missing
    assert "(H49.02)" in question.question


def test_a_splint_side_that_cannot_be_read_leaves_the_weeks_open() -> None:
    given, session = both(
        CTS, chart=[SIGN], activity_modification=True, splint_weeks=6, deficit_significant=False
    )
    unread = dataclasses.replace(given, unread=frozenset({"splint-side"}))
    assert only((given, session)).satisfied == ("E4a",)
    found = only((unread, session))
    assert (found.result.value, verdicts(found)["E4a"], asked(found)) == (
        "NEED-INFO",
        "unknown",
        ["splint-side"],
    )


def test_leaning_is_said() -> None:
    assert only(both("myopathy", chart=[fact("weakness")])).values["lean"] == "MET-PROV"
    assert "lean" not in only(both("myopathy", chart=[SIGN])).values
    assert only(conduction("carpal-tunnel", chart=[])).values["lean"] == "MET-PROV"


def test_the_exercise_test_alone_is_for_a_person() -> None:
    found = only(case((order("a", "other", "myopathy"),)))
    assert (found.pathway, found.result.value, found.rows) == ("other", "REVIEW", ())


def test_junction_lines_of_another_reason_keep_their_own_pathway() -> None:
    found = judged(
        case(
            (
                order("a", "nmj", "nmj-disease"),
                order("b", "needle", CTS),
                order("c", "conduction", CTS),
            ),
            SIGN,
        )
    )
    assert found["nmj"].orders == ("ServiceRequest/a",)
    assert found["emg+ncs"].orders == ("ServiceRequest/b", "ServiceRequest/c")


def test_inpatient_needle_and_conduction_stay_out_of_scope_for_a_junction_disease() -> None:
    lines = full("nmj-disease")
    found = judged(case(lines, setting="IMP"))
    assert {name: each.result.value for name, each in found.items()} == {"emg+ncs": "OUT-OF-SCOPE"}
    found = judged(case((order("c", "nmj", "nmj-disease"), *lines), setting="IMP"))
    assert (found["nmj"].orders, found["nmj"].result.value) == (("ServiceRequest/c",), "MET-PROV")
    assert (found["emg+ncs"].orders, found["emg+ncs"].result.value) == (
        ("ServiceRequest/a", "ServiceRequest/b"),
        "OUT-OF-SCOPE",
    )


def test_junction_disease_takes_needle_and_conduction_without_a_junction_line() -> None:
    found = only(both("nmj-disease", chart=[]))
    assert (found.pathway, found.result.value, found.satisfied) == ("nmj", "MET-PROV", ("J0",))


def test_lines_that_are_not_ours_have_no_determination() -> None:
    assert judged(case((order("a", "", "carpal-tunnel"),))) == {}


def test_two_codings_of_one_reason_are_one_reason() -> None:
    lines = (
        order("a", "needle", reason("back-pain", code="M54.50"), reason(code="other system")),
        order("b", "conduction", reason("back-pain", code="M54.50"), reason(code="other system")),
    )
    assert only(case(lines, normal("radicular-sign"))).rows == ("X6",)


def test_trace_has_each_criterion_once_and_cites_its_basis() -> None:
    found = only(both(CTS, chart=[SIGN]))
    ids = [step.id for step in found.steps if step.criterion]
    assert ids == ["S1", "E0", "E4a", "W1"]
    assert {step.id: step.basis for step in found.steps if step.criterion} == {
        "S1": "A",
        "E0": "B",
        "E4a": "B",
        "W1": "A",
    }
    deficit = next(step for step in found.steps if step.id == "W1.deficit")
    assert deficit.evidence == (SIGN.ref,)
    assert deficit.observed == f"sensory loss, {SIGN.start}"
