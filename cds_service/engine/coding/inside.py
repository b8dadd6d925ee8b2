"""Limited studies of limbs, or paraspinals of limbs, that a limb code of the session already includes."""

from __future__ import annotations

from cds_service.core.case import ARM, LEG, Site
from cds_service.core.coding import LIMB_ADDON, LIMB_ALONE, Pattern
from cds_service.engine.coding.edits import change, choice
from cds_service.engine.coding.limb_choices import covered
from cds_service.engine.coding.merging import absorb, touched
from cds_service.engine.coding.worksheet import Proposal, Worksheet, propose
from cds_service.engine.lines import Line, listed

_PARASPINALS_OF = {"cervical": ARM, "lumbar": LEG}
_SPINE = "spine"


def inside_limb(sheet: Worksheet, line: Line) -> Proposal | None:
    """The line goes, or keeps what lies elsewhere; ``None`` when nothing of it is known to be inside."""
    holders = sheet.of(LIMB_ALONE, LIMB_ADDON)
    if not holders or any(not site.side for site in line.places if site.is_limb):
        return None
    limbs, _ = covered(holders)
    sites = (*line.limbs, *axial_sites(sheet, line))
    outside = [site for site in sites if not _is_inside(site, limbs, line)]
    if not limbs or len(outside) == len(sites):
        return None
    pattern = sheet.rules.patterns.of("limited-inside-limb")
    if outside:
        return _elsewhere(sheet, line, outside, pattern)
    around = [each for each in holders if not each.limbs or _touches(each.limbs, sites)]
    edits = absorb((line,), around)
    return propose(
        (pattern,), (choice(*edits),), (line, *touched(edits, around)), because=around, subject=(line,)
    )


def axial_sites(sheet: Worksheet, line: Line) -> tuple[Site, ...]:
    """The line's non-limb sites; where it has no site at all, the paraspinals that its text names."""
    if line.order.sites or not line.words:
        return line.axial
    named = listed(sheet.rules.table.paraspinals, line)
    return tuple(Site(region) for region in _PARASPINALS_OF if region in named.names)


def _elsewhere(sheet: Worksheet, line: Line, outside: list[Site], pattern: Pattern) -> Proposal:
    """Part of the line is inside: what is elsewhere stays, as the code it needs."""
    table, patterns = sheet.rules.table, sheet.rules.patterns
    used, code, units = [pattern], table.limited_alone, min(line.units, len(outside))
    if sheet.conduction and all(site.is_limb for site in outside):
        used.append(patterns.of("limited-with-conduction-limb"))
        code, units = table.addon_limited, len(outside)
    elif sheet.conduction and not any(site.is_limb for site in outside):
        used.append(patterns.of("limited-with-conduction-axial"))
        code, units = table.addon_site, len(outside)
    edit = change(line, code, units, sites=outside)
    return propose(used, (choice(edit),), (line,), values={"limbs": str(units)})


def _is_inside(site: Site, limbs: frozenset[Site], line: Line) -> bool:
    if site.is_limb:
        return site in limbs
    if site.region == _SPINE:
        return bool(line.limbs) and limbs.issuperset(line.limbs)
    return _PARASPINALS_OF.get(site.region) in {limb.region for limb in limbs}


def _touches(limbs: tuple[Site, ...], sites: tuple[Site, ...]) -> bool:
    regions = {limb.region for limb in limbs}
    return not set(limbs).isdisjoint(sites) or any(
        _PARASPINALS_OF.get(site.region) in regions for site in sites
    )
