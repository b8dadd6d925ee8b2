"""Case and session -> determinations: one per pathway, with its reasoning.

First what satisfies, then the rows about the reasons, then what a named fact would settle, then what only an
unknown text could cover, and a refusal last and only on something documented.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cds_service.core.case import Case
from cds_service.core.criteria import Criteria, Pathway
from cds_service.core.finding import Determination, Missing, Result, Step, Verdict
from cds_service.core.session import Session
from cds_service.engine.candidates import Bench, Standing, candidates_of, rows_of
from cds_service.engine.criteria.judge import Judged, steps_of, test_steps
from cds_service.engine.criteria.view import NO_VALUES, View, label, look
from cds_service.engine.missing import missing_of
from cds_service.engine.pathways import pathway_lines as lines_of

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN


class Outcome(NamedTuple):
    """The result and the rows that decided or are at stake.

    ``ask``: the pathway's own items are asked. ``by_rows``: only the rows' items are, where there are any.
    """

    result: Result
    rows: tuple[str, ...] = ()
    ask: bool = False
    by_rows: bool = False


class Weighed(NamedTuple):
    """All that one pathway's result depends on."""

    pathway: Pathway
    bench: Bench
    gate: Judged | None
    rows: list[Standing]
    met: list[Judged]
    open: list[Judged]
    candidates: list[Judged]

    @property
    def gate_open(self) -> bool:
        return self.gate is not None and self.gate.verdict is not MET


def determine(
    criteria: Criteria,
    case: Case,
    session: Session,
    pathway_lines: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Determination, ...]:
    """How the lines of each pathway stand; ``pathway_lines`` (id -> references) replaces our own split."""
    view = look(criteria, case, session)
    lines = lines_of(view) if pathway_lines is None else pathway_lines
    bench = Bench.of(view)
    return tuple(
        _judge_pathway(pathway, lines[pathway.id], bench)
        for pathway in criteria.pathways
        if lines.get(pathway.id)
    )


def _judge_pathway(pathway: Pathway, refs: tuple[str, ...], bench: Bench) -> Determination:
    view = bench.view
    steps: list[Step] = []
    if pathway.scope:
        scope = bench.judged(pathway.scope)
        steps += steps_of(scope)
        if scope.verdict is NOT_MET:
            return Determination(pathway.id, refs, Result.OUT_OF_SCOPE, tuple(steps))
    rows = rows_of(pathway, bench)
    candidates, from_chart = candidates_of(pathway, bench, rows)
    gate = bench.judged(pathway.gate) if pathway.gate else None
    weighed = Weighed(
        pathway,
        bench,
        gate,
        rows,
        [each for each in candidates if each.verdict is MET],
        [each for each in candidates if each.verdict is UNKNOWN],
        candidates,
    )
    outcome = _result(weighed)
    if gate is not None:
        steps += steps_of(gate)
    for judged in candidates or _unasked(pathway, bench, outcome):
        steps += steps_of(judged)
    for standing in rows:
        steps += _row_steps(standing)
    if pathway.denial in outcome.rows and pathway.denial:
        steps += _row_steps(bench.standing(pathway.denial))
    result = outcome.result
    missing: tuple[Missing, ...] = ()
    if result not in (Result.MET, Result.MET_PROV, Result.NOT_MET):
        missing = missing_of(
            view, pathway, gate, weighed.open, rows, ask=outcome.ask, by_rows=outcome.by_rows
        )
        if result is Result.NEED_INFO and not missing:
            # Everything that could be asked is known, and none of it decides.
            result = Result.REVIEW
    return Determination(
        pathway.id,
        refs,
        result,
        tuple(steps),
        outcome.rows,
        missing,
        tuple(each.criterion.id for each in weighed.met),
        _values(weighed, result, from_chart),
    )


def _unasked(pathway: Pathway, bench: Bench, outcome: Outcome) -> list[Judged]:
    """The pathway's visible criteria, shown where none fits the reason and its row is at stake."""
    if pathway.stake not in outcome.rows or outcome.result is not Result.NEED_INFO:
        return []
    visible = [name for name in pathway.criteria if bench.view.criteria.criteria[name].visible]
    return [bench.judged(name) for name in visible]


def _result(weighed: Weighed) -> Outcome:
    met = weighed.met
    if met and not weighed.gate_open:
        visible = any(each.criterion.grants is Result.MET for each in met)
        return Outcome(Result.MET if visible else Result.MET_PROV)
    asking = any(each.criterion.open is Result.NEED_INFO for each in (*weighed.open, *met))
    reasons = weighed.bench.view.reasons
    unsettled = [each for each in weighed.rows if each.verdict is not MET]
    at_stake = tuple(each.row.id for each in unsettled if not each.row.reasons.isdisjoint(reasons))
    if unsettled and not asking:
        return _by_rows(weighed, at_stake)
    stake = (*at_stake, *_stake(weighed))
    if asking or met:
        return Outcome(Result.NEED_INFO, stake)
    if weighed.open:
        return Outcome(Result.REVIEW, stake)
    if weighed.candidates:
        return _all_refused(weighed)
    return _nothing_fits(weighed)


def _by_rows(weighed: Weighed, at_stake: tuple[str, ...]) -> Outcome:
    """Every reason speaks against the test: refuse only if each row holds on something documented."""
    reasons = weighed.bench.view.reasons
    refused = all(each.holds and each.row.asks_only.isdisjoint(reasons) for each in weighed.rows)
    if refused:
        return Outcome(Result.NOT_MET, at_stake)
    return Outcome(Result.NEED_INFO, at_stake, by_rows=True)


def _all_refused(weighed: Weighed) -> Outcome:
    fallback = weighed.pathway.fallback
    rows = tuple(dict.fromkeys(row for each in weighed.candidates if (row := each.criterion.row or fallback)))
    if any(each.refuted for each in weighed.candidates):
        return Outcome(Result.NOT_MET, rows)
    return Outcome(Result.REVIEW, rows)


def _nothing_fits(weighed: Weighed) -> Outcome:
    pathway, bench = weighed.pathway, weighed.bench
    stake = _stake(weighed)
    if not pathway.criteria:
        return Outcome(pathway.otherwise, stake)
    if pathway.denial and bench.view.concepts and bench.standing(pathway.denial).holds:
        return Outcome(Result.NOT_MET, (pathway.denial,))
    if bench.vague:
        return Outcome(Result.NEED_INFO, stake, ask=True)
    return Outcome(pathway.otherwise, (*stake, pathway.unfit) if pathway.unfit else stake, ask=True)


def _stake(weighed: Weighed) -> tuple[str, ...]:
    rows = [weighed.pathway.stake] if weighed.pathway.stake else []
    rows += [each.criterion.row for each in weighed.open if each.criterion.row and not each.leaning]
    return tuple(rows)


def _row_steps(standing: Standing) -> list[Step]:
    return [standing.row.headings[standing.verdict], *test_steps(standing.trail)]


def _values(weighed: Weighed, result: Result, from_chart: str) -> dict[str, str]:
    view = weighed.bench.view
    values: dict[str, str] = {}
    for judged in weighed.candidates:
        for _, found in judged.trail:
            if found.values is not NO_VALUES:
                values.update(found.values)
    if weighed.open and any(each.leaning for each in weighed.open):
        values["lean"] = Result.MET_PROV.value
    if weighed.gate is not None and weighed.gate.verdict is UNKNOWN and _all_denied(weighed.gate, view):
        values["no_sign"] = "yes"
    if from_chart:
        values["from_chart"] = _charted_as(from_chart, view)
    values["reason_label"] = _reason_label(weighed, view)
    shown = weighed.met if result in (Result.MET, Result.MET_PROV) else weighed.candidates
    values["editions"] = ", ".join(sorted({each.criterion.edition for each in shown}))
    return values


def _charted_as(group: str, view: View) -> str:
    """The group by its label, with the code it is charted under."""
    codes = [fact.code for fact in view.facts.get(group, ()) if fact.present and fact.active and fact.code]
    return f"{label(view, group)} ({min(codes)})" if codes else label(view, group)


def _all_denied(gate: Judged, view: View) -> bool:
    """Whether each group the gate looks for was answered no or charted absent."""
    test, _ = gate.trail[0]
    for group in test.groups:
        if view.answers.get(view.criteria.signs.get(group, "")) is not False and not view.facts.get(group):
            return False
    return True


def _reason_label(weighed: Weighed, view: View) -> str:
    for judged in weighed.candidates:
        named = sorted(judged.criterion.reasons & view.reasons.keys())
        if named:
            return label(view, named[0])
    return label(view, min(view.reasons)) if view.reasons else ""
