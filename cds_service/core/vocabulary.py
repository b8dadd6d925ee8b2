"""Code groups: which codes, of which system, mean what the guideline talks about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cds_service.core.case import Site
from cds_service.core.exam import ExamRules
from cds_service.core.form import Item
from cds_service.core.phrases import PhraseIndex, tokens_of
from cds_service.core.place import SiteRules

NO_GROUPS: frozenset[str] = frozenset()

ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"

# Codes longer than this are none of any system here; they are neither searched nor remembered.
MAX_CODE = 24
MAX_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of codes. ``basis`` and ``source`` say how far to trust it."""

    id: str
    label: str
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A medicine. A text names it only with one of ``needs`` (if any) and none of ``bars``."""

    name: str
    groups: frozenset[str]
    needs: frozenset[str] = frozenset()
    bars: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a vetted phrase does: names ``groups``, negates what follows, or takes the whole text back."""

    groups: frozenset[str] = NO_GROUPS
    negates: bool = False
    retracts: bool = False


class Meaning(NamedTuple):
    """What one code of the chart means: its groups, the code that gave them, and where it says it is."""

    groups: frozenset[str]
    code: str
    by_text: bool
    sites: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Looks a code up and says which groups it belongs to.

    ``exact`` is keyed by (system, code). ``prefixes`` holds ICD-10-CM stems: a code belongs to the groups of
    every stem it starts with, except those of ``excluded`` stems and those whose ``seventh`` characters lack
    its own. ``headers`` holds the groups common to all codes below an ICD-10-CM header. ``systems`` maps
    aliases to canonical system URIs. ``words`` are (phrase, group) by kind; ``phrases`` is their index.
    ``dull`` remembers what decoding found to mean nothing here, ``meanings`` what the rest was read as.
    ``kinds``: group -> the kinds of fact it is kept to. ``regions``: group -> where it is if nothing says so.
    """

    groups: Mapping[str, Group]
    exact: Mapping[tuple[str, str], frozenset[str]]
    prefixes: Mapping[str, frozenset[str]]
    headers: Mapping[str, frozenset[str]]
    systems: Mapping[str, str]
    words: Mapping[str, tuple[tuple[str, str], ...]]
    negations: tuple[str, ...] = ()
    sites: Mapping[str, tuple[Site, ...]] = field(default_factory=dict)
    excluded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    seventh: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kinds: Mapping[str, frozenset[str]] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    phrases: Mapping[str, PhraseIndex[Phrase]] = field(default_factory=dict)
    doubts: PhraseIndex[bool] = field(default_factory=PhraseIndex)
    ingredients: PhraseIndex[Ingredient] = field(default_factory=PhraseIndex)
    ingredient_codes: Mapping[tuple[str, str], Ingredient] = field(default_factory=dict)
    modifiers: frozenset[str] = frozenset()
    places: SiteRules = field(default_factory=SiteRules)
    exams: ExamRules = field(default_factory=ExamRules)
    items: Mapping[str, Item] = field(default_factory=dict)
    dull: set[int] = field(default_factory=set, repr=False, compare=False)
    meanings: dict[int, Meaning] = field(default_factory=dict, repr=False, compare=False)
    _cache: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    def system(self, uri: str) -> str:
        """The canonical URI of a code system, or the URI itself."""
        return self.systems.get(uri, uri)

    def groups_of(self, system: str, code: str) -> frozenset[str]:
        """The groups of one code; empty when the code means nothing to the guideline."""
        key = (system, code)
        found = self._cache.get(key)
        if found is None:
            if len(code) > MAX_CODE:
                return NO_GROUPS
            canonical = self.systems.get(system, system)
            if canonical == ICD10CM:
                found = self._icd10(dotted(code))
            else:
                found = self.exact.get((canonical, code), NO_GROUPS)
            if len(self._cache) < MAX_REMEMBERED:
                self._cache[key] = found
        return found

    def _icd10(self, code: str) -> frozenset[str]:
        groups = self.headers.get(code)
        if groups is None:
            groups = family_groups(code, self.exact, self.prefixes, self.excluded)
        if not self.seventh:
            return groups
        seventh = seventh_character(code)
        return frozenset(group for group in groups if seventh in self.seventh.get(group, (seventh,)))

    def groups_of_text(self, kind: str, text: str) -> frozenset[str]:
        """Groups whose vetted phrase occurs in ``text``, as far as the text does not negate it."""
        index = self.phrases.get(kind)
        groups: frozenset[str] = NO_GROUPS
        if index is None or not text:
            return groups
        negated = False
        for phrase in index.scan(tokens_of(text)):
            if phrase.retracts:
                return NO_GROUPS
            negated = negated or phrase.negates
            if not negated:
                groups |= phrase.groups
        return groups

    def is_doubted(self, text: str) -> bool:
        """Whether ``text`` only supposes what it names."""
        return any(True for _ in self.doubts.scan(tokens_of(text)))

    def of_kind(self, groups: frozenset[str], kind: str) -> frozenset[str]:
        """``groups`` without those that are kept to other kinds of fact."""
        if groups.isdisjoint(self.kinds):
            return groups
        return frozenset(group for group in groups if kind in self.kinds.get(group, (kind,)))

    def medicines(self, codings: Iterable[tuple[str, str]], text: str) -> tuple[Ingredient, ...]:
        """The ingredients a medicine's codes name, else those its text names."""
        coded = [
            ingredient
            for system, code in codings
            if (ingredient := self.ingredient_codes.get((self.systems.get(system, system), code))) is not None
        ]
        if coded:
            return tuple(dict.fromkeys(coded))
        tokens = tokens_of(text)
        return tuple(
            dict.fromkeys(
                ingredient
                for ingredient in self.ingredients.scan(tokens)
                if (not ingredient.needs or not ingredient.needs.isdisjoint(tokens))
                and ingredient.bars.isdisjoint(tokens)
            )
        )

    def sites_of(self, system: str, code: str) -> tuple[Site, ...]:
        """Where an ICD-10-CM code says the thing is; empty when it does not say."""
        if self.systems.get(system, system) != ICD10CM or len(code) > MAX_CODE:
            return ()
        return self.places.of_icd10(dotted(code))


def dotted(code: str) -> str:
    """An ICD-10-CM code in its usual form (``g5601`` is G56.01)."""
    code = "".join(code.split()).upper()
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 and code[3] != "." else code


def seventh_character(code: str) -> str:
    """The letter that ends an injury code, ``""`` when it is missing; X is a placeholder."""
    last = code[-1:]
    return last if last.isalpha() and last != "X" and len(code) > 3 else ""


def family_groups(
    code: str,
    exact: Mapping[tuple[str, str], frozenset[str]],
    prefixes: Mapping[str, frozenset[str]],
    excluded: Mapping[str, frozenset[str]],
) -> frozenset[str]:
    """The groups of a (dotted) ICD-10-CM code by its stems, whatever its 7th character."""
    groups = set(exact.get((ICD10CM, code), NO_GROUPS))
    stems = [code[:length] for length in range(1, len(code) + 1)]
    for stem in stems:
        groups |= prefixes.get(stem, NO_GROUPS)
    if groups and excluded:
        for stem in stems:
            groups -= excluded.get(stem, NO_GROUPS)
    return frozenset(groups)
