"""Vetted phrases found in short texts, word by word; the longest phrase wins and its words count once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

# Text beyond this is narrative, not the name of a thing.
MAX_TEXT = 2_000

_SEPARATORS = dict.fromkeys(map(ord, '\t\r\n.,;:|/\\()[]{}<>+*&%#="-_–—!?'), " ")
_TABLE: dict[int, str | None] = {**_SEPARATORS, ord("'"): None, ord("’"): None}


def tokens_of(text: str) -> list[str]:
    """The words of ``text`` in lower case, without punctuation."""
    return text[:MAX_TEXT].lower().translate(_TABLE).split()


@dataclass(frozen=True, slots=True)
class PhraseIndex(Generic[T]):
    """Phrases by their first word, the longest first."""

    by_first: Mapping[str, tuple[tuple[tuple[str, ...], T], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, phrases: Iterable[tuple[str, T]]) -> PhraseIndex[T]:
        """An index of (phrase, meaning) pairs; the first meaning of a phrase counts."""
        by_first: dict[str, dict[tuple[str, ...], T]] = {}
        for phrase, meaning in phrases:
            words = tuple(tokens_of(phrase))
            if words:
                by_first.setdefault(words[0], {}).setdefault(words, meaning)
        return cls(
            {
                first: tuple(sorted(entries.items(), key=lambda entry: -len(entry[0])))
                for first, entries in by_first.items()
            }
        )

    def scan(self, tokens: list[str]) -> Iterator[T]:
        """The meanings of the phrases in ``tokens``, in text order."""
        if self.by_first.keys().isdisjoint(tokens):
            return
        at, end = 0, len(tokens)
        while at < end:
            step = 1
            for words, meaning in self.by_first.get(tokens[at], ()):
                length = len(words)
                if length == 1 or tuple(tokens[at : at + length]) == words:
                    step = length
                    yield meaning
                    break
            at += step
