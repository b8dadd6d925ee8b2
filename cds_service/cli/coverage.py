"""``cds-service coverage``: which scenario shows which id of the knowledge."""

from __future__ import annotations

import click

from cds_service import coverage, pipeline
from cds_service.content import Roots
from cds_service.scenarios import load_scenarios


def run(*, write: bool) -> None:
    """Print the page, or write it beside the scenarios."""
    roots = Roots.default()
    page = coverage.table(pipeline.load(roots).knowledge, load_scenarios(roots))
    if write:
        path = roots.fhir_fixtures / coverage.FILE
        path.write_text(page, encoding="utf-8")
        click.echo(f"wrote {roots.name(path)}")
    else:
        click.echo(page, nl=False)
