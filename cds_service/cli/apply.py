"""``cds-service apply``: a request and a choice in, the next request out."""

from __future__ import annotations

from collections.abc import Sequence

import click
import orjson

from cds_service.apply_suggestion import ChoiceError, applied, chosen
from cds_service.cli.decide import answerer, read
from cds_service.errors import RequestError


def run(file: str, *, card: int, suggestions: Sequence[int], as_of: str, dialect: str) -> int:
    """Print the request after the click; 1 when it was refused or there is no such suggestion."""
    try:
        request, decision = answerer(as_of, dialect)(read(file))
        after = applied(request, chosen(decision.response["cards"], card, suggestions))
    except (RequestError, ChoiceError) as error:
        what = "refused: " if isinstance(error, RequestError) else ""
        click.echo(f"{file}: {what}{error}", err=True)
        return 1
    click.echo(orjson.dumps(after, option=orjson.OPT_INDENT_2).decode())
    return 0
