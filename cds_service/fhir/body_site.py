"""bodySite -> Sites: SNOMED codes and laterality qualifiers first, vetted words where no code is known."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.core.case import Coding, Side, Site
from cds_service.core.vocabulary import Vocabulary
from cds_service.fhir.elements import JsonObject, as_text, codings, objects, text_of

SNOMED = "http://snomed.info/sct"


def read_sites(vocabulary: Vocabulary, body_site: object) -> tuple[Site, ...]:
    """The distinct sites of every CodeableConcept of ``body_site``, in order."""
    found: list[Site] = []
    for concept in objects(body_site):
        found.extend(_of_concept(vocabulary, concept))
    if isinstance(body_site, str):
        found.extend(vocabulary.places.sites_in(body_site))
    return tuple(dict.fromkeys(found))


def _of_concept(vocabulary: Vocabulary, concept: JsonObject) -> tuple[Site, ...]:
    coded: list[Site] = []
    sides: dict[Side, None] = {}
    laterality = vocabulary.places.laterality
    for coding in codings(concept):
        if vocabulary.system(coding.system) == SNOMED:
            coded += vocabulary.sites.get(coding.code, ())
            if coding.code in laterality:
                sides.update(dict.fromkeys(laterality[coding.code]))
    for coding in _qualifiers(concept):
        if coding.code in laterality:
            sides.update(dict.fromkeys(laterality[coding.code]))
    if not coded or all(site.region in vocabulary.places.coarse for site in coded):
        # no code, one of another vocabulary, or one of so large a part that words may say more
        named = vocabulary.places.sites_in(text_of(concept))
        return _sided(vocabulary, named or tuple(coded), tuple(sides))
    if not sides and not all(site.side for site in coded):
        sides.update(dict.fromkeys(vocabulary.places.sides_in(text_of(concept))))
    return _sided(vocabulary, tuple(coded), tuple(sides))


def _sided(vocabulary: Vocabulary, sites: tuple[Site, ...], sides: tuple[Side, ...]) -> tuple[Site, ...]:
    if not sides:
        return sites
    named: list[Site] = []
    for site in sites:
        named.extend((site,) if site.side else vocabulary.places.with_sides(site.region, sides))
    return tuple(named)


def _qualifiers(concept: JsonObject) -> Iterator[Coding]:
    """Codings that stand in extensions of the concept or of its codings."""
    for holder in (concept, *objects(concept.get("coding"))):
        if "extension" in holder:
            for extension in objects(holder["extension"]):
                for name in ("valueCodeableConcept", "valueCoding"):
                    yield from codings(extension.get(name))
                code = as_text(extension.get("valueCode"))
                if code:
                    yield Coding("", code)
