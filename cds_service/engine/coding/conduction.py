"""Nerve conduction codes: one a day for all studies together (retired codes, sums, duplicates, units)."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.core.coding import CONDUCTION, CONDUCTION_RETIRED, Code
from cds_service.core.finding import Choice
from cds_service.engine.coding.edits import change, choice
from cds_service.engine.coding.merging import merge
from cds_service.engine.coding.nerves import nerves_of
from cds_service.engine.coding.worksheet import Proposal, Worksheet, dated_first, precedence, propose
from cds_service.engine.lines import Line


def correct_conduction(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Proposals for the session's conduction lines, at most one of them."""
    retired = sheet.of(CONDUCTION_RETIRED)
    current = sheet.of(CONDUCTION)
    if retired:
        return (_retired(sheet, retired, current),)
    if len(current) == 1:
        line = current[0]
        return (_units(sheet, line),) if line.units > 1 else ()
    if len(current) > 1:
        return (_several(sheet, current),)
    return ()


def _retired(sheet: Worksheet, retired: tuple[Line, ...], current: tuple[Line, ...]) -> Proposal:
    table, patterns = sheet.rules.table, sheet.rules.patterns
    lines = (*retired, *current)
    planned = sheet.studies_planned
    uncounted = len(retired) == 1 and retired[0].order.units is None and not current
    if planned:
        only = table.conduction_for(planned)
        rule = "conduction-retired-uncounted" if uncounted else "conduction-retired-counted"
        return propose((patterns.of(rule),), _one_code(lines, (only,)), lines, settled=True)
    if uncounted:
        menu = sheet.conduction_menu()
        return propose(
            (patterns.of("conduction-retired-uncounted"),),
            _one_code(lines, menu),
            lines,
            default=sheet.usual_index(menu),
        )
    pattern = patterns.of("conduction-retired-counted")
    count = sum(line.units for line in retired)
    overlap = _overlap(sheet, retired)
    least, most = count - overlap, count
    if current:
        lower, upper = _total(sheet, current)
        codes = [*_between(sheet, lower, upper), *_between(sheet, lower + least, upper and upper + most)]
        return propose((pattern,), _one_code(lines, codes), lines, ask=True)
    codes = _between(sheet, least, most)
    motor = {line.code.variant for line in retired if line.code is not None} >= {"motor", "motor-f-wave"}
    named = all(table.nerves.some.search(line.words) for line in retired)
    return propose(
        (pattern,),
        _one_code(lines, codes),
        lines,
        ask=overlap > 0,
        warning=pattern.warning if motor and not named else "",
    )


def _overlap(sheet: Worksheet, retired: tuple[Line, ...]) -> int:
    """How many nerves may be named both with and without F-wave; one without a side may be on either."""
    nerves: dict[str, set[tuple[str, str]]] = {"motor": set(), "motor-f-wave": set()}
    for line in retired:
        if line.code is not None and line.code.variant in nerves and line.words:
            nerves[line.code.variant].update(nerves_of(sheet.rules.table, line).pairs)
    plain, with_wave = nerves["motor"], nerves["motor-f-wave"]
    fewer, more = sorted((plain, with_wave), key=len)
    return sum(1 for one in fewer if any(_may_be_same(one, other) for other in more))


def _may_be_same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return one[1] == other[1] and (not one[0] or not other[0] or one[0] == other[0])


def _units(sheet: Worksheet, line: Line) -> Proposal:
    table = sheet.rules.table
    pattern = sheet.rules.patterns.of("conduction-units")
    planned = sheet.studies_planned
    assert line.code is not None  # noqa: S101 - conduction lines always have a code
    codes = (table.conduction_for(planned),) if planned else (table.conduction_for(line.units), line.code)
    return propose(
        (pattern,),
        (choice(change(line, code, 1)) for code in codes),
        (line,),
        settled=len(set(codes)) == 1,
        values={"units": str(line.units)},
    )


def _several(sheet: Worksheet, lines: tuple[Line, ...]) -> Proposal:
    table, patterns = sheet.rules.table, sheet.rules.patterns
    planned = sheet.studies_planned
    levels = [line.code.level for line in lines if line.code is not None for _ in range(line.units)]
    distinct = sorted(set(levels))
    if len(distinct) == 1:
        rule = "conduction-code-repeated"
        codes = [table.conduction[distinct[0]], *_sum(sheet, levels)]
    else:
        codes = _sum(sheet, levels)
        repeated = len(levels) > len(distinct)
        if repeated:
            codes = [*_sum(sheet, distinct), *codes]
        certain = len(set(codes)) == 1 and not repeated
        rule = "conduction-codes-sum-to-top" if certain else "conduction-codes-sum-unclear"
    if planned:
        codes = [table.conduction_for(planned)]
    used = [patterns.of(rule)]
    if any(line.units > 1 for line in lines):
        used.append(patterns.of("conduction-units"))
    return propose(used, _one_code(lines, codes), lines, settled=bool(planned))


def _sum(sheet: Worksheet, levels: list[int]) -> list[Code]:
    """The codes that the total of these levels may need."""
    table = sheet.rules.table
    least = sum(table.studies_of(level)[0] for level in levels)
    mosts = [table.studies_of(level)[1] for level in levels]
    most = None if None in mosts else sum(most for most in mosts if most is not None)
    return _between(sheet, least, most)


def _total(sheet: Worksheet, lines: Iterable[Line]) -> tuple[int, int | None]:
    least, most = 0, 0
    open_ended = False
    for line in lines:
        if line.code is not None:
            low, high = sheet.rules.table.studies_of(line.code.level)
            least += low
            most += high or 0
            open_ended = open_ended or high is None
    return least, None if open_ended else most


def _between(sheet: Worksheet, least: int, most: int | None) -> list[Code]:
    """The conduction codes for ``least`` to ``most`` studies; ``None`` has no upper end."""
    table = sheet.rules.table
    first = table.level_for(max(1, least))
    last = table.top_level if most is None else table.level_for(max(1, most))
    return [table.conduction[level] for level in range(first, last + 1)]


def _one_code(lines: tuple[Line, ...], codes: Iterable[Code]) -> list[Choice]:
    """Per code: one line carries it, the others go. A line that has the code already is the one that
    stays.
    """
    choices = []
    for code in codes:
        first, *_ = dated_first(lines)
        alike = (line for line in lines if precedence(line) == precedence(first))
        stays = next((line for line in alike if line.code == code and line.units == 1), first)
        choices.append(choice(*merge(lines, code, stays=stays)))
    return choices
