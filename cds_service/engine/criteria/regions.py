"""Where the signs of the reasons are looked for: what is found or absent elsewhere says nothing of them."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.core.case import Diagnosis, Fact
from cds_service.core.criteria import Located
from cds_service.engine.criteria.view import View


def regions_of(view: View) -> frozenset[str]:
    """The regions in which the signs of the reasons are looked for; empty when none says so."""
    return frozenset().union(*_regions(view))


def is_near(fact: Fact, regions: frozenset[str]) -> bool:
    """Whether a fact is, or may be, in one of the regions."""
    return not fact.sites or not regions or any(site.region in regions for site in fact.sites)


def _regions(view: View) -> Iterator[frozenset[str]]:
    for located in view.criteria.located:
        for concept in view.concepts:
            if not located.groups.isdisjoint(concept.groups) or _names(located, concept.diagnoses):
                yield located.regions


def _names(located: Located, diagnoses: tuple[Diagnosis, ...]) -> bool:
    for diagnosis in diagnoses:
        if diagnosis.code.replace(".", "").upper().startswith(located.codes):
            return True
        text = diagnosis.text.lower() if diagnosis.by_text else ""
        if any(word in text for word in located.words):
            return True
    return False
