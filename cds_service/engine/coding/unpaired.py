"""Add-ons in a session without a conduction study: one question for all, add it or use stand-alone codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, product

from cds_service.core.case import Site
from cds_service.core.coding import LIMB_ADDON, LIMB_ALONE, SITE_ADDON, Code
from cds_service.core.finding import Choice, Edit
from cds_service.engine.coding.addons import Outcome, outcomes, standings, units_of
from cds_service.engine.coding.edits import change, create, keep
from cds_service.engine.coding.limb_choices import beside_addons
from cds_service.engine.coding.limb_count import count_limbs
from cds_service.engine.coding.limbs import both_sides, limb_lines
from cds_service.engine.coding.merging import merge
from cds_service.engine.coding.worksheet import ALL_LIMBS, Proposal, Worksheet, propose
from cds_service.engine.lines import Line

_MOST_WAYS = 16


def correct_unpaired(sheet: Worksheet) -> tuple[Proposal, ...]:
    """At most one proposal; stand-alone limb codes there are become add-ons too, or one code with them."""
    if sheet.conduction or sheet.array or sheet.pending:
        return ()
    limbs, sites = sheet.of(LIMB_ADDON), sheet.of(SITE_ADDON)
    lines = (*limbs, *sites)
    patterns = sheet.rules.patterns
    found = standings(sheet, limbs)
    used = [patterns.of("limb-addon-without-conduction")] if limbs else []
    used += [patterns.of("site-addon-without-conduction")] if sites else []
    used += [pattern for standing in found for pattern in standing.patterns]
    radicular = bool(sheet.reason_groups & patterns.of("limb-addon-without-conduction").groups)
    alone = limb_lines(sheet, LIMB_ALONE) if limbs else ()
    planned, same_session = sheet.studies_planned, sheet.answered("same-session")
    with_study = not (same_session is False or planned == 0)
    alone_instead = not (planned and same_session is not False)
    choices: list[Choice] = []
    default = 0
    for outcome in _within_four(outcomes(found)):
        if with_study:
            choices.extend(_with_study(sheet, lines, sites, alone, outcome))
        if alone_instead:
            default = len(choices) if radicular and limbs and not default else default
            choices.extend(_alone_instead(sheet, limbs, sites, alone, outcome))
    return (
        propose(
            used,
            choices,
            (*lines, *alone),
            settled=True,
            ask=True,
            default=default,
            values={
                "units": str(sum(line.units for line in limbs)),
                "usual": sheet.usual if with_study and not sheet.elsewhere else "",
                "many": "yes" if len({line.meant for line in lines}) > 1 else "",
            },
        ),
    )


def _within_four(found: Iterable[Outcome]) -> list[Outcome]:
    """What counts no fifth limb, where there is such a thing."""
    ways = list(found)
    return [way for way in ways if units_of(way[0]) <= len(ALL_LIMBS)] or ways


def _with_study(
    sheet: Worksheet,
    lines: tuple[Line, ...],
    sites: tuple[Line, ...],
    alone: tuple[Line, ...],
    outcome: Outcome,
) -> Iterator[Choice]:
    """A conduction study drafted for another day is not doubled: moving it is another question."""
    edits, doable = outcome
    beside = [beside_addons(sheet, (line,), count_limbs(sheet, (line,)))[0][0] for line in alone]
    joined, agree = _joined(edits, [edit for one in beside for edit in one.edits])
    doable = doable and agree and all(one.applicable for one in beside)
    needle = (*joined, *map(keep, sites))
    model = next((line for line in lines if line.order.draft), lines[0])
    if sheet.elsewhere:
        codes = [line.code for line in sheet.elsewhere if line.code is not None]
        yield Choice((*needle, *(create(model, code) for code in codes)), applicable=False)
        return
    for code in sheet.proposed_conduction():
        yield Choice((*needle, create(model, code)), applicable=doable)


def _joined(edits: Iterable[Edit], others: Iterable[Edit]) -> tuple[Iterable[Edit], bool]:
    """One edit per order, and whether no order would change in two ways."""
    found: dict[str, Edit] = {}
    agree = True
    for edit in (*edits, *others):
        known = found.get(edit.order)
        if known is None or known.action == "keep":
            found[edit.order] = edit
        elif edit.action != "keep":
            agree = False
    return found.values(), agree


def _alone_instead(
    sheet: Worksheet,
    limbs: tuple[Line, ...],
    sites: tuple[Line, ...],
    alone: tuple[Line, ...],
    outcome: Outcome,
) -> Iterator[Choice]:
    edits, doable = _limbs_alone(sheet, limbs, alone, outcome) if limbs else ((), True)
    for others in _sites_alone(sheet, sites):
        yield Choice((*edits, *others), applicable=doable)


def _limbs_alone(
    sheet: Worksheet, limbs: tuple[Line, ...], alone: tuple[Line, ...], outcome: Outcome
) -> Outcome:
    """All complete studies are one code; a limited one is a code of its own per limb."""
    table = sheet.rules.table
    by_ref = {line.ref: line for line in limbs}
    edits, doable = outcome
    standing = [edit for edit in edits if edit.action != "remove" and not edit.stays]
    complete = [edit for edit in standing if edit.code == table.addon_complete.code]
    result = [edit for edit in edits if edit.action == "remove"]
    holders = (*alone, *(by_ref[edit.order] for edit in complete))
    if holders:
        listed = [_limbs_of(by_ref[edit.order], edit) for edit in complete] + [line.limbs for line in alone]
        known = {site for each in listed for site in each}
        counted = sum(edit.units for edit in complete) + sum(map(_limbs, alone))
        total = len(known) if all(listed) else min(len(ALL_LIMBS), counted)
        several = len(holders) > 1 or any(edit.sites is not None for edit in complete)
        axial = {site for line in holders for site in line.axial}
        result += merge(holders, table.alone[total], sites=(*axial, *known) if several and known else None)
    result.extend(
        change(by_ref[edit.order], table.limited_alone, edit.units, sites=edit.sites)
        for edit in standing
        if edit.code != table.addon_complete.code
    )
    return tuple(result), doable


def _limbs_of(line: Line, edit: Edit) -> tuple[Site, ...]:
    """The limbs of a line as it will stand."""
    if edit.sites is not None:
        return tuple(site for site in edit.sites if site.is_limb)
    return line.limbs if line.listed_limbs == edit.units else ()


def _limbs(line: Line) -> int:
    return line.code.limbs if line.code is not None and line.code.limbs else 1


def _sites_alone(sheet: Worksheet, lines: tuple[Line, ...]) -> Iterator[tuple[Edit, ...]]:
    """The stand-alone codes that fit the lines' sites: those of the head are one code, as are those of a
    site that nobody named.
    """
    of_region = {line.ref: {site.region for site in line.axial} for line in lines}
    head = tuple(line for line in lines if of_region[line.ref] == {"head"})
    unsited = tuple(line for line in lines if not of_region[line.ref])
    ways: list[list[tuple[Edit, ...]]] = []
    if head:
        ways.append([merge(head, code) for code in _cranial(sheet, head)])
    if unsited:
        codes = (*_cranial(sheet, unsited), sheet.rules.table.thoracic_alone)
        limited = tuple(change(line, sheet.rules.table.limited_alone, 1) for line in unsited)
        ways.append([*(merge(unsited, code) for code in codes), limited])
    ways.extend(
        [(change(line, code, 1),) for code in _by_region(sheet, of_region[line.ref])]
        for line in lines
        if line not in head and line not in unsited
    )
    for combination in islice(product(*ways), _MOST_WAYS):
        yield tuple(edit for edits in combination for edit in edits)


def _cranial(sheet: Worksheet, lines: tuple[Line, ...]) -> Iterable[Code]:
    """The code for one side or for both; either where the orders do not say."""
    cranial = sheet.rules.table.cranial
    if any(line.units > 1 or both_sides(sheet, line) for line in lines):
        return (cranial[2],)
    sides = {side for line in lines for side in line.sides}
    if len(sides) > 1:
        return (cranial[2],)
    certain = len(lines) == 1 and (sides or lines[0].axial)
    return (cranial[1],) if certain else (cranial[1], cranial[2])


def _by_region(sheet: Worksheet, regions: set[str]) -> Iterable[Code]:
    table = sheet.rules.table
    by_region = {"head": table.cranial[1], **table.by_region}
    return dict.fromkeys(by_region.get(region, table.limited_alone) for region in sorted(regions))
