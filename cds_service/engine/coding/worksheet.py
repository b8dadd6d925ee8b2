"""The worksheet of one session: its lines, what else is known, and how proposals are written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cds_service.core.case import ARM, LEG, Case, Site
from cds_service.core.coding import (
    ARRAY,
    CONDUCTION,
    CONDUCTION_RETIRED,
    Code,
    CodingRules,
    MaximaRow,
    Pattern,
)
from cds_service.core.finding import Choice, Mode, distinct
from cds_service.engine.coding.edits import keep
from cds_service.engine.lines import Line

_LIMB_WORDS: Mapping[str, Site] = {
    "RUE": Site(ARM, "right"),
    "LUE": Site(ARM, "left"),
    "RLE": Site(LEG, "right"),
    "LLE": Site(LEG, "left"),
}
ALL_LIMBS = tuple(sorted(_LIMB_WORDS.values()))


@dataclass(frozen=True, slots=True)
class Proposal:
    """Patterns that hold together for the same orders, with the choices that come out of them combined.

    ``because``: orders that make it so and are left alone. ``subject``: see :class:`Correction`.
    """

    patterns: tuple[Pattern, ...]
    mode: Mode
    choices: tuple[Choice, ...]
    about: tuple[str, ...]
    default: int = -1
    asks: tuple[str, ...] = ()
    warning: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    because: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()

    def orders(self) -> tuple[str, ...]:
        """The orders that would change under at least one choice, in the order they were sent."""
        changed = {
            edit.order
            for choice in self.choices
            for edit in choice.edits
            if edit.action in ("change", "remove")
        }
        return tuple(ref for ref in self.about if ref in changed)


@dataclass(frozen=True, slots=True)
class Worksheet:
    """Everything the coding rules look at for one session.

    ``lines`` are draft orders and orders of the chart that are signed already, which no suggestion can edit
    (see ``reach``); ``elsewhere`` are conduction lines of another day. ``inpatient``: EMG and NCS are out of
    the guideline's scope. ``pending``: a line may turn out to be the conduction study. ``maximum`` is the
    usual-maximum row of the session's reason, ``most`` the most generous one of its reasons. ``sides`` are
    the symptomatic sides. ``by_family`` indexes ``lines``. ``signed``: some of the lines are signed.
    """

    rules: CodingRules
    case: Case
    lines: tuple[Line, ...]
    elsewhere: tuple[Line, ...]
    reason_groups: frozenset[str]
    maximum: MaximaRow | None
    most: MaximaRow | None = None
    sides: frozenset[str] = frozenset()
    inpatient: bool = False
    pending: bool = False
    by_family: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)
    signed: bool = False

    def of(self, *families: str) -> tuple[Line, ...]:
        """Lines of these families, in the order they were sent."""
        if len(families) == 1:
            return self.by_family.get(families[0], ())
        if self.by_family.keys().isdisjoint(families):
            return ()
        return tuple([line for line in self.lines if line.family in families])

    @property
    def drafts(self) -> tuple[Line, ...]:
        return tuple([line for line in self.lines if line.order.draft]) if self.signed else self.lines

    @property
    def others(self) -> tuple[Line, ...]:
        return tuple([line for line in self.lines if not line.order.draft]) if self.signed else ()

    @property
    def conduction(self) -> bool:
        """A conduction study by code stands in the session (retired codes count)."""
        return CONDUCTION in self.by_family or CONDUCTION_RETIRED in self.by_family

    @property
    def array(self) -> bool:
        return ARRAY in self.by_family

    @property
    def studies(self) -> tuple[Line, ...]:
        """The conduction studies by code, retired codes too."""
        return self.of(CONDUCTION, CONDUCTION_RETIRED)

    @property
    def study(self) -> str:
        """The conduction codes of the session, as they are named to a reader."""
        return " + ".join(dict.fromkeys(line.code.code for line in self.studies if line.code is not None))

    @property
    def studies_planned(self) -> int | None:
        """The answered count of conduction studies; ``None`` when not answered."""
        answer = self.case.answers.get("studies-planned")
        return answer if isinstance(answer, int) and not isinstance(answer, bool) and answer >= 0 else None

    @property
    def limbs_planned(self) -> tuple[Site, ...]:
        """The answered limbs, sorted; empty when not answered."""
        answer = self.case.answers.get("limbs-planned")
        words = (answer,) if isinstance(answer, str) else answer if isinstance(answer, tuple) else ()
        return tuple(sorted({_LIMB_WORDS[word] for word in words if word in _LIMB_WORDS}))

    @property
    def muscles_per_limb(self) -> str:
        answer = self.case.answers.get("muscles-per-limb")
        return answer if isinstance(answer, str) else ""

    def answered(self, link_id: str) -> bool | None:
        """A yes/no answer; ``None`` when not answered."""
        answer = self.case.answers.get(link_id)
        return answer if isinstance(answer, bool) else None

    @property
    def told(self) -> dict[str, str]:
        """What the form says of counts, as numbers."""
        nerves = self.case.answers.get("nerves-stimulated")
        counts = {
            "form_studies": self.studies_planned,
            "form_limbs": len(self.limbs_planned),
            "form_nerves": nerves if isinstance(nerves, int) and not isinstance(nerves, bool) else 0,
        }
        return {name: str(count) for name, count in counts.items() if count}

    @property
    def usual(self) -> str:
        """The indication whose usual count :meth:`proposed_conduction` offers, ``""`` when it does not."""
        if self.maximum is None or self.conduction or self.studies_planned:
            return ""
        return self.maximum.label

    def conduction_menu(self) -> tuple[Code, ...]:
        """The conduction codes that fit what is known of the count: one when answered, else all."""
        table = self.rules.table
        planned = self.studies_planned
        if planned:
            return (table.conduction_for(planned),)
        return tuple(table.conduction[level] for level in sorted(table.conduction))

    def proposed_conduction(self) -> tuple[Code, ...]:
        """The count to propose when an order lacks one: answered, else usual for the reason, else all."""
        table = self.rules.table
        if not self.studies_planned and self.maximum is not None:
            return (table.conduction_for(self.maximum.studies),)
        return self.conduction_menu()

    def usual_index(self, codes: Sequence[Code]) -> int:
        """Index of the code usual for the reason among ``codes``; -1 when none is."""
        if self.maximum is None or len(codes) < 2:
            return -1
        usual = self.rules.table.conduction_for(self.maximum.studies)
        return next((index for index, code in enumerate(codes) if code == usual), -1)


def by_family(lines: Iterable[Line]) -> dict[str, tuple[Line, ...]]:
    """The index :attr:`Worksheet.by_family`."""
    index: dict[str, tuple[Line, ...]] = {}
    for line in lines:
        family = line.family
        index[family] = (*index.get(family, ()), line)
    return index


def dated_first(lines: Iterable[Line]) -> list[Line]:
    """The lines, in front the one that stays where several become one: it is signed or states a day."""
    return sorted(lines, key=precedence)


def precedence(line: Line) -> tuple[bool, bool, bool]:
    """Signed orders come first, then those with a day, then those with a period."""
    order = line.order
    return order.draft, not order.date, order.date != order.last_day


def propose(
    patterns: Iterable[Pattern],
    choices: Iterable[Choice],
    lines: Iterable[Line],
    *,
    ask: bool = False,
    settled: bool = False,
    default: int = -1,
    asks: Iterable[str] | None = None,
    warning: str = "",
    values: Mapping[str, str] | None = None,
    because: Iterable[Line] = (),
    subject: Iterable[Line] = (),
) -> Proposal:
    """A proposal in the patterns' own mode: ASK when any pattern asks, ``ask`` says so or choices remain.

    ``settled``: an answer leaves one choice, so it becomes FIX.
    """
    used = tuple(dict.fromkeys(patterns))
    about = tuple({line.ref: line for line in lines}.values())
    ways, place = distinct(_whole(tuple(choices), about), default)
    asking = ask or len(ways) > 1 or any(pattern.mode == "ASK" for pattern in used)
    mode = Mode.FIX if settled and len(ways) == 1 else Mode.ASK if asking else Mode.FIX
    questions = (link for pattern in used for link in pattern.asks) if asks is None else asks
    return Proposal(
        patterns=used,
        mode=mode,
        choices=ways,
        about=tuple(line.ref for line in about),
        default=0 if mode is Mode.FIX else place,
        asks=tuple(dict.fromkeys(questions)) if mode is Mode.ASK else (),
        warning=warning
        or next((pattern.warning for pattern in used if pattern.warning and _warns(pattern)), ""),
        values=values or {},
        because=tuple(line.ref for line in because),
        subject=tuple(line.ref for line in subject),
    )


def with_pattern(proposal: Proposal, pattern: Pattern) -> Proposal:
    """The same proposal, stated for one more pattern."""
    return replace(proposal, patterns=tuple(dict.fromkeys((*proposal.patterns, pattern))))


def _whole(choices: tuple[Choice, ...], lines: tuple[Line, ...]) -> Iterable[Choice]:
    """Each choice with every order that another one changes: what it leaves alone stays."""
    if len(choices) < 2 or len(lines) < 2:
        return choices
    changed = {edit.order for one in choices for edit in one.edits if edit.action in ("change", "remove")}
    return [
        replace(one, edits=(*one.edits, *map(keep, left)))
        if (left := [each for each in lines if each.ref in changed - {edit.order for edit in one.edits}])
        else one
        for one in choices
    ]


def _warns(pattern: Pattern) -> bool:
    """Warnings of counted rules are given by the rule itself, only where they apply."""
    return not pattern.asks
