"""Two codes on one order that exclude one another.

Every pair that holds is stated, with the result of all pairs of its codes together: what a rule certainly
drops goes; where one of two may go, either all that is kept stays, or the codes it would have put out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from cds_service.core.finding import Mode
from cds_service.core.icd10 import Pair, Reading
from cds_service.engine.diagnoses.context import ONE_SIDE, Context
from cds_service.engine.diagnoses.draft import Codes, Draft, become, of_row
from cds_service.engine.diagnoses.proposal import Proposal

Proposals = Sequence[Proposal | None]


@dataclass(frozen=True, slots=True)
class _Edge:
    """One pair that holds between two codes."""

    number: int
    pair: Pair
    mode: Mode
    drop: str
    keep: str


@dataclass(frozen=True, slots=True)
class _Codes:
    """The codes of one order: where each stands, the first place first, and what it may become."""

    indices: Mapping[str, tuple[int, ...]]
    becomes: Mapping[str, Codes]
    proposals: Mapping[str, Proposal | None]

    def first(self, code: str) -> int:
        return self.indices[code][0]

    def is_open(self, code: str) -> bool:
        return len(self.becomes[code]) != 1

    def touched(self, codes: Iterable[str]) -> set[int]:
        return {index for code in codes for index in self.indices[code]}


@dataclass(frozen=True, slots=True)
class _Knot:
    """Pairs that share codes."""

    edges: tuple[_Edge, ...]
    keeps: frozenset[str]
    drops: frozenset[str]


def draft_pairs(
    context: Context, readings: Sequence[Reading], proposals: Proposals, free: set[int]
) -> Iterator[Draft]:
    """Corrections of pairs; codes used are taken out of ``free``."""
    codes = _codes(readings, proposals, free)
    edges = _settled(tuple(_edges(context, readings, codes)))
    if not edges:
        return
    asking = [edge for edge in edges if edge.mode is Mode.ASK or codes.is_open(edge.keep)]
    rows: dict[int, list[_Edge]] = {}
    for edge in edges:
        if edge.mode is Mode.FIX and not codes.is_open(edge.keep):
            rows.setdefault(edge.number, []).append(edge)
    for row in sorted(rows):
        for knot in _knots(rows[row]):
            yield _fix(codes, knot)
    for knot in _knots(asking):
        settled = {edge.drop for edge in edges if edge.mode is Mode.FIX and edge.keep in knot.keeps}
        yield from _ask(context, codes, knot, settled)
    free -= codes.touched({code for edge in edges for code in (edge.drop, edge.keep)})


def _codes(readings: Sequence[Reading], proposals: Proposals, free: set[int]) -> _Codes:
    indices: dict[str, tuple[int, ...]] = {}
    for index in sorted(free):
        reading = readings[index]
        if reading.entry is not None and reading.retired is None:
            indices[reading.code] = (*indices.get(reading.code, ()), index)
    first = {code: places[0] for code, places in indices.items()}
    return _Codes(
        indices,
        {code: become(readings[index], proposals[index]) for code, index in first.items()},
        {code: proposals[index] for code, index in first.items()},
    )


def _edges(context: Context, readings: Sequence[Reading], codes: _Codes) -> Iterator[_Edge]:
    """Every pair that holds, each code taken once."""
    entries = {code: entry for code in codes.indices if (entry := readings[codes.first(code)].entry)}
    keeps = [code for code, entry in entries.items() if entry.keeps]
    for drop, entry in entries.items():
        for keep in keeps if entry.drops else ():
            parts = set(entry.drops) & set(entries[keep].keeps) if drop != keep else set()
            for number in sorted({number for number, _ in parts}):
                pair = context.rules.pairs[number]
                mode = _mode(pair, readings[codes.first(drop)], readings[codes.first(keep)])
                if mode is not None:
                    yield _Edge(number, pair, mode, drop, keep)


def _mode(pair: Pair, dropped: Reading, kept: Reading) -> Mode | None:
    if not pair.one_side or {dropped.side, kept.side} != ONE_SIDE:
        return pair.row.mode
    return Mode.ASK if pair.row.mode is Mode.FIX else None


def _settled(edges: tuple[_Edge, ...]) -> list[_Edge]:
    """A code that one pair certainly drops is no question for another."""
    dropped = {edge.drop for edge in edges if edge.mode is Mode.FIX}
    return [replace(edge, mode=Mode.FIX) if edge.drop in dropped else edge for edge in edges]


def _knots(edges: Iterable[_Edge]) -> list[_Knot]:
    by_code: dict[str, list[_Edge]] = {}
    for edge in edges:
        by_code.setdefault(edge.drop, []).append(edge)
        by_code.setdefault(edge.keep, []).append(edge)
    knots = []
    while by_code:
        found: dict[_Edge, None] = {}
        waiting = [next(iter(by_code))]
        while waiting:
            for edge in by_code.pop(waiting.pop(), ()):
                found[edge] = None
                waiting += (edge.drop, edge.keep)
        knots.append(
            _Knot(
                tuple(found), frozenset(edge.keep for edge in found), frozenset(edge.drop for edge in found)
            )
        )
    return knots


def _fix(codes: _Codes, knot: _Knot) -> Draft:
    kept = sorted(knot.keeps, key=codes.first)
    choice = tuple(codes.becomes[code][0] for code in kept)
    touched = codes.touched(knot.keeps | knot.drops)
    homes = tuple(codes.first(code) for code in kept)
    return of_row(knot.edges[0].pair.row, Mode.FIX, sorted(touched), (choice,), (homes,))


def _ask(context: Context, codes: _Codes, knot: _Knot, settled: set[str]) -> Iterator[Draft]:
    """The same question for every pair of the knot; codes of ``settled`` go in any case."""
    most = context.rules.most_choices
    kept = sorted(knot.keeps, key=codes.first)
    offered = [(choice, kept) for choice in _each(codes, kept, most)]
    usual = 0 if offered else -1
    back = knot.drops - settled
    if back:
        out = {edge.keep for edge in knot.edges if edge.drop in back}
        others = sorted((knot.keeps - out) | back, key=codes.first)
        offered += [(choice, others) for choice in _each(codes, others, most)]
    if len(offered) > most:
        offered, usual = [], -1
    open_codes = [proposal for code in kept if codes.is_open(code) and (proposal := codes.proposals[code])]
    if open_codes:
        usual = open_codes[0].default if len(open_codes) == 1 and offered else -1
    for pair in {edge.number: edge.pair for edge in knot.edges}.values():
        draft = of_row(
            pair.row,
            Mode.ASK,
            sorted(codes.touched(knot.keeps | knot.drops | settled)),
            tuple(choice for choice, _ in offered),
            tuple(tuple(codes.first(code) for code in places) for _, places in offered),
            tuple(dict.fromkeys(link for proposal in open_codes for link in proposal.asks)),
        )
        yield replace(draft, default=usual, side=open_codes[0].side if len(open_codes) == 1 else "")


def _each(codes: _Codes, kept: Sequence[str], most: int) -> Iterator[Codes]:
    """Every way to complete the codes that stay, no more than are of use."""
    return islice(product(*(codes.becomes[code] for code in kept)), most + 1)
