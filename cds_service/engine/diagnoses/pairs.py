"""Two codes on one order that exclude one another, or that together have one code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cds_service.core.finding import Mode
from cds_service.core.icd10 import BOTH, Pair, Reading
from cds_service.engine.diagnoses.context import Context
from cds_service.engine.diagnoses.draft import Draft, become, of_row
from cds_service.engine.diagnoses.proposal import Proposal

_TWO_SIDES = "4.5.4"
_OPPOSITE = {"right": "left", "left": "right"}
_ONE_SIDE = frozenset(_OPPOSITE)

Proposals = Sequence[Proposal | None]


def draft_pairs(
    context: Context, readings: Sequence[Reading], proposals: Proposals, free: set[int]
) -> Iterator[Draft]:
    """Corrections of pairs; codes used are taken out of ``free``."""
    keeps = [index for index in sorted(free) if (entry := readings[index].entry) and entry.keeps]
    for drop in sorted(free):
        entry = readings[drop].entry
        if entry is None or not entry.drops:
            continue
        for keep in keeps:
            if drop not in free:
                break
            if keep not in free:
                continue
            draft = _excluding(context, readings, proposals, drop, keep)
            if draft is not None:
                draft = replace(draft, touched=_with_copies(draft.touched, readings, free))
                free -= set(draft.touched)
                yield draft


def _with_copies(touched: Sequence[int], readings: Sequence[Reading], free: set[int]) -> tuple[int, ...]:
    """A code that stands on the order more than once goes, or changes, at every place."""
    codes = {readings[index].code for index in touched}
    return tuple(index for index in sorted(free) if readings[index].code in codes)


def draft_both_sides(context: Context, readings: Sequence[Reading], free: set[int]) -> Iterator[Draft]:
    """The same disease on the right and on the left; not where one side alone is known to have symptoms."""
    if context.answer in _ONE_SIDE:
        return
    sides: dict[tuple[str, str], list[int]] = {}
    for index in sorted(free):
        if readings[index].stem:
            sides.setdefault((readings[index].stem, _side(readings[index])), []).append(index)
    for one in sorted(free):
        opposite = _OPPOSITE.get(_side(readings[one]))
        for other in sides.get((readings[one].stem, opposite), ()) if opposite else ():
            if (
                one < other
                and other in free
                and one in free
                and (code := _both(readings[one], readings[other]))
            ):
                free -= {one, other}
                yield of_row(context.rules.rows[_TWO_SIDES], Mode.FIX, (one, other), ((code,),))


def _excluding(
    context: Context, readings: Sequence[Reading], proposals: Proposals, drop: int, keep: int
) -> Draft | None:
    dropped, kept = readings[drop], readings[keep]
    if drop == keep or dropped.entry is None or kept.entry is None:
        return None
    if dropped.retired is not None or kept.retired is not None:
        return None
    part = next((part for part in dropped.entry.drops if part in kept.entry.keeps), None)
    if part is None:
        return None
    pair = context.rules.pairs[part[0]]
    mode = _mode(pair, dropped, kept)
    if mode is None:
        return None
    choices = tuple((code,) for code in become(kept, proposals[keep]))
    settled = len(choices) == 1
    if mode is Mode.ASK:
        choices += tuple((code,) for code in become(dropped, proposals[drop]))
    elif not settled:
        mode = Mode.ASK
    proposal = proposals[keep]
    asks = proposal.asks if proposal is not None and not proposal.optional else ()
    draft = of_row(pair.row, mode, (drop, keep), choices, asks)
    if settled or mode is Mode.FIX or proposal is None:
        return draft
    return Draft(draft.row, mode, draft.touched, choices, draft.why, proposal.default, asks, proposal.side)


def _mode(pair: Pair, dropped: Reading, kept: Reading) -> Mode | None:
    if not pair.one_side or not _opposite(dropped, kept):
        return pair.row.mode
    return Mode.ASK if pair.row.mode is Mode.FIX else None


def _opposite(one: Reading, other: Reading) -> bool:
    sides = {_side(one), _side(other)}
    return sides == _ONE_SIDE


def _side(reading: Reading) -> str:
    return reading.entry.places[0].side if reading.entry is not None and reading.entry.places else ""


def _both(one: Reading, other: Reading) -> str:
    """The bilateral code, if the two are the sides of one disease."""
    if one.entry is None or not one.stem or one.stem != other.stem or {_side(one), _side(other)} != _ONE_SIDE:
        return ""
    return next(iter(one.entry.places[0].siblings.get(BOTH, ())), "")
