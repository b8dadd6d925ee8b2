"""The questionnaire, as far as reading its answers needs it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One question: ``type`` is boolean, integer, choice or text; ``options`` are the words of a choice.

    ``measured``: an amount of some unit, which need not come out whole.
    """

    link_id: str
    type: str
    options: frozenset[str] = frozenset()
    repeats: bool = False
    measured: bool = False
