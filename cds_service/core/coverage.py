"""Who pays: the covers of a patient that are in force, and the payers that use the guideline."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

NONE: frozenset[str] = frozenset()


class Payer(NamedTuple):
    """One payer of a cover as sent: its name, and its identifiers as ``system|value``."""

    name: str = ""
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """One Coverage that is in force on the date of evaluation."""

    ref: str
    payers: tuple[Payer, ...] = ()


@dataclass(frozen=True, slots=True)
class Payers:
    """The payers that use the guideline, by whole words (lower case) of a name or by an identifier.

    ``plan``, ``plan_identifiers``: those of them for whom, in the role of the payer, coverage is stated.
    """

    words: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    identifiers: frozenset[str] = NONE
    plan_identifiers: frozenset[str] = NONE

    def tells(self, payers: Iterable[Payer]) -> bool:
        """Whether anything is given by which one of them could be known."""
        return any(payer.name or self._known(payer) for payer in payers)

    def use(self, payers: Iterable[Payer]) -> bool:
        """Whether one of them uses the guideline."""
        return any(self._is_one(payer, self.words, self.identifiers) for payer in payers)

    def speak_for(self, payers: Iterable[Payer]) -> bool:
        """Whether one of them is a payer for whom coverage may be stated."""
        return any(self._is_one(payer, self.plan, self.plan_identifiers) for payer in payers)

    def _is_one(self, payer: Payer, words: tuple[str, ...], identifiers: frozenset[str]) -> bool:
        """An identifier of a system that is known here decides; a name only where none is given."""
        given = self._known(payer)
        if given:
            return any(each in identifiers for each in given)
        name = " ".join(payer.name.lower().split())
        return bool(words) and _names(words).search(name) is not None

    def _known(self, payer: Payer) -> list[str]:
        """Its identifiers of the systems that are known here."""
        systems = {_system(each) for each in self.identifiers}
        return [each for each in payer.identifiers if _system(each) in systems]


NO_PAYERS = Payers()


@lru_cache(maxsize=8)
def _names(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words, whole."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")


def _system(identifier: str) -> str:
    return identifier.partition("|")[0]
