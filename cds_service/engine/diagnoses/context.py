"""What one session says beside the codes: where lines with one reason aim, and the answered side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cds_service.core.case import LIMB_REGIONS, Case, Site
from cds_service.core.icd10 import BOTH, DiagnosisRules, Icd10, Reading, Row
from cds_service.engine.diagnoses.proposal import Proposal
from cds_service.engine.diagnoses.reading import Line

SIDES_ASKED = "symptomatic-sides"
ONE_SIDE = frozenset({"right", "left"})

_NOWHERE: frozenset[Site] = frozenset()
_ANSWER = "4.5.3-answer"
_ANSWERS = frozenset({*ONE_SIDE, BOTH})


@dataclass(frozen=True, slots=True)
class Context:
    """``answer``: right, left or both as answered, else ``""``. ``proposals``: made so far, by code.

    ``two_sided``: diseases that the orders to correct, together, code on the right and on the left.
    """

    rules: DiagnosisRules
    icd10: Icd10
    case: Case
    lines: tuple[Line, ...]
    answer: str
    two_sided: frozenset[str] = frozenset()
    proposals: dict[str, Proposal | None] = field(default_factory=dict)
    _found: dict[str, frozenset[Site]] = field(default_factory=dict)
    _by_code: dict[str, set[Site]] = field(default_factory=dict)
    _by_stem: dict[str, set[Site]] = field(default_factory=dict)

    def sites(self, reading: Reading) -> frozenset[Site]:
        """The body sites of all lines with the same reason; a line without a site inherits them so.

        The same: the same code, a header and a code below it, or codes that differ in the side only.
        """
        code = reading.code
        if code not in self._found:
            if not self._found:
                self._note_sites()
            self._found[code] = self._related(reading)
        return self._found[code]

    def _related(self, reading: Reading) -> frozenset[Site]:
        code, by_code = reading.code, self._by_code
        found = self._by_stem.get(reading.stem, _NOWHERE).union(
            *[by_code[code[:end]] for end in range(1, len(code) + 1) if code[:end] in by_code]
        )
        if reading.entry is None or reading.entry.header is not None:
            found = found.union(*[sites for other, sites in by_code.items() if other.startswith(code)])
        return frozenset(found)

    def _note_sites(self) -> None:
        for line in self.lines:
            for reading in line.readings if line.order.sites else ():
                self._by_code.setdefault(reading.code, set()).update(line.order.sites)
                if reading.stem:
                    self._by_stem.setdefault(reading.stem, set()).update(line.order.sites)

    def sides(self, sites: Iterable[Site], regions: frozenset[str]) -> tuple[str, ...]:
        """The sides that may be meant: one if it is certain (``both`` only if answered), none if unknown.

        Two where the answer names one that the body sites do not list: the answered side first.
        """
        listed = listed_sides(sites, regions)
        alone = tuple(listed) if len(listed) == 1 else ()
        return alone if not self.answer or self.answer in alone else (self.answer, *alone)

    def why(self, row: Row, *, disputed: bool = False) -> str:
        """The reason of ``row``; ``disputed``: and that the answer names one side, the body sites another."""
        return f"{row.why}; {self.rules.rows[_ANSWER].why}" if disputed else row.why

    def is_coded(self, stem: str, sides: frozenset[str]) -> bool:
        """Whether the session codes the disease on one of these sides too: then that side is the question."""
        return any(
            reading.stem == stem and reading.side in sides for line in self.lines for reading in line.readings
        )

    def is_told_elsewhere(self, reading: Reading) -> bool:
        """Whether the answer ``both`` is told by another disease of the session on the other side."""
        others = {
            other.side
            for line in self.lines
            for other in line.readings
            if other.stem and other.stem != reading.stem
        }
        return not others.isdisjoint(_ANSWERS - {reading.side})


def answered_side(case: Case) -> str:
    """The answer about symptomatic sides as one word."""
    answer = case.answers.get(SIDES_ASKED)
    words = {answer} if isinstance(answer, str) else set(answer) if isinstance(answer, tuple) else set()
    words &= _ANSWERS
    if len(words) > 1:
        return BOTH
    return words.pop() if words else ""


def two_sided_diseases(lines: Iterable[Line]) -> frozenset[str]:
    """Diseases coded on the right and on the left, on one order or on two."""
    sides: dict[str, set[str]] = {}
    for line in lines:
        for index, reading in enumerate(line.readings):
            if not reading.quiet and reading.stem and line.reasons[index].position is not None:
                sides.setdefault(reading.stem, set()).add(reading.side)
    return frozenset([stem for stem, found in sides.items() if len(found) > 1 and found >= ONE_SIDE])


def listed_sides(sites: Iterable[Site], regions: frozenset[str]) -> frozenset[str]:
    """The sides of the body sites in ``regions``."""
    return frozenset(site.side for site in sites if site.side and site.region in regions)


def other_limb_only(sites: Iterable[Site], regions: frozenset[str]) -> bool:
    """Whether limbs are named, and none of them is of ``regions``."""
    limbs = {site.region for site in sites} & LIMB_REGIONS
    return bool(limbs) and regions <= LIMB_REGIONS and not limbs & regions
