"""``cds-service dialects``: some scenarios in every dialect, side by side."""

from __future__ import annotations

import click

from cds_service import dialect_pages
from cds_service.cli.cards import plain
from cds_service.content import Roots


def run(*, write: bool) -> None:
    """Print the page, or write it beside the scenarios."""
    roots = Roots.default()
    page = dialect_pages.page(roots, plain)
    if write:
        path = roots.fhir_fixtures / dialect_pages.FILE
        path.write_text(page, encoding="utf-8")
        click.echo(f"wrote {roots.name(path)}")
    else:
        click.echo(page, nl=False)
