"""Limb add-ons: one per limb, at most four, never without a conduction study."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from cds_service.core.case import ARM, LEG, Site
from cds_service.core.coding import LIMB_ADDON, LIMB_ALONE, Pattern
from cds_service.core.finding import Choice, Edit
from cds_service.engine.coding.limbs import limb_lines
from cds_service.engine.coding.worksheet import (
    ALL_LIMBS,
    Proposal,
    Worksheet,
    change,
    choice,
    create,
    dated_first,
    keep,
    precedence,
    propose,
    remove,
)
from cds_service.engine.lines import Line

_MOST = len(ALL_LIMBS)
_BILATERAL = "50"
_Option = tuple[Edit, bool]


def correct_addons(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Proposals for limb add-ons; with no conduction study in the session they are one proposal."""
    lines = sheet.of(LIMB_ADDON)
    if not lines or sheet.array or (sheet.pending and not sheet.conduction):
        return ()
    used: dict[str, list[Pattern]] = {}
    options = {line.ref: _options(sheet, line, used.setdefault(line.ref, [])) for line in lines}
    if not sheet.conduction:
        return _without_conduction(sheet, lines, options, [p for found in used.values() for p in found])
    over = _over_four(sheet, lines)
    if over is not None:
        return (over,)
    return tuple(
        _line_proposal(sheet, line, options[line.ref], used[line.ref]) for line in lines if used[line.ref]
    )


def _line_proposal(sheet: Worksheet, line: Line, options: list[_Option], used: list[Pattern]) -> Proposal:
    choices = [Choice((edit,), applicable=doable and edit.action != "keep") for edit, doable in options]
    values = {"units": str(line.units), "listed": str(line.listed_limbs)}
    return propose(used, choices, (line,), settled=bool(sheet.limbs_planned), values=values)


def _options(sheet: Worksheet, line: Line, used: list[Pattern]) -> list[_Option]:
    """What one add-on line may become on its own, each with whether a suggestion can do it."""
    patterns = sheet.rules.patterns
    assert line.code is not None  # noqa: S101 - add-on lines always have a code
    left = _free_limbs(sheet, line)
    if left is not None:
        used.append(patterns.of("addons-same-limb"))
        return [
            (
                change(line, line.code, len(left), sites=_with_axial(line, left)) if left else remove(line),
                True,
            )
        ]
    if _BILATERAL in line.modifiers:
        used.append(patterns.of("addon-bilateral-modifier"))
        return _bilateral(line)
    repeated = _repeated_limbs(sheet, line)
    if repeated:
        used.append(patterns.of("addon-units-against-limbs"))
        rest = tuple(site for site in line.limbs if site not in repeated)
        less = change(line, line.code, len(rest), sites=_with_axial(line, rest)) if rest else remove(line)
        return [(less, True), (keep(line), False)]
    planned = sheet.limbs_planned
    mismatch = _mismatch(line)
    if mismatch:
        used.append(patterns.of("addon-units-against-limbs"))
        if planned and len(sheet.of(LIMB_ADDON)) == 1:
            return [(change(line, line.code, len(planned), sites=_with_axial(line, planned)), True)]
        return [(change(line, line.code, mismatch), True), (change(line, line.code, line.units), False)]
    return [(keep(line), True)]


def _free_limbs(sheet: Worksheet, line: Line) -> tuple[Site, ...] | None:
    """The limbs of a limited add-on that no complete add-on covers; ``None`` when none is covered."""
    if line.code is None or line.code.complete or not line.limbs:
        return None
    covered = {
        site
        for other in sheet.of(LIMB_ADDON)
        if other.code is not None and other.code.complete
        for site in other.limbs
    }
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


def _bilateral(line: Line) -> list[_Option]:
    assert line.code is not None  # noqa: S101
    modifiers = tuple(modifier for modifier in line.modifiers if modifier != _BILATERAL)
    units = line.listed_limbs if line.listed_limbs > 1 else max(2, line.units)
    both = change(line, line.code, units, modifiers=modifiers)
    if line.listed_limbs == 1:
        (only,) = line.limbs
        pair = (Site(only.region, "left"), Site(only.region, "right"))
        return [
            (change(line, line.code, 2, sites=_with_axial(line, pair), modifiers=modifiers), True),
            (change(line, line.code, 1, modifiers=modifiers), True),
        ]
    return [(both, True)]


def _mismatch(line: Line) -> int:
    """The number of distinct limbs listed, when units say otherwise; 0 when they agree or nothing is
    listed.
    """
    if not line.limbs:
        return 0
    if line.listed_limbs != line.units:
        return line.listed_limbs
    return 0


def _over_four(sheet: Worksheet, lines: tuple[Line, ...]) -> Proposal | None:
    complete = sum(line.units for line in lines if line.code is not None and line.code.complete)
    limited = sum(line.units for line in lines if line.code is not None and not line.code.complete)
    if complete + limited <= _MOST:
        return None
    pattern = sheet.rules.patterns.of("addons-over-four")
    planned = sheet.limbs_planned
    most = len(planned) or _MOST
    splits = dict.fromkeys(
        (
            (min(complete, most), max(0, most - complete)),
            (max(0, most - limited), min(limited, most)),
        )
    )
    choices = [_split(lines, full, part) for full, part in splits if full + part <= most]
    return propose((pattern,), choices, lines, ask=True, values={"units": str(complete + limited)})


def _split(lines: tuple[Line, ...], complete: int, limited: int) -> Choice:
    """The first complete and the first limited line carry the units, the others go.

    Only words where a line would then count fewer limbs than it lists: which of them goes is not known.
    """
    edits = []
    agree = True
    left = {True: complete, False: limited}
    for line in dated_first(lines):
        assert line.code is not None  # noqa: S101
        units = left[line.code.complete]
        left[line.code.complete] = 0
        edits.append(change(line, line.code, units) if units else remove(line))
        agree = agree and (not units or not line.limbs or line.listed_limbs == units)
    return choice(*edits, applicable=agree)


def _without_conduction(
    sheet: Worksheet, lines: tuple[Line, ...], options: dict[str, list[_Option]], used: list[Pattern]
) -> tuple[Proposal, ...]:
    """Add the conduction code, or turn the add-ons into stand-alone codes (merged with those already there).

    A conduction study drafted for another day is not doubled: moving it is what separate-days offers.
    """
    pattern = sheet.rules.patterns.of("limb-addon-without-conduction")
    alone = limb_lines(sheet, LIMB_ALONE)
    moved = sheet.elsewhere
    planned, same_session = sheet.studies_planned, sheet.answered("same-session")
    choices: list[Choice] = []
    with_study = not (same_session is False or planned == 0)
    alone_instead = not (planned and same_session is not False)
    for combination in product(*options.values()):
        edits = [edit for edit, _ in combination]
        doable = all(can for _, can in combination)
        if with_study:
            choices.extend(_with_study(sheet, lines, alone, moved, edits, doable))
        if alone_instead:
            choices.append(_alone_instead(sheet, lines, alone, edits, doable))
    radicular = bool(sheet.reason_groups & pattern.groups)
    proposal = propose(
        (pattern, *used),
        choices,
        (*lines, *alone),
        settled=True,
        ask=True,
        default=len(choices) - 1 if radicular else 0,
        values={"units": str(sum(line.units for line in lines))},
    )
    return (proposal,)


def _with_study(
    sheet: Worksheet,
    lines: tuple[Line, ...],
    alone: tuple[Line, ...],
    moved: tuple[Line, ...],
    edits: list[Edit],
    doable: bool,
) -> Iterable[Choice]:
    table = sheet.rules.table
    needle = [*edits, *(change(line, table.addon_complete, _limbs(line)) for line in alone)]
    if moved:
        codes = [line.code for line in moved if line.code is not None]
        return [Choice((*needle, *(create(lines[0], code) for code in codes)), applicable=False)]
    return [
        Choice((*needle, create(lines[0], code)), applicable=doable) for code in sheet.proposed_conduction()
    ]


def _alone_instead(
    sheet: Worksheet, lines: tuple[Line, ...], alone: tuple[Line, ...], edits: list[Edit], doable: bool
) -> Choice:
    table = sheet.rules.table
    by_ref = {line.ref: line for line in lines}
    standing = [edit for edit in edits if edit.action != "remove"]
    complete = [edit for edit in standing if edit.code == table.addon_complete.code]
    total = min(_MOST, sum(edit.units for edit in complete) + sum(_limbs(line) for line in alone))
    carriers = [by_ref[edit.order] for edit in complete]
    result = [remove(by_ref[edit.order]) for edit in edits if edit.action == "remove"]
    holders = dated_first((*alone, *carriers))
    sites = {site for line in holders for site in line.limbs}
    for index, line in enumerate(holders):
        if index == 0:
            listed = _with_axial(line, tuple(sorted(sites))) if len(holders) > 1 and sites else None
            result.append(change(line, table.alone[total], 1, sites=listed))
        else:
            result.append(remove(line))
    result.extend(
        change(by_ref[edit.order], table.limited_alone, edit.units, sites=edit.sites)
        for edit in standing
        if edit.code != table.addon_complete.code
    )
    return Choice(tuple(result), applicable=doable)


def _limbs(line: Line) -> int:
    return line.code.limbs if line.code is not None and line.code.limbs else 1


def _with_axial(line: Line, limbs: tuple[Site, ...]) -> tuple[Site, ...]:
    return (*(site for site in line.order.sites if site.region not in (ARM, LEG)), *limbs)
