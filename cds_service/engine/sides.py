"""Sides that modifiers say: right, left, or both at once."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.core.case import Side, Site
from cds_service.core.place import BOTH

BILATERAL = "50"
_SIDE_OF: dict[str, tuple[Side, ...]] = {"RT": ("right",), "LT": ("left",), BILATERAL: BOTH}


def sides_of(modifiers: Iterable[str]) -> tuple[Side, ...]:
    """The sides that modifiers say, each once; empty when they say none."""
    found = {side for modifier in modifiers for side in _SIDE_OF.get(modifier, ())}
    return tuple(side for side in BOTH if side in found)


def sided(sites: list[Site], modifiers: tuple[str, ...]) -> list[Site]:
    """The sites, those without a side on the sides that the modifiers say."""
    sides = sides_of(modifiers)
    if not sides:
        return sites
    return [
        place
        for site in sites
        for place in ((site,) if site.side else tuple(Site(site.region, side) for side in sides))
    ]


def without_sides(modifiers: Iterable[str]) -> tuple[str, ...]:
    return tuple(modifier for modifier in modifiers if modifier not in _SIDE_OF)


def fitting(modifiers: tuple[str, ...], one_side: bool) -> tuple[str, ...]:
    """The modifiers that stay on a line whose code or units change.

    Both sides at once is said by the code or the units; a code for several limbs or both sides has no side.
    """
    return modifiers if one_side and len(sides_of(modifiers)) < 2 else without_sides(modifiers)
