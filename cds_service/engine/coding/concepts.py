"""Orders that name the test only by a concept, or whose concept and code disagree."""

from __future__ import annotations

from dataclasses import replace

from cds_service.core.finding import Choice
from cds_service.engine.coding.edits import change, choice, create, keep, remove
from cds_service.engine.coding.meant import (
    full_study,
    is_needle_settled,
    needle_choices,
    needle_lines,
    open_questions,
)
from cds_service.engine.coding.worksheet import Proposal, Worksheet, by_family, propose
from cds_service.engine.lines import Line


def correct_concepts(sheet: Worksheet) -> tuple[Proposal, ...]:
    """What code the lines without one should have; what is meant by those whose words say another test."""
    lines = [line for line in sheet.lines if line.concept]
    found = [_disagreeing(sheet, line) if line.code is not None else _coded(sheet, line) for line in lines]
    return tuple(proposal for proposal in found if proposal is not None)


def _coded(sheet: Worksheet, line: Line) -> Proposal:
    patterns = sheet.rules.patterns
    pattern = patterns.of("concept-without-code")
    used = patterns.of("code-text") if line.decorated else pattern
    choices, settled, asks = _choices(sheet, line)
    left = [link for link in open_questions(sheet, line, pattern) if link in asks]
    default = -1
    if line.concept == "conduction":
        default = sheet.usual_index(sheet.conduction_menu()) if len(choices) > 1 else 0
    values = {"usual": sheet.usual if _STUDIES[0] in asks and line.concept != "conduction" else ""}
    if line.decorated:
        values |= {"flaws": " ".join(line.flaws), "written": line.sent}
    return propose(
        (used,), choices, (line,), ask=True, settled=settled, default=default, asks=left, values=values
    )


_LIMBS = ("limbs-planned", "muscles-per-limb")
_STUDIES = ("studies-planned",)


def _choices(sheet: Worksheet, line: Line) -> tuple[list[Choice], bool, tuple[str, ...]]:
    """What the line may become, whether nothing but that is left to say, and which questions bear on it."""
    table, planned = sheet.rules.table, sheet.studies_planned
    has_needle = bool(needle_lines(sheet, line))
    if line.concept == "single-fibre":
        return [choice(change(line, table.single_fibre, 1))], False, ()
    if (
        sheet.conduction
        if line.concept == "conduction"
        else has_needle and (sheet.conduction or line.concept == "needle")
    ):
        return [choice(remove(line))], False, ()
    if line.concept == "conduction":
        menu = sheet.conduction_menu()
        return [choice(change(line, code, 1)) for code in menu], len(menu) == 1, _STUDIES
    known = is_needle_settled(sheet, line)
    if line.concept == "both" or (planned and not sheet.conduction):
        counted = sheet.conduction or bool(planned)
        return full_study(sheet, line), counted and (known or has_needle), (*_STUDIES, *_LIMBS)
    needle = needle_choices(sheet, line)
    if sheet.conduction or planned == 0 or sheet.answered("same-session") is False:
        return needle, known, _LIMBS
    return [*full_study(sheet, line), *needle], False, (*_STUDIES, *_LIMBS)


def _disagreeing(sheet: Worksheet, line: Line) -> Proposal | None:
    """The term names one kind of test, the code another: both, the one or the other."""
    if line.code is None or line.concept in ("both", line.code.kind):
        return None
    if line.code.kind not in ("needle", "conduction"):
        return None
    pattern = sheet.rules.patterns.of("concept-without-code")
    if line.concept == "single-fibre":
        choices = [choice(change(line, sheet.rules.table.single_fibre, 1))]
    elif line.code.kind == "conduction" and not needle_lines(sheet, line):
        choices = [*_both(sheet, line), *needle_choices(_without(sheet, line), line)]
    else:
        return None
    asks = open_questions(sheet, line, pattern) if len(choices) > 1 else ()
    values = {"code": line.code.code}
    return propose((pattern,), [*choices, choice(keep(line))], (line,), ask=True, asks=asks, values=values)


def _both(sheet: Worksheet, line: Line) -> list[Choice]:
    """The conduction code as it stands, and the needle codes that go with it, ordered beside it."""
    sites = sheet.limbs_planned or line.limbs or None
    beside = [edit for each in needle_choices(sheet, line) for edit in each.edits]
    codes = sheet.rules.table.codes
    return [
        choice(keep(line), create(line, codes[edit.code], edit.units, sites=sites)) for edit in beside[:2]
    ]


def _without(sheet: Worksheet, line: Line) -> Worksheet:
    """The worksheet as it would be if the line were no conduction study."""
    rest = tuple(other for other in sheet.lines if other is not line)
    return replace(sheet, lines=rest, by_family=by_family(rest))
