"""Every scenario, posted: no log line and no error body holds anything of the patient."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.core.hook_call import HookCall
from cds_service.settings import Settings
from tests import loaded
from tests.contract.bodies import HOOKS

Json = dict[str, Any]

SCENARIOS = loaded.scenarios()
SERVICES = {hook: service for service, hook in HOOKS.items()}
# Members whose text says something about the patient or the order.
PRIVATE = {
    "family",
    "text",
    "display",
    "code",
    "birthDate",
    "patientId",
    "encounterId",
    "userId",
    "id",
    "valueString",
}
SHORTEST = 4


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(database_url="none")).test_client()


def sent(name: str) -> Json:
    request: Json = json.loads(SCENARIOS[name].request())
    return request


def private_words(value: Any, own: str = "") -> Iterator[str]:
    """What must not be repeated: names, ids, codes, dates of birth and every text."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from private_words(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from private_words(inner, own)
    elif isinstance(value, str) and own in PRIVATE and len(value) >= SHORTEST:
        yield value


def repeated(request: Json, text: str) -> list[str]:
    return sorted({word for word in private_words(request) if word in text})


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_answered_call_logs_nothing_of_the_request(
    name: str, client: FlaskClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    request = sent(name)
    with caplog.at_level(logging.DEBUG):
        reply = client.post(f"/cds-services/{SERVICES[request['hook']]}", json=request)
    assert reply.status_code == 200
    written = capfd.readouterr()
    assert repeated(request, caplog.text + written.out + written.err) == []


def broken(request: Json) -> dict[str, Any]:
    """The same request with one thing wrong, in several ways."""
    ways: dict[str, Any] = {
        way: copy.deepcopy(request) for way in ("hook", "instance", "patient", "user", "orders")
    }
    ways["hook"]["hook"] = request["context"]["patientId"]
    del ways["instance"]["hookInstance"]
    ways["patient"]["context"]["patientId"] = {"name": request["context"]["patientId"]}
    ways["user"]["context"]["userId"] = [request["context"]["patientId"]]
    ways["orders"]["context"]["draftOrders"] = json.dumps(request["context"].get("draftOrders"))
    return ways


@pytest.mark.parametrize("name", list(SCENARIOS)[::8])
def test_a_refused_call_repeats_nothing_of_the_request(
    name: str, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    request = sent(name)
    url = f"/cds-services/{SERVICES[request['hook']]}"
    refused = 0
    for way, body in broken(request).items():
        with caplog.at_level(logging.DEBUG):
            reply = client.post(url, json=body)
        if reply.status_code != 200:
            refused += 1
            assert reply.status_code == 400, way
            assert repeated(request, reply.text) == [], way
    truncated = client.post(url, data=json.dumps(request)[:-1], content_type="application/json")
    assert truncated.status_code == 400
    assert repeated(request, truncated.text + caplog.text) == []
    assert refused >= 3


@pytest.mark.parametrize("name", list(SCENARIOS)[::20])
def test_a_failed_call_says_nothing_of_the_request(name: str, caplog: pytest.LogCaptureFixture) -> None:
    def broken_answer(call: HookCall, _: str) -> NoReturn:
        raise ValueError(json.dumps(dict(call.context)))

    request = sent(name)
    failing = create_app(Settings(database_url="none"), answer=broken_answer, questionnaire={}).test_client()
    with caplog.at_level(logging.DEBUG):
        reply = failing.post(f"/cds-services/{SERVICES[request['hook']]}", json=request)
    assert reply.status_code == 500
    assert "ValueError" in caplog.text
    assert repeated(request, reply.text + caplog.text) == []


def test_a_request_has_words_to_look_for() -> None:
    """Guards the tests above against looking for nothing."""
    counts = sorted(len(set(private_words(sent(name)))) for name in SCENARIOS)
    assert counts[0] >= 1
    assert counts[len(counts) // 10] >= 15
