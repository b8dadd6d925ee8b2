"""Which criteria and not-necessary rows a pathway's reasons call for, each with its verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from cds_service.core.criteria import Criterion, Pathway, Row
from cds_service.core.finding import Verdict
from cds_service.engine.criteria.judge import Judged, Trail, judge, weigh
from cds_service.engine.criteria.view import View


class Standing(NamedTuple):
    """One row and how its evidence stands: met lifts it, not-met makes it hold."""

    row: Row
    verdict: Verdict
    trail: Trail

    @property
    def holds(self) -> bool:
        return self.verdict is Verdict.NOT_MET and any(found.explicit for _, found in self.trail)


@dataclass(slots=True)
class Bench:
    """Judges each criterion and row of a session at most once."""

    view: View
    vague: bool
    _criteria: dict[str, Judged] = field(default_factory=dict)
    _rows: dict[str, Standing] = field(default_factory=dict)

    @classmethod
    def of(cls, view: View) -> Bench:
        vague = view.criteria.vague
        return cls(view, all(not vague.isdisjoint(concept.groups) for concept in view.concepts))

    def judged(self, criterion: str) -> Judged:
        found = self._criteria.get(criterion)
        if found is None:
            found = self._criteria[criterion] = judge(self.view.criteria.criteria[criterion], self.view)
        return found

    def standing(self, row: str) -> Standing:
        found = self._rows.get(row)
        if found is None:
            rule = self.view.criteria.rows[row]
            trail: Trail = []
            verdict = Verdict.UNKNOWN
            if rule.evidence is not None:
                verdict = weigh(rule.evidence, self.view, trail)
            found = self._rows[row] = Standing(rule, verdict, trail)
        return found


def rows_of(pathway: Pathway, bench: Bench) -> list[Standing]:
    """The rows that apply: every reason is of an unsupporting kind, one of them of the row's."""
    view = bench.view
    if not view.concepts:
        return []
    unsupporting = view.criteria.unsupporting
    if any(unsupporting.isdisjoint(concept.groups) for concept in view.concepts):
        return []
    found = []
    for row_id in pathway.rows:
        row = view.criteria.rows[row_id]
        if not row.reasons.isdisjoint(view.reasons) or not row.asks_only.isdisjoint(view.reasons):
            found.append(bench.standing(row_id))
    return found


def candidates_of(pathway: Pathway, bench: Bench, rows: list[Standing]) -> tuple[list[Judged], str]:
    """The candidates in the pathway's order, and the chart's group where the chart alone named one."""
    view = bench.view
    opened: set[str] = set()
    named = set(pathway.always)
    for group in view.reasons:
        named |= pathway.by_reason.get(group, frozenset())
    # a reason that names no criterion is no reason against one: what was found in the chart decides
    by_chart = not rows and (bench.vague or named == pathway.always)
    for standing in rows:
        if standing.verdict is Verdict.MET:
            opened |= standing.row.opens
            by_chart = by_chart or standing.row.by_chart
    found: dict[str, Judged] = {}
    from_chart = ""
    for name in (
        pathway.criteria if by_chart or opened else [each for each in pathway.criteria if each in named]
    ):
        if name in named:
            found[name] = bench.judged(name)
            continue
        group = _charted(view.criteria.criteria[name], view) if by_chart or name in opened else ""
        if group or name in opened:
            found[name] = bench.judged(name)
            from_chart = from_chart or group
    for name in [name for judged in found.values() for name in _reopened(judged)]:
        if name not in found and name in pathway.criteria:
            group = _charted(view.criteria.criteria[name], view)
            if group:
                found[name] = bench.judged(name)
                from_chart = from_chart or group
    return list(found.values()), from_chart


def _reopened(judged: Judged) -> Iterable[str]:
    return sorted(judged.criterion.opens) if judged.verdict is Verdict.NOT_MET else ()


def _charted(criterion: Criterion, view: View) -> str:
    """The first group of the criterion that an active entry of the chart has."""
    if criterion.facts.isdisjoint(view.facts):
        return ""
    for group in sorted(criterion.facts):
        if any(fact.present and fact.active for fact in view.facts.get(group, ())):
            return group
    return ""
