"""What a guideline asks before it calls a test necessary: criteria, not-necessary rows, pathways, advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.core.coverage import NO_PAYERS, Payers
from cds_service.core.finding import Missing, Result, Step, Verdict

NONE: frozenset[str] = frozenset()
UNSAID = "not documented"
DAYS_OF_WEEK = 7


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """One question to the case. ``kind`` names how it is answered; the other fields are its parameters.

    ``silence``: the verdict when nothing is documented; ``unsaid``: the line of the trace then.
    ``presence``: the verdict on what is documented. ``opposes``: groups of which a documented negative makes
    it not-met; ``each``: only one of each. ``near``: what is ``present`` or ``absent`` counts only where the
    signs of the reasons are. ``of``: the disease whose sides count. ``stated``: with one of these as
    reason, there is nothing more to find or to ask. ``asks``: questionnaire items that would settle it.
    ``where``: the part of the body its questions are about.
    ``expect``: what is looked for, in words for the trace."""

    kind: str
    id: str
    basis: str
    expect: str
    unsaid: Step
    groups: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    silence: Verdict = Verdict.UNKNOWN
    presence: Verdict = Verdict.MET
    opposes: frozenset[str] = NONE
    each: bool = False
    near: frozenset[str] = NONE
    stated: frozenset[str] = NONE
    kinds: frozenset[str] = NONE
    regions: frozenset[str] = NONE
    not_regions: frozenset[str] = NONE
    same_limb: bool = False
    current: bool = False
    past: bool = False
    item: str = ""
    side_item: str = ""
    want: bool = True
    at_least: int = 0
    days: int = 0
    applied: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    of: frozenset[str] = NONE
    reason_stems: tuple[str, ...] = ()
    codes: frozenset[str] = NONE
    lines: frozenset[str] = NONE
    words: tuple[str, ...] = ()
    payers: Payers = NO_PAYERS
    inside: frozenset[str] = NONE
    outside: frozenset[str] = NONE
    supplied: frozenset[str] = NONE
    where: str = ""
    source: tuple[str, ...] = ()

    @property
    def weeks(self) -> int:
        """The whole weeks of ``days``."""
        return self.days // DAYS_OF_WEEK


@dataclass(frozen=True, slots=True, eq=False)
class Combination:
    """``op``: ``all``, ``any`` or ``none`` of the parts."""

    op: str
    parts: tuple[Test | Combination, ...]


Condition = Test | Combination


@dataclass(frozen=True, slots=True, eq=False)
class Criterion:
    """One statement of the guideline.

    ``grants``: the result when it is met. ``open``: the result while it is unknown.
    ``visible``: its text is at hand (basis A or B); only then may it be not-met.
    ``capped``: its text is unknown, so it stays unknown; a met condition only leans.
    ``cut``: only the beginning of its text is at hand, so it is never not-met.
    ``covers``: reasons that its unknown text may be about, so that nothing is refused that they give.
    ``row``: the not-necessary row it speaks for.
    ``reasons``/``facts``: groups that make it a candidate, by the order's reason or by the chart.
    ``opens``: criteria the chart may make candidates when this one is not met.
    ``fails``: when the facts that meet it are not enough, in words.
    ``headings``: its line of the trace by verdict."""

    id: str
    title: str
    section: str
    basis: str
    edition: str
    source: tuple[str, ...]
    when: Condition
    headings: Mapping[Verdict, Step]
    grants: Result = Result.MET
    open: Result = Result.NEED_INFO
    row: str = ""
    always: bool = False
    reasons: frozenset[str] = NONE
    facts: frozenset[str] = NONE
    visible: bool = True
    capped: bool = False
    cut: bool = False
    covers: frozenset[str] = NONE
    opens: frozenset[str] = NONE
    fails: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One not-necessary row.

    ``reasons``: it applies when every reason is of these groups or otherwise unspecific.
    ``evidence``: met lifts the row, not-met makes it hold, unknown asks.
    ``opens``: criteria that become candidates when it is lifted; ``by_chart``: so do those the chart names.
    ``asks_only``: reasons that raise the row's question but never its refusal."""

    id: str
    title: str
    section: str
    basis: str
    edition: str
    source: tuple[str, ...]
    headings: Mapping[Verdict, Step]
    reasons: frozenset[str] = NONE
    evidence: Condition | None = None
    opens: frozenset[str] = NONE
    by_chart: bool = False
    asks_only: frozenset[str] = NONE


@dataclass(frozen=True, slots=True, eq=False)
class Pathway:
    """One way of testing, and by what it is judged.

    ``takes``: kinds of order lines, all of which the session must hold.
    ``joins``: reason groups whose needle and conduction lines belong here too.
    ``gate``: must hold beside any criterion. ``scope``: not met, nothing else is judged.
    ``fallback``: row cited when every criterion is documented as not met.
    ``stake``: row at stake while nothing is met.
    ``denial``: row whose evidence decides when no criterion fits a stated reason.
    ``otherwise``/``unfit``: result and row when nothing fits. ``asks``: items asked then, each after a
    yes to the one before.
    ``always``/``by_reason``: its criteria that are candidates anyway, and by reason group."""

    id: str
    takes: frozenset[str]
    criteria: tuple[str, ...]
    rows: tuple[str, ...]
    always: frozenset[str]
    by_reason: Mapping[str, frozenset[str]]
    scope: str = ""
    gate: str = ""
    joins: frozenset[str] = NONE
    fallback: str = ""
    stake: str = ""
    denial: str = ""
    otherwise: Result = Result.REVIEW
    unfit: str = ""
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Advice:
    """A notice that decides nothing. ``from_chart``: only where the chart alone named the disease.

    Without either condition it is only shown, or said by another room."""

    id: str
    title: str
    section: str
    basis: str
    edition: str
    source: tuple[str, ...]
    when: Condition | None = None
    results: frozenset[Result] = frozenset()
    from_chart: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Laterality:
    """Where a code of ``groups`` says its side: the character at ``place`` (from 0, dots left out)."""

    groups: frozenset[str]
    place: int
    sides: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """Where the signs of some reasons are looked for: by group, by how the code begins, or by a word."""

    regions: frozenset[str]
    groups: frozenset[str] = NONE
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One questionnaire item. ``chart``: an entry of the chart settles it as well.

    ``codes``/``regions``/``reasons``: studies, places and groups of reasons that it is not asked for.
    """

    chart: bool = False
    codes: frozenset[str] = NONE
    regions: frozenset[str] = NONE
    reasons: frozenset[str] = NONE


@dataclass(frozen=True, slots=True, eq=False)
class Criteria:
    """All of it.

    ``signs``: group -> the questionnaire item that attests it. ``labels``: what groups are called.
    ``questions``: by questionnaire item; ``plain``: those that name no side, ready to ask.
    ``takers``: by the kinds of line in a session, which pathway takes a line of each kind.
    ``located``: in which regions the signs of reasons are looked for.
    ``charted``: the question for the reason where the chart shows what it may be.
    ``unspecific``: groups of reasons that say nothing to judge by.
    ``items``: what is known of questionnaire items. ``tests``: every test of a criterion, by its id.
    ``weeks``: questionnaire item -> the whole weeks that its test wants.
    """

    edition: str
    criteria: Mapping[str, Criterion]
    rows: Mapping[str, Row]
    pathways: tuple[Pathway, ...]
    takers: Mapping[frozenset[str], Mapping[str, str]]
    advice: tuple[Advice, ...]
    questions: Mapping[str, str]
    plain: Mapping[str, Missing]
    signs: Mapping[str, str]
    labels: Mapping[str, str]
    side_words: Mapping[str, str]
    side_item: str
    reason_item: str
    laterality: tuple[Laterality, ...]
    located: tuple[Located, ...]
    charted: str
    unspecific: frozenset[str]
    unsupporting: frozenset[str]
    vague: frozenset[str]
    vague_asks: tuple[str, ...]
    items: Mapping[str, Item]
    tests: Mapping[str, Test]
    weeks: Mapping[str, int]
