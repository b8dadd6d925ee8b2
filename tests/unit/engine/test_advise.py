"""Advice that decides nothing: D1, D3, D4, D5, S3 and the reason that stands only in the chart."""

from __future__ import annotations

import pytest

from tests.builders import NORMAL_EXAM, case, fact, full, notices, order

SIGN = fact("weakness", ago=1)


@pytest.mark.parametrize(
    ("chart", "answers", "supplied", "said"),
    [
        ((), {}, frozenset(), True),
        ((NORMAL_EXAM,), {}, frozenset(), False),
        ((), {"exam-weakness": False}, frozenset(), False),
        ((), {}, frozenset({"DocumentReference"}), False),
        ((fact("paraesthesia", kind="condition"),), {}, frozenset(), True),
    ],
    ids=["nothing", "examined", "answered", "note", "symptom-only"],
)
def test_d1_only_without_any_examination(chart, answers, supplied, said) -> None:  # type: ignore[no-untyped-def]
    given = case(full("mononeuropathy"), *chart, answers=answers, supplied=supplied)
    assert ("D1" in notices(given)) is said


def test_d1_is_noted_whatever_the_result() -> None:
    assert "D1" in notices(case(full("myopathy")))


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        ("with residual latency", "95910", "conduction"),
        ("sympathetic skin response", "", "conduction"),
        ("", "95905", "conduction"),
    ],
)
def test_d3_names_the_line(words: str, code: str, kind: str) -> None:
    lines = (order("a", "needle", "carpal-tunnel"), order("b", kind, "carpal-tunnel", words=words, code=code))
    assert notices(case(lines, SIGN))["D3"].orders == ("ServiceRequest/b",)


def test_d3_is_about_carpal_tunnel_only() -> None:
    lines = (order("b", "conduction", "ulnar", words="residual latency"),)
    assert "D3" not in notices(case(lines))
    assert "D3" not in notices(case(full("carpal-tunnel"), SIGN))


def test_d4_needs_a_score_and_carpal_tunnel() -> None:
    score = fact("cts6-score")
    assert notices(case(full("carpal-tunnel"), score))["D4"].orders == (
        "ServiceRequest/a",
        "ServiceRequest/b",
    )
    assert "D4" not in notices(case(full("ulnar"), score))
    assert "D4" not in notices(case(full("carpal-tunnel")))


def test_d5_says_how_fresh_the_injury_is() -> None:
    def injured(ago: int) -> object:
        given = case(full("nerve-injury"), fact("nerve-injury", kind="condition", ago=ago))
        return notices(given).get("D5")

    fresh = injured(20)
    assert fresh is not None
    assert fresh.values["days"] == "20"  # type: ignore[attr-defined]
    assert fresh.orders == ("ServiceRequest/a",)  # type: ignore[attr-defined]
    assert injured(21) is None


def test_d5_is_about_needles() -> None:
    given = case((order("a", "conduction", "nerve-injury"),), fact("nerve-injury", kind="condition", ago=5))
    assert "D5" not in notices(given)


@pytest.mark.parametrize(
    ("payers", "said"),
    [
        ((), False),
        (("Anthem Blue Cross",), False),
        (("Other Health Plan",), True),
        (("Other", "Anthem"), False),
    ],
)
def test_s3_only_for_a_named_other_payer(payers: tuple[str, ...], said: bool) -> None:
    assert ("S3" in notices(case(full("carpal-tunnel"), SIGN, payers=payers))) is said


def test_reason_from_chart_is_not_said_when_the_order_names_it() -> None:
    assert "reason-from-chart" not in notices(
        case(full("radiculopathy"), fact("radiculopathy", kind="condition"))
    )


def test_nothing_is_said_about_orders_that_are_not_ours() -> None:
    assert notices(case((order("a", "", "carpal-tunnel"),), payers=("Other",))) == {}
