"""What EMG or conduction study a line stands for that does not say it by its code."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.core.case import Site
from cds_service.core.coding import (
    CRANIAL_ALONE,
    LIMB_ADDON,
    LIMB_ALONE,
    LIMB_UNKNOWN,
    LIMITED_ALONE,
    SITE_ADDON,
    THORACIC_ALONE,
    Code,
    Pattern,
)
from cds_service.core.finding import Choice
from cds_service.engine.coding.edits import change, choice, create
from cds_service.engine.coding.limbs import both_sides
from cds_service.engine.coding.worksheet import Worksheet
from cds_service.engine.lines import Line

_NEEDLE = frozenset(
    {
        LIMB_ALONE,
        LIMB_UNKNOWN,
        LIMITED_ALONE,
        LIMB_ADDON,
        SITE_ADDON,
        CRANIAL_ALONE,
        THORACIC_ALONE,
        "organ-alone",
    }
)
_MOST_LIMBS = 4


def needle_lines(sheet: Worksheet, line: Line, families: Iterable[str] = _NEEDLE) -> tuple[Line, ...]:
    """Needle lines of the session that may study what ``line`` is about: no body sites speak against it."""
    among = frozenset(families)
    return tuple(
        other
        for other in (*sheet.lines, *sheet.others)
        if other.family in among and other is not line and _may_overlap(sheet, line, other)
    )


def full_study(sheet: Worksheet, line: Line) -> list[Choice]:
    """Needle EMG and conduction studies, without what the session has already; empty when it has both."""
    codes = [] if sheet.conduction else sheet.proposed_conduction()
    if needle_lines(sheet, line):
        return [choice(change(line, code, 1)) for code in codes]
    needle = [
        change(line, code, units, sites=sheet.limbs_planned or None)
        for code, units in _with_conduction(sheet, line)
    ]
    if sheet.conduction:
        return [choice(edit) for edit in needle]
    return [choice(edit, create(line, code)) for edit in needle for code in codes]


def needle_choices(sheet: Worksheet, line: Line) -> list[Choice]:
    """Diagnostic needle codes for the sites planned or listed, or complete ones of 1 to 4 limbs."""
    planned = sheet.limbs_planned
    if not planned and _is_axial(line):
        return [choice(change(line, code, units)) for code, units in _axial_codes(sheet, line)]
    limbs = len(planned) or line.listed_limbs
    counts = (limbs,) if limbs else range(1, _MOST_LIMBS + 1)
    return [
        choice(change(line, code, units, sites=planned or None))
        for count in counts
        for code, units in _needle_codes(sheet, count, listed=bool(limbs))
    ]


def is_needle_settled(sheet: Worksheet, line: Line) -> bool:
    """The muscles per limb are answered, the limbs answered or listed."""
    return bool((sheet.limbs_planned or line.limbs) and sheet.muscles_per_limb)


def open_questions(sheet: Worksheet, line: Line, pattern: Pattern) -> tuple[str, ...]:
    """What the pattern asks and neither the order nor an answer has said."""
    no_limbs = _is_axial(line) or bool(needle_lines(sheet, line))
    said = {
        "studies-planned": sheet.conduction or sheet.studies_planned is not None,
        "limbs-planned": no_limbs or bool(sheet.limbs_planned or line.limbs),
        "muscles-per-limb": no_limbs or bool(sheet.muscles_per_limb),
    }
    return tuple(link for link in pattern.asks if not said.get(link, False))


def _may_overlap(sheet: Worksheet, line: Line, other: Line) -> bool:
    own = set(sheet.limbs_planned) or set(line.order.sites)
    theirs = set(other.order.sites)
    return not own or not theirs or any(_same(one, two) for one in own for two in theirs)


def _same(one: Site, two: Site) -> bool:
    return one.region == two.region and (not one.side or not two.side or one.side == two.side)


def _is_axial(line: Line) -> bool:
    return bool(line.axial) and not any(site.is_limb for site in line.order.sites)


def _with_conduction(sheet: Worksheet, line: Line) -> list[tuple[Code, int]]:
    """The add-on of a full study; a count of limbs that nobody gives is one."""
    table = sheet.rules.table
    if not sheet.limbs_planned and _is_axial(line):
        return [(table.addon_site, units) for units in _axial_units(sheet, line)]
    code = table.addon_limited if sheet.muscles_per_limb == "under-5" else table.addon_complete
    return [(code, len(sheet.limbs_planned) or line.listed_limbs or 1)]


def _needle_codes(sheet: Worksheet, limbs: int, *, listed: bool) -> list[tuple[Code, int]]:
    table = sheet.rules.table
    complete = (table.addon_complete, limbs) if sheet.conduction else (table.alone[limbs], 1)
    limited = (table.addon_limited if sheet.conduction else table.limited_alone, limbs)
    if sheet.muscles_per_limb == "under-5":
        return [limited]
    if sheet.muscles_per_limb == "5-or-more" or not listed:
        return [complete]
    return [complete, limited]


def _axial_codes(sheet: Worksheet, line: Line) -> list[tuple[Code, int]]:
    table = sheet.rules.table
    if sheet.conduction:
        return [(table.addon_site, units) for units in _axial_units(sheet, line)]
    regions = {site.region for site in line.axial}
    if regions == {"head"}:
        return [(table.cranial[units], 1) for units in _axial_units(sheet, line)]
    return [(table.thoracic_alone if regions == {"thoracic"} else table.limited_alone, 1)]


def _axial_units(sheet: Worksheet, line: Line) -> tuple[int, ...]:
    """Sites: every region once, either side of the head once."""
    sides = {site.side for site in line.axial if site.region == "head"}
    regions = len({site.region for site in line.axial})
    if not sides:
        return (regions,)
    if both_sides(sheet, line):
        return (regions + 1,)
    return (regions,) if sides != {""} else (regions, regions + 1)
