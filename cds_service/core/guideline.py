"""A guideline's identity, and the knowledge that is loaded for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service.core.coding import CodingRules
from cds_service.core.coverage import Payers
from cds_service.core.criteria import Criteria
from cds_service.core.icd10 import DiagnosisRules, Icd10
from cds_service.core.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Guideline:
    """What the guideline is. ``edition``: date of the publisher's text. ``version``: of our data.

    ``own``: the sources that are editions of the guideline itself. ``on_cards``: those that a card may name.
    """

    id: str
    title: str
    publisher: str
    edition: str
    version: str
    url: str
    unknown: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    sources: Mapping[str, str] = field(default_factory=dict)
    on_cards: frozenset[str] = frozenset()

    def cite(self, tags: str) -> str:
        """Source tags ("PMR17, CA86") as a reader knows them."""
        return "; ".join(self.sources.get(tag, tag) for tag in _each(tags))

    def cite_on_card(self, tags: str) -> tuple[str, ...]:
        """Those of them that a card may name."""
        return tuple([self.sources[tag] for tag in _each(tags) if tag in self.on_cards])

    def others(self, tags: Iterable[str]) -> str:
        """Those of the sources that are not the guideline's own, as a reader knows them."""
        return self.cite(", ".join(tag for tag in dict.fromkeys(tags) if tag not in self.own))


def _each(tags: str) -> list[str]:
    return [tag for tag in tags.replace(";", ",").split(", ") if tag]


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """Everything the engine knows; the same for every call."""

    guideline: Guideline
    coding: CodingRules
    criteria: Criteria
    diagnoses: DiagnosisRules
    icd10: Icd10
    vocabulary: Vocabulary
    questionnaire: Mapping[str, Any]
    payers: Payers = field(default_factory=Payers)
