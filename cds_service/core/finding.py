"""What the engine answers: determinations, corrections and notices, each with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from cds_service.core.case import Gap, Site


class Verdict(StrEnum):
    """Kleene's three values."""

    MET = "met"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"


class Result(StrEnum):
    """How a session stands against the guideline."""

    MET = "MET"
    MET_PROV = "MET-PROV"
    NOT_MET = "NOT-MET"
    NEED_INFO = "NEED-INFO"
    REVIEW = "REVIEW"
    OUT_OF_SCOPE = "OUT-OF-SCOPE"


class Mode(StrEnum):
    """FIX: one unambiguous correction. ASK: several fit, or something must be said first."""

    FIX = "FIX"
    ASK = "ASK"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of reasoning. ``depth`` indents it below the step it supports."""

    id: str
    verdict: Verdict
    basis: str
    expected: str
    observed: str = ""
    evidence: tuple[str, ...] = ()
    depth: int = 0
    criterion: bool = True


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that would settle an unknown; ``fact`` is a linkId of the questionnaire where one exists."""

    fact: str
    question: str


class Need(NamedTuple):
    """Facts of which one is enough. ``along``: what is asked with them and settles nothing by itself."""

    any_of: tuple[str, ...]
    along: tuple[str, ...] = ()


class Way(NamedTuple):
    """Needs that settle a determination together.

    ``instead``: when these come in place of the way before, and in addition to what it needs; ``""``: they
    stand alone.
    """

    needs: tuple[Need, ...]
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Determination:
    """How the orders of one pathway stand. ``rows``: not-necessary rows that decided or are at stake.

    ``missing``: every fact that bears on what is unknown. ``ways``: alternatives made of those that suit the
    orders, the shortest first.
    """

    pathway: str
    orders: tuple[str, ...]
    result: Result
    steps: tuple[Step, ...] = ()
    rows: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    satisfied: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    ways: tuple[Way, ...] = ()

    @property
    def asked(self) -> tuple[Missing, ...]:
        """What of ``missing`` is worth asking, in the order of the ways."""
        by_fact = {each.fact: each for each in self.missing}
        facts = [fact for way in self.ways for need in way.needs for fact in (*need.any_of, *need.along)]
        return tuple([by_fact[fact] for fact in dict.fromkeys(facts)])


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to one order, or one new order.

    ``replaces``: the code text that stands in the order now (``""``: none of ours does, the new one is
    added); ``meant``: the code it means (``""``: none that is known). ``action``: ``change`` | ``remove`` |
    ``create`` | ``keep``. For ``create``, ``order`` is the one it is modelled on. ``None`` (modifiers, sites)
    and ``""`` (date) leave the element alone. ``like``: the order whose period it gets, where ``date`` is
    only the first day of one. ``takes``: orders that go and whose reasons, notes and body sites this one
    takes over. ``stays``: code and units are left alone (and notes of others are not taken), so that the
    edit goes together with any other of the order.
    """

    action: str
    order: str
    code: str = ""
    units: int = 1
    modifiers: tuple[str, ...] | None = None
    sites: tuple[Site, ...] | None = None
    date: str = ""
    replaces: str = ""
    meant: str = ""
    like: str = ""
    takes: tuple[str, ...] = ()
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to correct. Without ``applicable`` it can only be said in words."""

    edits: tuple[Edit, ...]
    applicable: bool = True

    def lines(self) -> tuple[tuple[str, int], ...]:
        """(code, units) of what the orders become; equal codes are one line."""
        units: dict[str, int] = {}
        for edit in self.edits:
            if edit.action != "remove":
                units[edit.code] = units.get(edit.code, 0) + edit.units
        return tuple(units.items())

    def outcome(self) -> object:
        """What it comes to, whichever order carries it."""
        return frozenset(self.lines()), frozenset(edit.date for edit in self.edits if edit.date)


def distinct(choices: Iterable[Choice], default: int) -> tuple[tuple[Choice, ...], int]:
    """Choices that come to the same codes, units and days are one, and where the default stands among them.

    The one that a suggestion can carry out is kept.
    """
    found: dict[object, Choice] = {}
    usual: object = None
    for index, one in enumerate(choices):
        key = one.outcome()
        usual = key if index == default else usual
        known = found.setdefault(key, one)
        if one.applicable and not known.applicable:
            found[key] = one
    return tuple(found.values()), list(found).index(usual) if usual in found else -1


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction pattern that holds for ``orders`` (those that would change).

    ``about``: every order it is about. ``default``: index of the choice to recommend, or -1.
    ``asks``: linkIds whose answers would settle it. ``values``: words for the card's sentences.
    ``subject``: the orders that the sentences name, where they are not all that would change.
    """

    pattern: str
    mode: Mode
    orders: tuple[str, ...]
    choices: tuple[Choice, ...]
    about: tuple[str, ...] = ()
    default: int = -1
    asks: tuple[str, ...] = ()
    warning: str = ""
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    subject: tuple[str, ...] = ()

    def becomes(self, choice: Choice) -> tuple[tuple[str, int], ...]:
        """(code, units) of what ``orders`` become by one choice, and of what is new beside them."""
        return self._part(choice, stays=False).lines()

    def stays(self, choice: Choice) -> tuple[tuple[str, int], ...]:
        """(code, units) of the orders it is about that no choice changes."""
        return self._part(choice, stays=True).lines()

    def _part(self, choice: Choice, *, stays: bool) -> Choice:
        return Choice(
            tuple(
                edit
                for edit in choice.edits
                if stays == (edit.action == "keep" and edit.order not in self.orders)
            )
        )


@dataclass(frozen=True, slots=True)
class DiagnosisCorrection:
    """A correction of ICD-10-CM codes on one order.

    ``from_``: the codes as sent; ``choices``: per choice the codes they become, in their sequence.
    ``positions``: where the codes of ``from_`` stand (see :class:`~cds_service.core.case.Diagnosis`).
    ``places``: per choice and code the index of the position it is written to, -1 where it needs a new one;
    what stands at the other positions goes.
    """

    row: str
    mode: Mode
    order: str
    from_: tuple[str, ...]
    choices: tuple[tuple[str, ...], ...]
    positions: tuple[tuple[int, int], ...] = ()
    default: int = -1
    asks: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    places: tuple[tuple[int, ...], ...] = ()

    def placed(self, codes: tuple[str, ...]) -> tuple[tuple[str, tuple[int, int] | None], ...]:
        """Each code of one choice with the position it is written to, ``None`` where it needs a new one."""
        places = self.places[self.choices.index(codes)]
        return tuple(
            (code, self.positions[place] if place >= 0 else None)
            for code, place in zip(codes, places, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth knowing that corrects nothing."""

    id: str
    orders: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The whole answer for one case; a pure function of case and guideline."""

    as_of: str
    determinations: tuple[Determination, ...] = ()
    corrections: tuple[Correction, ...] = ()
    diagnosis_corrections: tuple[DiagnosisCorrection, ...] = ()
    notices: tuple[Notice, ...] = ()
    gaps: tuple[Gap, ...] = ()
