"""Nothing from a request gets into an error body or a log line."""

from __future__ import annotations

import logging
from typing import Any, NoReturn

import pytest

from cds_service.app import create_app
from cds_service.core.hook_call import HookCall
from cds_service.settings import Settings
from tests.conftest import Server
from tests.contract.bodies import SIGN, body, text

SURNAME = "Seldom-Seen-Surname"


def test_an_unexpected_failure_says_an_id_that_the_log_carries_and_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(call: HookCall, _: str) -> NoReturn:
        try:
            raise KeyError(call.patient_id)
        except KeyError as error:
            raise ValueError(f"patient {call.patient_id}") from error

    app = create_app(Settings(database_url="none"), answer=broken, questionnaire={})
    with caplog.at_level(logging.DEBUG):
        reply = app.test_client().post(f"/cds-services/{SIGN}", json=body(context={"patientId": SURNAME}))
    assert reply.status_code == 500
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    outcome = reply.get_json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["severity"] == "fatal"
    assert outcome["id"] in outcome["issue"][0]["diagnostics"]
    assert outcome["id"] in caplog.text
    assert "ValueError from KeyError" in caplog.text
    assert "in broken" in caplog.text
    for said in (reply.text, caplog.text):
        assert SURNAME not in said


@pytest.mark.parametrize(
    "request_body",
    [
        SURNAME,
        [SURNAME],
        {SURNAME: SURNAME},
        body(hook=SURNAME),
        body(hookInstance=[SURNAME]),
        body(context={"patientId": f"{SURNAME}/x"}),
        body(context={"patientId": {SURNAME: SURNAME}}),
        body(context={"userId": [SURNAME]}),
        body(context={"draftOrders": {"entry": {SURNAME: 1}}}),
        body(prefetch=[SURNAME]),
        body(fhirServer=[SURNAME]),
        body(fhirAuthorization={"access_token": SURNAME}),
    ],
)
def test_a_refusal_never_repeats_the_request(server: Server, request_body: Any) -> None:
    reply = server.hook(SIGN, request_body)
    assert reply.status == 400
    assert SURNAME.encode() not in reply.body


def test_neither_does_one_about_the_transport(server: Server) -> None:
    for method, path, raw, media_type in (
        ("POST", f"/cds-services/{SURNAME}", text(body()), "application/json"),
        ("GET", f"/{SURNAME}?{SURNAME}", None, "application/json"),
        ("POST", f"/cds-services/{SIGN}", SURNAME.encode(), "application/json"),
        ("POST", f"/cds-services/{SIGN}", SURNAME.encode(), f"text/{SURNAME}"),
    ):
        reply = server.send(method, path, raw, {"Content-Type": media_type})
        assert reply.status >= 400
        assert SURNAME.encode() not in reply.body
