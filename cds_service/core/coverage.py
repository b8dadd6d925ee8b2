"""Who pays: the covers of a patient that are in force, and the payers that use the guideline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coverage:
    """One Coverage that is in force on the date of evaluation. ``payers``: their names as sent."""

    ref: str
    payers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Payers:
    """The payers that use the guideline; each of ``words`` (lower case) is part of the name of one.

    ``plan``: those of the words that name a payer for whom, in the role of the payer, coverage is stated.
    """

    words: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()

    def speak_for(self, names: Iterable[str]) -> bool:
        """Whether one of the names is that of a payer for whom coverage may be stated."""
        return any(word in name for name in map(str.lower, names) for word in self.plan)
