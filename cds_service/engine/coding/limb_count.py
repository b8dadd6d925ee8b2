"""How many limbs stand-alone codes mean: by repeated lines, units, listed limbs, modifiers and answers."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.core.case import Site
from cds_service.core.place import BOTH
from cds_service.engine.coding.worksheet import ALL_LIMBS, Worksheet
from cds_service.engine.lines import Line
from cds_service.engine.sides import sides_of

_MOST = len(ALL_LIMBS)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the number of limbs; ``sites``: which, where the orders do not list just these."""

    limbs: int
    sites: tuple[Site, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """What is known of the number of limbs. ``rule``: what makes it more than the code's own number.

    ``listed``: how many limbs the orders list; ``answered``: an answer settled it.
    """

    rule: str
    readings: tuple[Reading, ...]
    ask: bool = False
    listed: int = 0
    answered: bool = False


def count_limbs(sheet: Worksheet, lines: tuple[Line, ...]) -> Count:
    """The count for lines that come to one code."""
    count = _one(lines[0]) if len(lines) == 1 else _several(lines)
    planned = sheet.limbs_planned
    if not planned:
        return count
    if count.rule and (count.ask or len(count.readings) > 1):
        return _planned(count.rule, planned, count.listed)
    if count.rule or count.listed:
        return count
    named = count.readings[0].limbs
    return _planned(_rule_of(named, len(planned)) if named != len(planned) else "", planned, len(planned))


def is_clear(lines: tuple[Line, ...]) -> bool:
    """Each line lists just the limbs its code names, and no limb stands on two lines."""
    listed = [site for line in lines for site in line.limbs]
    return len(listed) == len(set(listed)) and all(
        line.code is not None and line.units == 1 and line.listed_limbs == line.code.limbs for line in lines
    )


def _planned(rule: str, planned: tuple[Site, ...], listed: int) -> Count:
    return Count(rule, (Reading(len(planned), planned),), listed=listed, answered=True)


def _rule_of(named: int, listed: int) -> str:
    if listed > named:
        return "alone-more-limbs-listed"
    return "alone-fewer-limbs-listed" if named > 2 else "alone-one-limb-listed"


def _one(line: Line) -> Count:
    listed, units = line.listed_limbs, line.units
    named = line.code.limbs if line.code is not None else 0
    if not named:
        return _unknown(listed)
    both = named == 1 and len(sides_of(line.modifiers)) > 1
    if both and listed == 1 and units <= 2:
        pair = tuple(Site(line.limbs[0].region, side) for side in BOTH)
        return Count("alone-more-limbs-listed", (Reading(2, pair), Reading(1)), ask=True, listed=2)
    if both and not listed:
        listed = 2
    if units > 1:
        return _units(named, units, listed)
    if not listed or listed == named:
        return Count("", (Reading(named),), listed=listed)
    both_readings = (Reading(listed), Reading(named))
    if listed > named == 1:
        return Count("alone-more-limbs-listed", both_readings[:1], listed=listed)
    return Count(_rule_of(named, listed), both_readings, ask=True, listed=listed)


def _unknown(listed: int) -> Count:
    """A code of a series that knows no such number."""
    known = listed in (2, 3)
    numbers = (listed,) if known else tuple(dict.fromkeys((listed, 2, 3) if listed else (2, 3)))
    return Count("limb-code-unknown", tuple(map(Reading, numbers)), ask=not known, listed=listed)


def _units(named: int, units: int, listed: int) -> Count:
    total = min(_MOST, named * units)
    if named == 1 and listed == units:
        return Count("alone-units-are-limbs", (Reading(units),), listed=listed)
    if named > 1 and listed == named * units:
        return Count("alone-codes-add-to-four", (Reading(listed),), listed=listed)
    if named > 1 and listed in (0, named):
        return Count("alone-units-are-limbs", (Reading(named),), ask=not listed, listed=listed)
    rule, least = ("alone-more-limbs-listed", listed) if listed > named else ("alone-repeated-unclear", named)
    return Count(rule, (Reading(least), Reading(total)), ask=True, listed=listed)


def _several(lines: tuple[Line, ...]) -> Count:
    named = [line.code.limbs if line.code is not None and line.code.limbs else 2 for line in lines]
    total = sum(limbs * line.units for limbs, line in zip(named, lines, strict=True))
    listed = {site for line in lines for site in line.limbs}
    each_listed = all(line.limbs for line in lines)
    singles = all(limbs == 1 for limbs in named)
    if (each_listed and len(listed) == total <= _MOST) or (singles and total == 2 and _opposite(lines)):
        rule = "alone-repeated-other-limbs" if singles else _adding(total)
        return Count(rule, (Reading(total),), listed=total)
    low = max(len(listed), *named) if not singles or listed else 1
    rule = "alone-repeated-unclear" if singles or len(set(named)) == 1 else _adding(total)
    readings = (Reading(min(_MOST, low)), Reading(min(_MOST, total)))
    return Count(rule, readings, ask=True, listed=len(listed))


def _adding(total: int) -> str:
    return "alone-codes-add-to-four" if total > 3 else "alone-codes-add-to-three"


def _opposite(lines: tuple[Line, ...]) -> bool:
    """Two lines, one of the right and one of the left: whichever limbs they are, they are two."""
    sides = [{site.side for site in line.limbs} or set(sides_of(line.modifiers)) for line in lines]
    return len(lines) == 2 and all(len(each) == 1 for each in sides) and sides[0] != sides[1]
