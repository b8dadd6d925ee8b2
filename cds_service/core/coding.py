"""Procedure codes, correction patterns and usual maxima, as read from the guideline's data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cds_service.core.order_text import Asides, Roster, Words

LIMB_ALONE = "limb-alone"
LIMB_UNKNOWN = "limb-unknown"
LIMITED_ALONE = "limited-alone"
CRANIAL_ALONE = "cranial-alone"
THORACIC_ALONE = "thoracic-alone"
LIMB_ADDON = "limb-addon"
SITE_ADDON = "site-addon"
CONDUCTION = "conduction"
CONDUCTION_RETIRED = "conduction-retired"
ARRAY = "array"
JUNCTION = "junction"
SINGLE_FIBRE = "single-fibre"
GUIDANCE = "guidance"
CHEMODENERVATION = "chemodenervation"


@dataclass(frozen=True, slots=True)
class Code:
    """One procedure code. ``kind``: the pathway part it counts for (``needle conduction nmj other`` or
    ""). ``named_by``: the word lists that name the test.
    """

    code: str
    label: str
    family: str
    kind: str
    named_by: tuple[str, ...] = ()
    limbs: int = 0
    sides: int = 0
    region: str = ""
    level: int = 0
    complete: bool = False
    variant: str = ""
    hcpcs: bool = False
    listed: bool = False
    current: bool = True
    units_max: int = 0
    units_basis: str = ""
    basis: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class CodeTable:
    """Every code the service knows, the ones a correction may offer by role, and what an order's text says.

    ``by_region``: region of the body -> its own stand-alone code.

    ``alone``: limbs -> stand-alone code. ``conduction``: level -> code. ``cranial``: sides -> code.
    ``general``: word lists that name many tests.
    """

    codes: Mapping[str, Code]
    alone: Mapping[int, Code]
    conduction: Mapping[int, Code]
    cranial: Mapping[int, Code]
    by_region: Mapping[str, Code]
    addon_complete: Code
    addon_limited: Code
    addon_site: Code
    limited_alone: Code
    thoracic_alone: Code
    array: Code
    junction: Code
    single_fibre: Code
    by_family: Mapping[str, tuple[Code, ...]]
    per_level: int
    complete_muscles: int
    concepts: Mapping[tuple[str, str], str]
    words: Mapping[str, Words]
    general: frozenset[str]
    asides: Asides
    tests: Roster
    limited: Roster
    muscles: Roster
    nerves: Roster
    paraspinals: Roster
    modifiers: frozenset[str]
    cpt_system: str
    hcpcs_system: str
    edition: str = ""

    @property
    def top_level(self) -> int:
        return max(self.conduction)

    def level_for(self, studies: int) -> int:
        """The conduction level that covers ``studies`` (>= 1)."""
        return min(self.top_level, -(-studies // self.per_level))

    def conduction_for(self, studies: int) -> Code:
        """The one conduction code for ``studies`` nerve conduction studies (>= 1)."""
        return self.conduction[self.level_for(studies)]

    def studies_of(self, level: int) -> tuple[int, int | None]:
        """(least, most) studies a level stands for; the top level has no most."""
        least = (level - 1) * self.per_level + 1
        return least, None if level == self.top_level else level * self.per_level

    def system_of(self, code: str) -> str:
        """The code system a suggestion must name for ``code``."""
        known = self.codes.get(code)
        return self.hcpcs_system if known is not None and known.hcpcs else self.cpt_system

    def label_of(self, code: str) -> str:
        known = self.codes.get(code)
        return known.label if known is not None else ""

    def still_named(self, text: str, new: str, old: str) -> bool:
        """Whether ``text`` names the test of ``new`` and not just as well that of ``old``."""
        fresh = self.codes[new].named_by if new in self.codes else ()
        past = self.codes[old].named_by if old in self.codes else ()
        if fresh == past or not self._named(text, fresh):
            return False
        return not self._named(text, [name for name in past if name not in self.general])

    def _named(self, text: str, lists: Iterable[str]) -> bool:
        return any(text in self.words[name] for name in lists)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One correction pattern; see patterns.toml. ``section``: of the guideline, if it has the rule itself."""

    id: str
    rule: str
    mode: str
    why: str
    basis: str
    source: str
    section: str = ""
    code: str = ""
    warning: str = ""
    asks: tuple[str, ...] = ()
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns by id and by (rule, code)."""

    by_id: Mapping[str, Pattern]
    by_rule: Mapping[tuple[str, str], Pattern]
    edition: str = ""

    def of(self, rule: str, code: str = "") -> Pattern:
        """The pattern of one mechanism; KeyError means the data lacks a rule the engine needs."""
        return self.by_rule[(rule, code)]


@dataclass(frozen=True, slots=True)
class MaximaRow:
    """How many studies are usually enough for one indication."""

    id: str
    label: str
    reasons: frozenset[str]
    emg_limbs: int
    studies: int
    junction: int = 0
    with_groups: frozenset[str] = frozenset()
    both_sides: bool = False
    limbs_at_most: int = 0


@dataclass(frozen=True, slots=True)
class Maxima:
    """All rows, in the order in which they are tried. ``far``: steps above a row that are worth a
    question.
    """

    rows: tuple[MaximaRow, ...]
    far: int = 2
    edition: str = ""
    basis: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class CodingRules:
    """Everything the coding corrections need."""

    table: CodeTable
    patterns: Patterns
    maxima: Maxima
    origin: Mapping[str, str] = field(default_factory=dict)
