"""What one session says beside the codes: where lines with one reason aim, and the answered side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cds_service.core.case import LIMB_REGIONS, Case, Site
from cds_service.core.icd10 import BOTH, DiagnosisRules, Icd10, Reading
from cds_service.engine.diagnoses.proposal import Proposal
from cds_service.engine.diagnoses.reading import Line

SIDES_ASKED = "symptomatic-sides"

# Under which a line's sites are noted: its code, each header its code may stand below, its disease.
_SAME, _BELOW, _STEM = "same", "below", "stem"
_ANSWERS = frozenset({"right", "left", BOTH})


@dataclass(frozen=True, slots=True)
class Context:
    """``answer``: right, left or both as answered, else ``""``. ``proposals``: made so far, by code."""

    rules: DiagnosisRules
    icd10: Icd10
    case: Case
    lines: tuple[Line, ...]
    answer: str
    proposals: dict[str, Proposal | None] = field(default_factory=dict)
    _sites: dict[tuple[str, str], set[Site]] = field(default_factory=dict)

    def sites(self, reading: Reading) -> frozenset[Site]:
        """The body sites of all lines with the same reason; a line without a site inherits them so.

        The same: the same code, a header and a code below it, or codes that differ in the side only.
        """
        if not self._sites:
            self._note_sites()
        code, stem = reading.code, reading.stem
        found = self._sites.get((_BELOW, code), set()) | self._sites.get((_STEM, stem), set())
        return frozenset(
            found.union(*(self._sites.get((_SAME, code[:end]), ()) for end in range(1, len(code) + 1)))
        )

    def _note_sites(self) -> None:
        self._sites[_SAME, ""] = set()
        for line in self.lines:
            keys: set[tuple[str, str]] = set()
            for reading in line.readings if line.order.sites else ():
                code = reading.code
                keys.add((_SAME, code))
                keys.update((_BELOW, code[:end]) for end in range(1, len(code) + 1))
                if reading.stem:
                    keys.add((_STEM, reading.stem))
            for key in keys:
                self._sites.setdefault(key, set()).update(line.order.sites)

    def side(self, sites: Iterable[Site], regions: frozenset[str]) -> str:
        """The one side that is certain (``both`` only if answered), ``""`` if none is."""
        if self.answer:
            return self.answer
        sides = {site.side for site in sites if site.side and site.region in regions}
        return sides.pop() if len(sides) == 1 else ""


def answered_side(case: Case) -> str:
    """The answer about symptomatic sides as one word."""
    answer = case.answers.get(SIDES_ASKED)
    words = {answer} if isinstance(answer, str) else set(answer) if isinstance(answer, tuple) else set()
    words &= _ANSWERS
    if len(words) > 1:
        return BOTH
    return words.pop() if words else ""


def other_limb_only(sites: Iterable[Site], regions: frozenset[str]) -> bool:
    """Whether limbs are named, and none of them is of ``regions``."""
    limbs = {site.region for site in sites} & LIMB_REGIONS
    return bool(limbs) and regions <= LIMB_REGIONS and not limbs & regions
