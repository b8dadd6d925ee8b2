"""Body sites: which codes and words mean which region and side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cds_service.core.case import Side, Site
from cds_service.core.phrases import PhraseIndex, tokens_of

BOTH: tuple[Side, ...] = ("right", "left")


@dataclass(frozen=True, slots=True)
class Term:
    """What a word of a site text says: whole ``sites``, ``regions``, or ``sides``."""

    kind: Literal["sites", "regions", "sides"]
    sites: tuple[Site, ...] = ()
    regions: tuple[str, ...] = ()
    sides: tuple[Side, ...] = ()


@dataclass(frozen=True, slots=True)
class CodedSite:
    """Where an ICD-10-CM stem is; ``character`` (from 1, without the dot) of the code says the side."""

    region: str
    character: int = 0
    sides: Mapping[str, tuple[Side, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SiteRules:
    """``laterality``: SNOMED qualifier -> sides. ``sided``: regions where right and left are told apart.

    ``coarse``: regions that a text beside their code may say more about.
    """

    terms: PhraseIndex[Term] = field(default_factory=PhraseIndex)
    laterality: Mapping[str, tuple[Side, ...]] = field(default_factory=dict)
    sided: frozenset[str] = frozenset()
    coarse: frozenset[str] = frozenset()
    coded: Mapping[str, CodedSite] = field(default_factory=dict)

    def with_sides(self, region: str, sides: tuple[Side, ...]) -> tuple[Site, ...]:
        """The sites of one region, or the unsided one."""
        if not sides or region not in self.sided:
            return (Site(region),)
        return tuple(Site(region, side) for side in sides)

    def sides_in(self, text: str) -> tuple[Side, ...]:
        """The sides a text names, each once."""
        found: dict[Side, None] = {}
        for term in self.terms.scan(tokens_of(text)):
            sides = term.sides or tuple(site.side for site in term.sites if site.side)
            found.update(dict.fromkeys(sides))
        return tuple(found)

    def sites_in(self, text: str) -> tuple[Site, ...]:
        """The sites a text names; a side stands before its region, or after it if the text begins so."""
        found: list[Site] = []
        before: list[Site] | None = None
        sides: tuple[Side, ...] = ()
        spent = False
        trailing = False
        for term in self.terms.scan(tokens_of(text)):
            if term.kind == "sites":
                found.extend(term.sites)
            elif term.kind == "regions":
                for region in term.regions:
                    if region in self.sided:
                        trailing, spent, before = trailing or not sides, True, None
                    found.extend(self.with_sides(region, () if trailing else sides))
            else:
                if trailing and before is None:
                    before, sides = found, ()
                sides = term.sides if spent and not trailing else tuple(dict.fromkeys((*sides, *term.sides)))
                spent = False
                if before is not None:
                    found = self._side_unsided(before, sides)
        return self._finest(tuple(dict.fromkeys(found))) if len(found) > 1 else tuple(found)

    def _finest(self, sites: tuple[Site, ...]) -> tuple[Site, ...]:
        """Without a large part of which a smaller one is named."""
        fine = tuple(site for site in sites if site.region not in self.coarse)
        return fine if any(site.region not in self.sided for site in fine) else sites

    def _side_unsided(self, sites: list[Site], sides: tuple[Side, ...]) -> list[Site]:
        named: list[Site] = []
        for site in sites:
            named.extend((site,) if site.side else self.with_sides(site.region, sides))
        return named

    def of_icd10(self, code: str) -> tuple[Site, ...]:
        """Where a (dotted) ICD-10-CM code is, by its longest known stem."""
        for length in range(len(code), 2, -1):
            coded = self.coded.get(code[:length])
            if coded is not None:
                digits = code.replace(".", "")
                digit = digits[coded.character - 1 : coded.character] if coded.character else ""
                return self.with_sides(coded.region, coded.sides.get(digit, ()))
        return ()
