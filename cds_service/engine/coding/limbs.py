"""Stand-alone limb codes: how many limbs are meant, and what that is beside conduction studies.

First the limb count is settled (repeated lines, units, listed limbs, limited studies), then the count is
written as
the stand-alone code, or, with conduction studies, as that many complete add-ons.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cds_service.core.case import Site
from cds_service.core.coding import LIMB_ADDON, LIMB_ALONE, LIMB_UNKNOWN, Pattern
from cds_service.core.finding import Choice
from cds_service.engine.coding.merging import merge
from cds_service.engine.coding.worksheet import (
    ALL_LIMBS,
    Proposal,
    Worksheet,
    change,
    choice,
    dated_first,
    propose,
    remove,
)
from cds_service.engine.lines import Line

_MOST = len(ALL_LIMBS)
_ITEMS = re.compile(r"[,;/+&.]|\band\b")
_ABBREVIATION = re.compile(r"[a-z]{2,5}")


@dataclass(frozen=True, slots=True)
class _Count:
    """What is known of the number of limbs: the candidates, and the rule that made them more than the
    code's own.
    """

    rule: str
    candidates: tuple[int, ...]
    ask: bool = False
    sites: tuple[Site, ...] = ()


def correct_limbs(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Proposals for stand-alone limb codes; each line is in at most one of them."""
    found = {line.ref: proposal for line in sheet.of(LIMB_ALONE) if (proposal := _special(sheet, line))}
    special = tuple(found.values())
    lines = tuple([line for line in sheet.of(LIMB_ALONE, LIMB_UNKNOWN) if line.ref not in found])
    merged_with_addons = sheet.of(LIMB_ADDON) and not (sheet.conduction or sheet.array or sheet.pending)
    if not lines or merged_with_addons:
        return special
    if sheet.conduction and len(lines) > 1 and _clear(lines):
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
    table = sheet.rules.table
    first, *rest = dated_first(lines)
    listed = {site for line in lines for site in line.limbs}
    target = set(sites) if sites else listed
    if len(target) != limbs and limbs == _MOST and target:
        target = set(ALL_LIMBS)
    complete = not target or len(target) == limbs
    axial = {site for line in lines for site in line.order.sites if not site.is_limb}
    final = (*axial, *target) if target and (rest or target != set(first.limbs)) else None
    if sheet.conduction:
        built = choice(*merge(lines, table.addon_complete, limbs, stays=first, sites=final))
    else:
        built = choice(*merge(lines, table.alone[limbs], stays=first, sites=final))
    return built if complete else Choice(built.edits, applicable=False)


def _counted(sheet: Worksheet, lines: tuple[Line, ...]) -> Proposal | None:
    patterns = sheet.rules.patterns
    count = _count(sheet, lines)
    used: list[Pattern] = []
    if sheet.conduction:
        if _all_covered(sheet, lines):
            unknown = patterns.of("limb-code-unknown")
            used = [_paired(sheet, line) if line.family == LIMB_ALONE else unknown for line in lines]
            return propose(used, (choice(*(remove(line) for line in lines)),), lines)
        used = [_paired(sheet, line) for line in lines if line.family == LIMB_ALONE]
    if count.rule:
        used.append(patterns.of(count.rule))
    if not used:
        return None
    choices = [alone_choice(sheet, lines, limbs, count.sites) for limbs in count.candidates]
    values = {
        "limbs": str(count.candidates[0]),
        "listed": str(len({s for line in lines for s in line.limbs})),
    }
    settled = bool(count.sites) and len(count.candidates) == 1
    return propose(used, choices, lines, ask=count.ask, settled=settled, values=values)


def _paired(sheet: Worksheet, line: Line) -> Pattern:
    return sheet.rules.patterns.of("alone-with-conduction", line.code.code if line.code else "")


def _all_covered(sheet: Worksheet, lines: tuple[Line, ...]) -> bool:
    """Every limb of these lines already has its complete add-on."""
    covered = {
        site
        for line in sheet.of(LIMB_ADDON)
        if line.code is not None and line.code.complete
        for site in line.limbs
    }
    limbs = {site for line in lines for site in line.limbs}
    return bool(limbs) and all(line.limbs for line in lines) and limbs <= covered


def _clear(lines: tuple[Line, ...]) -> bool:
    """Each line lists just the limbs its code names, and no limb stands on two lines."""
    listed = [site for line in lines for site in line.limbs]
    return len(listed) == len(set(listed)) and all(
        line.code is not None and line.units == 1 and line.listed_limbs == line.code.limbs for line in lines
    )


def _count(sheet: Worksheet, lines: tuple[Line, ...]) -> _Count:
    planned = sheet.limbs_planned
    count = _count_one(lines[0]) if len(lines) == 1 else _count_several(lines)
    if planned and count.rule and (count.ask or len(count.candidates) > 1):
        return _Count(count.rule, (len(planned),), sites=planned)
    return count


def _count_one(line: Line) -> _Count:
    listed, units = line.listed_limbs, line.units
    named = line.code.limbs if line.code is not None else 0
    if not named:
        known = listed in (2, 3)
        return _Count("limb-code-unknown", (listed,) if known else (2, 3), ask=not known)
    if units > 1:
        return _count_units(named, units, listed)
    if not listed or listed == named:
        return _Count("", (named,))
    if listed > named:
        candidates = (listed,) if named == 1 else (listed, named)
        return _Count("alone-more-limbs-listed", candidates, ask=named > 1)
    rule = "alone-fewer-limbs-listed" if named > 2 else "alone-one-limb-listed"
    return _Count(rule, (listed, named), ask=True)


def _count_units(named: int, units: int, listed: int) -> _Count:
    total = min(_MOST, named * units)
    if named == 1 and listed == units:
        return _Count("alone-units-are-limbs", (units,))
    if named > 1 and listed == named * units:
        return _Count("alone-codes-add-to-four", (listed,))
    if named > 1 and listed in (0, named):
        return _Count("alone-units-are-limbs", (named,), ask=not listed)
    if listed > named:
        return _Count("alone-more-limbs-listed", (listed, total), ask=True)
    return _Count("alone-repeated-unclear", (named, total), ask=True)


def _count_several(lines: tuple[Line, ...]) -> _Count:
    named = [line.code.limbs if line.code is not None and line.code.limbs else 2 for line in lines]
    total = sum(limbs * line.units for limbs, line in zip(named, lines, strict=True))
    listed = {site for line in lines for site in line.limbs}
    each_listed = all(line.limbs for line in lines)
    singles = all(limbs == 1 for limbs in named)
    if each_listed and len(listed) == total <= _MOST:
        if singles:
            return _Count("alone-repeated-other-limbs", (total,))
        return _Count("alone-codes-add-to-four" if total > 3 else "alone-codes-add-to-three", (total,))
    low = max(len(listed), *named) if not singles or listed else 1
    rule = "alone-repeated-unclear"
    if not singles and len(set(named)) > 1:
        rule = "alone-codes-add-to-four" if total > 3 else "alone-codes-add-to-three"
    return _Count(rule, (min(_MOST, low), min(_MOST, total)), ask=True)


def _special(sheet: Worksheet, line: Line) -> Proposal | None:
    """A limb code whose order names no limb study: sphincter, trapezius, paraspinals only, or fewer than 5
    muscles.
    """
    words, patterns = sheet.rules.table.words, sheet.rules.patterns
    if not line.words and not line.axial and not sheet.muscles_per_limb:
        return None
    if _names_region(line, "sphincter", line.words in words["sphincter"]):
        return _sphincter(sheet, line)
    muscles = _named_muscles(sheet, line)
    items = _listed(sheet, line, muscles)
    if muscles and items == len(muscles) and all(muscle in words["trapezius"] for muscle in muscles):
        return _trapezius(sheet, line)
    if line.axial and not any(site.is_limb for site in line.order.sites) and _paraspinal_only(line):
        return _paraspinals(sheet, line)
    if _limited(sheet, line, items):
        return _limited_study(sheet, line, patterns.of("alone-but-limited"))
    return None


def _named_muscles(sheet: Worksheet, line: Line) -> frozenset[str]:
    """Muscles the order names for the study; a sentence about symptoms names none."""
    symptoms = sheet.rules.table.words["symptoms"]
    return frozenset(
        muscle
        for segment in line.words.split(" | ")
        if segment not in symptoms
        for muscle in sheet.rules.table.muscles.found(segment)
    )


def _listed(sheet: Worksheet, line: Line, muscles: frozenset[str]) -> int:
    """How many muscles the sentences list that name some: an abbreviation not known here counts too."""
    words = sheet.rules.table.words
    naming = [segment for segment in line.words.split(" | ") if any(name in segment for name in muscles)]
    items = {item.strip() for sentence in naming for item in _ITEMS.split(sentence)}
    unknown = {item for item in items - muscles if _ABBREVIATION.fullmatch(item)}
    return len(muscles) + sum(
        1 for item in unknown if item not in words["right"] and item not in words["left"]
    )


def _names_region(line: Line, region: str, named: bool) -> bool:
    return named or any(site.region == region for site in line.axial)


def _sphincter(sheet: Worksheet, line: Line) -> Proposal:
    codes = sorted(sheet.rules.table.by_family["sphincter"], key=lambda code: code.code, reverse=True)
    pattern = sheet.rules.patterns.of("sphincter-in-needle")
    return propose((pattern,), (choice(change(line, code, 1)) for code in codes), (line,))


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
    table = sheet.rules.table
    code = table.addon_site if sheet.conduction else table.limited_alone
    regions = len({site.region for site in line.axial})
    pattern = sheet.rules.patterns.of("paraspinals-without-limb")
    choices = [choice(change(line, code, units)) for units in dict.fromkeys((regions, 1))]
    return propose((pattern,), choices, (line,), ask=True)


def _limited(sheet: Worksheet, line: Line, muscles: int) -> bool:
    planned = sheet.muscles_per_limb
    if planned:
        return planned == "under-5"
    words = sheet.rules.table.words
    if line.words in words["not_limited"]:
        return False
    if line.words in words["limited"]:
        return True
    return 0 < muscles < sheet.rules.table.complete_muscles


def _limited_study(sheet: Worksheet, line: Line, pattern: Pattern) -> Proposal:
    table = sheet.rules.table
    limited = table.addon_limited if sheet.conduction else table.limited_alone
    planned = sheet.limbs_planned
    if planned or line.limbs:
        sites = planned or line.limbs
        edit = change(line, limited, len(sites), sites=sites if planned else None)
        return propose((pattern,), (choice(edit),), (line,), settled=True, values={"limbs": str(len(sites))})
    named = line.code.limbs if line.code is not None and line.code.limbs else 1
    as_it_is = alone_choice(sheet, (line,), named, ())
    if not sheet.conduction:  # the text would go on naming a limited study
        as_it_is = Choice(as_it_is.edits, applicable=False)
    choices = (choice(change(line, limited, named)), as_it_is)
    return propose((pattern,), choices, (line,), ask=True, default=0, values={"limbs": str(named)})


def both_sides(sheet: Worksheet, line: Line) -> bool:
    """The order names right and left: by modifiers, body sites or words."""
    words = sheet.rules.table.words
    sides = {site.side for site in line.order.sites if site.side}
    marked = {"RT", "LT"} <= set(line.modifiers) or "50" in line.modifiers
    named = line.words in words["both_sides"] or (
        line.words in words["right"] and line.words in words["left"]
    )
    return marked or {"right", "left"} <= sides or named
