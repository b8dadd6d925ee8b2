"""``cds-service doctor``: what is well and what is not, one line each."""

from __future__ import annotations

import click
import orjson

from cds_service.doctor import Level, Note, examine

COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


def run(*, as_json: bool, ask: bool) -> int:
    """Print every note; 1 when something fails."""
    notes = examine(ask=ask)
    if as_json:
        body = [{"level": note.level, "what": note.what, "remedy": note.remedy} for note in notes]
        click.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
    else:
        for note in notes:
            click.echo(line(note))
    return int(any(note.level is Level.FAIL for note in notes))


def line(note: Note) -> str:
    """``ok / warn / fail``, what, and how to mend it; coloured, which click leaves out in a pipe."""
    level = click.style(f"{note.level:<4}", fg=COLOURS[note.level])
    return f"{level}  {note.what}" + (f": {note.remedy}" if note.remedy else "")
