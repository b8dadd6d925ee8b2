"""Order lines: which procedure code each order means, how many units, on which limbs.

A misspelt or decorated code (``9586O``, ``CPT 95910``, ``95886-59``, wrong system) is read as what it
means and
marked, so that everything after this sees codes as they will stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_service.core.case import Case, Order, Site
from cds_service.core.coding import Code, CodeTable
from cds_service.engine import sides

_LOOKALIKES = str.maketrans("OILSBZ", "011582")
_PREFIX = re.compile(r"^(?:CPT|HCPCS)(?:[- ]?4|[- ]?II)?[\s:#-]*")
_CODE = re.compile(r"^([A-Z0-9]{5})((?:[\s/.,-]*[A-Z0-9]{2}(?:[\s/.,-]+[A-Z0-9]{2})*)?)$")
_AROUND = " \t.,;:#()"
_MODIFIER = re.compile(r"[A-Z0-9]{2}")
_BETWEEN = re.compile(r"(?<=[A-Z0-9])[,.\s](?=[0-9OIL]{3}(?![0-9A-Z]))")
_OTHER_THAN = re.compile(r"\b(?:other than|excluding|except)\b[^|;.]*")


@dataclass(frozen=True, slots=True)
class Line:
    """One order and what it means.

    ``code`` is ``None`` when only a concept (``needle conduction both``) names the test. ``decorated``:
    the code
    as sent has to be cleaned (with a concept alone: it cannot be). ``limbs`` are sided limbs, distinct;
    empty when none or not all have a side.
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
    glued: tuple[str, ...] = field(default=())

    @property
    def ref(self) -> str:
        return self.order.ref

    @property
    def replaced(self) -> str:
        """The text in code.coding that a correction replaces; ``""`` when only a concept stands there."""
        return self.sent if self.code is not None else ""

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
    concept = ""
    for coding in order.codings:
        system = systems.get(coding.system, coding.system)
        if system in (table.cpt_system, table.hcpcs_system):
            code = table.codes.get(coding.code)
            if code is not None:
                return _line(order, code, coding.code, concept=_concept(order, table, systems))
            foreign = foreign or _is_well_formed(coding.code)
    for coding in order.codings:
        found = clean(coding.code, table)
        if found is not None:
            code, modifiers = found
            return _line(order, code, coding.code, decorated=True, glued=modifiers)
    if foreign:
        return None
    concept = _concept(order, table, systems) or _concept_in_title(order, table)
    if concept:
        sent = order.codings[0].code if order.codings else ""
        broken = any(
            systems.get(coding.system, coding.system) == table.cpt_system for coding in order.codings
        )
        return _line(order, None, sent, decorated=broken, concept=concept)
    return None


def clean(sent: str, table: CodeTable) -> tuple[Code, tuple[str, ...]] | None:
    """The code that ``sent`` means, and the modifiers glued to it; ``None`` when it means none of ours."""
    if not 5 <= len(sent) <= 40:
        return None
    if _is_plain(sent):
        code = table.codes.get(sent)
        return None if code is None else (code, ())
    text = _BETWEEN.sub("", _PREFIX.sub("", sent.strip(_AROUND).upper()))
    match = _CODE.match(text)
    if match is None:
        return None
    stem = match.group(1)
    code = table.codes.get(stem) or table.codes.get(stem.translate(_LOOKALIKES))
    if code is None:
        return None
    return code, tuple(_MODIFIER.findall(match.group(2)))


def _line(
    order: Order,
    code: Code | None,
    sent: str,
    *,
    decorated: bool = False,
    concept: str = "",
    glued: tuple[str, ...] = (),
) -> Line:
    modifiers = tuple(dict.fromkeys((*order.modifiers, *glued))) if glued else order.modifiers
    limb_sites = [site for site in order.sites if site.is_limb]
    if modifiers:
        limb_sites = sides.sided(limb_sites, modifiers)
    sided = tuple(sorted({site for site in limb_sites if site.side}))
    return Line(
        order=order,
        code=code,
        sent=sent,
        decorated=decorated,
        concept=concept,
        units=order.units if order.units is not None and order.units > 0 else 1,
        modifiers=modifiers,
        limbs=sided if len(sided) == len(set(limb_sites)) else (),
        axial=tuple(sorted({site for site in order.sites if not site.is_limb})),
        words=_OTHER_THAN.sub(" ", order.words) if order.words else "",
        glued=glued,
    )


def _concept(order: Order, table: CodeTable, systems: Mapping[str, str]) -> str:
    for coding in order.codings:
        kind = table.concepts.get((systems.get(coding.system, coding.system), coding.code))
        if kind:
            named = _concept_in_title(order, table)
            return "both" if named in ("conduction", "both") else kind
    return ""


def _concept_in_title(order: Order, table: CodeTable) -> str:
    title = order.title
    if not title:
        return ""
    words = table.words
    needle = title in words["needle"]
    conduction = title in words["conduction"]
    if title in words["both"] or (needle and conduction):
        return "both"
    if needle:
        return "needle"
    return "conduction" if conduction else ""


def _is_plain(code: str) -> bool:
    return len(code) == 5 and code.isascii() and code.isdecimal()


def _is_well_formed(code: str) -> bool:
    return len(code) == 5 and code[:4].isdigit()
