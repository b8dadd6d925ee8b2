"""Automated array conduction beside studies or needle add-ons it never goes with, or counted above its
limbs.
"""

from __future__ import annotations

from cds_service.core.coding import ARRAY, CONDUCTION, LIMB_ADDON, SITE_ADDON
from cds_service.engine.coding.worksheet import Proposal, Worksheet, change, choice, keep, propose, remove


def correct_arrays(sheet: Worksheet) -> tuple[Proposal, ...]:
    """At most one proposal about what stands beside the arrays, else one per line about its units."""
    table, patterns = sheet.rules.table, sheet.rules.patterns
    arrays = sheet.of(ARRAY)
    if not arrays:
        return ()
    studies = sheet.of(CONDUCTION)
    addons = sheet.of(LIMB_ADDON, SITE_ADDON)
    lines = (*arrays, *studies, *addons)
    only_arrays = choice(*(keep(line) for line in arrays), *(remove(line) for line in (*studies, *addons)))
    if studies:
        without = choice(*(remove(line) for line in arrays), *(keep(line) for line in (*studies, *addons)))
        used = [patterns.of("array-with-conduction")]
        if addons:
            used.append(patterns.of("array-with-addon"))
        return (propose(used, (without, only_arrays), lines, default=0, asks=()),)
    if addons:
        first, *rest = arrays
        replaced = [
            choice(change(first, code, 1), *(remove(line) for line in rest), *(keep(line) for line in addons))
            for code in sheet.proposed_conduction()
        ]
        pattern = patterns.of("array-with-addon")
        return (
            propose((pattern,), (*replaced, only_arrays), lines, default=0 if len(replaced) == 1 else -1),
        )
    pattern = patterns.of("array-units")
    return tuple(
        propose(
            (pattern,),
            (choice(change(line, table.array, line.listed_limbs)),),
            (line,),
            values={"units": str(line.units), "limbs": str(line.listed_limbs)},
        )
        for line in arrays
        if line.listed_limbs and line.units > line.listed_limbs
    )
