"""Several lines that become one: the one that stays says all that the others said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cds_service.core.case import Diagnosis, Site
from cds_service.core.coding import Code
from cds_service.core.finding import Edit
from cds_service.engine.coding.edits import change, remove
from cds_service.engine.coding.worksheet import dated_first
from cds_service.engine.lines import Line
from cds_service.engine.sides import sides_of, without_sides


def merge(
    lines: Sequence[Line],
    code: Code,
    units: int = 1,
    *,
    stays: Line | None = None,
    sites: Iterable[Site] | None = None,
    modifiers: tuple[str, ...] | None = None,
) -> tuple[Edit, ...]:
    """``lines`` become one line of ``code``; ``stays`` is the order that carries it, else the first dated.

    ``sites``: the sites it is left with, where they are not those of all lines together.
    """
    first = stays if stays is not None else dated_first(lines)[0]
    rest = [line for line in lines if line is not first]
    if not rest:
        return (change(first, code, units, sites=sites, modifiers=modifiers),)
    own = set(first.places)
    added = {site for line in rest for site in line.places} - own
    if sites is None and added:
        sites = own | added
    left = modifiers or _modifiers(first, rest)
    edit = change(first, code, units, sites=sites, modifiers=left)
    says_more = bool(added) or any(_has_reasons(line, first) for line in rest)
    if says_more or (edit.action != "keep" and _notes(rest, first)):
        takes = tuple(line.ref for line in rest)
        edit = change(first, code, units, sites=sites, modifiers=left, takes=takes)
    return (edit, *(remove(line) for line in rest))


def absorb(gone: Sequence[Line], holders: Sequence[Line]) -> tuple[Edit, ...]:
    """``gone`` are inside what ``holders`` already are: they go, and one of these takes over their reasons.

    What their notes say is about a study that nobody wants any more.
    """
    removed = tuple(remove(line) for line in gone)
    holder = next((line for line in holders if line.order.draft and line.code is not None), None)
    takes = tuple(
        line.ref for line in gone if all(_has_reasons(line, one) for one in holders if one.order.draft)
    )
    if holder is None or holder.code is None or not takes:
        return removed
    code, units = holder.code.code, holder.units
    return (
        *removed,
        Edit("change", holder.ref, code, units, replaces=holder.replaced, takes=takes, stays=True),
    )


def touched(edits: Iterable[Edit], lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines that ``edits`` are about."""
    refs = {edit.order for edit in edits}
    return tuple(line for line in lines if line.ref in refs)


def _notes(lines: Iterable[Line], other: Line) -> bool:
    """The lines have notes that ``other`` does not have. No order changes for their sake alone."""
    return any(note not in other.order.notes for line in lines for note in line.order.notes)


def _has_reasons(line: Line, other: Line) -> bool:
    if line.order.reasons == other.order.reasons:
        return False
    known = {_meaning(reason) for reason in other.order.reasons}
    return any(_meaning(reason) not in known for reason in line.order.reasons)


def _meaning(reason: Diagnosis) -> tuple[str, ...]:
    return (reason.system, reason.code) if reason.code else (reason.text, reason.ref)


def _modifiers(first: Line, rest: Iterable[Line]) -> tuple[str, ...] | None:
    """Sides that the lines do not share are no sides of what they become."""
    if all(sides_of(line.modifiers) == sides_of(first.modifiers) for line in rest):
        return None
    return without_sides(first.modifiers)
