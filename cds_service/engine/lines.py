"""Order lines: which procedure code each order means, how many units, on which limbs.

A misspelt or decorated code (``9586O``, ``CPT 95910``, ``95886-59``, wrong system) is read as what it means
and marked, so that everything after this sees codes as they will stand. Of the order's text only what is
about the study itself is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.core.case import Case, Order, Site
from cds_service.core.coding import Code, CodeTable
from cds_service.core.order_text import Listing, Roster, sentences
from cds_service.engine import sides
from cds_service.engine.code_text import Read, clean


@dataclass(frozen=True, slots=True)
class Line:
    """One order and what it means.

    ``code`` is ``None`` when only a concept (``needle conduction both single-fibre``) names the test.
    ``decorated``: the code as sent has to be cleaned (with a concept alone: it cannot be). ``doubtful``: more
    is glued to it than is understood; ``glued_units``: units glued to it that differ from those of the order,
    or 0. ``flaws``: what is wrong with how the code is written. ``limbs`` are sided limbs, distinct; empty
    when none or not all have a side. ``words``: the order's text without its asides.
    """

    order: Order
    code: Code | None
    sent: str
    decorated: bool = False
    concept: str = ""
    units: int = 1
    modifiers: tuple[str, ...] = ()
    limbs: tuple[Site, ...] = ()
    axial: tuple[Site, ...] = ()
    words: str = ""
    doubtful: bool = False
    glued_units: int = 0
    flaws: tuple[str, ...] = ()

    @property
    def ref(self) -> str:
        return self.order.ref

    @property
    def replaced(self) -> str:
        """The text in code.coding that a correction replaces; ``""`` when only a concept stands there."""
        return self.sent if self.code is not None or self.decorated else ""

    @property
    def meant(self) -> str:
        return self.code.code if self.code is not None else ""

    @property
    def family(self) -> str:
        return self.code.family if self.code is not None else ""

    @property
    def listed_limbs(self) -> int:
        return len(self.limbs)

    @property
    def sides(self) -> frozenset[str]:
        """The sides that its sites or modifiers say."""
        said = {site.side for site in self.order.sites if site.side}
        return frozenset(said or sides.sides_of(self.modifiers))

    @property
    def places(self) -> tuple[Site, ...]:
        """All sites of the order, limbs with the sides that its modifiers say."""
        return (*self.limbs, *self.axial) if self.limbs else self.order.sites


def read_lines(case: Case, table: CodeTable, systems: Mapping[str, str]) -> tuple[Line, ...]:
    """The orders of ``case`` that name one of the table's codes or concepts.

    An active order of the chart whose day is over is history, not a part of what is planned.
    """
    return tuple(
        line
        for order in case.orders
        if (order.draft or not order.date or order.last_day >= case.as_of)
        and (line := read_line(order, table, systems)) is not None
    )


def read_line(order: Order, table: CodeTable, systems: Mapping[str, str]) -> Line | None:
    """What one order means, or ``None`` when it is none of this guideline's business."""
    foreign = False
    for coding in order.codings:
        system = systems.get(coding.system, coding.system)
        if system in (table.cpt_system, table.hcpcs_system):
            code = table.codes.get(coding.code)
            if code is not None:
                concept = _concept(order, table, systems)
                return _line(order, table, Read(code), coding.code, concept=concept)
            foreign = foreign or _is_well_formed(coding.code)
    for coding in order.codings:
        read = clean(coding.code, table)
        if read is not None:
            system = systems.get(coding.system, coding.system)
            if system not in (table.cpt_system, table.hcpcs_system):
                read = read._replace(flaws=(*read.flaws, "system"))
            return _line(order, table, read, coding.code, decorated=True)
    if foreign:
        return None
    concept = _concept(order, table, systems) or _concept_in_title(order, table)
    if not concept:
        return None
    broken = [
        coding.code
        for coding in order.codings
        if systems.get(coding.system, coding.system) == table.cpt_system
    ]
    sent = next(iter((*broken, *[coding.code for coding in order.codings])), "")
    return _line(order, table, None, sent, decorated=bool(broken), concept=concept)


def listed(roster: Roster, line: Line) -> Listing:
    """What the order lists; with more of the kind among its asides the list is not sure to be whole."""
    found = roster.read(line.words)
    if found.whole and line.words != line.order.words:
        return found._replace(whole=roster.read(line.order.words).names == found.names)
    return found


def _line(
    order: Order,
    table: CodeTable,
    read: Read | None,
    sent: str,
    *,
    decorated: bool = False,
    concept: str = "",
) -> Line:
    glued = read.modifiers if read is not None else ()
    units, glued_units = _units(order, read)
    modifiers = tuple(dict.fromkeys((*order.modifiers, *glued))) if glued else order.modifiers
    limb_sites = [site for site in order.sites if site.is_limb]
    if modifiers:
        limb_sites = sides.sided(limb_sites, modifiers)
    sided = tuple(sorted({site for site in limb_sites if site.side}))
    return Line(
        order=order,
        code=read.code if read is not None else None,
        sent=sent,
        decorated=decorated,
        concept=concept,
        units=units,
        modifiers=tuple(dict.fromkeys((*order.modifiers, *glued))) if glued else order.modifiers,
        limbs=sided if len(sided) == len(set(limb_sites)) else (),
        axial=tuple(sorted({site for site in order.sites if not site.is_limb})),
        words=table.asides.left_out(order.words) if order.words else "",
        doubtful=read.rest if read is not None else False,
        glued_units=glued_units,
        flaws=read.flaws if read is not None else ("unknown",) if decorated else (),
    )


def _units(order: Order, read: Read | None) -> tuple[int, int]:
    """The units of the order, and those glued to its code where they say otherwise."""
    glued = read.units if read is not None else 0
    if order.units is None or order.units < 1:
        return glued or 1, 0
    return order.units, glued if glued != order.units else 0


def _concept(order: Order, table: CodeTable, systems: Mapping[str, str]) -> str:
    for coding in order.codings:
        kind = table.concepts.get((systems.get(coding.system, coding.system), coding.code))
        if kind:
            if _concept_in_title(order, table) == "single-fibre":
                return "single-fibre"
            title = table.asides.left_out(order.title)
            conduction = any(title in table.words[name] for name in ("conduction", "both"))
            return "both" if conduction else kind
    return ""


def _concept_in_title(order: Order, table: CodeTable) -> str:
    """The test that is the whole name of the order, or of one of its names."""
    for name in sentences(table.asides.left_out(order.title)):
        tests, whole = table.tests.read(name)
        if whole:
            return _together(tests)
    return ""


def _together(tests: frozenset[str]) -> str:
    if "single-fibre" in tests:
        return "single-fibre" if tests <= {"single-fibre", "needle"} else ""
    return "both" if "both" in tests or len(tests) > 1 else next(iter(tests), "")


def _is_well_formed(code: str) -> bool:
    return len(code) == 5 and code[:4].isdigit()
