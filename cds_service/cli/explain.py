"""``cds-service explain``: a request file in, the reasoning out, coloured in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
import orjson

from cds_service.cli.decide import decider
from cds_service.errors import RequestError
from cds_service.inert import visible

# How a line of reasoning begins -> its colour.
COLOURS = {
    "met:": "green",
    "lifted:": "green",
    "not-met:": "red",
    "applies:": "red",
    "unknown:": "yellow",
    "at stake:": "yellow",
    "missing ": "yellow",
    "gap ": "yellow",
    "warning:": "yellow",
    "-> ": "cyan",
}


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
        _show([visible(line) for line in decision.trace()])
    return 0


def _show(lines: Sequence[str]) -> None:
    if not sys.stdout.isatty():
        click.echo("\n".join(lines))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        words = line.lstrip()
        start = next((each for each in COLOURS if words.startswith(each)), "")
        text = Text(line, style="" if start or line != words else "bold")
        if start:
            place = len(line) - len(words)
            text.stylize(COLOURS[start], place, place + len(start))
        console.print(text, soft_wrap=True)
