"""The limited needle study: in a limb, on the trunk, inside a limb already studied, or another test's
muscles.
"""

from __future__ import annotations

from cds_service.core.case import ARM, LEG, Site
from cds_service.core.coding import LIMB_ADDON, LIMB_ALONE, LIMITED_ALONE
from cds_service.core.finding import Notice
from cds_service.engine.coding.worksheet import (
    Proposal,
    Worksheet,
    change,
    choice,
    create,
    keep,
    propose,
    remove,
)
from cds_service.engine.lines import Line

_PARASPINALS_OF = {"cervical": ARM, "lumbar": LEG}
_PARASPINAL = frozenset({"cervical", "thoracic", "lumbar"})


def correct_limited(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Proposals for limited studies, one per line."""
    return tuple(proposal for line in sheet.of(LIMITED_ALONE) if (proposal := _correct(sheet, line)))


def limited_notices(sheet: Worksheet) -> tuple[Notice, ...]:
    """A limited study of one limb beside a complete study of another: both codes stand."""
    if sheet.conduction:
        return ()
    alone = sheet.of(LIMB_ALONE)
    pattern = sheet.rules.patterns.of("limited-in-other-limb")
    covered = {site for line in alone for site in line.limbs}
    return tuple(
        Notice(pattern.id, (line.ref, *(other.ref for other in alone)))
        for line in sheet.of(LIMITED_ALONE)
        if covered and line.limbs and covered.isdisjoint(line.limbs)
    )


def _correct(sheet: Worksheet, line: Line) -> Proposal | None:
    table, patterns = sheet.rules.table, sheet.rules.patterns
    words = table.words
    if line.words in words["sphincter"] or _is_region(line, "sphincter"):
        codes = sorted(table.by_family["sphincter"], key=lambda code: code.code, reverse=True)
        pattern = patterns.of("sphincter-in-needle")
        choices = [choice(change(line, code, 1)) for code in codes]
        return propose((pattern,), (*choices, choice(keep(line))), (line,))
    if _inside_limb(sheet, line):
        return propose((patterns.of("limited-inside-limb"),), (choice(remove(line)),), (line,))
    regions = _paraspinal_regions(sheet, line)
    if "thoracic" in regions:
        return _thoracic(sheet, line, len(regions))
    return _with_conduction(sheet, line) if sheet.conduction else None


def _thoracic(sheet: Worksheet, line: Line, regions: int) -> Proposal:
    """Thoracic paraspinals have a code of their own; what lies beside them keeps the limited one."""
    table = sheet.rules.table
    pattern = sheet.rules.patterns.of("thoracic-in-limited")
    if sheet.conduction:
        return propose((pattern,), (choice(change(line, table.addon_site, regions)),), (line,))
    edit = change(line, table.thoracic_alone, 1)
    if regions == 1:
        return propose((pattern,), (choice(edit),), (line,))
    split = choice(edit, create(line, table.limited_alone))
    return propose((pattern,), (split, choice(edit)), (line,), default=0)


def _paraspinal_regions(sheet: Worksheet, line: Line) -> frozenset[str]:
    """The regions of the paraspinals by body site or, where no other muscle is named, by the text."""
    sited = {site.region for site in line.axial} - {"trunk"}
    if line.limbs or sited - _PARASPINAL:
        return frozenset()
    table = sheet.rules.table
    named = table.paraspinals.read(line.words)
    if not (named.whole or line.words in table.words["thoracic"]) or table.muscles.read(line.words).names:
        return frozenset(sited)
    return frozenset(sited | named.names)


def _with_conduction(sheet: Worksheet, line: Line) -> Proposal:
    table, patterns = sheet.rules.table, sheet.rules.patterns
    limbs = tuple({site for site in line.order.sites if site.is_limb})
    if limbs:
        units = len(limbs)
        pattern = patterns.of("limited-with-conduction-limb")
        return propose(
            (pattern,),
            (choice(change(line, table.addon_limited, units)),),
            (line,),
            values={"limbs": str(units)},
        )
    if line.axial:
        pattern = patterns.of("limited-with-conduction-axial")
        edit = change(line, table.addon_site, len(line.axial))
        return propose((pattern,), (choice(edit),), (line,), values={"sites": str(len(line.axial))})
    pattern = patterns.of("limited-with-conduction-unsited")
    planned = sheet.limbs_planned
    if planned:
        edit = change(line, table.addon_limited, len(planned), sites=planned)
        return propose((pattern,), (choice(edit),), (line,), settled=True)
    codes = (table.addon_limited, table.addon_site)
    return propose((pattern,), (choice(change(line, code, line.units)) for code in codes), (line,))


def _inside_limb(sheet: Worksheet, line: Line) -> bool:
    """Every site of the line lies in a limb that a limb code of the session covers, or is its paraspinals."""
    holders = [
        other
        for other in sheet.of(LIMB_ALONE, LIMB_ADDON)
        if other.code is not None and (other.family == LIMB_ALONE or other.code.complete)
    ]
    covered = {site for other in holders for site in other.limbs}
    regions = {site.region for site in covered}
    sites = (*line.limbs, *line.axial)
    if not sites or not covered or any(site.is_limb and not site.side for site in line.order.sites):
        return False
    return all(_inside(site, covered, regions) for site in sites)


def _inside(site: Site, covered: set[Site], regions: set[str]) -> bool:
    return site in covered if site.is_limb else _PARASPINALS_OF.get(site.region) in regions


def _is_region(line: Line, region: str) -> bool:
    return any(site.region == region for site in line.axial)
