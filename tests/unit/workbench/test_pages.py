"""The pages over HTTP, without a browser: headers, refusals, and requests nobody would send."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cds_service.workbench.pages import blueprint
from tests.browser.serve import Site, desk
from tests.unit.workbench.test_request_forms import SCENARIOS, example, odd_values, places

PATH = "/workbench/c01-four-limbs-with-conduction"


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    app = Flask("pages", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 4_000_000
    app.register_blueprint(blueprint(desk(Site())))
    with app.test_client() as client:
        yield client


def sent(request: Any, **fields: str) -> dict[str, str]:
    return {"request": json.dumps(request), "view": "form", "do": "fire", **fields}


@pytest.mark.parametrize("path", ["/", PATH, "/guideline", "/static/base.css", "/workbench/none"])
def test_every_answer_carries_the_policy(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_scenario_opens_and_its_links_within_the_page_lead_somewhere(client: FlaskClient) -> None:
    for scenario in SCENARIOS[::5]:
        page = client.get(f"/workbench/{scenario.name}")
        assert page.status_code == 200
        ids = re.findall(r' id="([^"]+)"', page.text)
        assert len(ids) == len(set(ids)), scenario.name
        assert set(re.findall(r'href="#([^"]+)"', page.text)) <= set(ids), scenario.name


def test_an_unknown_scenario_is_told_in_a_page(client: FlaskClient) -> None:
    page = client.get("/workbench/none")
    assert page.status_code == 404
    assert "There is no scenario of this name" in page.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_is_refused(client: FlaskClient, site: str) -> None:
    page = client.post(PATH, data=sent(example()), headers={"Sec-Fetch-Site": site})
    assert page.status_code == 403
    assert "sent by another site" in page.text


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_form_is_taken(client: FlaskClient, site: str) -> None:
    assert client.post(PATH, data=sent(example()), headers={"Sec-Fetch-Site": site}).status_code == 200


def test_a_large_request_is_taken_and_a_larger_one_refused(client: FlaskClient) -> None:
    request = example()
    request["prefetch"]["note"] = "x" * 1_500_000
    page = client.post(PATH, data=sent(request))
    assert page.status_code == 200
    assert "95864 cannot go with" in page.text
    request["prefetch"]["note"] = "x" * 5_000_000
    page = client.post(PATH, data=sent(request))
    assert page.status_code == 413
    assert "larger than this service takes" in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "not JSON"),
        ("[]", "one JSON object"),
        ("[" * 100_000, "nested deeper"),
        ('{"a":' * 300 + "1" + "}" * 300, "nested deeper"),
        ('{"a": "\\ud800"}', "half a character"),
        ("{}", "The service refused the request"),
        ('{"hook": "patient-view"}', "The service refused the request"),
    ],
)
def test_what_is_no_request_is_told(client: FlaskClient, typed: str, said: str) -> None:
    page = client.post(PATH, data=sent(example(), view="json", json=typed))
    assert page.status_code == 200
    assert said in page.text


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday", "20.11.2026"])
def test_a_date_that_is_none_is_told(client: FlaskClient, day: str) -> None:
    assert (
        "The date of evaluation is to be written as"
        in client.post(PATH, data=sent(example(), as_of=day)).text
    )


@pytest.mark.parametrize("action", ["apply:0:0:000000000000", "apply:9:9:x", "apply:", "apply:x"])
def test_a_suggestion_that_is_no_longer_there_changes_nothing(client: FlaskClient, action: str) -> None:
    page = client.post(PATH, data=sent(example(), do=action))
    assert "The order has changed since that card was drawn" in page.text
    assert "Suggestion taken" not in page.text


@pytest.mark.parametrize("action", ["", "fly", "remove:99", "remove:x", "add", "undo", "dismiss:7", "view:x"])
def test_odd_actions_are_survived(client: FlaskClient, action: str) -> None:
    assert client.post(PATH, data=sent(example(), do=action)).status_code == 200


def test_enter_in_the_field_of_a_code_to_add_adds_it(client: FlaskClient) -> None:
    page = client.post(PATH, data=sent(example(), **{"new-code": "95937"}))
    assert 'value="95937"' in page.text
    assert "is new: 95937" in page.text


def test_the_list_of_scenarios_names_each_once(client: FlaskClient) -> None:
    page = client.get("/").text
    assert all(page.count(f'/workbench/{scenario.name}"') == 1 for scenario in SCENARIOS)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_request_spoilt_anywhere_still_gives_a_page(client: FlaskClient, data: st.DataObject) -> None:
    request = example(data.draw(st.sampled_from(["c01-four-limbs-with-conduction", "loop-side-2-answered"])))
    *above, last = data.draw(st.sampled_from(places(request)), label="place")
    holder = request
    for key in above:
        holder = holder[key]
    holder[last] = data.draw(odd_values, label="value")
    action = data.draw(st.sampled_from(["fire", "view:json", "add", "remove:0", "download:request"]))
    fields = {"new-code": "95886", "conditions": "G56.01", "answer-splint-weeks": "4"}
    assert client.post(PATH, data=sent(request, do=action, **fields)).status_code == 200
