"""The Inferno CRD kit's server checks against running services, by the kit's own numbers, in every mode.

Beside them what the guide demands and the kit does not look at: versions, and who may state what.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from cds_service.content import Roots
from tests.conftest import Server, start, stop
from tests.contract.bodies import SIGN
from tests.contract.crd_bodies import PAYER, SCENARIOS, orders_of, scenario
from tests.contract.crd_kit import CHECKS, COVERAGE_INFORMATION, Check, Evidence
from tests.contract.crd_page import FILE, MODES, collect, outcome, page
from tests.contract.test_http import answered, refused

# What does not pass, by mode.
NOT_PASSED: dict[str, dict[str, set[str]]] = {
    "spec": {
        "fail": {"2.04", "3.4.10", "3.6.05", "3.6.10"},
        "skip": {
            "1.01",
            "3.4.08",
            "3.4.11",
            "3.4.14",
            "3.4.15",
            "3.6.08",
            "3.6.11",
            "3.6.14",
            "3.6.15",
            "3.7.03",
        },
    },
    "advisor": {
        "fail": {"3.4.10"},
        "skip": {"1.01", "3.4.08", "3.4.11", "3.4.14", "3.4.15", "3.6.08", "3.6.14", "3.6.15"},
    },
    "payer": {
        "fail": {"3.4.10"},
        "skip": {"1.01", "3.4.08", "3.4.11", "3.4.14", "3.4.15", "3.6.08", "3.6.14", "3.6.15"},
    },
}


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Server]]:
    running: dict[str, Server] = {}
    try:
        for mode, environ in MODES.items():
            running[mode] = start(**environ)
        yield running
    finally:
        for server in running.values():
            stop(server)


@pytest.fixture(scope="module")
def evidence(servers: dict[str, Server]) -> dict[str, Evidence]:
    return {mode: collect(server) for mode, server in servers.items()}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.number} {check.name}")
def test_kit(evidence: dict[str, Evidence], check: Check, mode: str) -> None:
    wanted = next((word for word, numbers in NOT_PASSED[mode].items() if check.number in numbers), "pass")
    found, why = outcome(check, evidence[mode])
    assert found == wanted, why


def test_the_page_is_current(evidence: dict[str, Evidence]) -> None:
    written = (Roots.default().fhir_fixtures / FILE).read_text(encoding="utf-8")
    assert written == page(evidence), "run python -m tests.contract.crd_page --write and review the change"


def test_the_extension_of_a_request_is_enough_to_be_answered_in_crd(server: Server) -> None:
    said = answered(server.hook(SIGN, scenario(SCENARIOS[0], PAYER)))
    assert said["systemActions"]


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.2", "2.0.1", "2.2.1"])
@pytest.mark.parametrize("mode", ["advisor", "payer"])
def test_versions_that_are_spoken(servers: dict[str, Server], mode: str, version: str) -> None:
    said = answered(servers[mode].hook(SIGN, scenario(SCENARIOS[0], PAYER, version=version)))
    assert said["cards"]
    assert said["systemActions"]


@pytest.mark.parametrize("version", ["1.0", "2.3", "3.0", "2", "latest"])
def test_a_version_that_is_not_spoken_is_refused_by_name(servers: dict[str, Server], version: str) -> None:
    reply = servers["advisor"].hook(SIGN, scenario(SCENARIOS[0], PAYER, version=version))
    refused(400, reply, "extension.davinci-crd.requestedVersion", "2.0, 2.1, 2.2")


@pytest.mark.parametrize(
    ("payers", "version", "refuses"),
    [
        ((PAYER,), "2.0", False),
        ((), "2.0", False),
        ((PAYER, PAYER), "2.0", False),
        (("Evergreen Test Mutual",), "2.0", False),
        (("CommuniCare Advantage",), "2.0", False),
        (("The Empire Plan (UnitedHealthcare)",), "2.0", False),
        ((PAYER,), "2.1", False),
        ((PAYER, "Evergreen Test Mutual"), "2.2", False),
        ((), "2.1", True),
        ((PAYER, PAYER), "2.2", True),
        (("Evergreen Test Mutual",), "2.2", True),
        (("CommuniCare Advantage",), "2.2", True),
    ],
)
def test_hook_13_a_payer_needs_exactly_one_coverage_of_its_own_from_2_1_on(
    servers: dict[str, Server], payers: tuple[str, ...], version: str, refuses: bool
) -> None:
    request = scenario(SCENARIOS[0], *payers, version=version)
    reply = servers["payer"].hook(SIGN, request)
    if refuses:
        refused(400, reply, "exactly one Coverage")
        assert answered(servers["advisor"].hook(SIGN, request))["cards"]
    else:
        assert bool(answered(reply)["systemActions"]) is (PAYER in payers and payers.count(PAYER) == 1)


def test_system_actions_change_nothing_but_the_extension(servers: dict[str, Server]) -> None:
    request = scenario("c18-one-and-three-limbs", PAYER)
    kept = {"url": "https://example.org/own", "valueString": "stays"}
    first = next(iter(orders_of(request).values()))
    first["extension"] = [kept]
    for mode in ("advisor", "payer"):
        actions = answered(servers[mode].hook(SIGN, request))["systemActions"]
        assert len(actions) == 2
        for action in actions:
            after = copy.deepcopy(action["resource"])
            told = [each for each in after.pop("extension") if each["url"] == COVERAGE_INFORMATION]
            before = dict(orders_of(request)[f"ServiceRequest/{after['id']}"])
            assert [each for each in action["resource"]["extension"] if each not in told] == before.pop(
                "extension", []
            )
            assert len(told) == 1
            assert after == before


def test_the_questionnaire_a_payer_names_is_ours_and_answers(servers: dict[str, Server]) -> None:
    request = scenario("v02-carpal-tunnel-splint-too-short", PAYER)
    request["prefetch"].pop("deviceUse", None)
    server = servers["payer"]
    named = {
        part["valueCanonical"]
        for action in answered(server.hook(SIGN, request))["systemActions"]
        for part in _parts(action)
        if part["url"] == "questionnaire"
    }
    (url,) = named
    path = "/fhir/" + url.split("/fhir/")[1]
    assert server.get(path).json["url"] == url


@pytest.mark.parametrize("hook", ["order-dispatch", "appointment-book", "patient-view"])
def test_hooks_that_are_not_served_are_refused_with_those_that_are(server: Server, hook: str) -> None:
    request = {**scenario(SCENARIOS[0], PAYER), "hook": hook}
    refused(400, server.hook(SIGN, request), "order-sign", "order-select", "GET /cds-services")
    refused(404, server.hook(f"emg-ncs-{hook}", request), "GET /cds-services")


def _parts(action: Any) -> list[dict[str, Any]]:
    return [
        part
        for extension in action["resource"]["extension"]
        if extension["url"] == COVERAGE_INFORMATION
        for part in extension["extension"]
    ]
