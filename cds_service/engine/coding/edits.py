"""What becomes of an order line: it stays, changes, goes, or another is ordered beside it."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.core.case import Site
from cds_service.core.coding import Code
from cds_service.core.finding import Choice, Edit
from cds_service.engine.lines import Line
from cds_service.engine.sides import fitting


def keep(line: Line) -> Edit:
    """The line as it stands; a decorated code is cleaned on the way, unless it is signed."""
    code = line.code.code if line.code is not None else line.sent
    if line.decorated and line.order.draft:
        return Edit(
            "change",
            line.ref,
            code,
            line.units,
            modifiers=line.modifiers,
            replaces=line.replaced,
            meant=line.meant,
        )
    return Edit("keep", line.ref, code, line.units, replaces=line.replaced, meant=line.meant)


def change(
    line: Line,
    code: Code,
    units: int = 1,
    *,
    sites: Iterable[Site] | None = None,
    modifiers: tuple[str, ...] | None = None,
    takes: tuple[str, ...] = (),
) -> Edit:
    """The line with another code or other units (or, when nothing differs, the line as it stands).

    ``modifiers``: those it is left with, where they are not the ones that fit the code.
    """
    wanted = None if sites is None else tuple(sorted(sites))
    same_sites = wanted is None or wanted == tuple(sorted(line.order.sites))
    same = line.code == code and line.units == units
    if modifiers is None:
        one_side = units == 1 and code.limbs <= 1 and code.sides <= 1
        modifiers = line.modifiers if same else fitting(line.modifiers, one_side or code == line.code)
    same_modifiers = modifiers == line.modifiers
    if same and not line.decorated and same_sites and same_modifiers and not takes:
        return keep(line)
    return Edit(
        "change",
        line.ref,
        code.code,
        units,
        modifiers=None if same_modifiers and not line.decorated else modifiers,
        sites=None if same_sites else wanted,
        replaces=line.replaced,
        meant=line.meant,
        takes=takes,
    )


def remove(line: Line) -> Edit:
    return Edit("remove", line.ref, replaces=line.replaced, meant=line.meant)


def create(model: Line, code: Code, units: int = 1, *, sites: tuple[Site, ...] | None = None) -> Edit:
    """A new order modelled on ``model`` (patient, requester, date, reason)."""
    return Edit("create", model.ref, code.code, units, sites=sites)


def choice(*edits: Edit, applicable: bool = True) -> Choice:
    """One choice; it cannot be applied when it would change nothing."""
    return Choice(edits, applicable and any(edit.action != "keep" for edit in edits))
