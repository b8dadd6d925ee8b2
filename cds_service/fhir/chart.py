"""What the readers of chart resources share: the vocabulary, the date, and where facts and gaps go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from cds_service.core.case import Coding, Fact, Gap, Site
from cds_service.core.vocabulary import ICD10CM, MAX_REMEMBERED, NO_GROUPS, Meaning, Vocabulary
from cds_service.fhir.body_site import read_sites
from cds_service.fhir.elements import JsonObject, codings, text_of
from cds_service.fhir.search import Finds


def name_of(kind: str, concept: object) -> int:
    """What a resource is called, as a number by which it is known again; no word of the chart is kept.

    0: it has no plain name.
    """
    if not isinstance(concept, dict):
        return 0
    try:
        return hash((kind, orjson.dumps(concept)))
    except TypeError:
        return 0


@dataclass(slots=True)
class Chart:
    """Facts and gaps gathered so far, in the order of the request."""

    vocabulary: Vocabulary
    finds: Finds
    as_of: str
    facts: list[Fact] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def meaning(self, kind: str, concept: object) -> Meaning:
        """What the code of a resource means; looked up again when it was met before."""
        vocabulary = self.vocabulary
        name = name_of(kind, concept)
        known = vocabulary.meanings.get(name) if name else None
        if known is None:
            coded = codings(concept)
            groups, code, by_text = self.groups(kind, coded, concept)
            groups = vocabulary.of_kind(groups, kind)
            sites = self.sites(None, coded if kind == "condition" else (), groups, concept) if groups else ()
            known = Meaning(groups, code, by_text, sites)
            if name and len(vocabulary.meanings) < MAX_REMEMBERED:
                vocabulary.meanings[name] = known
        return known

    def groups(self, kind: str, coded: list[Coding], concept: object) -> tuple[frozenset[str], str, bool]:
        """(groups, code that gave them, whether by text). Text counts where no code is known.

        ICD-10-CM is known whole, so a code of it that gives nothing is an answer.
        """
        vocabulary = self.vocabulary
        groups = NO_GROUPS
        code = ""
        complete = False
        for coding in coded:
            found = vocabulary.groups_of(coding.system, coding.code)
            if found:
                groups |= found
                code = code or coding.code
            elif not complete:
                complete = vocabulary.system(coding.system) == ICD10CM
        if groups or complete:
            return groups, code, False
        text = text_of(concept)
        groups = vocabulary.groups_of_text(kind, text) if text else NO_GROUPS
        if groups and kind == "condition" and vocabulary.is_doubted(text):
            groups = NO_GROUPS
        return groups, "", True

    def sites(
        self,
        body_site: object,
        coded: Iterable[Coding],
        groups: frozenset[str],
        concept: object,
        *,
        region: str = "",
    ) -> tuple[Site, ...]:
        """Where a fact is: its bodySite, its code, its words, ``region``, or where its groups always are."""
        places = self.vocabulary.places
        sites = read_sites(self.vocabulary, body_site) if body_site else ()
        if sites:
            return sites
        for coding in coded:
            sites = self.vocabulary.sites_of(coding.system, coding.code)
            if sites:
                return sites
        text = text_of(concept)
        sites = places.sites_in(text) if text else ()
        if not sites:
            known = self.vocabulary.regions
            regions = {region} if region else {known[group] for group in groups if group in known}
            if len(regions) == 1:
                sides = places.sides_in(text) if text else ()
                sites = places.with_sides(regions.pop(), sides)
        return sites

    def body_sites(self, resource: JsonObject) -> tuple[Site, ...]:
        """Where a resource itself says that it is."""
        return read_sites(self.vocabulary, resource["bodySite"]) if "bodySite" in resource else ()

    def device_sites(self, body_site: object, groups: frozenset[str], concept: object) -> tuple[Site, ...]:
        """Where a device is worn: bodySite, with the side its words name when bodySite has none."""
        sites = self.sites(body_site, (), groups, concept)
        if any(not site.side for site in sites):
            sides = self.vocabulary.places.sides_in(text_of(concept))
            named: list[Site] = []
            for site in sites:
                named.extend((site,) if site.side else self.vocabulary.places.with_sides(site.region, sides))
            return tuple(dict.fromkeys(named))
        return sites
