"""``cds-service golden``: the scenarios against their expected answers."""

from __future__ import annotations

import click

from cds_service import golden
from cds_service.content import Roots


def run(*, write: bool) -> int:
    """Rewrite or compare; 1 when something differs."""
    roots = Roots.default()
    if write:
        for name in golden.write(roots):
            click.echo(f"wrote {name}")
        return 0
    differing = golden.differences(roots)
    for line in differing:
        click.echo(line)
    return int(bool(differing))
