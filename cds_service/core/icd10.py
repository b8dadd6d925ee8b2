"""ICD-10-CM as the service knows it, and the rules about codes on orders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_service.core.finding import Mode

BOTH = "both"
UNSPECIFIED = "unspecified"

_CATEGORY = 3


@dataclass(frozen=True, slots=True)
class Icd10:
    """The extract of one release. ``ordered``: all its codes, sorted.

    ``children`` maps a header (a code lacking its 7th character too) to all billable codes below it.
    ``partial`` holds headers of which only some children are in the extract; they are not in ``children``.
    ``seventh`` holds the headers that lack nothing but the 7th character. ``excludes1`` are the notes the
    pairs rest on.
    """

    release: str
    package: str
    ordered: tuple[str, ...]
    labels: Mapping[str, str]
    children: Mapping[str, tuple[str, ...]]
    partial: frozenset[str] = frozenset()
    seventh: frozenset[str] = frozenset()
    excludes1: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def is_known(self, code: str) -> bool:
        return code in self.labels

    def is_header(self, code: str) -> bool:
        return code in self.children or code in self.partial

    def is_leaf(self, code: str) -> bool:
        """Whether the code is billable."""
        return code in self.labels and not self.is_header(code)

    def label(self, code: str) -> str:
        """The ICD-10-CM description, ``""`` for a code that is not in the extract."""
        return self.labels.get(code, "")


@dataclass(frozen=True, slots=True)
class Row:
    """One rule as it is cited: ``mode`` is ``None`` where nothing is corrected."""

    id: str
    mode: Mode | None
    why: str
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """How to choose below one header.

    ``first``: region of the body -> codes that fit it. ``words``: (phrase, code). ``by_site``: once a limb or
    a side is known, codes that name none go.
    """

    row: Row
    default: str = ""
    by_site: bool = False
    fix: str = ""
    words: tuple[tuple[str, str], ...] = ()
    first: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """What a code says of limb and side. ``siblings``: the codes that say the same of another side."""

    stem: str
    regions: frozenset[str]
    side: str
    siblings: Mapping[str, tuple[str, ...]]
    mismatch: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Two codes that exclude one another on one order. ``one_side``: only if their sides do not differ."""

    row: Row
    one_side: bool = False


@dataclass(frozen=True, slots=True)
class Manifestation:
    """A code that comes after its cause. ``diabetes``: the ending a diabetes code takes in its stead.

    ``plausible``: causes as a reader is asked for them.
    """

    causes: tuple[str, ...]
    diabetes: str = ""
    plausible: str = ""


@dataclass(frozen=True, slots=True)
class UnlessCause:
    """A manifestation code that only a certain cause allows, and what else it may have meant."""

    row: Row
    causes: tuple[str, ...]
    group: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inform:
    """A notice: a code of ``one`` with one of ``other``, with a fact of ``group``, or with ``words``.

    A match of ``words`` counts only where it has a group. ``outpatient``: nothing is said of an inpatient.
    """

    row: Row
    other: frozenset[str] = frozenset()
    other_begins: tuple[str, ...] = ()
    group: str = ""
    words: re.Pattern[str] | None = None
    outpatient: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything the rules say of one code, looked up once. ``drops`` / ``keeps``: its part in pairs.

    A part is a number of ``DiagnosisRules.pairs`` with the number of a combination of codes within that pair.
    ``stem``: what sibling codes of other sides share. ``quiet``: no rule can be about this code.
    """

    code: str
    stem: str = ""
    leaves: tuple[str, ...] = ()
    header: HeaderRule | None = None
    places: tuple[Place, ...] = ()
    drops: tuple[tuple[int, int], ...] = ()
    keeps: tuple[tuple[int, int], ...] = ()
    manifestation: Manifestation | None = None
    unless_cause: UnlessCause | None = None
    informs: tuple[Inform, ...] = ()
    seventh: bool = False
    late: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One code as meant. ``form`` is the row that repairs it, ``""`` if it was well written; ``flaws``: what
    is wrong with how it is written.

    ``retired``: the code is ICD-9-CM, and these are the codes it usually becomes; ``None`` otherwise.
    ``quiet``: nothing can be said of it.
    """

    code: str
    entry: Entry | None
    form: str = ""
    retired: tuple[str, ...] | None = None
    quiet: bool = False
    flaws: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        return self.entry.stem if self.entry is not None else ""

    @property
    def side(self) -> str:
        return self.entry.places[0].side if self.entry is not None and self.entry.places else ""


@dataclass(frozen=True, slots=True)
class DiagnosisRules:
    """All rules on diagnosis codes. ``rows``: those of form and side, by id.

    ``combination``: the row of manifestations that diabetes codes have in themselves.
    ``retired``: ICD-9-CM code -> the codes or headers it usually becomes. ``absorbed``, ``diabetes``
    (beginnings of codes) and ``diabetes_group`` (of chart facts) serve manifestations. ``symptoms``: groups
    of chart facts that tell which sides are affected. ``unfilled``: codes with placeholders by what they are
    without them. ``readings`` remembers what codes were read as.
    """

    edition: str
    most_choices: int
    system: str
    systems: frozenset[str]
    retired_systems: frozenset[str]
    rows: Mapping[str, Row]
    entries: Mapping[str, Entry]
    pairs: tuple[Pair, ...]
    retired: Mapping[str, tuple[str, ...]]
    manifestation: Row
    combination: Row
    absorbed: frozenset[str]
    diabetes: tuple[str, ...]
    diabetes_group: str
    symptoms: tuple[str, ...]
    unfilled: Mapping[str, str]
    readings: dict[tuple[str, str], Reading] = field(default_factory=dict, repr=False, compare=False)


def unfilled(code: str) -> str:
    """A code without its dot and its placeholders X."""
    bare = code.replace(".", "")
    return bare[:_CATEGORY] + bare[_CATEGORY:].replace("X", "")
