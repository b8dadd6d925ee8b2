"""What became of the cards of a span of days, counted: what is asked for, and the counts that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

# Issuers of invented calls begin so; no real client may.
DEMO = "demo:"
# The client of what is fired on the workbench.
WORKBENCH = "workbench"
# More weeks than this are shown as months.
MOST_WEEKS = 27


class Step(StrEnum):
    """How long one period is. Weeks begin on Monday, as in ISO 8601."""

    WEEK = "week"
    MONTH = "month"

    def start(self, day: date) -> date:
        """The first day of the period a day belongs to."""
        return day.replace(day=1) if self is Step.MONTH else day - timedelta(days=day.weekday())

    @classmethod
    def suited(cls, first: date, last: date) -> Step:
        """The step that makes neither too many periods nor too few."""
        return cls.MONTH if (last - first).days > MOST_WEEKS * 7 else cls.WEEK

    def next(self, start: date) -> date:
        """The first day of the period after the one that starts there."""
        return self.start(start + timedelta(days=31 if self is Step.MONTH else 7))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cards to count, by UTC days, both included; ``None`` and ``""`` do not restrict.

    ``issuer`` ``""`` asks for open access, ``None`` for every client but the workbench. ``finding`` restricts
    cards and feedback, not calls and orders. ``step`` ``None``: what suits the span.
    """

    since: date | None = None
    until: date | None = None
    guideline: str = ""
    issuer: str | None = None
    finding: str = ""
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Cards served, and what the last feedback on them said."""

    served: int = 0
    accepted: int = 0
    overridden: int = 0

    @property
    def unanswered(self) -> int:
        return self.served - self.accepted - self.overridden

    def share(self, count: int) -> float | None:
        """Of the served cards, from 0 to 1; ``None`` when none was served."""
        return count / self.served if self.served else None


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 95th percentile of ``count`` measurements, by nearest rank; ``None`` without any."""

    count: int = 0
    p50: float | None = None
    p95: float | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """Calls answered, orders looked at and cards served by them.

    ``to_answer``: milliseconds the service took. ``to_feedback``: seconds from the card to the feedback.
    """

    calls: int = 0
    orders: int = 0
    cards: Count = Count()
    to_answer: Spread = Spread()
    to_feedback: Spread = Spread()

    @property
    def burden(self) -> float | None:
        """Cards for every hundred orders."""
        return 100 * self.cards.served / self.orders if self.orders else None


@dataclass(frozen=True, slots=True)
class Finding:
    """The cards of one finding. ``periods``: by first day, only where a card was served."""

    name: str
    cards: Count
    to_feedback: Spread
    periods: Mapping[date, Count]


@dataclass(frozen=True, slots=True)
class Reason:
    """Cards of a finding overridden for one reason; ``name`` is ``system|code``, or ``""`` for none given."""

    name: str
    finding: str
    count: int


@dataclass(frozen=True, slots=True)
class Question:
    """``calls``: answered with cards while this question was open. ``name`` is an id of the questionnaire."""

    name: str
    calls: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the store holds at all, whatever is asked for."""

    guidelines: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """The counts. ``periods``: by first day and without holes; the other parts: the most served first.

    ``invented``: how many of the counted calls are demo data.
    """

    step: Step = Step.WEEK
    total: Sum = Sum()
    periods: Mapping[date, Sum] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    guidelines: tuple[tuple[str, Sum], ...] = ()
    issuers: tuple[tuple[str, Sum], ...] = ()
    reasons: tuple[Reason, ...] = ()
    questions: tuple[Question, ...] = ()
    choices: Choices = Choices()
    invented: int = 0
