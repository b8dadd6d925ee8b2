"""Every mistake an author can make in guideline data, cards and scenarios, one line each."""

from __future__ import annotations

import json

from cds_service import coverage, golden, pipeline
from cds_service.content import Roots
from cds_service.errors import ContentError, RequestError
from cds_service.expectations import unmet
from cds_service.render.shape import CUT, LONGEST_SUMMARY
from cds_service.scenarios import REQUEST, Scenario, load_scenarios


def problems(roots: Roots) -> list[str]:
    """``file::path: what, and what to do``; empty when the content is sound."""
    try:
        service = pipeline.load(roots)
        scenarios = load_scenarios(roots)
    except ContentError as error:
        return list(error.problems)
    found = [
        f"fhir_fixtures: no scenario shows {name}; add one, or name it in `shows` where it is shown"
        for name in coverage.uncovered(service.knowledge, scenarios)
    ]
    run = golden.runner(roots, service)
    for scenario in scenarios:
        found.extend(f"{roots.name(scenario.folder)}/{line}" for line in _scenario(run, scenario))
    return found


def _scenario(run: golden.Run, scenario: Scenario) -> list[str]:
    try:
        json.loads(scenario.request())
    except (OSError, ValueError):
        return [f"{REQUEST}::$: cannot be read as JSON; correct it"]
    try:
        decision = run(scenario)
    except RequestError as error:
        return [f"{REQUEST}::{error.where}: is refused ({error.what}); {error.remedy}"]
    found = [
        f"scenario.toml::expect: {line}; correct the data or the expectation"
        for line in unmet(scenario.expect, decision.explanation(), decision.response)
    ]
    found.extend(
        f"response.json::cards[{index}].summary: is cut to {LONGEST_SUMMARY} characters; shorten the wording"
        for index, card in enumerate(decision.response["cards"])
        if card["summary"].endswith(CUT)
    )
    return found
