"""Served cards and feedback in, counts out: accepted, overridden and unanswered, by what one asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, and_, func, select

from cds_service.store.connect import Store
from cds_service.store.patience import Patience
from cds_service.store.tables import calls, feedback, served_cards

BY = ("finding", "guideline", "issuer", "week")


class Origin(NamedTuple):
    """Where a card came from; ``day`` is the UTC day it was served."""

    finding: str
    guideline: str
    issuer: str
    day: date

    def key(self, by: Sequence[str]) -> tuple[str, ...]:
        """The values of the asked dimensions; a week as ISO 8601 writes it."""
        return tuple(_week(self.day) if name == "week" else getattr(self, name) for name in by)


@dataclass(frozen=True, slots=True)
class Group:
    """``reasons``: override reason codes, the most frequent first; ``""`` is an override without one."""

    key: tuple[str, ...]
    served: int
    accepted: int
    overridden: int
    reasons: tuple[tuple[str, int], ...] = ()

    @property
    def unanswered(self) -> int:
        return self.served - self.accepted - self.overridden

    def share(self, count: int) -> float:
        """Of the served cards, from 0 to 1."""
        return count / self.served if self.served else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """``strays``: feedback on cards we do not know, or served to another client than the one that answers."""

    by: tuple[str, ...]
    groups: tuple[Group, ...]
    total: Group
    strays: int


@dataclass(slots=True)
class _Tally:
    served: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


def report(
    store: Store, *, by: Sequence[str] = ("finding",), since: date | None = None, until: date | None = None
) -> Report:
    """Cards served from ``since`` to ``until``, both days included, UTC. Raises StoreError."""
    with store.begin(Patience.LONG, reads=True) as connection:
        served = connection.execute(_served(since, until)).all()
        answers = connection.execute(_answers(since, until)).all()
        strays = connection.execute(_strays(since, until)).scalar_one()
    return shape(
        by,
        {_origin(row): row.cards for row in served},
        [(_origin(row), row.outcome, _reason(row)) for row in _latest(answers)],
        strays,
    )


def shape(
    by: Sequence[str],
    served: Mapping[Origin, int],
    answers: Iterable[tuple[Origin, str, str]],
    strays: int = 0,
) -> Report:
    """Counts by the asked dimensions; ``answers``: origin, outcome and reason, one for each answered card."""
    tallies: dict[tuple[str, ...], _Tally] = {}
    total = _Tally()
    for origin, count in served.items():
        for tally in (total, tallies.setdefault(origin.key(by), _Tally())):
            tally.served += count
    for origin, outcome, reason in answers:
        for tally in (total, tallies.setdefault(origin.key(by), _Tally())):
            tally.outcomes[outcome] += 1
            if outcome == "overridden":
                tally.reasons[reason] += 1
    groups = tuple(_group(key, tally) for key, tally in sorted(tallies.items()))
    return Report(tuple(by), groups, _group((), total), strays)


def _group(key: tuple[str, ...], tally: _Tally) -> Group:
    reasons = tuple(sorted(tally.reasons.items(), key=lambda item: (-item[1], item[0])))
    return Group(key, tally.served, tally.outcomes["accepted"], tally.outcomes["overridden"], reasons)


def _served(since: date | None, until: date | None) -> Any:
    parts = _parts()
    return (
        select(*parts, func.count().label("cards"))
        .select_from(served_cards.join(calls))
        .where(_within(calls.c.at, since, until))
        .group_by(*parts)
    )


def _answers(since: date | None, until: date | None) -> Any:
    heard = (feedback.c.outcome, feedback.c.reason_system, feedback.c.reason_code)
    same_client = and_(feedback.c.card == served_cards.c.uuid, feedback.c.issuer == calls.c.issuer)
    return (
        select(*_parts(), *heard, feedback.c.card)
        .select_from(served_cards.join(calls).join(feedback, same_client))
        .where(_within(calls.c.at, since, until))
        .order_by(func.coalesce(feedback.c.outcome_at, feedback.c.received_at), feedback.c.id)
    )


def _strays(since: date | None, until: date | None) -> Any:
    known = (
        select(served_cards.c.uuid)
        .join(calls)
        .where(served_cards.c.uuid == feedback.c.card, calls.c.issuer == feedback.c.issuer)
    )
    return (
        select(func.count())
        .select_from(feedback)
        .where(~known.exists(), _within(feedback.c.received_at, since, until))
    )


def _parts() -> tuple[ColumnElement[Any], ...]:
    edition = calls.c.guideline + " " + calls.c.edition + " " + calls.c.version
    return (
        served_cards.c.finding,
        edition.label("guideline"),
        calls.c.issuer,
        func.date(calls.c.at).label("day"),
    )


def _latest(answers: Iterable[Row[Any]]) -> Iterable[Row[Any]]:
    """The rows come in the order of their time; the last word on a card counts."""
    return {row.card: row for row in answers}.values()


def _within(column: ColumnElement[datetime], since: date | None, until: date | None) -> ColumnElement[bool]:
    terms: list[ColumnElement[bool]] = [column.is_not(None)]
    if since:
        terms.append(column >= datetime.combine(since, time.min, UTC))
    if until:
        terms.append(column < datetime.combine(until + timedelta(days=1), time.min, UTC))
    return and_(*terms)


def _origin(row: Row[Any]) -> Origin:
    # SQLite gives a day as text, PostgreSQL as a date.
    return Origin(row.finding, row.guideline.strip(), row.issuer, date.fromisoformat(str(row.day)))


def _reason(row: Row[Any]) -> str:
    return "|".join(part for part in (row.reason_system, row.reason_code) if part)


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
