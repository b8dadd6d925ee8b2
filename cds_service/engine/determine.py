"""Case and session -> determinations: one per pathway, with its reasoning.

First what satisfies, then the rows about the reasons, then what a named fact would settle, then what only an
unknown text could cover, and a refusal last and only on something documented.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cds_service.core.criteria import Pathway
from cds_service.core.finding import Determination, Missing, Result, Step, Verdict, Way
from cds_service.engine.candidates import Bench, Standing, candidates_of, rows_of
from cds_service.engine.criteria.judge import Judged, route, steps_of, test_steps
from cds_service.engine.criteria.view import NO_VALUES, View, charted_as, charted_codes, label
from cds_service.engine.missing import first_of, missing_of
from cds_service.engine.pathways import pathway_lines as lines_of
from cds_service.engine.ways import ways_of

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
    """All that one pathway's result depends on. ``own``: the criteria that may refuse."""

    pathway: Pathway
    bench: Bench
    gate: Judged | None
    rows: list[Standing]
    met: list[Judged]
    open: list[Judged]
    candidates: list[Judged]
    own: frozenset[str]

    @property
    def gate_open(self) -> bool:
        return self.gate is not None and self.gate.verdict is not MET

    @property
    def no_sign(self) -> bool:
        """Whether each group the gate looks for was answered no or charted absent."""
        if self.gate is None or self.gate.verdict is not UNKNOWN:
            return False
        view = self.bench.view
        test, _ = self.gate.trail[0]
        return all(
            view.answers.get(view.criteria.signs.get(group, "")) is False or view.facts.get(group)
            for group in test.groups
        )


def determine(
    view: View, pathway_lines: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[Determination, ...]:
    """How the lines of each pathway stand; ``pathway_lines`` (id -> references) replaces our own split."""
    bench = Bench.of(view)
    lines = lines_of(bench) if pathway_lines is None else pathway_lines
    return tuple(
        _judge_pathway(pathway, lines[pathway.id], bench)
        for pathway in view.criteria.pathways
        if lines.get(pathway.id)
    )


def _judge_pathway(pathway: Pathway, refs: tuple[str, ...], bench: Bench) -> Determination:
    steps: list[Step] = []
    if pathway.scope:
        scope = bench.judged(pathway.scope)
        steps += steps_of(scope)
        if scope.verdict is NOT_MET:
            return Determination(pathway.id, refs, Result.OUT_OF_SCOPE, tuple(steps))
    rows = rows_of(pathway, bench)
    candidates, own, from_chart = candidates_of(pathway, bench, rows)
    gate = bench.judged(pathway.gate) if pathway.gate else None
    weighed = Weighed(
        pathway,
        bench,
        gate,
        rows,
        [each for each in candidates if each.verdict is MET],
        [each for each in candidates if each.verdict is UNKNOWN],
        candidates,
        own,
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
    ways: tuple[Way, ...] = ()
    if result not in (Result.MET, Result.MET_PROV, Result.NOT_MET):
        first = first_of(bench, pathway, gate, ask=outcome.ask)
        missing = missing_of(
            bench.view,
            first,
            gate,
            weighed.open,
            rows,
            from_chart,
            by_rows=outcome.by_rows,
            again=weighed.no_sign and result is Result.NEED_INFO,
        )
        if result is Result.NEED_INFO and not missing:
            # Everything that could be asked is known, and none of it decides.
            result = Result.REVIEW
        if missing:
            ways = ways_of(
                bench.view,
                gate,
                [each for each in (*weighed.open, *weighed.met) if not each.leaning],
                rows,
                (*first.reason, *first.own),
                [each.fact for each in missing],
                by_rows=outcome.by_rows,
            )
    return Determination(
        pathway.id,
        refs,
        result,
        tuple(steps),
        outcome.rows,
        missing,
        tuple(each.criterion.id for each in weighed.met),
        _values(weighed, result, from_chart),
        ways,
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
    asking = any(_is_asked(weighed, each) for each in (*weighed.open, *met))
    reasons = weighed.bench.view.reasons
    unsettled = [each for each in weighed.rows if each.verdict is not MET]
    at_stake = tuple(each.row.id for each in unsettled if not each.row.reasons.isdisjoint(reasons))
    if unsettled and not asking:
        if any(each.verdict is UNKNOWN for each in unsettled):
            return Outcome(Result.NEED_INFO, at_stake or _stake(weighed), by_rows=True)
        if all(each.row.asks_only.isdisjoint(reasons) for each in unsettled):
            return Outcome(Result.NOT_MET, at_stake)
    stake = (*at_stake, *_stake(weighed))
    if asking or met:
        return Outcome(Result.NEED_INFO, stake)
    if weighed.open:
        return Outcome(Result.REVIEW, stake)
    if weighed.candidates:
        return _all_refused(weighed)
    return _nothing_fits(weighed)


def _is_asked(weighed: Weighed, judged: Judged) -> bool:
    """Whether a fact could settle a criterion whose text is at hand; a sign denied may still be found."""
    if judged.criterion.open is not Result.NEED_INFO:
        return False
    return judged.verdict is MET or weighed.no_sign or route(judged.criterion.when, judged.trail) is not None


def _all_refused(weighed: Weighed) -> Outcome:
    """Only what the reasons call for refuses: a disease of the chart may satisfy, never speak against it."""
    own = [each for each in weighed.candidates if each.criterion.id in weighed.own]
    if not own:
        return _nothing_fits(weighed)
    fallback = weighed.pathway.fallback
    rows = tuple(dict.fromkeys(row for each in own if (row := each.criterion.row or fallback)))
    if any(each.refuted for each in own):
        return Outcome(Result.NOT_MET, rows)
    return Outcome(Result.REVIEW, rows)


def _nothing_fits(weighed: Weighed) -> Outcome:
    pathway, bench = weighed.pathway, weighed.bench
    stake = _stake(weighed)
    if not pathway.criteria:
        return Outcome(pathway.otherwise, stake)
    if pathway.denial and bench.understood and bench.standing(pathway.denial).holds:
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
    if weighed.no_sign:
        values["no_sign"] = "yes"
    if from_chart:
        values["from_chart"] = charted_as(from_chart, view)
        values["chart_codes"] = ", ".join(charted_codes(from_chart, view))
    values["reason_label"] = _reason_label(weighed, view)
    shown = weighed.met if result in (Result.MET, Result.MET_PROV) else weighed.candidates
    values["editions"] = ", ".join(sorted({each.criterion.edition for each in shown}))
    return values


def _reason_label(weighed: Weighed, view: View) -> str:
    for judged in weighed.candidates:
        named = sorted(judged.criterion.reasons & view.reasons.keys())
        if named:
            return label(view, named[0])
    return label(view, min(view.reasons)) if view.reasons else ""
