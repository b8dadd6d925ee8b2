"""The corridor: what it counts, keeps and starts beside answering."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from cds_service import schemas
from cds_service.account import FEEDBACK, HOOK, Account
from cds_service.auth.verify import Verifier
from cds_service.content import Roots
from cds_service.core.caller import Caller, FhirServer
from cds_service.core.kept import CallRecord, Feedback
from cds_service.exchange import Exchange, Keeping
from cds_service.fetch.client import Fetcher
from cds_service.hooks import services
from cds_service.metrics import Metrics
from cds_service.pipeline import Decision
from cds_service.store import recorder as recording
from cds_service.store.clock import utc_now
from cds_service.store.connect import open_store
from cds_service.store.feedback import FeedbackStore
from cds_service.store.recorder import Recorder
from cds_service.store.tables import comments
from tests.unit.fetch import fhir_server as fhir
from tests.unit.store.records import count, rows
from tests.unit.store.test_recorder import wait_for
from tests.unit.test_account import request
from tests.unit.test_metrics import samples

SIGN = services.load(Roots.default())["emg-ncs-order-sign"]


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Keeping]:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}", key="a key for tests only")
    recorder = Recorder(store)
    yield Keeping(store, recorder, FeedbackStore(store))
    recorder.drain(10)
    store.close()


def exchange(keeping: Keeping | None = None, **given: Any) -> Exchange:
    """An exchange that answers nothing."""

    def answer(call: object, dialect: str) -> Decision:
        return cast(Decision, Nothing())

    depth = schemas.DepthLimit.of(64)
    return Exchange(answer, lambda _: True, depth, given.pop("metrics", Metrics()), keeping=keeping, **given)


class Nothing:
    response: Mapping[str, Any] = {"cards": []}


def figures(of: Exchange) -> dict[str, float]:
    return samples(of.figures().decode())


def said(*cards: str) -> bytes:
    items = [
        {"card": card, "outcome": "accepted", "outcomeTimestamp": "2026-11-22T12:00:00Z"} for card in cards
    ]
    return orjson.dumps({"feedback": items})


def test_feedback_that_comes_again_is_not_counted_again(keeping: Keeping) -> None:
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    corridor = exchange(keeping)
    for cards in ((first,), (first,), (first, second), (second, first)):
        account = Account(FEEDBACK, SIGN)
        corridor.feedback(account, said(*cards))
        assert account.kept == len(cards)
    assert (
        figures(corridor)['cds_feedback_total{outcome="accepted"}'] == count(keeping.store, "feedback") == 2
    )


@pytest.mark.parametrize("start", ["a worker begins", "feedback comes"])
def test_comments_are_deleted_in_time_without_a_hook_call(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr(recording, "FIRST_PURGE_SECONDS", 0.2)
    old = FeedbackStore(keeping.store, comment_days=1, now=lambda: utc_now() - timedelta(days=2))
    old.add([Feedback(str(uuid.uuid4()), "overridden", comment="x")], "")
    assert count(keeping.store, comments.name) == 1
    if start == "a worker begins":
        exchange(keeping).begin()
    else:
        exchange(keeping).feedback(Account(FEEDBACK, SIGN), said(str(uuid.uuid4())))
    assert wait_for(lambda: count(keeping.store, comments.name) == 0)


def test_of_lost_records_it_is_said_how_many(caplog: pytest.LogCaptureFixture) -> None:
    store = open_store("postgresql://user@127.0.0.1:1/name")
    recorder = Recorder(store)
    for number in range(3):
        recorder.put(CallRecord(str(number), utc_now(), SIGN.id, SIGN.hook, 200, 1.0))
    with caplog.at_level(logging.WARNING, "cds_service.calls"):
        exchange(Keeping(store, recorder, FeedbackStore(store))).close(0.2)
    assert [(line.msg, line.fields) for line in caplog.records if line.name == "cds_service.calls"] == [  # type: ignore[attr-defined]
        ("records-lost", {"lost": 3})
    ]


class Alone:
    """A verifier whose store is down."""

    unchecked = 0

    def caller(self, authorization: str | None, path: str) -> Caller:
        self.unchecked += 1
        return Caller("https://ehr.example.org")


def test_tokens_taken_without_the_store_are_counted() -> None:
    corridor = exchange(verifier=cast(Verifier, Alone()))
    assert figures(corridor)["cds_replay_unchecked_total"] == 0
    for _ in range(3):
        corridor.identify(Account(HOOK, SIGN), "Bearer x", "/")
    assert figures(corridor)["cds_replay_unchecked_total"] == 3


def kept_of(keeping: Keeping, ehr: fhir.Server, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The record of one call that may read this FHIR server."""
    caller = Caller(fhir_servers=(FhirServer(ehr.url(), private=True),))
    corridor = exchange(keeping, fetcher=Fetcher(fhir.LONG), anyone=caller)
    account = Account(HOOK, SIGN)
    corridor.identify(account, None, "/")
    access = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read"}
    raw = orjson.dumps({**sent, "fhirServer": ehr.url(), "fhirAuthorization": {**access, "subject": "us"}})
    corridor.hook(account, SIGN, raw)
    account.decision = None
    before = count(keeping.store, "calls")
    corridor.finish(account, 200)
    assert wait_for(lambda: count(keeping.store, "calls") == before + 1)
    return rows(keeping.store, "calls")[-1]


def test_a_record_knows_what_was_fetched_and_tells_other_data_apart(keeping: Keeping) -> None:
    sent = {**request("c54-digit-missing"), "prefetch": {}}
    nothing = fhir.gives(fhir.searchset())
    ill = fhir.gives(fhir.searchset(fhir.resource("Condition", "canary-condition")))
    digests = []
    for answers in ({"": nothing}, {"": nothing, "Condition": ill}, {"": nothing, "Condition": ill}):
        with fhir.serving(answers) as ehr:
            row = kept_of(keeping, ehr, sent)
        assert {"conditions": 1}.items() <= {each["key"]: each["pages"] for each in row["fetched"]}.items()
        assert len(row["fetched_digest"]) == 64
        assert "canary" not in repr(row)
        digests.append(row["fetched_digest"])
    assert digests[0] != digests[1] == digests[2]


def test_a_record_of_a_call_without_fetching_says_so(keeping: Keeping) -> None:
    with fhir.serving({"": fhir.status(500)}) as ehr:
        failed = kept_of(keeping, ehr, {**request("c54-digit-missing"), "prefetch": {}})
    assert {each["what"] for each in failed["fetched"]} >= {"status"}
    assert failed["fetched_digest"] == ""
    account = Account(HOOK, SIGN)
    exchange(keeping).finish(account, 200)
    assert wait_for(lambda: count(keeping.store, "calls") == 2)
    assert ([], "") in [(row["fetched"], row["fetched_digest"]) for row in rows(keeping.store, "calls")]
    assert all(row["software"] for row in rows(keeping.store, "calls"))
