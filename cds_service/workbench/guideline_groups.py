"""The code groups: which codes of which system are in each, and what in the guideline uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cds_service.core.criteria import Combination, Condition, Test
from cds_service.core.guideline import Knowledge
from cds_service.core.vocabulary import ICD10CM
from cds_service.workbench.anchors import USUAL

SYSTEMS = {
    ICD10CM: "ICD-10-CM",
    "http://snomed.info/sct": "SNOMED CT",
    "http://loinc.org": "LOINC",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
}


@dataclass(frozen=True, slots=True)
class Use:
    """One thing of the guideline that looks at a group. ``how``: what for."""

    id: str
    title: str
    how: str


@dataclass(frozen=True, slots=True)
class GroupView:
    """One group; ``codes`` are (system, codes), a stem ending in ``-`` standing for all below it."""

    id: str
    label: str
    basis: str
    sources: str
    codes: tuple[tuple[str, tuple[str, ...]], ...]
    taken_out: tuple[str, ...]
    words: tuple[str, ...]
    uses: tuple[Use, ...]


def group_views(knowledge: Knowledge) -> tuple[GroupView, ...]:
    """Every group."""
    vocabulary = knowledge.vocabulary
    codes: dict[str, dict[str, list[str]]] = {}
    for (system, code), groups in vocabulary.exact.items():
        for group in groups:
            codes.setdefault(group, {}).setdefault(SYSTEMS.get(system, "HCPCS"), []).append(code)
    for stem, groups in vocabulary.prefixes.items():
        for group in groups:
            codes.setdefault(group, {}).setdefault(SYSTEMS[ICD10CM], []).append(f"{stem}-")
    uses = uses_of(knowledge)
    return tuple(
        GroupView(
            each.id,
            each.label,
            each.basis,
            knowledge.guideline.cite(each.source),
            tuple((system, tuple(sorted(found))) for system, found in codes.get(each.id, {}).items()),
            tuple(sorted(f"{stem}-" for stem, groups in vocabulary.excluded.items() if each.id in groups)),
            tuple(
                dict.fromkeys(
                    phrase
                    for phrases in vocabulary.words.values()
                    for phrase, group in phrases
                    if group == each.id
                )
            ),
            uses.get(each.id, ()),
        )
        for each in vocabulary.groups.values()
    )


def uses_of(knowledge: Knowledge) -> dict[str, tuple[Use, ...]]:
    """What looks at each group: criteria, rows, patterns and usual numbers."""
    found: dict[str, dict[Use, None]] = {}
    for group, use in _uses(knowledge):
        found.setdefault(group, {})[use] = None
    return {group: tuple(uses) for group, uses in found.items()}


def _uses(knowledge: Knowledge) -> Iterator[tuple[str, Use]]:
    yield from _judged(knowledge)
    for pattern in knowledge.coding.patterns.by_id.values():
        for group in sorted(pattern.groups):
            yield group, Use(pattern.id, pattern.why, "this pattern looks for it")
    for usual in knowledge.coding.maxima.rows:
        for group in sorted(usual.reasons | usual.with_groups):
            words = f"{usual.emg_limbs} limbs of EMG, {usual.studies} conduction studies"
            yield group, Use(f"{USUAL}{usual.id}", usual.label, f"usual number: {words}")


def _judged(knowledge: Knowledge) -> Iterator[tuple[str, Use]]:
    criteria = knowledge.criteria
    for criterion in criteria.criteria.values():
        for group in sorted(criterion.reasons):
            yield group, Use(criterion.id, criterion.title, "as a reason, makes this criterion worth judging")
        for group in sorted(criterion.facts - criterion.reasons):
            yield (
                group,
                Use(criterion.id, criterion.title, "in the chart, makes this criterion worth judging"),
            )
        yield from _tested(criterion.id, criterion.title, criterion.when)
    for row in criteria.rows.values():
        for group in sorted(row.reasons):
            yield group, Use(row.id, row.title, "as the only reason, raises this not-necessary row")
        if row.evidence is not None:
            yield from _tested(row.id, row.title, row.evidence)
    for advice in criteria.advice:
        if advice.when is not None:
            yield from _tested(advice.id, advice.title, advice.when)


def _tested(name: str, title: str, condition: Condition) -> Iterator[tuple[str, Use]]:
    for test in _tests(condition):
        for group in dict.fromkeys(
            (*test.groups, *test.reasons, *test.after, *test.applied, *sorted(test.of))
        ):
            yield group, Use(name, title, f"looked at for: {words_of(test)}")


def _tests(condition: Condition) -> Iterator[Test]:
    if isinstance(condition, Combination):
        for part in condition.parts:
            yield from _tests(part)
    else:
        yield condition


def words_of(test: Test) -> str:
    """What a test looks for, whatever the side."""
    return re.sub(
        r"\{(\w+)\}",
        lambda hole: str(getattr(test, hole[1], "") or "affected " + hole[1]),
        test.expect,
    )
