"""``cds-service check``: request files in, cards out."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
import orjson

from cds_service.cli import cards
from cds_service.cli.decide import decider
from cds_service.errors import RequestError


def run(files: Sequence[str], *, as_json: bool, as_of: str, dialect: str = "") -> int:
    """Answer every file; 1 when at least one was refused."""
    decide = decider(as_of, dialect)
    refused = False
    for file in files:
        if len(files) > 1 and not as_json:
            click.echo(f"== {file}")
        try:
            response = decide(file).response
        except RequestError as error:
            refused = True
            _refuse(error, file, as_json=as_json)
            continue
        if as_json:
            _json(response)
        else:
            cards.show(response["cards"])
    return int(refused)


def _refuse(error: RequestError, file: str, *, as_json: bool) -> None:
    if as_json:
        from cds_service.web.problems import outcome_of

        _json(outcome_of(error))
    click.echo(f"{file}: refused: {error}", err=True)


def _json(body: object) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(orjson.dumps(body) + b"\n")
    sys.stdout.buffer.flush()
