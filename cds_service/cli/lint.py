"""``cds-service lint``: every mistake an author can make, one line each."""

from __future__ import annotations

from pathlib import Path

import click

from cds_service import lint_content
from cds_service.content import Roots


def run(directory: Path | None) -> int:
    """Print the problems; 1 when there are any."""
    problems = lint_content.problems(Roots.at(directory) if directory else Roots.default())
    for problem in problems:
        click.echo(problem)
    return int(bool(problems))
