"""Cranial, thoracic and other non-limb needle codes, alone and beside conduction studies."""

from __future__ import annotations

from cds_service.core.coding import CRANIAL_ALONE, SITE_ADDON, THORACIC_ALONE, Code
from cds_service.core.finding import Choice
from cds_service.engine.coding.limbs import both_sides
from cds_service.engine.coding.merging import merge
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


def correct_axial(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Proposals for cranial, thoracic and non-limb add-on lines."""
    eyes = tuple(proposal for line in sheet.of(CRANIAL_ALONE) if (proposal := _eye_muscle(sheet, line)))
    taken = {ref for proposal in eyes for ref in proposal.about}
    cranial = tuple(line for line in sheet.of(CRANIAL_ALONE) if line.ref not in taken)
    return (*eyes, *_cranial(sheet, cranial), *_thoracic(sheet), *_addon_alone(sheet))


def _eye_muscle(sheet: Worksheet, line: Line) -> Proposal | None:
    table = sheet.rules.table
    named = line.words in table.words["eye_muscle"] or any(
        site.region == "extraocular" for site in line.axial
    )
    if not named or line.code is None:
        return None
    (eye,) = table.by_family["eye-muscle"]
    pattern = sheet.rules.patterns.of("eye-muscle-in-cranial")
    choices = (choice(change(line, eye, 1)), choice(keep(line)))
    return propose((pattern,), choices, (line,), default=0)


def _cranial(sheet: Worksheet, lines: tuple[Line, ...]) -> tuple[Proposal, ...]:
    patterns, table = sheet.rules.patterns, sheet.rules.table
    both = tuple(line for line in lines if line.code is not None and line.code.sides == 2)
    one = tuple(line for line in lines if line.code is not None and line.code.sides == 1)
    proposals: list[Proposal] = []
    if both and one:
        pattern = patterns.of("cranial-both-and-one")
        proposals.extend(propose((pattern,), (choice(remove(line)),), (line,)) for line in one)
        one = ()
    if sheet.conduction:
        proposals.extend(_paired(sheet, line, "cranial-one-side-with-conduction", line.units) for line in one)
        proposals.extend(_paired(sheet, line, "cranial-both-sides-with-conduction", 2) for line in both)
        return tuple(proposals)
    count = sum(line.units for line in one)
    if count > 1:
        pattern = patterns.of("cranial-twice")
        merged = choice(*merge(one, table.cranial[2]))
        single = choice(*merge(one, table.cranial[1]))
        certain = count == 2 and _opposite(sheet, one)
        choices = (merged,) if certain else (merged, single)
        proposals.append(propose((pattern,), choices, one))
    return tuple(proposals)


def _opposite(sheet: Worksheet, lines: tuple[Line, ...]) -> bool:
    """The lines show right and left between them."""
    if any(both_sides(sheet, line) for line in lines):
        return True
    words = sheet.rules.table.words
    sides = set()
    for line in lines:
        for side, modifier in (("right", "RT"), ("left", "LT")):
            sited = any(site.side == side for site in line.order.sites)
            if modifier in line.modifiers or sited or line.words in words[side]:
                sides.add(side)
    return len(sides) == 2


def _paired(sheet: Worksheet, line: Line, rule: str, units: int) -> Proposal:
    pattern = sheet.rules.patterns.of(rule)
    edit = change(line, sheet.rules.table.addon_site, units)
    return propose((pattern,), (choice(edit),), (line,), values={"sites": str(units)})


def _thoracic(sheet: Worksheet) -> tuple[Proposal, ...]:
    if not sheet.conduction:
        return ()
    return tuple(_paired(sheet, line, "thoracic-with-conduction", 1) for line in sheet.of(THORACIC_ALONE))


def _addon_alone(sheet: Worksheet) -> tuple[Proposal, ...]:
    """The non-limb add-on with no conduction study: add one, or the stand-alone code of the site."""
    if sheet.conduction or sheet.array or sheet.pending:
        return ()
    pattern = sheet.rules.patterns.of("site-addon-without-conduction")
    planned, same_session = sheet.studies_planned, sheet.answered("same-session")
    proposals = []
    for line in sheet.of(SITE_ADDON):
        choices: list[Choice] = []
        if not (same_session is False or planned == 0):
            choices.extend(choice(keep(line), create(line, code)) for code in sheet.proposed_conduction())
        if not (planned and same_session is not False):
            choices.extend(choice(change(line, code, 1)) for code in _by_site(sheet, line))
        proposals.append(propose((pattern,), choices, (line,), ask=True, settled=True, default=0))
    return tuple(proposals)


def _by_site(sheet: Worksheet, line: Line) -> tuple[Code, ...]:
    """The stand-alone codes that fit the line's sites; all of them when no site is given."""
    table = sheet.rules.table
    cranial = table.cranial[2 if line.units > 1 or both_sides(sheet, line) else 1]
    by_region = {"head": cranial, "thoracic": table.thoracic_alone}
    regions = {site.region for site in line.axial}
    if regions:
        return tuple(dict.fromkeys(by_region.get(region, table.limited_alone) for region in sorted(regions)))
    if line.units > 1:
        return (table.cranial[2], table.thoracic_alone, table.limited_alone)
    return (table.cranial[1], table.cranial[2], table.thoracic_alone, table.limited_alone)
