"""Neuromuscular junction tests: units are distinct nerves; and the codes they are mistaken for."""

from __future__ import annotations

from cds_service.core.coding import JUNCTION, SINGLE_FIBRE
from cds_service.engine.coding.worksheet import (
    Proposal,
    Worksheet,
    change,
    choice,
    dated_first,
    keep,
    propose,
    remove,
)
from cds_service.engine.lines import Line

_BILATERAL = "50"
_SIDES = frozenset({"RT", "LT"})


def correct_junction(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Proposals for junction tests, single-fibre EMG and the exercise test; each line is in at most one."""
    swapped = tuple(
        proposal for line in sheet.of(JUNCTION, SINGLE_FIBRE) if (proposal := _swapped(sheet, line))
    )
    meant = tuple(
        proposal
        for line in sheet.of(JUNCTION)
        if line.ref not in {ref for done in swapped for ref in done.about}
        if (proposal := _meant_conduction(sheet, line))
    )
    taken = {ref for done in (*swapped, *meant) for ref in done.about}
    lines = tuple(line for line in sheet.of(JUNCTION) if line.ref not in taken)
    return (*swapped, *meant, *_nerves(sheet, lines), *_exercise(sheet))


def pending_conduction(sheet: Worksheet) -> bool:
    """A junction test of the session may turn out to be the conduction study."""
    return any(_meant_conduction(sheet, line) for line in sheet.of(JUNCTION))


def _swapped(sheet: Worksheet, line: Line) -> Proposal | None:
    """The text names the other test."""
    if line.code is None or not line.words:
        return None
    table = sheet.rules.table
    fibre = line.words in table.words["single_fibre"]
    repetitive = line.words in table.words["repetitive"]
    other = table.junction if line.family == SINGLE_FIBRE else table.single_fibre
    own, foreign = (fibre, repetitive) if line.family == SINGLE_FIBRE else (repetitive, fibre)
    if not foreign:
        return None
    pattern = sheet.rules.patterns.of("junction-swapped")
    corrected = choice(change(line, other, line.units))
    if own:
        return propose((pattern,), (choice(keep(line)), corrected), (line,), ask=True)
    return propose((pattern,), (corrected,), (line,))


def _meant_conduction(sheet: Worksheet, line: Line) -> Proposal | None:
    """The text says nerve conduction and nothing speaks for a junction disease."""
    table = sheet.rules.table
    if line.words not in table.words["conduction"] or line.words in table.words["repetitive"]:
        return None
    pattern = sheet.rules.patterns.of("junction-meant-conduction")
    suspected = sheet.answered("nmj-suspected")
    if suspected or (suspected is None and _nmj_evidence(sheet)):
        return None
    menu = sheet.conduction_menu()
    return propose(
        (pattern,),
        (choice(change(line, code, 1)) for code in menu),
        (line,),
        settled=len(menu) == 1,
        default=sheet.usual_index(menu),
    )


def _nmj_evidence(sheet: Worksheet) -> bool:
    groups = ("nmj-disease", "nmj-symptom")
    return not sheet.reason_groups.isdisjoint(groups) or any(
        fact.present for fact in sheet.case.facts_of(*groups)
    )


def _nerves(sheet: Worksheet, lines: tuple[Line, ...]) -> tuple[Proposal, ...]:
    bilateral = _bilateral(sheet, lines)
    if bilateral is not None:
        return (bilateral,)
    return tuple(proposal for line in lines if (proposal := _units(sheet, line)))


def _bilateral(sheet: Worksheet, lines: tuple[Line, ...]) -> Proposal | None:
    """A bilateral modifier, or right and left on lines of their own: one line, units = nerves."""
    table = sheet.rules.table
    sided = [line for line in lines if _SIDES & set(line.modifiers)]
    split = len(sided) > 1 and {"RT", "LT"} <= {modifier for line in sided for modifier in line.modifiers}
    marked = [line for line in lines if _BILATERAL in line.modifiers]
    involved = tuple(line for line in lines if line in marked or (split and line in sided))
    if not involved:
        return None
    pattern = sheet.rules.patterns.of("junction-bilateral")
    answered = sheet.case.answers.get("nerves-stimulated")
    units = sum(max(2, line.units) if _BILATERAL in line.modifiers else line.units for line in involved)
    if isinstance(answered, int) and not isinstance(answered, bool) and answered > 0:
        units = answered
    first, *rest = dated_first(involved)
    modifiers = tuple(m for m in first.modifiers if m != _BILATERAL and m not in _SIDES)
    sites = tuple({site for line in involved for site in line.order.sites})
    takes = tuple(line.ref for line in rest)
    edit = change(
        first, table.junction, units, modifiers=modifiers, sites=sites if rest else None, takes=takes
    )
    merged = choice(edit, *(remove(line) for line in rest))
    return propose((pattern,), (merged,), involved, values={"units": str(units)})


def _units(sheet: Worksheet, line: Line) -> Proposal | None:
    table, patterns = sheet.rules.table, sheet.rules.patterns
    answered = sheet.case.answers.get("nerves-stimulated")
    settled = answered if isinstance(answered, int) and not isinstance(answered, bool) and answered > 0 else 0
    named = len(_named_nerves(sheet, line))
    rates = len(table.words["rates"].found(line.words)) > 1
    values = {"units": str(line.units)}
    if line.units > 1 and ((named and named < line.units) or (rates and not named)):
        pattern = patterns.of("junction-units-are-nerves")
        counts = (settled,) if settled else (named,) if named else (1, line.units)
        choices = (choice(change(line, table.junction, count)) for count in counts)
        return propose(
            (pattern,), choices, (line,), ask=not (settled or named), settled=bool(settled), values=values
        )
    if line.units > table.junction.units_max:
        pattern = patterns.of("junction-many-units")
        if settled and settled != line.units:
            edit = change(line, table.junction, settled)
            return propose((pattern,), (choice(edit),), (line,), settled=True, values=values)
        if settled:
            return None
        counts = (table.junction.units_max, line.units)
        return propose(
            (pattern,), (choice(change(line, table.junction, n)) for n in counts), (line,), values=values
        )
    return None


def _named_nerves(sheet: Worksheet, line: Line) -> set[str]:
    """Distinct nerves the text names; with "bilateral" or both sides named each counts twice."""
    words = sheet.rules.table.words
    nerves = sheet.rules.table.nerves.found(line.words)
    both = line.words in words["both_sides"] or (line.words in words["right"] and line.words in words["left"])
    sides = ("right", "left") if both else ("",)
    return {f"{side} {nerve}".strip() for nerve in nerves for side in sides}


def _exercise(sheet: Worksheet) -> tuple[Proposal, ...]:
    """The ischaemic exercise test for a junction disease."""
    pattern = sheet.rules.patterns.of("exercise-meant-junction")
    if sheet.reason_groups.isdisjoint(pattern.groups):
        return ()
    answered = sheet.case.answers.get("nerves-stimulated")
    nerves = answered if isinstance(answered, int) and not isinstance(answered, bool) and answered > 0 else 1
    return tuple(
        propose(
            (pattern,),
            (choice(change(line, sheet.rules.table.junction, nerves)), choice(keep(line))),
            (line,),
            default=0,
        )
        for line in sheet.of("exercise")
    )
