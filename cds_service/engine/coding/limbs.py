"""Stand-alone limb codes: how many limbs are meant, and what that is beside conduction studies.

First the limb count is settled, then the count is written as the stand-alone code, or, with conduction
studies, as that many complete add-ons. Orders whose text names no study of whole limbs go their own ways.
"""

from __future__ import annotations

from dataclasses import replace

from cds_service.core.case import Site
from cds_service.core.coding import LIMB_ADDON, LIMB_ALONE, LIMB_UNKNOWN, Pattern
from cds_service.core.finding import Choice
from cds_service.core.order_text import Listing, sentences
from cds_service.engine.coding.edits import change, choice, create, keep
from cds_service.engine.coding.limb_choices import beside_addons, limb_choice
from cds_service.engine.coding.limb_count import Reading, count_limbs, is_clear
from cds_service.engine.coding.merging import touched
from cds_service.engine.coding.worksheet import Proposal, Worksheet, propose
from cds_service.engine.lines import Line, listed


def correct_limbs(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Proposals for stand-alone limb codes; each line is in at most one of them."""
    found = {line.ref: proposal for line in sheet.of(LIMB_ALONE) if (proposal := _special(sheet, line))}
    special = tuple(found.values())
    lines = tuple([line for line in sheet.of(LIMB_ALONE, LIMB_UNKNOWN) if line.ref not in found])
    merged_with_addons = sheet.of(LIMB_ADDON) and not (sheet.conduction or sheet.array or sheet.pending)
    if not lines or merged_with_addons:
        return special
    if sheet.conduction and len(lines) > 1 and is_clear(lines):
        return (*special, *(proposal for line in lines if (proposal := _counted(sheet, (line,)))))
    proposal = _counted(sheet, lines)
    return (*special, proposal) if proposal is not None else special


def limb_lines(sheet: Worksheet, *families: str) -> tuple[Line, ...]:
    """Lines of these families that do name a study of limbs."""
    return tuple(
        line for line in sheet.of(*families) if line.family != LIMB_ALONE or not _special(sheet, line)
    )


def alone_choice(sheet: Worksheet, lines: tuple[Line, ...], limbs: int, sites: tuple[Site, ...]) -> Choice:
    """``lines`` become one stand-alone code for ``limbs``, or, with conduction studies, complete add-ons."""
    return limb_choice(sheet, lines, Reading(limbs, sites), paired=sheet.conduction)


def _counted(sheet: Worksheet, lines: tuple[Line, ...]) -> Proposal | None:
    patterns = sheet.rules.patterns
    count = count_limbs(sheet, lines)
    used: list[Pattern] = []
    if sheet.conduction:
        used = [_paired(sheet, line) for line in lines if line.family == LIMB_ALONE]
    if count.rule:
        used.append(patterns.of(count.rule))
    if any(line.family == LIMB_UNKNOWN for line in lines):
        used.append(patterns.of("limb-code-unknown"))
    if not used:
        return None
    more: list[Pattern] = []
    open_ = False
    if sheet.conduction:
        choices, more, open_ = beside_addons(sheet, lines, count)
    else:
        choices = [limb_choice(sheet, lines, reading, paired=False) for reading in count.readings]
    others = touched([edit for one in choices for edit in one.edits], sheet.of(LIMB_ADDON))
    return propose(
        (*used, *more),
        choices,
        (*lines, *others),
        ask=count.ask or open_,
        settled=count.answered and not open_,
        values={
            "limbs": str(count.readings[0].limbs),
            "listed": str(count.listed),
            "form_limbs": str(len(sheet.limbs_planned)) if count.answered else "",
            "code": next((line.sent for line in lines if line.family == LIMB_UNKNOWN), ""),
        },
        subject=lines if others else (),
    )


def _paired(sheet: Worksheet, line: Line) -> Pattern:
    return sheet.rules.patterns.of("alone-with-conduction", line.code.code if line.code else "")


def _special(sheet: Worksheet, line: Line) -> Proposal | None:
    """A limb code whose order names no limb study: sphincter, trapezius, paraspinals only, or fewer than 5
    muscles.
    """
    words, patterns = sheet.rules.table.words, sheet.rules.patterns
    if not line.words and not line.axial and not sheet.muscles_per_limb:
        return None
    if _names_region(line, "sphincter", line.words in words["sphincter"]):
        return _sphincter(sheet, line)
    muscles = listed(sheet.rules.table.muscles, line)
    if muscles.whole and all(muscle in words["trapezius"] for muscle in muscles.names):
        return _trapezius(sheet, line)
    axial = _paraspinals_only(sheet, line, muscles)
    if axial:
        return _paraspinals(sheet, replace(line, axial=axial))
    if _limited(sheet, line, muscles):
        return _limited_study(sheet, line, patterns.of("alone-but-limited"))
    return None


def _paraspinals_only(sheet: Worksheet, line: Line, muscles: Listing) -> tuple[Site, ...]:
    """The paraspinals that are all the order lists: as body sites, or, without any, several in its text."""
    if line.axial and not any(site.is_limb for site in line.order.sites) and _paraspinal_only(line):
        return line.axial
    if line.order.sites or muscles.names:
        return ()
    named = sheet.rules.table.paraspinals.read(line.words)
    if not named.whole or len(named.names) < 2 or line.words in sheet.rules.table.words["limb_words"]:
        return ()
    return tuple(Site(region) for region in sorted(named.names))


def _names_region(line: Line, region: str, named: bool) -> bool:
    return named or any(site.region == region for site in line.axial)


def _sphincter(sheet: Worksheet, line: Line) -> Proposal:
    codes = sorted(sheet.rules.table.by_family["sphincter"], key=lambda code: code.code, reverse=True)
    pattern = sheet.rules.patterns.of("sphincter-in-needle")
    choices = [choice(change(line, code, 1)) for code in codes]
    return propose((pattern,), (*choices, choice(keep(line))), (line,))


def _trapezius(sheet: Worksheet, line: Line) -> Proposal:
    table = sheet.rules.table
    sides = 2 if both_sides(sheet, line) else 1
    pattern = sheet.rules.patterns.of("trapezius-in-limb")
    edit = (
        change(line, table.addon_site, sides) if sheet.conduction else change(line, table.cranial[sides], 1)
    )
    return propose((pattern,), (choice(edit),), (line,))


def _paraspinal_only(line: Line) -> bool:
    return all(site.region in ("cervical", "thoracic", "lumbar", "spine") for site in line.axial)


def _paraspinals(sheet: Worksheet, line: Line) -> Proposal:
    """One unit a region, or one for all; the thoracic ones have a stand-alone code of their own."""
    table = sheet.rules.table
    pattern = sheet.rules.patterns.of("paraspinals-without-limb")
    regions = {site.region for site in line.axial}
    others = regions - table.by_region.keys()
    if sheet.conduction:
        choices = [choice(change(line, table.addon_site, units)) for units in (len(regions), 1)]
    elif not others:
        choices = [choice(change(line, table.thoracic_alone))]
    elif others < regions:
        rest = [site for site in line.axial if site.region in others]
        limited = change(line, table.limited_alone, len(others), sites=rest)
        choices = [choice(limited, create(line, table.thoracic_alone))]
    else:
        choices = [choice(change(line, table.limited_alone, units)) for units in (len(others), 1)]
    return propose((pattern,), choices, (line,), ask=True)


def _limited(sheet: Worksheet, line: Line, muscles: Listing) -> bool:
    """Fewer muscles a limb than a complete study takes are meant."""
    planned = sheet.muscles_per_limb
    if planned:
        return planned == "under-5"
    table = sheet.rules.table
    if not line.words:
        return False
    few = len(muscles.names) < table.complete_muscles
    if not muscles.whole:
        few = (
            line.words in table.words["limited"]
            or line.words in table.words["few_muscles"]
            or any(table.limited.read(sentence).whole for sentence in sentences(line.words))
        )
    return few and line.order.words not in table.words["not_limited"]


def _limited_study(sheet: Worksheet, line: Line, pattern: Pattern) -> Proposal:
    table = sheet.rules.table
    limited = table.addon_limited if sheet.conduction else table.limited_alone
    muscles = {
        "muscles": str(table.complete_muscles),
        "form_muscles": "yes" if sheet.muscles_per_limb else "",
    }
    planned = sheet.limbs_planned
    if planned or line.limbs:
        sites = planned or line.limbs
        edit = change(line, limited, len(sites), sites=sites if planned else None)
        return propose(
            (pattern,), (choice(edit),), (line,), settled=True, values={"limbs": str(len(sites)), **muscles}
        )
    named = line.code.limbs if line.code is not None and line.code.limbs else 1
    as_it_is = alone_choice(sheet, (line,), named, ())
    if not sheet.conduction:  # the text would go on naming a limited study
        as_it_is = Choice(as_it_is.edits, applicable=False)
    choices = (choice(change(line, limited, named)), as_it_is)
    return propose((pattern,), choices, (line,), ask=True, default=0, values={"limbs": str(named), **muscles})


def both_sides(sheet: Worksheet, line: Line) -> bool:
    """The order names right and left: by modifiers, body sites or words."""
    words = sheet.rules.table.words
    sides = {site.side for site in line.order.sites if site.side}
    marked = {"RT", "LT"} <= set(line.modifiers) or "50" in line.modifiers
    named = line.words in words["both_sides"] or (
        line.words in words["right"] and line.words in words["left"]
    )
    return marked or {"right", "left"} <= sides or named
