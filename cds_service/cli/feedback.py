"""``cds-service feedback report``: acceptance and override rates as a table, CSV or JSON."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

import click
import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cds_service.cli.store import configured
from cds_service.settings import Settings
from cds_service.store.report import Group, Report, report

COUNTS = ("served", "accepted", "overridden", "unanswered", "acceptance rate", "override rate", "reasons")
OPEN = "(open access)"
NO_REASON = "(no reason)"
STRAYS = "that we do not know (any more) or that went to another client"


def run(*, by: Sequence[str], since: str, until: str, form: str) -> None:
    """Print the report; ``form`` is ``table``, ``csv`` or ``json``; dates in ISO form or ``""``."""
    found = report(
        configured(Settings.from_env()),
        by=tuple(dict.fromkeys(by)),
        since=date.fromisoformat(since) if since else None,
        until=date.fromisoformat(until) if until else None,
    )
    if form == "json":
        click.echo(orjson.dumps(_json(found), option=orjson.OPT_INDENT_2).decode())
    elif form == "csv":
        _csv(found)
    else:
        _table(found)


def _json(found: Report) -> dict[str, Any]:
    return {
        "by": list(found.by),
        "groups": [{**_key(found, group), **_counts(group)} for group in found.groups],
        "total": _counts(found.total),
        "strays": found.strays,
    }


def _counts(group: Group) -> dict[str, Any]:
    return {
        "served": group.served,
        "accepted": group.accepted,
        "overridden": group.overridden,
        "unanswered": group.unanswered,
        "acceptance_rate": round(group.share(group.accepted), 4),
        "override_rate": round(group.share(group.overridden), 4),
        "reasons": [{"reason": reason, "count": count} for reason, count in group.reasons],
    }


def _csv(found: Report) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*found.by, *(name.replace(" ", "_") for name in COUNTS)])
    for group in found.groups:
        counts = _counts(group)
        reasons = "; ".join(f"{count} x {reason}" for reason, count in _named(group))
        # A spreadsheet would run a cell that starts like a formula.
        cells = [*_key(found, group).values(), *list(counts.values())[:-1], reasons]
        writer.writerow(
            [f"'{cell}" if str(cell)[:1] in "=+-@\t\r" and cell != "" else cell for cell in cells]
        )


def _table(found: Report) -> None:
    counts = Table(title="What became of the cards", title_justify="left")
    reasons = Table(title="Why they were overridden", title_justify="left")
    for name in found.by:
        counts.add_column(name, overflow="fold")
        reasons.add_column(name, overflow="fold")
    for name in ("served", "accepted", "overridden", "no answer"):
        counts.add_column(name, justify="right")
    reasons.add_column("reason", overflow="fold")
    reasons.add_column("count", justify="right")
    for group in found.groups:
        key = [escape(text) for text in _key(found, group).values()]
        counts.add_row(*key, *_cells(group))
        for reason, count in _named(group):
            reasons.add_row(*key, escape(reason), str(count))
    counts.add_section()
    counts.add_row("total", *[""] * (len(found.by) - 1), *_cells(found.total))
    console = Console()
    console.print(counts)
    if reasons.row_count:
        console.print(reasons)
    if found.strays:
        console.print(f"Besides, {found.strays} feedback on cards {STRAYS}")


def _cells(group: Group) -> list[str]:
    counts = (group.accepted, group.overridden, group.unanswered)
    return [str(group.served), *(f"{count} ({group.share(count):.0%})" for count in counts)]


def _named(group: Group) -> list[tuple[str, int]]:
    return [(reason or NO_REASON, count) for reason, count in group.reasons]


def _key(found: Report, group: Group) -> dict[str, str]:
    return {
        name: value or (OPEN if name == "issuer" else "")
        for name, value in zip(found.by, group.key, strict=True)
    }
