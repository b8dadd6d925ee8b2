"""What one step changed: the request line by line, the orders in words, and the points that are gone."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass

from cds_service.core.finding import Evaluation, Result
from cds_service.workbench.scenario_orders import LIMBS, OrderRow

CONTEXT = 3
_MARKS = {"+": "added", "-": "removed", " ": "same"}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """``mark``: ``added removed same`` or ``gap`` (lines that did not change)."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A step from one request to the next. ``before`` is the request as it was, to go back to."""

    title: str
    before: str
    orders: tuple[str, ...]
    lines: tuple[DiffLine, ...]
    gone: tuple[str, ...]
    new: tuple[str, ...]
    moved: tuple[str, ...]


def diff(before: object, after: object) -> tuple[DiffLine, ...]:
    """The lines of the request that changed, with a few around them."""
    old, new = (json.dumps(each, indent=2, ensure_ascii=False).splitlines() for each in (before, after))
    found: list[DiffLine] = []
    for line in list(difflib.unified_diff(old, new, lineterm="", n=CONTEXT))[2:]:
        if line.startswith("@@"):
            if found:
                found.append(DiffLine("gap", "…"))
        else:
            found.append(DiffLine(_MARKS[line[0]], line[1:]))
    return tuple(found)


def orders(before: tuple[OrderRow, ...], after: tuple[OrderRow, ...]) -> tuple[str, ...]:
    """What became of each order, in a sentence."""
    was, now = ({row.ref: row for row in rows} for rows in (before, after))
    said = []
    for ref in dict.fromkeys((*was, *now)):
        old, new = was.get(ref), now.get(ref)
        if old is None and new is not None:
            said.append(f"{ref} is new: {_line(new)}")
        elif new is None and old is not None:
            said.append(f"{ref} is removed (it was {_line(old)})")
        elif old is not None and new is not None and _line(old) != _line(new):
            said.append(f"{ref}: {_line(old)} became {_line(new)}")
        elif old is not None and new is not None and old.limbs != new.limbs:
            said.append(f"{ref}: {_limbs(old)} became {_limbs(new)}")
    return tuple(said)


def points(evaluation: Evaluation) -> dict[str, str]:
    """Everything raised, by id, with its mode."""
    found = {item.id: "notice" for item in evaluation.notices}
    found |= {item.row: str(item.mode) for item in evaluation.diagnosis_corrections}
    found |= {item.pattern: str(item.mode) for item in evaluation.corrections}
    return found


def moved(before: Evaluation, after: Evaluation) -> tuple[str, ...]:
    """How determinations and modes moved, where they did."""
    was, now = (_results(each) for each in (before, after))
    said = []
    for pathway in dict.fromkeys((*was, *now)):
        old, new = was.get(pathway), now.get(pathway)
        if old != new:
            said.append(f"{pathway}: {old or 'not judged'} became {new or 'not judged'}")
    modes = points(before), points(after)
    for name, mode in modes[0].items():
        if modes[1].get(name, mode) != mode:
            said.append(f"{name}: {mode} became {modes[1][name]}")
    return tuple(said)


def change(
    title: str,
    request: tuple[object, object],
    rows: tuple[tuple[OrderRow, ...], tuple[OrderRow, ...]],
    evaluation: tuple[Evaluation, Evaluation],
) -> Change:
    """One step; every pair is (before, after)."""
    was, now = (points(each) for each in evaluation)
    return Change(
        title=title,
        before=json.dumps(request[0], ensure_ascii=False),
        orders=orders(*rows),
        lines=diff(*request),
        gone=tuple(point for point in was if point not in now),
        new=tuple(point for point in now if point not in was),
        moved=moved(*evaluation),
    )


def _results(evaluation: Evaluation) -> dict[str, Result]:
    return {item.pathway: item.result for item in evaluation.determinations}


def _limbs(row: OrderRow) -> str:
    return ", ".join(LIMBS[name][1].lower() for name in row.limbs) or "no limb"


def _line(row: OrderRow) -> str:
    units = f" x {row.units}" if row.units != "1" else ""
    reasons = f" for {row.reasons}" if row.reasons else ""
    return f"{row.code or 'no code'}{units}{reasons}"
