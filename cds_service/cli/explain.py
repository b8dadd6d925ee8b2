"""``cds-service explain``: a request file in, the reasoning out."""

from __future__ import annotations

import click
import orjson

from cds_service.cli.decide import decider
from cds_service.errors import RequestError


def run(file: str, *, as_json: bool, as_of: str) -> int:
    """Explain one file; 1 when the request was refused."""
    try:
        decision = decider(as_of)(file)
    except RequestError as error:
        click.echo(f"{file}: refused: {error}", err=True)
        return 1
    if as_json:
        click.echo(orjson.dumps(decision.explanation(), option=orjson.OPT_INDENT_2).decode())
    else:
        for line in decision.trace():
            click.echo(line)
    return 0
