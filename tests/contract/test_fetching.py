"""What a client did not send is fetched from its FHIR server by the running service, and not shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import running
from tests.contract.bodies import SIGN
from tests.contract.test_feedback import EXAMPLE
from tests.contract.test_http import answered
from tests.contract.trust import BASE_URL, Client
from tests.unit.fetch import fhir_server as fhir

TOKEN = "canary-access-token"  # noqa: S105 - made up
PATIENT = json.loads(EXAMPLE.read_text(encoding="utf-8"))["context"]["patientId"]
CONTENT = EXAMPLE.parents[1]
# The first rests on a medication, the second on a plan for dialysis and on nothing else.
CHART_MATTERS = ("c55-anticoagulated", "row-e3d-care-plan")


def asking(url: str, **prefetch: Any) -> dict[str, Any]:
    request: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    return {
        **request,
        "prefetch": prefetch,
        "fhirServer": url,
        "fhirAuthorization": {
            "access_token": TOKEN,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.read",
            "subject": "cds-service",
        },
    }


def outcomes(log: Path) -> list[dict[str, str]]:
    """What the log says of each call: outcome by key."""
    found = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [
        {key: what for key, (what, _) in line.get("fetched", {}).items()}
        for line in found
        if line["event"] == "hook"
    ]


@pytest.fixture
def ehr() -> Iterator[fhir.Server]:
    given = {"Patient": fhir.gives(fhir.resource("Patient", PATIENT)), "": fhir.gives(fhir.searchset())}
    with fhir.serving(given) as server:
        yield server


def test_missing_keys_are_fetched_from_a_listed_server_only(ehr: fhir.Server, tmp_path: Path) -> None:
    client, log = Client(), tmp_path / "log"
    registry = client.register(tmp_path, f'fhir_servers = [{{ url = "{ehr.url()}", private = true }}]')
    with (
        fhir.serving({"": fhir.gives(fhir.searchset())}) as stranger,
        running(
            log,
            CDS_TRUST_REGISTRY=str(registry),
            CDS_PUBLIC_BASE_URL=BASE_URL,
            CDS_FETCH_BUDGET_MS="20000",
            CDS_LOG_LEVEL="debug",
        ) as server,
    ):
        for url in (ehr.url(), stranger.url()):
            answered(server.hook(SIGN, asking(url), client.header(f"/cds-services/{SIGN}")))
        answered(server.hook(SIGN, asking(ehr.url(), patient=None), client.header(f"/cds-services/{SIGN}")))
        figures = server.get("/metrics").body.decode()
    fetched, refused, later = outcomes(log)
    assert set(fetched) == set(refused) == {*later, "patient"}
    assert set(fetched.values()) <= {"fetched", "empty"}
    assert set(refused.values()) == {"refused-server"}
    assert stranger.asked == []
    assert {headers["Authorization"] for _, headers in ehr.asked} == {f"Bearer {TOKEN}"}
    assert 'cds_fetches_total{key="patient",outcome="fetched"} 1.0' in figures
    for written in (log.read_text(), figures, "".join(server.said)):
        assert TOKEN not in written
        assert str(ehr.port) not in written


@pytest.mark.parametrize("name", CHART_MATTERS)
def test_what_is_fetched_counts_like_what_is_sent(tmp_path: Path, name: str) -> None:
    """The same chart, once as prefetch and once behind the FHIR server: the same cards but for their ids."""
    scenario = json.loads((CONTENT / name / "request.json").read_text(encoding="utf-8"))
    chart = scenario["prefetch"]
    answers = {kind_of(value): fhir.gives(value) for value in chart.values() if value}
    with (
        fhir.serving({**answers, "": fhir.gives(fhir.searchset())}) as ehr,
        running(
            tmp_path / "log", CDS_FETCH_SERVERS=ehr.url(), CDS_FETCH_PRIVATE="1", CDS_FETCH_BUDGET_MS="20000"
        ) as server,
    ):
        sent = answered(server.hook(SIGN, scenario))["cards"]
        asked = asking(ehr.url())
        asked["context"] = scenario["context"]
        fetched = answered(server.hook(SIGN, asked))["cards"]
        bare = answered(server.hook(SIGN, {**scenario, "prefetch": {}}))["cards"]
    assert said(fetched) == said(sent)
    assert said(bare) != said(sent), "the scenario's chart makes no difference, so it proves nothing"
    assert ehr.asked


def test_a_server_that_hangs_costs_the_budget_and_no_card(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        fhir.serving({"": fhir.hangs}) as ehr,
        running(log, CDS_FETCH_SERVERS=ehr.url(), CDS_FETCH_PRIVATE="1", CDS_FETCH_BUDGET_MS="50") as server,
    ):
        assert answered(server.hook(SIGN, asking(ehr.url())))["cards"]
    (found,) = outcomes(log)
    assert set(found.values()) <= {"timeout", "budget"}


@pytest.mark.parametrize(
    "settings", [{}, {"CDS_FETCH_BUDGET_MS": "0", "CDS_FETCH_PRIVATE": "1"}], ids=["not allowed", "no budget"]
)
def test_nothing_is_fetched_unless_it_is_set_up(
    ehr: fhir.Server, tmp_path: Path, settings: dict[str, str]
) -> None:
    if settings:
        settings = {**settings, "CDS_FETCH_SERVERS": ehr.url()}
    with running(tmp_path / "log", **settings) as server:
        answered(server.hook(SIGN, asking(ehr.url())))
    assert ehr.asked == []


def kind_of(value: Any) -> str:
    entries = value.get("entry") or [{"resource": value}]
    return str(entries[0]["resource"]["resourceType"])


def said(cards: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(card["summary"], card["detail"]) for card in cards]
