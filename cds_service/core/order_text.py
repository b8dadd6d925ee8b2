"""What the free text of an order says: vetted phrases, what has to be left aside, and lists of known things.

Everything is matched in lower case. A sentence ends at a full stop, a semicolon, a line or a ``|`` (which
joins the elements of an order that hold text), a clause also at a comma.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

_SENTENCE_END = re.compile(r"[|;\n\r]+|\.(?=\s|$)")
_SOMETHING = re.compile(r"\w")


def sentences(text: str) -> Iterator[str]:
    """The sentences of ``text`` that are not empty."""
    return (sentence for part in _SENTENCE_END.split(text) if (sentence := part.strip()))


@dataclass(frozen=True, slots=True)
class Words:
    """A vetted list of phrases.

    ``apart``: what makes a sentence speak of something else. ``doubtful`` phrases count only in a sentence
    that also holds one of ``near``, or nothing else.
    """

    phrases: re.Pattern[str]
    apart: re.Pattern[str] | None = None
    doubtful: re.Pattern[str] | None = None
    near: re.Pattern[str] | None = None

    def found(self, text: str) -> frozenset[str]:
        """The phrases that occur in ``text``, without their spaces."""
        if not text:
            return frozenset()
        return frozenset(["".join(found.split()) for found in self.phrases.findall(text)])

    def __contains__(self, text: object) -> bool:
        if not isinstance(text, str) or not text:
            return False
        if self.phrases.search(text) is not None and (self.apart is None or self._stands(text)):
            return True
        return self.doubtful is not None and self.doubtful.search(text) is not None and self._is_meant(text)

    def _stands(self, text: str) -> bool:
        return any(
            self.phrases.search(sentence) and not (self.apart and self.apart.search(sentence))
            for sentence in sentences(text)
        )

    def _is_meant(self, text: str) -> bool:
        return any(
            self.doubtful.search(sentence)
            and (self.doubtful.fullmatch(sentence) or (self.near and self.near.search(sentence)))
            for sentence in sentences(text)
            if self.doubtful
        )


@dataclass(frozen=True, slots=True)
class Asides:
    """What an order's text says without meaning the study ordered: history, findings, and what is denied.

    ``past`` takes its sentence away, ``finding`` its clause, ``taken_back`` what follows it.
    """

    some: re.Pattern[str]
    past: re.Pattern[str]
    finding: re.Pattern[str]
    taken_back: re.Pattern[str]

    def left_out(self, text: str) -> str:
        """``text`` without its asides."""
        if self.some.search(text) is None:
            return text
        standing = []
        for sentence in sentences(text):
            if self.past.search(sentence) is None:
                clauses = [clause for clause in sentence.split(",") if not self.finding.search(clause)]
                standing.append(self.taken_back.sub(" ", ",".join(clauses)))
        return " | ".join(standing)


class Listing(NamedTuple):
    """What a text lists. ``whole``: every word of the sentences that list is understood."""

    names: frozenset[str]
    whole: bool


NOTHING_LISTED = Listing(frozenset(), whole=False)


@dataclass(frozen=True, slots=True)
class Roster:
    """Things a text may list, under all the names they go by.

    ``some`` finds any of them, ``names`` tells which: ``meaning`` of its group. ``noun``: a sentence with it
    lists things too (``by_noun``: only such a sentence does). ``known``: what else may stand in a list.
    ``apart``: what makes a sentence no list.
    """

    some: re.Pattern[str]
    names: re.Pattern[str]
    meaning: Mapping[str, str]
    known: re.Pattern[str]
    noun: re.Pattern[str] | None = None
    by_noun: bool = False
    apart: re.Pattern[str] | None = None

    def read(self, text: str) -> Listing:
        """What ``text`` lists."""
        if not text or self.some.search(text) is None:
            return NOTHING_LISTED
        names: set[str] = set()
        whole = True
        for sentence in sentences(text):
            if self._lists(sentence):
                names.update(self.named(sentence))
                rest = self.known.sub(" ", self.some.sub(" ", sentence))
                whole = whole and _SOMETHING.search(rest) is None
        return Listing(frozenset(names), whole and bool(names))

    def named(self, sentence: str) -> Iterator[str]:
        """The things ``sentence`` names, in its order."""
        return (self.meaning[match.lastgroup or ""] for match in self.names.finditer(sentence))

    def _lists(self, sentence: str) -> bool:
        if self.apart is not None and self.apart.search(sentence):
            return False
        with_noun = self.noun is not None and self.noun.search(sentence) is not None
        return with_noun if self.by_noun else with_noun or self.some.search(sentence) is not None
