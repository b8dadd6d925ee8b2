"""Where on the guideline page a thing stands; the trace and the search lead there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cds_service.core.guideline import Knowledge
from cds_service.core.icd10 import DiagnosisRules, Row

USUAL = "Q-"


def anchor_of(kind: str, name: str) -> str:
    """The fragment of one thing, ``kind`` being what it is."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', name).strip('-')}"


def places(knowledge: Knowledge) -> Mapping[str, str]:
    """Fragment by id, for everything an evaluation may name."""
    criteria = knowledge.criteria
    found = {f"{USUAL}{row.id}": anchor_of("usual", row.id) for row in knowledge.coding.maxima.rows}
    found |= {item: anchor_of("item", item) for item in knowledge.vocabulary.items}
    found |= {row.id: anchor_of("diagnosis", row.id) for row in diagnosis_rows(knowledge.diagnoses)}
    found |= {name: anchor_of("pattern", name) for name in knowledge.coding.patterns.by_id}
    found |= {advice.id: anchor_of("advice", advice.id) for advice in criteria.advice}
    found |= {pathway.id: anchor_of("pathway", pathway.id) for pathway in criteria.pathways}
    found |= {name: anchor_of("row", name) for name in criteria.rows}
    found |= {name: anchor_of("criterion", name) for name in criteria.criteria}
    return found


def diagnosis_rows(rules: DiagnosisRules) -> tuple[Row, ...]:
    """Every rule about reason codes that is cited by an id, each once."""
    return tuple({row.id: row for row in _rows(rules)}.values())


def _rows(rules: DiagnosisRules) -> Iterator[Row]:
    yield from rules.rows.values()
    for entry in rules.entries.values():
        if entry.header is not None:
            yield entry.header.row
        if entry.unless_cause is not None:
            yield entry.unless_cause.row
        yield from (inform.row for inform in entry.informs)
    yield from (pair.row for pair in rules.pairs)
    yield rules.manifestation
    yield rules.combination
