"""Neuromuscular junction tests: units are distinct nerves; and the codes they are mistaken for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cds_service.core.coding import JUNCTION, SINGLE_FIBRE, Pattern
from cds_service.core.finding import Choice, Edit
from cds_service.engine.coding.edits import change, choice, keep, remove
from cds_service.engine.coding.merging import merge
from cds_service.engine.coding.nerves import (
    BILATERAL,
    BOTH,
    SIDE_OF,
    counts_trains,
    has_two_rates,
    marked_sides,
    nerves_of,
    rates_of,
    side_of,
)
from cds_service.engine.coding.worksheet import Proposal, Worksheet, dated_first, propose
from cds_service.engine.lines import Line


def correct_junction(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Proposals for junction tests, single-fibre EMG and the exercise test; each line is in at most one."""
    swapped = tuple(
        proposal for line in sheet.of(JUNCTION, SINGLE_FIBRE) if (proposal := _swapped(sheet, line))
    )
    meant = tuple(
        proposal
        for line in sheet.of(JUNCTION)
        if line.ref not in _refs(swapped)
        if (proposal := _meant_conduction(sheet, line))
    )
    taken = _refs((*swapped, *meant))
    lines = tuple(line for line in sheet.of(JUNCTION) if line.ref not in taken)
    return (*swapped, *meant, *_nerves(sheet, lines), *_exercise(sheet))


def pending_conduction(sheet: Worksheet) -> bool:
    """A junction test of the session may turn out to be the conduction study."""
    return any(_meant_conduction(sheet, line) for line in sheet.of(JUNCTION))


def _refs(proposals: Iterable[Proposal]) -> set[str]:
    return {ref for proposal in proposals for ref in proposal.about}


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
    """The text says nerve conduction and nothing speaks for a junction disease.

    Beside a conduction code it is that study ordered once more, or a junction test after all.
    """
    table = sheet.rules.table
    if line.words not in table.words["conduction"] or line.words in table.words["repetitive"]:
        return None
    pattern = sheet.rules.patterns.of("junction-meant-conduction")
    suspected = sheet.answered("nmj-suspected")
    if suspected or (suspected is None and _nmj_evidence(sheet)):
        return None
    if sheet.conduction:
        choices = (choice(remove(line)), *(() if suspected is False else (choice(keep(line)),)))
        asks = [link for link in pattern.asks if link != "studies-planned"]
        return propose((pattern,), choices, (line,), settled=True, default=0, asks=asks)
    menu = sheet.conduction_menu()
    return propose(
        (pattern,),
        (choice(change(line, code, 1)) for code in menu),
        (line,),
        settled=len(menu) == 1,
        default=sheet.usual_index(menu),
        asks=[link for link in pattern.asks if link != "nmj-suspected" or suspected is None],
    )


def _nmj_evidence(sheet: Worksheet) -> bool:
    groups = ("nmj-disease", "nmj-symptom")
    return not sheet.reason_groups.isdisjoint(groups) or any(
        fact.present for fact in sheet.case.facts_of(*groups)
    )


def _nerves(sheet: Worksheet, lines: tuple[Line, ...]) -> tuple[Proposal, ...]:
    answered = _answered(sheet) if len(lines) == 1 else 0
    found = [*_bilateral(sheet, lines)]
    found += _rates_apart(sheet, tuple(line for line in lines if line.ref not in _refs(found)))
    rest = tuple(line for line in lines if line.ref not in _refs(found))
    found += [proposal for line in rest if (proposal := _units(sheet, line, answered))]
    return (*found, *_many(sheet, tuple(line for line in rest if line.ref not in _refs(found))))


def _bilateral(sheet: Worksheet, lines: tuple[Line, ...]) -> list[Proposal]:
    """A bilateral modifier, or right and left on lines of their own: one line, units = nerves."""
    table = sheet.rules.table
    marked = [line for line in lines if BILATERAL in line.modifiers]
    sides = {line.ref: side_of(table, line) for line in lines if line not in marked} if len(lines) > 1 else {}
    split = BOTH.issubset(sides.values())
    involved = tuple(line for line in lines if line in marked or (split and sides[line.ref]))
    if not involved:
        return []
    used = [sheet.rules.patterns.of("junction-bilateral")]
    answered = _answered(sheet)
    if answered:
        totals = [answered]
    else:
        totals = [0]
        for line in involved:
            counts = _sides_counted(sheet, line, used)
            totals = [total + count for total in totals for count in counts]
    choices = [one for total in totals if (one := _one_line(sheet, involved, total, sure=bool(answered)))]
    if not choices:
        return []
    values = {"units": str(totals[0])}
    ask, settled = len(totals) > 1, bool(answered)
    return [propose(used, choices, involved, ask=ask, settled=settled, default=0, values=values)]


def _sides_counted(sheet: Worksheet, line: Line, used: list[Pattern]) -> list[int]:
    """How many nerves a line with a side, or with the bilateral modifier, may stand for."""
    table = sheet.rules.table
    nerves = nerves_of(table, line)
    if BILATERAL not in line.modifiers:
        if has_two_rates(table, line) and nerves.whole and nerves.count < line.units:
            used.append(sheet.rules.patterns.of("junction-units-are-nerves"))
            return [nerves.count]
        return [line.units]
    if not nerves.pairs:
        return [2] if line.units == 1 else [line.units, 2 * line.units]
    if {side for side, _ in nerves.pairs} < BOTH:
        return [2 * nerves.count, nerves.count]
    named = len({nerve for _, nerve in nerves.pairs})
    expected = line.units in (1, named, nerves.count) or has_two_rates(table, line)
    return [nerves.count] if nerves.whole and expected else [nerves.count, max(2, line.units)]


def _one_line(sheet: Worksheet, lines: tuple[Line, ...], units: int, *, sure: bool) -> Choice | None:
    """The lines as one whose text does not read as rates of fewer nerves; for that it may keep both sides."""
    first, *_ = dated_first(lines)
    sites = tuple({site for line in lines for site in line.order.sites})
    carriers = [line for line in dated_first(lines) if bool(line.order.date) == bool(first.order.date)]
    for line in carriers:
        modifiers = tuple(m for m in line.modifiers if m != BILATERAL and m not in SIDE_OF)
        for kept in (modifiers, (*modifiers, *SIDE_OF)):
            merged = replace(line, units=units, modifiers=kept, order=replace(line.order, sites=sites))
            if sure or _units(sheet, merged, 0) is None:
                new_sites = sites if len(lines) > 1 else None
                rest = [other for other in lines if other is not line]
                takes = tuple(other.ref for other in rest)
                code = sheet.rules.table.junction
                edit = change(line, code, units, modifiers=kept, sites=new_sites, takes=takes)
                return choice(edit, *map(remove, rest))
    return None


def _rates_apart(sheet: Worksheet, lines: tuple[Line, ...]) -> list[Proposal]:
    """The rates of the same nerves on lines of their own: one line."""
    table = sheet.rules.table
    alike: dict[frozenset[tuple[str, str]], list[Line]] = {}
    for line in lines if len(lines) > 1 else ():
        nerves = nerves_of(table, line)
        if nerves.whole and rates_of(table, line):
            alike.setdefault(nerves.pairs, []).append(line)
    pattern = sheet.rules.patterns.of("junction-units-are-nerves")
    found = []
    for pairs, same in alike.items():
        rates = [rates_of(table, line) for line in same]
        if len(same) > 1 and sum(map(len, rates)) == len(frozenset().union(*rates)):
            values = {"units": str(sum(line.units for line in same))}
            merged = choice(*merge(same, table.junction, len(pairs)))
            found.append(propose((pattern,), (merged,), same, values=values))
    return found


def _units(sheet: Worksheet, line: Line, answered: int) -> Proposal | None:
    """Units that count the rates of the nerves named."""
    table = sheet.rules.table
    if line.units < 2 or not has_two_rates(table, line):
        return None
    nerves = nerves_of(table, line)
    if answered:
        counts: tuple[int, ...] = (answered,)
    elif (nerves.count or len(marked_sides(line))) >= line.units:
        return None
    else:
        certain = nerves.whole and counts_trains(table, line, nerves)
        counts = (nerves.count,) if certain else (max(1, nerves.count), line.units)
    pattern = sheet.rules.patterns.of("junction-units-are-nerves")
    choices = (choice(change(line, table.junction, count)) for count in counts)
    return propose((pattern,), choices, (line,), settled=True, values={"units": str(line.units)})


def _many(sheet: Worksheet, lines: tuple[Line, ...]) -> tuple[Proposal, ...]:
    """More nerves in all than payers usually pay."""
    table = sheet.rules.table
    total = sum(line.units for line in lines)
    answered = _answered(sheet)
    if total <= table.junction.units_max or answered == total:
        return ()
    pattern = sheet.rules.patterns.of("junction-many-units")
    counts = (answered,) if answered else (table.junction.units_max, total)
    choices = (choice(*_shared_out(sheet, lines, count)) for count in counts)
    values = {"units": str(total), "code": table.junction.code, "most": str(table.junction.units_max)}
    return (propose((pattern,), choices, lines, settled=bool(answered), values=values),)


def _shared_out(sheet: Worksheet, lines: tuple[Line, ...], units: int) -> list[Edit]:
    """``units`` over the lines: the last ones go short, the first takes what is over."""
    over = max(0, units - sum(line.units for line in lines))
    edits = []
    for line in sorted(lines, key=lambda each: (not each.order.date, each.ref)):
        own = min(line.units + over, units)
        units, over = units - own, 0
        edits.append(change(line, sheet.rules.table.junction, own) if own else remove(line))
    return edits


def _answered(sheet: Worksheet) -> int:
    """The answered number of nerves, 0 without one."""
    answered = sheet.case.answers.get("nerves-stimulated")
    return max(0, answered) if isinstance(answered, int) and not isinstance(answered, bool) else 0


def _exercise(sheet: Worksheet) -> tuple[Proposal, ...]:
    """The ischaemic exercise test for a junction disease."""
    lines = sheet.of("exercise")
    pattern = sheet.rules.patterns.of("exercise-meant-junction")
    suspected = sheet.answered("nmj-suspected")
    if not lines or suspected is False:
        return ()
    charted = any(fact.present for fact in sheet.case.facts_of("nmj-disease"))
    if not (suspected or charted) and sheet.reason_groups.isdisjoint(pattern.groups):
        return ()
    edits = [change(line, sheet.rules.table.junction, _answered(sheet) or 1) for line in lines]
    answered = {"nmj-suspected": suspected is not None, "nerves-stimulated": bool(_answered(sheet))}
    asks = [link for link in pattern.asks if not answered.get(link, False)]
    return tuple(
        propose((pattern,), (choice(edit), choice(keep(line))), (line,), default=0, asks=asks)
        for edit, line in zip(edits, lines, strict=True)
    )
