"""What is told and kept of a call: exactly what was served, and nothing in the client's own words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service import account as accounts
from cds_service import pipeline
from cds_service.account import FEEDBACK, HOOK, Account
from cds_service.content import Roots
from cds_service.core.caller import Caller
from cds_service.hooks import envelope, services
from cds_service.hooks.services import Service
from tests.loaded import service as shipped

FIXTURES = Path(__file__).resolve().parents[2] / "fhir_fixtures" / "cg-med-24"


@pytest.fixture(scope="module")
def loaded() -> pipeline.Service:
    return shipped()


@pytest.fixture(scope="module")
def signing() -> Service:
    return services.load(Roots.default())["emg-ncs-order-sign"]


def answered(loaded: pipeline.Service, service: Service, request: Any) -> Account:
    call = envelope.call_of(service, request)
    numbers = iter(range(1000))
    decision = pipeline.decide(loaded, call, today="2026-11-22", new_id=lambda: f"id-{next(numbers)}")
    return Account(
        HOOK, service, caller=Caller("https://ehr.example.org", "north"), call=call, decision=decision
    )


def request(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FIXTURES / name / "request.json").read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("c54-digit-missing", {"correction", "determination"}),
        ("icd-g56-0-side-known", {"diagnosis", "determination"}),
    ],
)
def test_a_record_names_every_card_that_was_served(
    loaded: pipeline.Service, signing: Service, name: str, kinds: set[str]
) -> None:
    account = answered(loaded, signing, request(name))
    kept = accounts.record(account, 200, 0.01, account.gaps())
    assert {card.kind for card in kept.cards} <= kinds | {"notice"}
    assert kinds & {card.kind for card in kept.cards}
    for card, served in zip(account.cards, kept.cards, strict=True):
        assert served.uuid == card["uuid"]
        assert served.finding == card["source"]["topic"]["display"]
        assert served.indicator == card["indicator"]
        assert served.outcome
        assert served.orders
        assert list(served.suggestions) == [each["uuid"] for each in card.get("suggestions", [])]
    assert (kept.guideline, kept.issuer, kept.tenant) == ("CG-MED-24", "https://ehr.example.org", "north")
    assert kept.duration == 10
    assert kept.trace is not None
    assert account.decision is not None
    assert kept.trace() == account.decision.explanation()


def test_a_refused_call_is_recorded_without_an_answer(signing: Service) -> None:
    kept = accounts.record(Account(HOOK, signing, refusal="depth", raw=b"[[["), 400, 0.5, ())
    assert (kept.status, kept.refusal, kept.cards, kept.trace) == (400, "depth", (), None)
    assert "[[[" not in repr(kept)


GAPS: dict[str, tuple[dict[str, Any], str]] = {
    "an advertised key": ({"conditions": {"resourceType": "OperationOutcome"}}, "prefetch.conditions"),
    "a key of the client's own": ({"canary": {"resourceType": "OperationOutcome"}}, "prefetch.other"),
    "something in a key of its own": (
        {"canary.entry[0]": {"resourceType": "Bundle", "entry": ["canary"]}},
        "prefetch.other",
    ),
}


@pytest.mark.parametrize("name", GAPS)
def test_gaps_are_told_by_places_of_ours(loaded: pipeline.Service, signing: Service, name: str) -> None:
    prefetch, place = GAPS[name]
    for value in prefetch.values():
        if value["resourceType"] == "OperationOutcome":
            value["issue"] = [{"severity": "error", "code": "processing"}]
    account = answered(loaded, signing, {**request("c54-digit-missing"), "prefetch": prefetch})
    gaps = account.gaps()
    assert place in gaps
    assert "canary" not in json.dumps(gaps)
    assert accounts.line(account, 200, 0.01, gaps)["gaps"] == sum(gaps.values())


def test_a_draft_order_that_cannot_be_read_is_a_gap_there(loaded: pipeline.Service, signing: Service) -> None:
    sent = request("c54-digit-missing")
    sent["context"]["draftOrders"]["entry"].append("canary")
    assert answered(loaded, signing, sent).gaps()["context.draftOrders"] == 1


@pytest.mark.parametrize(
    ("event", "with_service", "asked"),
    [
        (HOOK, True, "emg-ncs-order-sign"),
        (FEEDBACK, True, "emg-ncs-order-sign/feedback"),
        (accounts.DISCOVERY, False, "discovery"),
    ],
)
def test_what_was_asked_is_one_of_few_labels(
    signing: Service, event: str, with_service: bool, asked: str
) -> None:
    assert Account(event, signing if with_service else None).asked == asked


def test_a_token_is_told_by_a_mark_that_is_not_its_id(signing: Service) -> None:
    told = [
        accounts.line(
            Account(HOOK, signing, caller=Caller("https://ehr.example.org", "", name)), 200, 0.1, {}
        )
        for name in ("canary-1", "canary-1", "canary-2", "\ud800")
    ]
    marks = [line["token"] for line in told]
    assert len(set(marks)) == 3
    assert "canary" not in json.dumps(told)
    assert "token" not in accounts.line(Account(HOOK, signing), 200, 0.1, {})
