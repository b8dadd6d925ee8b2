"""What is wanted in, a picture of feedback out: rates, times and questions of the stored calls."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from cds_service.core.feedback_picture import (
    DEMO,
    Choices,
    Count,
    Finding,
    Picture,
    Question,
    Reason,
    Spread,
    Step,
    Sum,
    Wanted,
)
from cds_service.store import picture_queries as queries
from cds_service.store.connect import Store
from cds_service.store.patience import Patience

# Longer than this, and a reader would look at hundreds of empty periods.
MOST_PERIODS = 120


class Origin(NamedTuple):
    """What calls and cards are counted by; ``period`` is its first day."""

    guideline: str
    issuer: str
    period: date


class Asked(NamedTuple):
    """Calls of one origin that took as long, in milliseconds."""

    origin: Origin
    duration: float
    calls: int
    orders: int


class Served(NamedTuple):
    """Cards of one finding."""

    origin: Origin
    finding: str
    cards: int


class Heard(NamedTuple):
    """The last feedback on one card; ``seconds`` after it was served."""

    origin: Origin
    finding: str
    outcome: str
    reason: str
    seconds: float


def read(store: Store, wanted: Wanted) -> Picture:
    """Count what the store holds. Raises StoreError."""
    with store.begin(Patience.USUAL, reads=True) as connection:
        choices = _choices(connection)
        step = wanted.step or _step(wanted, choices)
        origins = _Origins(step)
        asked = [
            Asked(origins.of(row), float(row.tenths) / queries.TENTHS, row.calls, int(row.orders))
            for row in connection.execute(queries.answered(wanted))
        ]
        served = [
            Served(origins.of(row), row.finding, row.cards)
            for row in connection.execute(queries.served(wanted))
        ]
        latest = {row.card: row for row in connection.execute(queries.heard(wanted))}
        heard = [_heard(origins, row) for row in latest.values()]
        questions = connection.execute(queries.asked(wanted, sqlite=store.is_sqlite)).all()
    return shape(
        step, asked, served, heard, {row.question: row.calls for row in questions if row.question}, choices
    )


def shape(
    step: Step,
    asked: Iterable[Asked],
    served: Iterable[Served],
    heard: Iterable[Heard],
    questions: Mapping[str, int],
    choices: Choices,
) -> Picture:
    """The counts, put together; ``questions``: calls by question."""
    total, invented = _Tally(), 0
    periods: defaultdict[date, _Tally] = defaultdict(_Tally)
    guidelines: defaultdict[str, _Tally] = defaultdict(_Tally)
    issuers: defaultdict[str, _Tally] = defaultdict(_Tally)
    findings: defaultdict[str, _Tally] = defaultdict(_Tally)
    spans: defaultdict[tuple[str, date], _Tally] = defaultdict(_Tally)
    reasons: Counter[tuple[str, str]] = Counter()

    def tallies(origin: Origin) -> tuple[_Tally, ...]:
        return total, periods[origin.period], guidelines[origin.guideline], issuers[origin.issuer]

    for calls in asked:
        invented += calls.calls if calls.origin.issuer.startswith(DEMO) else 0
        for tally in tallies(calls.origin):
            tally.durations[calls.duration] += calls.calls
            tally.orders += calls.orders
    for cards in served:
        about = findings[cards.finding], spans[cards.finding, cards.origin.period]
        for tally in (*tallies(cards.origin), *about):
            tally.served += cards.cards
    for answer in heard:
        about = findings[answer.finding], spans[answer.finding, answer.origin.period]
        for tally in (*tallies(answer.origin), *about):
            tally.outcomes[answer.outcome] += 1
            tally.waits[answer.seconds] += 1
        if answer.outcome == "overridden":
            reasons[answer.reason, answer.finding] += 1
    return Picture(
        step=step,
        total=total.sum(),
        periods={start: periods[start].sum() for start in _without_holes(step, periods)},
        findings=_findings(findings, spans),
        guidelines=_ranked(guidelines),
        issuers=_ranked(issuers),
        reasons=tuple(
            Reason(name, finding, count)
            for (name, finding), count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
        ),
        questions=tuple(
            Question(name, count)
            for name, count in sorted(questions.items(), key=lambda item: (-item[1], item[0]))
        ),
        choices=choices,
        invented=invented,
    )


def spread(values: Mapping[float, int]) -> Spread:
    """Of measurements and how often each was made."""
    count = sum(values.values())
    if not count:
        return Spread()
    ranks = {"p50": ceil(count * 0.5), "p95": ceil(count * 0.95)}
    found: dict[str, float] = {}
    seen = 0
    for value in sorted(values):
        seen += values[value]
        for name, rank in ranks.items():
            if seen >= rank:
                found.setdefault(name, value)
    return Spread(count, found["p50"], found["p95"])


@dataclass(slots=True)
class _Tally:
    orders: int = 0
    served: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    durations: Counter[float] = field(default_factory=Counter)
    waits: Counter[float] = field(default_factory=Counter)

    def count(self) -> Count:
        return Count(self.served, self.outcomes["accepted"], self.outcomes["overridden"])

    def sum(self) -> Sum:
        times = spread(self.durations), spread(self.waits)
        return Sum(self.durations.total(), self.orders, self.count(), *times)


def _findings(
    findings: Mapping[str, _Tally], spans: Mapping[tuple[str, date], _Tally]
) -> tuple[Finding, ...]:
    periods: defaultdict[str, dict[date, Count]] = defaultdict(dict)
    for (name, start), tally in sorted(spans.items()):
        periods[name][start] = tally.count()
    return tuple(
        Finding(name, tally.count(), spread(tally.waits), periods[name])
        for name, tally in sorted(findings.items(), key=lambda item: (-item[1].served, item[0]))
    )


def _ranked(tallies: Mapping[str, _Tally]) -> tuple[tuple[str, Sum], ...]:
    sums = [(name, tally.sum()) for name, tally in tallies.items()]
    return tuple(sorted(sums, key=lambda item: (-item[1].cards.served, item[0])))


def _without_holes(step: Step, starts: Iterable[date]) -> list[date]:
    """Every period from the first to the last; a gap that is too long stays one."""
    found = sorted(starts)
    filled = found[:1]
    for before, after in pairwise(found):
        between = [before]
        while (start := step.next(between[-1])) < after and len(between) <= MOST_PERIODS:
            between.append(start)
        filled += [*(between[1:] if len(between) <= MOST_PERIODS else ()), after]
    return filled


class _Origins:
    """Rows to origins; days come again and again."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._starts: dict[str, date] = {}

    def of(self, row: Row[Any]) -> Origin:
        # SQLite gives a day as text, PostgreSQL as a date.
        day = str(row.day)
        if day not in self._starts:
            self._starts[day] = self._step.start(date.fromisoformat(day))
        return Origin(row.guideline, row.issuer, self._starts[day])


def _heard(origins: _Origins, row: Row[Any]) -> Heard:
    reason = "|".join(part for part in (row.reason_system, row.reason_code) if part)
    # A client's clock may go before ours.
    seconds = max(0.0, (row.said - row.at).total_seconds())
    return Heard(origins.of(row), row.finding, row.outcome, reason, round(seconds, 1))


def _step(wanted: Wanted, choices: Choices) -> Step:
    first, last = wanted.since or choices.first, wanted.until or choices.last
    return Step.suited(first, last) if first and last else Step.WEEK


def _choices(connection: Connection) -> Choices:
    ends = connection.execute(queries.reach()).one()
    return Choices(
        guidelines=tuple(sorted(connection.scalars(queries.guidelines()))),
        issuers=tuple(sorted(connection.scalars(queries.issuers()))),
        findings=tuple(sorted(connection.scalars(queries.findings()))),
        first=_day(ends.first),
        last=_day(ends.last),
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
