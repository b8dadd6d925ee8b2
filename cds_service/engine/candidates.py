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
    """Judges each criterion and row of a session at most once.

    ``vague``: every reason is a symptom or says little. ``understood``: every reason says what disease it is.
    """

    view: View
    vague: bool
    _criteria: dict[str, Judged] = field(default_factory=dict)
    _rows: dict[str, Standing] = field(default_factory=dict)

    @classmethod
    def of(cls, view: View) -> Bench:
        vague = view.criteria.vague
        return cls(view, all(not vague.isdisjoint(concept.groups) for concept in view.concepts))

    @property
    def understood(self) -> bool:
        criteria = self.view.criteria
        return bool(self.view.concepts) and all(
            concept.groups and criteria.unspecific.isdisjoint(concept.groups)
            for concept in self.view.concepts
        )

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
    """The rows that apply: every reason is of an unsupporting kind, one of them of the row's.

    A row that a reason only raises as a question applies where the answer opens a criterion.
    """
    view = bench.view
    if not view.concepts:
        return []
    unsupporting = view.criteria.unsupporting
    if any(unsupporting.isdisjoint(concept.groups) for concept in view.concepts):
        return []
    found = []
    for row_id in pathway.rows:
        row = view.criteria.rows[row_id]
        asked = not row.asks_only.isdisjoint(view.reasons) and not row.opens.isdisjoint(pathway.criteria)
        if asked or not row.reasons.isdisjoint(view.reasons):
            found.append(bench.standing(row_id))
    return found


class Candidates(NamedTuple):
    """The candidates in the pathway's order.

    ``own``: those that the reasons name, or that opened for them; only these may refuse. ``from_chart``: the
    chart's group where the chart alone named one.
    """

    judged: list[Judged]
    own: frozenset[str]
    from_chart: str


def candidates_of(pathway: Pathway, bench: Bench, rows: list[Standing]) -> Candidates:
    """Which criteria of the pathway the reasons, the lifted rows and the chart call for."""
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
    gathered = _Gathered(pathway, bench)
    for name in (
        pathway.criteria if by_chart or opened else [each for each in pathway.criteria if each in named]
    ):
        if name in named:
            gathered.take(name)
        elif by_chart or name in opened:
            gathered.take_charted(name, anyway=name in opened)
    own = frozenset(named | opened)
    own |= gathered.reopen(own)
    return Candidates(list(gathered.judged.values()), own, gathered.from_chart)


@dataclass(slots=True)
class _Gathered:
    """The candidates found so far."""

    pathway: Pathway
    bench: Bench
    judged: dict[str, Judged] = field(default_factory=dict)
    from_chart: str = ""

    def take(self, name: str) -> Judged:
        judged = self.judged[name] = self.bench.judged(name)
        return judged

    def take_charted(self, name: str, *, anyway: bool = False) -> None:
        """Take a criterion that an entry of the chart calls for; what it refuses is not worth naming."""
        group = _charted(self.bench.view.criteria.criteria[name], self.bench.view)
        if (group or anyway) and self.take(name).verdict is not Verdict.NOT_MET:
            self.from_chart = self.from_chart or group

    def reopen(self, own: frozenset[str]) -> frozenset[str]:
        """Take what those that are not met open; what they open for ``own`` ones is returned.

        Where nothing is left, texts that are not at hand may still cover the reasons.
        """
        reopened = [(by, name) for by, judged in self.judged.items() for name in _reopened(judged)]
        for _, name in reopened:
            if name not in self.judged and name in self.pathway.criteria:
                self.take_charted(name)
        if self.judged and all(judged.verdict is Verdict.NOT_MET for judged in self.judged.values()):
            criteria, reasons = self.bench.view.criteria.criteria, self.bench.view.reasons
            for name in self.pathway.criteria:
                if not criteria[name].covers.isdisjoint(reasons):
                    self.take(name)
        return frozenset(name for by, name in reopened if by in own)


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
