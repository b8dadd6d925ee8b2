"""Automated array conduction beside studies or needle add-ons it never goes with, or counted above its
limbs.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.core.case import Site
from cds_service.core.coding import ARRAY, CONDUCTION, LIMB_ADDON, SITE_ADDON, Pattern
from cds_service.core.finding import Edit
from cds_service.engine.coding.edits import change, choice, keep, remove
from cds_service.engine.coding.merging import absorb, merge, touched
from cds_service.engine.coding.worksheet import Proposal, Worksheet, dated_first, propose
from cds_service.engine.lines import Line


def correct_arrays(sheet: Worksheet) -> tuple[Proposal, ...]:
    """At most one proposal: about what stands beside the arrays, or about their units, or both."""
    patterns = sheet.rules.patterns
    arrays = sheet.of(ARRAY)
    if not arrays:
        return ()
    studies = sheet.of(CONDUCTION)
    addons = sheet.of(LIMB_ADDON, SITE_ADDON)
    counted = _once_a_limb(arrays)
    units = [patterns.of("array-units")] if counted else []
    if not studies and not addons:
        return _units(arrays, counted, units)
    lines = (*arrays, *studies, *addons)
    left = counted or tuple(map(keep, arrays))
    only_arrays = choice(*left, *(remove(line) for line in (*studies, *addons)))
    if studies:
        without = choice(*(remove(line) for line in arrays), *(keep(line) for line in (*studies, *addons)))
        used = [patterns.of("array-with-conduction")]
        if addons:
            used.append(patterns.of("array-with-addon"))
        return (propose((*used, *units), (without, only_arrays), lines, default=0, asks=()),)
    replaced = [
        choice(*merge(arrays, code), *(keep(line) for line in addons)) for code in sheet.proposed_conduction()
    ]
    return (
        propose(
            (patterns.of("array-with-addon"), *units),
            (*replaced, only_arrays),
            lines,
            default=0 if len(replaced) == 1 else -1,
            values={"usual": sheet.usual},
        ),
    )


def _units(
    arrays: tuple[Line, ...], counted: tuple[Edit, ...], patterns: Sequence[Pattern]
) -> tuple[Proposal, ...]:
    """More units than limbs."""
    if not counted:
        return ()
    gone = any(edit.action == "remove" for edit in counted)
    changed = [edit for edit in counted if edit.action != "keep"]
    lines = touched(counted if gone else changed, [line for line in arrays if line.limbs])
    values = {
        "units": str(sum(line.units for line in lines)),
        "limbs": str(len({site for line in lines for site in line.limbs})),
    }
    return (propose(patterns, (choice(*counted),), lines, values=values),)


def _once_a_limb(arrays: tuple[Line, ...]) -> tuple[Edit, ...]:
    """What the arrays become when each limb counts once; empty when it does already."""
    seen: set[Site] = set()
    earlier: list[Line] = []
    edits: list[Edit] = []
    above = False
    for line in dated_first(arrays):
        new = [site for site in line.limbs if site not in seen]
        if not line.limbs or line.units <= len(new) or line.code is None:
            edits.append(keep(line))
        elif new:
            above = True
            edits.append(change(line, line.code, len(new), sites=(*line.axial, *new)))
        else:
            above = True
            edits.extend(absorb((line,), earlier))
        seen.update(line.limbs)
        earlier.append(line)
    return tuple(edits) if above else ()
