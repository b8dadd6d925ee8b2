"""The questionnaire, as far as reading its answers needs it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One question: ``type`` is boolean, integer, choice or text; ``options`` are the words of a choice."""

    link_id: str
    type: str
    options: frozenset[str] = frozenset()
    repeats: bool = False
