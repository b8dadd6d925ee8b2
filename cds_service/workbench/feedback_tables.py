"""A picture of feedback in, tables out: what the page shows, the charts draw and the CSV files hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cds_service.core.feedback_picture import Count, Picture, Step, Sum
from cds_service.workbench.feedback_cells import Cell, Kind
from cds_service.workbench.feedback_names import OPEN_ACCESS, Names, short

# Small charts of single findings; the other findings are in the CSV file and can be chosen.
MOST_SMALL = 12


@dataclass(frozen=True, slots=True)
class Column:
    """``name`` as in CSV files, ``title`` as on the page."""

    name: str
    title: str
    kind: Kind = Kind.COUNT


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``name`` is part of its URL; the first columns that are no figures say what a row is about."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def where(self, column: str, values: Sequence[str]) -> Table:
        """Only the rows with one of these values."""
        at = next(index for index, each in enumerate(self.columns) if each.name == column)
        rows = tuple(row for row in self.rows if row[at] in values)
        return Table(self.name, self.title, self.columns, rows)


COUNTS = (
    Column("served", "Cards"),
    Column("accepted", "Accepted"),
    Column("overridden", "Overridden"),
    Column("unanswered", "No answer"),
    Column("acceptance_rate", "Acceptance", Kind.SHARE),
    Column("override_rate", "Override", Kind.SHARE),
)
FINDING = Column("finding", "Finding", Kind.FINDING)
ABOUT = Column("about", "What it says", Kind.TEXT)


def tables(picture: Picture, names: Names) -> dict[str, Table]:
    """Every table by its name."""
    made = (
        over_time(picture),
        findings(picture, names),
        findings_over_time(picture),
        reasons(picture, names),
        reasons_by_finding(picture, names),
        burden(picture),
        answer_times(picture),
        feedback_times(picture),
        questions(picture, names),
        parts("versions", "By guideline version", "guideline", "Guideline version", picture.guidelines),
        parts(
            "clients",
            "By client",
            "client",
            "Client",
            [(name or OPEN_ACCESS, each) for name, each in picture.issuers],
        ),
    )
    return {table.name: table for table in made}


def over_time(picture: Picture) -> Table:
    rows = tuple((start, *_counts(each.cards)) for start, each in picture.periods.items())
    return Table("over-time", "Acceptance and override over time", (_period(picture), *COUNTS), rows)


def findings(picture: Picture, names: Names) -> Table:
    waits = (
        Column("feedback_p50_s", "Feedback p50", Kind.SECONDS),
        Column("feedback_p95_s", "Feedback p95", Kind.SECONDS),
    )
    rows = tuple(
        (
            each.name,
            names.finding(each.name),
            *_counts(each.cards),
            each.to_feedback.p50,
            each.to_feedback.p95,
        )
        for each in picture.findings
    )
    return Table("findings", "By finding", (FINDING, ABOUT, *COUNTS, *waits), rows)


def findings_over_time(picture: Picture) -> Table:
    rows = tuple(
        (each.name, start, *_counts(count))
        for each in picture.findings
        for start, count in each.periods.items()
    )
    return Table("findings-over-time", "Each finding over time", (FINDING, _period(picture), *COUNTS), rows)


def reasons(picture: Picture, names: Names) -> Table:
    counts: Counter[str] = Counter()
    on: defaultdict[str, list[str]] = defaultdict(list)
    for reason in picture.reasons:
        counts[reason.name] += reason.count
        on[reason.name].append(f"{short(reason.finding)} ({reason.count})")
    total = counts.total()
    columns = (
        Column("reason", "Reason", Kind.TEXT),
        Column("count", "Overrides"),
        Column("share", "Of all", Kind.SHARE),
        Column("most_on", "Most often on", Kind.TEXT),
    )
    rows = tuple(
        (names.reason(name), count, count / total, ", ".join(on[name][:3]))
        for name, count in counts.most_common()
    )
    return Table("reasons", "Why cards were overridden", columns, rows)


def reasons_by_finding(picture: Picture, names: Names) -> Table:
    columns = (FINDING, Column("reason", "Reason", Kind.TEXT), Column("count", "Overrides"))
    rows = tuple((each.finding, names.reason(each.name), each.count) for each in picture.reasons)
    return Table("reasons-by-finding", "Reasons by finding", columns, rows)


def burden(picture: Picture) -> Table:
    columns = (
        _period(picture),
        Column("calls", "Calls"),
        Column("orders", "Orders"),
        Column("cards", "Cards"),
        Column("cards_per_100_orders", "Cards per 100 orders", Kind.NUMBER),
    )
    rows = _periods(picture, lambda each: (each.calls, each.orders, each.cards.served, each.burden))
    return Table("burden", "Alert burden: cards per hundred orders", columns, rows)


def answer_times(picture: Picture) -> Table:
    columns = (
        _period(picture),
        Column("calls", "Calls"),
        Column("p50_ms", "Median (p50)", Kind.MILLISECONDS),
        Column("p95_ms", "p95", Kind.MILLISECONDS),
    )
    rows = _periods(picture, lambda each: (each.to_answer.count, each.to_answer.p50, each.to_answer.p95))
    return Table("answer-times", "Time the service takes to answer", columns, rows)


def feedback_times(picture: Picture) -> Table:
    columns = (
        _period(picture),
        Column("feedback", "Feedback"),
        Column("p50_s", "Median (p50)", Kind.SECONDS),
        Column("p95_s", "p95", Kind.SECONDS),
    )
    rows = _periods(
        picture, lambda each: (each.to_feedback.count, each.to_feedback.p50, each.to_feedback.p95)
    )
    return Table("feedback-times", "Time from card to feedback", columns, rows)


def questions(picture: Picture, names: Names) -> Table:
    columns = (
        Column("question", "Question", Kind.CODE),
        Column("words", "In words", Kind.TEXT),
        Column("calls", "Calls"),
    )
    rows = tuple((each.name, names.question(each.name), each.calls) for each in picture.questions)
    return Table("questions", "Questions most often left open", columns, rows)


def parts(name: str, title: str, key: str, heading: str, sums: Sequence[tuple[str, Sum]]) -> Table:
    columns = (
        Column(key, heading, Kind.TEXT),
        Column("orders", "Orders"),
        *COUNTS,
        Column("cards_per_100_orders", "Cards per 100 orders", Kind.NUMBER),
        Column("answer_p50_ms", "Answer p50", Kind.MILLISECONDS),
        Column("answer_p95_ms", "Answer p95", Kind.MILLISECONDS),
        Column("feedback_p50_s", "Feedback p50", Kind.SECONDS),
    )
    rows = tuple(
        (
            text,
            each.orders,
            *_counts(each.cards),
            each.burden,
            each.to_answer.p50,
            each.to_answer.p95,
            each.to_feedback.p50,
        )
        for text, each in sums
    )
    return Table(name, title, columns, rows)


def _periods(picture: Picture, figures: Callable[[Sum], Row]) -> tuple[Row, ...]:
    return tuple((start, *figures(each)) for start, each in picture.periods.items())


def _period(picture: Picture) -> Column:
    if picture.step is Step.MONTH:
        return Column("month", "Month", Kind.MONTH)
    return Column("week_of", "Week of", Kind.DAY)


def _counts(count: Count) -> Iterator[Cell]:
    yield from (count.served, count.accepted, count.overridden, count.unanswered)
    yield from (count.share(count.accepted), count.share(count.overridden))
