"""A number of limbs, written down: as the stand-alone code, or as complete add-ons beside those there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cds_service.core.case import Site
from cds_service.core.coding import LIMB_ADDON, Code, Pattern
from cds_service.core.finding import Choice, Edit
from cds_service.engine.coding.edits import change, choice, remove
from cds_service.engine.coding.limb_count import Count, Reading
from cds_service.engine.coding.merging import absorb, merge
from cds_service.engine.coding.worksheet import ALL_LIMBS, Worksheet
from cds_service.engine.lines import Line
from cds_service.engine.sides import sides_of, without_sides

_MOST = len(ALL_LIMBS)
_Rest = tuple[int, frozenset[Site], bool]


def limb_choice(sheet: Worksheet, lines: tuple[Line, ...], reading: Reading, *, paired: bool) -> Choice:
    """``lines`` become one stand-alone code for the limbs, or, ``paired``, that many complete add-ons."""
    target = _target(lines, reading)
    table = sheet.rules.table
    code, units = (table.addon_complete, reading.limbs) if paired else (table.alone[reading.limbs], 1)
    modifiers = without_sides(lines[0].modifiers) if len(sides_of(lines[0].modifiers)) > 1 else None
    edits = merge(lines, code, units, sites=_sites(lines, target), modifiers=modifiers)
    return choice(*edits, applicable=not target or len(target) == reading.limbs)


def beside_addons(
    sheet: Worksheet, lines: tuple[Line, ...], count: Count
) -> tuple[list[Choice], list[Pattern], bool]:
    """The add-ons that ``lines`` become, so that with those there are no limb is counted twice.

    Returns:
        choices, patterns that hold for the add-ons there are, and whether the orders leave it open.
    """
    addons = sheet.of(LIMB_ADDON)
    if not addons:
        return [limb_choice(sheet, lines, reading, paired=True) for reading in count.readings], [], False
    complete = [line for line in addons if line.code is not None and line.code.complete]
    rests = [(reading, rest) for reading in count.readings for rest in _rests(lines, reading, complete)]
    choices: list[Choice] = []
    used: list[Pattern] = []
    for reading, rest in rests:
        chosen = _rest_choice(sheet, lines, reading, rest, complete)
        edits, also, agree = _limited_left(sheet, lines, reading, rest)
        choices.append(choice(*chosen.edits, *edits, applicable=chosen.applicable and agree))
        used.extend(also)
    over = sheet.rules.patterns.of("addons-over-four")
    return choices, list(dict.fromkeys(used)), len(rests) > 1 or over in used


def covered(lines: Iterable[Line]) -> tuple[frozenset[Site], int]:
    """Limbs that needle lines list, and how many more they count without saying which."""
    limbs: set[Site] = set()
    more = 0
    for line in lines:
        units = line.code.limbs if line.code is not None and line.code.limbs else line.units
        limbs.update(line.limbs)
        more += max(0, units - line.listed_limbs)
    if more and len(limbs) + more >= _MOST:
        return frozenset(ALL_LIMBS), 0
    return frozenset(limbs), more


def _target(lines: tuple[Line, ...], reading: Reading) -> set[Site]:
    """The limbs that are meant; fewer or more than ``reading`` says where the orders list others."""
    target = set(reading.sites) or {site for line in lines for site in line.limbs}
    return set(ALL_LIMBS) if target and reading.limbs == _MOST else target


def _sites(lines: tuple[Line, ...], target: Iterable[Site]) -> tuple[Site, ...] | None:
    """The sites the order is left with; ``None``: as it lists them."""
    limbs = set(target)
    if not limbs or (len(lines) == 1 and limbs == set(lines[0].limbs)):
        return None
    return (*{site for line in lines for site in line.axial}, *limbs)


def _rests(lines: tuple[Line, ...], reading: Reading, complete: list[Line]) -> Iterator[_Rest]:
    """How many limbs no add-on covers, and which; more than one where it is not known which are covered.

    The last member: whether the order can be made to say so.
    """
    limbs, more = covered(complete)
    target = _target(lines, reading) or (set(ALL_LIMBS) if reading.limbs == _MOST else set())
    room = max(0, _MOST - len(limbs) - more)
    if len(target) == reading.limbs:
        left = frozenset(target - limbs)
        most, least = min(len(left), room) if more else len(left), max(0, len(left) - more)
        for number in dict.fromkeys((most, least)):
            yield number, left if number == len(left) else frozenset(), number in (0, len(left))
        return
    most, least = min(reading.limbs, room), max(0, reading.limbs - len(limbs) - more)
    for number in dict.fromkeys((most, least)):
        yield number, frozenset(), not target or number == 0


def _rest_choice(
    sheet: Worksheet, lines: tuple[Line, ...], reading: Reading, rest: _Rest, complete: list[Line]
) -> Choice:
    number, left, doable = rest
    if not number:
        return choice(*absorb(lines, complete))
    code = sheet.rules.table.addon_complete
    if len(complete) == 1 and _is_bare(complete[0]):
        return _one_line(lines, complete[0], code, number, left)
    written = left if _target(lines, reading) else frozenset()
    return choice(*merge(lines, code, number, sites=_sites(lines, written)), applicable=doable)


def _is_bare(addon: Line) -> bool:
    """A draft that was not written to the end: it says neither limbs nor units."""
    order = addon.order
    return order.draft and order.units is None and not order.sites and not addon.modifiers


def _one_line(lines: tuple[Line, ...], addon: Line, code: Code, number: int, left: frozenset[Site]) -> Choice:
    """The bare add-on gets all the limbs."""
    total = addon.units + number
    listed = left if len(left) == total else ALL_LIMBS if left and total == _MOST else ()
    sites = (*{site for line in lines for site in line.axial}, *listed) if listed else ()
    return choice(*merge((addon, *lines), code, total, stays=addon, sites=sites))


def _limited_left(
    sheet: Worksheet, lines: tuple[Line, ...], reading: Reading, rest: _Rest
) -> tuple[list[Edit], list[Pattern], bool]:
    """Limited add-ons of limbs that the complete study covers go; others make room for no fifth limb.

    Returns:
        what becomes of the lines, the patterns that say so, and whether a suggestion can do it.
    """
    patterns = sheet.rules.patterns
    addons = [line for line in sheet.of(LIMB_ADDON) if line.code is not None]
    inside = _target(lines, reading) or (set(ALL_LIMBS) if reading.limbs == _MOST else set())
    edits: list[Edit] = []
    used: list[Pattern] = []
    agree = True
    room = _MOST - rest[0] - sum(line.units for line in addons if line.code and line.code.complete)
    for line in addons:
        if line.code is None or line.code.complete:
            continue
        left = [site for site in line.limbs if site not in inside]
        units = len(left) if line.limbs else 0 if len(inside) == _MOST else line.units
        if units < line.units or len(left) < line.listed_limbs:
            used.append(patterns.of("addons-same-limb"))
        if units > max(0, room):
            used.append(patterns.of("addons-over-four"))
            units = max(0, room)
            agree = agree and (not units or not line.limbs)
        room -= units
        if units != line.units or len(left) < line.listed_limbs:
            sites = (*line.axial, *left) if line.limbs else None
            edits.append(change(line, line.code, units, sites=sites) if units else remove(line))
    return edits, used, agree
