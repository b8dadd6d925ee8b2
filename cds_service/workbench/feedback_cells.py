"""One figure of a table in: how it reads on the page, what a chart draws, what a CSV file holds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

Cell = str | int | float | date | None
NONE = "–"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# A spreadsheet would run a cell that starts like a formula.
_FORMULA = "=+-@\t\r"


class Kind(StrEnum):
    """What a column holds; ``SHARE`` from 0 to 1, ``DAY`` and ``MONTH`` the first day of a period."""

    TEXT = "text"
    CODE = "code"
    FINDING = "finding"
    DAY = "day"
    MONTH = "month"
    COUNT = "count"
    NUMBER = "number"
    SHARE = "share"
    MILLISECONDS = "milliseconds"
    SECONDS = "seconds"

    @property
    def is_figure(self) -> bool:
        return self in _FIGURES


_FIGURES = frozenset({Kind.COUNT, Kind.NUMBER, Kind.SHARE, Kind.MILLISECONDS, Kind.SECONDS})


def words(cell: Cell, kind: Kind | str) -> str:
    """As a person reads it."""
    if cell is None:
        return NONE
    if isinstance(cell, date):
        month = _MONTHS[cell.month - 1]
        return f"{month} {cell.year}" if kind == Kind.MONTH else f"{cell.day} {month} {cell.year}"
    if isinstance(cell, str):
        return cell
    if kind == Kind.SHARE:
        return f"{100 * cell:.0f} %"
    if kind == Kind.MILLISECONDS:
        return f"{cell:.1f} ms" if cell < 100 else f"{cell:,.0f} ms"
    if kind == Kind.SECONDS:
        return _span(cell)
    return f"{cell:.1f}" if kind == Kind.NUMBER else f"{cell:,}"


def drawn(cell: Cell) -> str:
    """As a chart reads it: a plain number, ``""`` for none."""
    if cell is None:
        return ""
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def csv_of(header: Iterable[str], rows: Iterable[Iterable[Cell]]) -> str:
    """RFC 4180, with plain numbers and ISO dates."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_written(cell) for cell in row])
    return out.getvalue()


def _written(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"'{cell}" if cell[:1] and cell[0] in _FORMULA else cell
    return "" if cell is None else str(round(cell, 4)) if isinstance(cell, float) else str(cell)


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    for limit, size, unit in ((3600, 60, "min"), (48 * 3600, 3600, "h"), (float("inf"), 86400, "days")):
        if seconds < limit:
            return f"{seconds / size:.1f} {unit}"
    raise AssertionError
