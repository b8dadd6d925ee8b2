"""The limited needle study: in a limb, on the trunk, inside a limb already studied, or another test's
muscles.
"""

from __future__ import annotations

from cds_service.core.case import Site
from cds_service.core.coding import LIMB_ALONE, LIMITED_ALONE, Code
from cds_service.core.finding import Notice
from cds_service.core.place import BOTH
from cds_service.engine.coding.edits import change, choice, create, keep
from cds_service.engine.coding.inside import axial_sites, inside_limb
from cds_service.engine.coding.limb_choices import covered
from cds_service.engine.coding.worksheet import ALL_LIMBS, Proposal, Worksheet, propose
from cds_service.engine.lines import Line
from cds_service.engine.sides import sides_of

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
    limbs, _ = covered(alone)
    return tuple(
        Notice(pattern.id, (line.ref, *(other.ref for other in alone)))
        for line in sheet.of(LIMITED_ALONE)
        if limbs and line.limbs and limbs.isdisjoint(line.limbs)
        if any(one.order.draft for one in (line, *alone))
    )


def _correct(sheet: Worksheet, line: Line) -> Proposal | None:
    table, patterns = sheet.rules.table, sheet.rules.patterns
    words = table.words
    if line.words in words["sphincter"] or _is_region(line, "sphincter"):
        codes = sorted(table.by_family["sphincter"], key=lambda code: code.code, reverse=True)
        pattern = patterns.of("sphincter-in-needle")
        choices = [choice(change(line, code, 1)) for code in codes]
        return propose((pattern,), (*choices, choice(keep(line))), (line,))
    inside = inside_limb(sheet, line)
    if inside is not None:
        return inside
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
    limbs = {site for site in line.places if site.is_limb}
    if limbs:
        return _limbs_paired(sheet, line, len(limbs))
    axial = axial_sites(sheet, line)
    if axial:
        pattern = patterns.of("limited-with-conduction-axial")
        edit = change(line, table.addon_site, len(axial))
        return propose((pattern,), (choice(edit),), (line,))
    pattern = patterns.of("limited-with-conduction-unsited")
    planned = sheet.limbs_planned
    code = _limb_addon(sheet)
    if planned:
        edit = change(line, code, len(planned), sites=planned)
        return propose((pattern,), (choice(edit),), (line,), settled=True)
    sides = len(sides_of(line.modifiers))
    choices = (change(line, code, max(line.units, sides)), change(line, table.addon_site, line.units))
    return propose((pattern,), map(choice, choices), (line,))


def _limbs_paired(sheet: Worksheet, line: Line, limbs: int) -> Proposal:
    """One add-on per limb; where units or a modifier say other limbs than are listed, either may be wrong."""
    code = _limb_addon(sheet)
    pattern = sheet.rules.patterns.of("limited-with-conduction-limb")
    choices = [choice(change(line, code, limbs))]
    if limbs == 1 and len(sides_of(line.modifiers)) > 1:
        pair = [Site(site.region, side) for site in line.limbs for side in BOTH]
        choices.append(choice(change(line, code, len(pair), sites=(*line.axial, *pair))))
    elif line.units > 1 and line.units != limbs:
        choices.append(choice(change(line, code, min(line.units, len(ALL_LIMBS))), applicable=False))
    return propose((pattern,), choices, (line,), values={"limbs": str(limbs), "listed": str(limbs)})


def _limb_addon(sheet: Worksheet) -> Code:
    """The add-on of a limb: limited as ordered, or complete where that is the answer."""
    table = sheet.rules.table
    return table.addon_complete if sheet.muscles_per_limb == "5-or-more" else table.addon_limited


def _is_region(line: Line, region: str) -> bool:
    return any(site.region == region for site in line.axial)
