"""Limb add-ons: one per limb, at most four, limited or complete but not both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from cds_service.core.case import Site
from cds_service.core.coding import LIMB_ADDON, Pattern
from cds_service.core.finding import Choice, Edit
from cds_service.core.place import BOTH
from cds_service.engine.coding.edits import change, keep, remove
from cds_service.engine.coding.merging import absorb, merge, touched
from cds_service.engine.coding.worksheet import ALL_LIMBS, Proposal, Worksheet, precedence, propose
from cds_service.engine.lines import Line
from cds_service.engine.sides import BILATERAL, without_sides

_MOST = len(ALL_LIMBS)
_COMPLETE, _LIMITED = "5-or-more", "under-5"
# What becomes of lines, and whether a suggestion can do it.
Outcome = tuple[tuple[Edit, ...], bool]


@dataclass(frozen=True, slots=True)
class Standing:
    """What some add-on lines may become, and the patterns that say so; without patterns they are right.

    ``because``: lines that make it so.
    """

    lines: tuple[Line, ...]
    outcomes: tuple[Outcome, ...]
    patterns: tuple[Pattern, ...] = ()
    asks: tuple[str, ...] | None = None
    certain: bool = False
    because: tuple[Line, ...] = ()


def correct_addons(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Proposals for limb add-ons in a session that has a conduction study."""
    lines = sheet.of(LIMB_ADDON)
    if not lines or sheet.array or not sheet.conduction:
        return ()
    return tuple(_proposal(standing) for standing in standings(sheet, lines) if standing.patterns)


def standings(sheet: Worksheet, lines: tuple[Line, ...]) -> tuple[Standing, ...]:
    """How the lines stand: each by itself, or all together where they count more than four limbs."""
    each = tuple(_standing(sheet, line) for line in lines)
    if sum(line.units for line in lines) <= _MOST:
        return each
    return (_over_four(sheet, lines, each),)


def outcomes(found: Iterable[Standing]) -> Iterator[Outcome]:
    """Every combination of what the lines become."""
    for combination in product(*(standing.outcomes for standing in found)):
        yield (
            tuple(edit for edits, _ in combination for edit in edits),
            all(doable for _, doable in combination),
        )


def units_of(edits: Iterable[Edit]) -> int:
    """How many limbs the lines count after ``edits``."""
    return sum(edit.units for edit in edits if edit.action != "remove" and not edit.stays)


def _proposal(standing: Standing) -> Proposal:
    lines = standing.lines
    same_limb = [pattern.rule for pattern in standing.patterns] == ["addons-same-limb"]
    choices = [
        Choice(edits, applicable=doable and any(edit.action != "keep" for edit in edits))
        for edits, doable in standing.outcomes
    ]
    values = {
        "units": str(sum(line.units for line in lines)),
        "listed": str(len({site for line in lines for site in line.limbs})),
    }
    first = choices[0].edits[0]
    if same_limb and first.action == "change":
        values["limbs"] = str(first.units)
    return propose(
        standing.patterns,
        choices,
        lines,
        settled=standing.certain,
        asks=standing.asks,
        values=values,
        because=standing.because,
        subject=lines[:1] if same_limb else (),
    )


def _standing(sheet: Worksheet, line: Line) -> Standing:
    """One add-on line on its own."""
    patterns = sheet.rules.patterns
    assert line.code is not None  # noqa: S101 - add-on lines always have a code
    left = _free_limbs(sheet, line)
    if left is not None:
        complete = _complete(sheet.of(LIMB_ADDON))
        edits = _without_limbs(line, left) if left else absorb((line,), complete)
        used = (patterns.of("addons-same-limb"),)
        about = (line, *touched(edits, complete))
        return Standing(about, ((edits, True),), used, certain=True, because=tuple(complete))
    if BILATERAL in line.modifiers:
        ways = tuple(((edit,), True) for edit in _bilateral(line))
        used = (patterns.of("addon-bilateral-modifier"),)
        return Standing((line,), ways, used, certain=len(ways) == 1)
    repeated = _repeated_limbs(sheet, line)
    used = (patterns.of("addon-units-against-limbs"),)
    if repeated:
        rest = tuple(site for site in line.limbs if site not in repeated)
        less = _without_limbs(line, rest) if rest else (remove(line),)
        either = ((less, True), ((keep(line),), False))
        return Standing((line,), either, used, because=sheet.of(LIMB_ADDON))
    planned = sheet.limbs_planned
    mismatch = line.listed_limbs not in (0, line.units)
    if planned and len(sheet.of(LIMB_ADDON)) == 1 and (mismatch or _other_number(line, planned)):
        edit = change(line, line.code, len(planned), sites=_with_axial(line, planned))
        return Standing((line,), (((edit,), True),), used, certain=True)
    if mismatch:
        as_listed = change(line, line.code, line.listed_limbs)
        return Standing(
            (line,), (((as_listed,), True), ((change(line, line.code, line.units),), False)), used
        )
    return Standing((line,), (((keep(line),), True),))


def _other_number(line: Line, planned: tuple[Site, ...]) -> bool:
    return not line.limbs and len(planned) != line.units


def _complete(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.code is not None and line.code.complete]


def _free_limbs(sheet: Worksheet, line: Line) -> tuple[Site, ...] | None:
    """The limbs of a limited add-on that no complete add-on covers; ``None`` when none is covered."""
    if line.code is None or line.code.complete or not line.limbs:
        return None
    covered = {site for other in _complete(sheet.of(LIMB_ADDON)) for site in other.limbs}
    return tuple(site for site in line.limbs if site not in covered) if covered & set(line.limbs) else None


def _repeated_limbs(sheet: Worksheet, line: Line) -> set[Site]:
    """Limbs that another line of the same code already counts; which of the two is the other, the
    references say, so that it does not depend on how the orders were sent.
    """
    earlier: set[Site] = set()
    for other in sorted(sheet.of(LIMB_ADDON), key=lambda each: (*precedence(each), each.ref)):
        if other is line:
            break
        if other.code == line.code:
            earlier.update(other.limbs)
    return earlier & set(line.limbs)


def _bilateral(line: Line) -> tuple[Edit, ...]:
    assert line.code is not None  # noqa: S101
    modifiers = tuple(modifier for modifier in line.modifiers if modifier != BILATERAL)
    if line.listed_limbs == 1:
        pair = tuple(Site(line.limbs[0].region, side) for side in BOTH)
        return (
            change(line, line.code, 2, sites=_with_axial(line, pair), modifiers=without_sides(modifiers)),
            change(line, line.code, 1, modifiers=modifiers),
        )
    units = line.listed_limbs if line.listed_limbs > 1 else max(2, line.units)
    return (change(line, line.code, units, modifiers=without_sides(modifiers)),)


def _over_four(sheet: Worksheet, lines: tuple[Line, ...], each: tuple[Standing, ...]) -> Standing:
    """More than four limbs: what the lines become one by one where that leaves four, else four shared out."""
    pattern = sheet.rules.patterns.of("addons-over-four")
    planned = sheet.limbs_planned
    both = len({line.code for line in lines}) > 1
    asks = tuple(
        link
        for link, open_ in (
            ("limbs-planned", not planned),
            ("muscles-per-limb", both and not sheet.muscles_per_limb),
        )
        if open_
    )
    patterns = (*dict.fromkeys(one for standing in each for one in standing.patterns), pattern)
    if not planned:
        fitting = tuple(one for one in outcomes(each) if units_of(one[0]) <= _MOST)
        if fitting:
            certain = all(standing.certain for standing in each if standing.patterns)
            return Standing(lines, fitting, patterns, asks, certain)
    ways = tuple(_shared(sheet, lines, split) for split in _splits(sheet, lines))
    return Standing(lines, ways, patterns, asks, certain=bool(planned) and not asks)


def _splits(sheet: Worksheet, lines: tuple[Line, ...]) -> Iterable[tuple[int, int]]:
    """(complete, limited) numbers that fit: the limbs of either kind first, or all of the kind answered."""
    complete = sum(line.units for line in _complete(lines))
    limited = sum(line.units for line in lines) - complete
    most = len(sheet.limbs_planned) or _MOST
    if complete and limited and sheet.muscles_per_limb in (_COMPLETE, _LIMITED):
        return [(most, 0) if sheet.muscles_per_limb == _COMPLETE else (0, most)]
    splits = (
        (min(complete, most), min(limited, max(0, most - complete))),
        (min(complete, max(0, most - limited)), min(limited, most)),
    )
    return dict.fromkeys(splits)


def _shared(sheet: Worksheet, lines: tuple[Line, ...], split: tuple[int, int]) -> Outcome:
    """One complete and one limited line carry the units, beside what is signed.

    Only words where a line would then count fewer limbs than it lists: which of them goes is not known.
    """
    complete = _complete(lines)
    limited = [line for line in lines if line not in complete]
    planned = sheet.limbs_planned
    edits: list[Edit] = []
    agree = True
    for kind, number in zip((complete, limited), split, strict=True):
        drafts = [line for line in kind if line.order.draft]
        for line in kind:
            if not line.order.draft and line.code is not None:
                units = min(number, line.units)
                edits.append(change(line, line.code, units) if units else remove(line))
                number -= units
        if not number or not drafts or drafts[0].code is None:
            edits.extend(remove(line) for line in drafts)
            continue
        named = _with_axial(drafts[0], planned) if len(planned) == number else None
        edits.extend(merge(drafts, drafts[0].code, number, sites=named))
        listed = {site for line in drafts for site in line.limbs}
        agree = agree and (named is not None or len(listed) in (0, number))
    return tuple(edits), agree


def _without_limbs(line: Line, left: tuple[Site, ...]) -> tuple[Edit, ...]:
    assert line.code is not None  # noqa: S101
    return (change(line, line.code, len(left), sites=_with_axial(line, left)),)


def _with_axial(line: Line, limbs: tuple[Site, ...]) -> tuple[Site, ...]:
    return (*(site for site in line.order.sites if not site.is_limb), *limbs)
