"""The same disease on the right and on the left, coded twice: on one order or on two of the session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cds_service.core.finding import Mode
from cds_service.core.icd10 import BOTH, Place, Reading
from cds_service.engine.diagnoses.context import ONE_SIDE, SIDES_ASKED, Context, listed_sides
from cds_service.engine.diagnoses.draft import Draft, of_row

_TWO_SIDES = "4.5.4"
_CONTRADICTION = "4.5.3-contradiction"
_BILATERAL = "4.5.3-bilateral"


def draft_both_sides(context: Context, readings: Sequence[Reading], free: set[int]) -> Iterator[Draft]:
    """Corrections of one order; codes used are taken out of ``free``."""
    stems: dict[str, dict[str, list[int]]] = {}
    for index in sorted(free):
        if readings[index].stem and readings[index].side in ONE_SIDE:
            stems.setdefault(readings[index].stem, {}).setdefault(readings[index].side, []).append(index)
    for stem, sides in stems.items():
        if len(sides) < len(ONE_SIDE) and stem not in context.two_sided:
            continue
        touched = sorted(index for indices in sides.values() for index in indices)
        draft = _draft(context, readings[touched[0]], touched, frozenset(sides))
        if draft is not None:
            free -= set(touched)
            yield draft


def _draft(context: Context, reading: Reading, touched: list[int], here: frozenset[str]) -> Draft | None:
    place = reading.entry.places[0] if reading.entry is not None else None
    bilateral = place.siblings.get(BOTH, ()) if place is not None else ()
    if place is None or not bilateral:
        return None
    listed = listed_sides(context.sites(reading), place.regions)
    if context.answer in ONE_SIDE:
        return _one_side(context, place, touched, listed) if here == ONE_SIDE else None
    row = context.rules.rows[_TWO_SIDES]
    if context.answer or len(listed) != 1:
        return of_row(row, Mode.FIX, touched, (bilateral,))
    # Only one of the two is studied: the other may be there by mistake.
    other = place.siblings[next(iter(listed))]
    choices = (bilateral, other) if here != listed else (bilateral,)
    draft = of_row(row, Mode.ASK, touched, choices, asks=(SIDES_ASKED,))
    return replace(draft, default=-1, why=f"{row.why}; {context.rules.rows[_BILATERAL].why}")


def _one_side(context: Context, place: Place, touched: list[int], listed: frozenset[str]) -> Draft:
    """One side alone has symptoms, as answered."""
    agrees = not listed or context.answer in listed
    row = context.rules.rows[_CONTRADICTION]
    draft = of_row(row, Mode.FIX if agrees else Mode.ASK, touched, (place.siblings[context.answer],))
    return replace(draft, side=context.answer)
