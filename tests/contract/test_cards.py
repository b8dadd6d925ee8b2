"""What every answer must keep to, for every scenario, over HTTP (G-2, CDS Hooks 2.0 and its invariants)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.scenarios import Scenario
from tests import loaded
from tests.conftest import Server
from tests.contract.bodies import HOOKS
from tests.contract.test_discovery import empties
from tests.contract.test_http import answered

SERVICES = {hook: service for service, hook in HOOKS.items()}
SCENARIOS = tuple(loaded.scenarios().values())


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_answer(server: Server, scenario: Scenario) -> None:
    request = json.loads(scenario.request())
    response = answered(server.hook(SERVICES[request["hook"]], request))
    assert empties([without_resources(card) for card in response["cards"]] or "none") == []
    drafts = references(request)
    for card in response["cards"]:
        assert "extension" in card
        suggestions = card.get("suggestions", [])
        if card.get("selectionBehavior") == "at-most-one":  # cds-resp-1
            assert sum(each.get("isRecommended", False) for each in suggestions) <= 1
        for action in (action for each in suggestions for action in each.get("actions", [])):
            if action["type"] == "update":  # T-12
                assert reference(action["resource"]) in drafts
            if action["type"] == "delete":  # cds-resp-2
                assert "resource" not in action
                assert action["resourceId"] in drafts
    uuids = [each["uuid"] for card in response["cards"] for each in (card, *card.get("suggestions", []))]
    assert len(uuids) == len(set(uuids))


def test_uuids_are_new_for_every_answer(server: Server) -> None:
    scenario = next(each for each in SCENARIOS if not each.expect.get("silent"))
    request = json.loads(scenario.request())
    answers = [answered(server.hook(SERVICES[request["hook"]], request)) for _ in range(2)]
    first, second = ({card["uuid"] for card in each["cards"]} for each in answers)
    assert first
    assert not first & second


def without_resources(value: Any) -> Any:
    """An order may have come with null or empty members, and goes back as it came."""
    if isinstance(value, dict):
        return {key: without_resources(each) for key, each in value.items() if key != "resource"}
    return [without_resources(each) for each in value] if isinstance(value, list) else value


def references(request: Any) -> set[str]:
    entries = request["context"].get("draftOrders", {}).get("entry", [])
    resources = [entry.get("resource") for entry in entries if isinstance(entry, dict)]
    return {reference(resource) for resource in resources if isinstance(resource, dict)}


def reference(resource: Any) -> str:
    return f"{resource.get('resourceType')}/{resource.get('id')}"
