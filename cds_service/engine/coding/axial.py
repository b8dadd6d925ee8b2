"""Cranial and thoracic needle codes, alone and beside conduction studies."""

from __future__ import annotations

from cds_service.core.coding import CRANIAL_ALONE, THORACIC_ALONE
from cds_service.core.place import BOTH
from cds_service.engine.coding.edits import change, choice, keep
from cds_service.engine.coding.limbs import both_sides
from cds_service.engine.coding.merging import absorb, merge, touched
from cds_service.engine.coding.worksheet import Proposal, Worksheet, dated_first, propose
from cds_service.engine.lines import Line


def correct_axial(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Proposals for cranial and thoracic lines."""
    eyes = tuple(proposal for line in sheet.of(CRANIAL_ALONE) if (proposal := _eye_muscle(sheet, line)))
    taken = {ref for proposal in eyes for ref in proposal.about}
    cranial = tuple(line for line in sheet.of(CRANIAL_ALONE) if line.ref not in taken)
    return (*eyes, *_cranial(sheet, cranial), *_thoracic(sheet))


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
    both = tuple(line for line in lines if line.code is not None and line.code.sides == 2)
    one = tuple(line for line in lines if line.code is not None and line.code.sides == 1)
    if sheet.conduction:
        return _both_paired(sheet, both, one) if both else _one_paired(sheet, one)
    if both:
        return tuple(_inside_both(sheet, line, both) for line in one)
    return _one_alone(sheet, one)


def _inside_both(sheet: Worksheet, line: Line, both: tuple[Line, ...]) -> Proposal:
    edits = absorb((line,), both)
    pattern = sheet.rules.patterns.of("cranial-both-and-one")
    return propose(
        (pattern,), (choice(*edits),), (line, *touched(edits, both)), because=both, subject=(line,)
    )


def _both_paired(sheet: Worksheet, both: tuple[Line, ...], one: tuple[Line, ...]) -> tuple[Proposal, ...]:
    """The code for both sides, with all that is inside it."""
    patterns = sheet.rules.patterns
    used = [patterns.of("cranial-both-and-one")] if one else []
    used.append(patterns.of("cranial-both-sides-with-conduction"))
    edits = merge((*both, *one), sheet.rules.table.addon_site, 2, stays=dated_first(both)[0])
    return (propose(used, (choice(*edits),), (*both, *one)),)


def _one_paired(sheet: Worksheet, lines: tuple[Line, ...]) -> tuple[Proposal, ...]:
    """Each side of the face is a site; whether two lines are two sides is asked where they do not say."""
    patterns, table = sheet.rules.patterns, sheet.rules.table
    if len(lines) > 1 and not _opposite(sheet, lines):
        apart = choice(*(change(line, table.addon_site, _sites(line)) for line in lines))
        together = choice(*merge(lines, table.addon_site))
        pattern = patterns.of("cranial-one-side-with-conduction")
        return (propose((pattern,), (apart, together), lines, ask=True),)
    return tuple(_paired(sheet, (line,), "cranial-one-side-with-conduction", _sites(line)) for line in lines)


def _one_alone(sheet: Worksheet, lines: tuple[Line, ...]) -> tuple[Proposal, ...]:
    table = sheet.rules.table
    count = sum(map(_sites, lines))
    if count < 2:
        return ()
    merged, single = (choice(*merge(lines, table.cranial[sides])) for sides in (2, 1))
    pattern = sheet.rules.patterns.of("cranial-twice")
    choices = (merged,) if _opposite(sheet, lines) else (merged, single)
    return (propose((pattern,), choices, lines),)


def _sites(line: Line) -> int:
    """How many sides the line counts: its units, or both at once."""
    return max(line.units, len(line.sides))


def _opposite(sheet: Worksheet, lines: tuple[Line, ...]) -> bool:
    """The lines show right and left between them."""
    if any(both_sides(sheet, line) for line in lines):
        return True
    words = sheet.rules.table.words
    sides = {side for line in lines for side in line.sides}
    sides |= {side for side in BOTH for line in lines if not line.sides and line.words in words[side]}
    return len(sides) == 2


def _paired(sheet: Worksheet, lines: tuple[Line, ...], rule: str, units: int) -> Proposal:
    patterns = sheet.rules.patterns
    edits = merge(lines, sheet.rules.table.addon_site, units)
    warning = patterns.of("cranial-both-sides-with-conduction").warning if units > 1 else ""
    return propose((patterns.of(rule),), (choice(*edits),), lines, warning=warning)


def _thoracic(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Thoracic paraspinals are one site, however many lines name them."""
    lines = sheet.of(THORACIC_ALONE)
    if not sheet.conduction or not lines:
        return ()
    return (_paired(sheet, lines, "thoracic-with-conduction", 1),)
