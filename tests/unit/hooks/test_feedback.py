"""Reading feedback: what is taken from each shape."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cds_service.core.kept import Feedback
from cds_service.errors import Kind, RequestError
from cds_service.hooks import feedback

SCHEMA = feedback.schema()
CARD = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"


def read(*items: dict[str, Any]) -> tuple[Feedback, ...]:
    return feedback.read(SCHEMA, {"feedback": list(items)})


def one(**members: Any) -> Feedback:
    (only,) = read({"card": CARD, "outcome": "overridden", **members})
    return only


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T05:56:04.784Z", datetime(2026, 11, 22, 5, 56, 4, 784000, UTC)),
        ("2026-11-22T06:56:04+01:00", datetime(2026, 11, 22, 5, 56, 4, tzinfo=UTC)),
        ("2026-11-22T05:56:04", datetime(2026, 11, 22, 5, 56, 4, tzinfo=UTC)),
        ("2026-11-22T05:56:60Z", None),
        ("9999-12-31T23:59:59-01:00", None),
        ("", None),
        (None, None),
    ],
)
def test_times_are_utc_or_unknown(text: str | None, moment: datetime | None) -> None:
    assert one(outcomeTimestamp=text).at == moment


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, ("", "")),
        ({"overrideReason": {}}, ("", "")),
        ({"overrideReason": {"reason": {"code": "a", "system": "urn:b"}}}, ("urn:b", "a")),
        ({"overrideReason": {"reason": {"code": "a", "system": None}}}, ("", "a")),
        ({"overrideReason": {"reason": {"code": "a", "system": "no system"}}}, ("", "a")),
        ({"overrideReason": {"reason": {"code": "a", "system": "urn:b c"}}}, ("", "a")),
        ({"overrideReason": {"reason": {"code": "two words"}}}, ("", "other")),
        ({"overrideReason": {"reason": {"code": "x" * 65}}}, ("", "other")),
        ({"overrideReason": {"reason": {"display": "only words"}}}, ("", "")),
        ({"overrideReasons": [{"reason": {}}, {"reason": {"code": "a"}}]}, ("", "a")),
        ({"overrideReason": None, "overrideReasons": {"code": "a"}}, ("", "a")),
        ({"overrideReason": {"reason": {"display": "Other", "extension": [{"url": "x"}, 5]}}}, ("", "")),
        ({"overrideReason": {"reason": {"extension": "some text"}}}, ("", "")),
        (
            {
                "overrideReason": {
                    "reason": {"extension": [{"url": "x.reasonDisplay", "valueString": "Later"}]}
                }
            },
            (feedback.NAMED_SYSTEM, "later"),
        ),
        (
            {"extension": [{"url": "urn:x.reasonDisplay", "valueString": "Not now!"}]},
            (feedback.NAMED_SYSTEM, "not-now"),
        ),
        (
            {"overrideReasons": {"extension": {"x.reasonDisplay": "Not now!"}}},
            (feedback.NAMED_SYSTEM, "not-now"),
        ),
        (
            {"overrideReasons": {"reason": {"extension": {"x.reasonDisplay": "?"}}}},
            (feedback.NAMED_SYSTEM, "other"),
        ),
        (
            {"overrideReason": {"reason": {"code": "a"}}, "extension": {"x.reasonDisplay": "Not now"}},
            ("", "a"),
        ),
        ({"extension": {"x.reasonDisplay": 7, "y": "z"}}, ("", "")),
    ],
)
def test_the_reason_is_a_system_and_a_token(members: dict[str, Any], reason: tuple[str, str]) -> None:
    found = one(**members)
    assert (found.reason_system, found.reason_code) == reason


def test_comments_of_every_reason_are_one_comment() -> None:
    found = one(overrideReason={"userComment": "first"}, overrideReasons=[{"userComment": "two\0"}])
    assert found.comment == "first\ntwo"
    assert "first" not in repr(found)


def test_suggestions_are_named_once_each() -> None:
    assert one(acceptedSuggestions=[{"id": "a"}, {"id": "b"}, {"id": "a", "x": 1}]).suggestions == ("a", "b")


def test_the_same_thing_said_twice_is_one_thing() -> None:
    item = {"card": CARD, "outcome": "accepted"}
    assert (
        len(read(item, item, {**item, "card": f" urn:uuid:{CARD}"}, {**item, "outcome": "overridden"})) == 2
    )


def test_no_feedback_at_all_is_well() -> None:
    assert read() == ()


@pytest.mark.parametrize("body", [None, [], "canary", {}, {"feedback": "canary"}])
def test_what_is_no_feedback_is_refused_without_quoting_it(body: Any) -> None:
    with pytest.raises(RequestError) as caught:
        feedback.read(SCHEMA, body)
    assert caught.value.kind == Kind.FEEDBACK
    assert caught.value.remedy
    assert "canary" not in str(caught.value)


def test_one_that_cannot_be_read_spoils_all() -> None:
    with pytest.raises(RequestError, match=r"feedback\[1\]\.outcome"):
        read({"card": CARD, "outcome": "accepted"}, {"card": CARD, "outcome": "nonsense"})
