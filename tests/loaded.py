"""The content as shipped, read once for all tests of a process. Nobody may change what is handed out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from cds_service import pipeline
from cds_service.content import Roots
from cds_service.scenarios import Scenario, load_scenarios


@cache
def service() -> pipeline.Service:
    return pipeline.load(Roots.default())


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Every scenario by its name."""
    return {scenario.name: scenario for scenario in load_scenarios(Roots.default())}
