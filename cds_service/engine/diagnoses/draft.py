"""A correction of one order while it takes shape, and its final form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cds_service.core.finding import DiagnosisCorrection, Mode
from cds_service.core.icd10 import Icd10, Reading, Row
from cds_service.engine.diagnoses.proposal import Proposal
from cds_service.engine.diagnoses.reading import Line

Codes = tuple[str, ...]

# A code that needs a place of its own.
NEW = -1


@dataclass(frozen=True, slots=True)
class Draft:
    """``touched``: indices of the readings it is about, in the order of the codes.

    ``homes``: per choice the index of the reading that each code takes the place of, where a rule says so;
    otherwise a code stays where it stands already, and what is left takes the next place. ``said``: words for
    the card's sentences.
    """

    row: str
    mode: Mode
    touched: tuple[int, ...]
    choices: tuple[Codes, ...]
    why: str
    default: int = -1
    asks: tuple[str, ...] = ()
    side: str = ""
    homes: tuple[tuple[int, ...], ...] = ()
    said: Mapping[str, str] = field(default_factory=dict, hash=False)


def of_one(index: int, proposal: Proposal) -> Draft:
    """A correction of a single code."""
    return Draft(
        row=proposal.row,
        mode=proposal.mode,
        touched=(index,),
        choices=(proposal.choices,) if proposal.together else tuple((code,) for code in proposal.choices),
        why=proposal.why,
        default=proposal.default,
        asks=proposal.asks,
        side=proposal.side,
        said=proposal.said,
    )


def of_row(
    row: Row,
    mode: Mode,
    touched: Sequence[int],
    choices: tuple[Codes, ...],
    homes: tuple[tuple[int, ...], ...] = (),
    asks: tuple[str, ...] = (),
) -> Draft:
    """A correction by a rule about several codes; the first choice is the one to recommend."""
    return Draft(
        row.id,
        mode,
        tuple(sorted(touched)),
        choices,
        row.why,
        default=0 if choices else -1,
        asks=asks,
        homes=homes,
    )


def become(reading: Reading, proposal: Proposal | None) -> Codes:
    """The codes that a code kept by a rule about several codes may become."""
    if proposal is None or proposal.optional:
        return (reading.code,)
    return proposal.choices


def without_doubles(drafts: Sequence[Draft], line: Line) -> list[Draft]:
    """FIXes that end in one code take with them what already is, or also becomes, that code.

    Where two of them need the same place for it, each states the whole, and both stay.
    """
    taken = {index for draft in drafts for index in draft.touched}
    kept: list[Draft] = []
    ends: dict[str, int] = {}
    for draft in drafts:
        if draft.mode is not Mode.FIX or len(draft.choices[0]) != 1:
            kept.append(draft)
            continue
        code = draft.choices[0][0]
        first = kept[ends[code]] if code in ends else None
        if first is not None and not set(first.touched) & set(draft.touched):
            kept[ends[code]] = replace(first, touched=tuple(sorted(first.touched + draft.touched)))
            continue
        same = tuple(
            index
            for index, reading in enumerate(line.readings)
            if index not in taken and reading.code == code and line.reasons[index].position is not None
        )
        ends.setdefault(code, len(kept))
        kept.append(replace(draft, touched=tuple(sorted(draft.touched + same))))
    return kept


def finish(draft: Draft, line: Line, icd10: Icd10) -> DiagnosisCorrection:
    """The finding: what stands, where, and what each choice writes to which of these places."""
    touched = [line.reasons[index] for index in draft.touched]
    sent = tuple(reason.code for reason in touched)
    chosen = draft.choices[draft.default] if draft.default >= 0 else ()
    first = line.readings[draft.touched[0]]
    values = {
        "from": " + ".join(sent),
        "label": " + ".join(map(icd10.label, chosen)) or icd10.label(first.code),
        "why": draft.why,
        **draft.said,
    }
    if chosen:
        values["to"] = " + ".join(chosen)
    if draft.side:
        values["side"] = draft.side
    return DiagnosisCorrection(
        row=draft.row,
        mode=draft.mode,
        order=line.order.ref,
        from_=sent,
        choices=draft.choices,
        positions=tuple(reason.position for reason in touched if reason.position is not None),
        default=draft.default,
        asks=draft.asks,
        values=values,
        places=tuple(_places(draft, number, line.readings) for number in range(len(draft.choices))),
    )


def _places(draft: Draft, number: int, readings: Sequence[Reading]) -> tuple[int, ...]:
    """Where in ``touched`` each code of one choice goes."""
    touched, codes = draft.touched, draft.choices[number]
    if draft.homes:
        return tuple(touched.index(home) if home != NEW else NEW for home in draft.homes[number])
    free = list(touched)
    homes: dict[int, int] = {}
    for place, code in enumerate(codes):
        stands = next((index for index in free if readings[index].code == code), None)
        if stands is not None:
            homes[place] = stands
            free.remove(stands)
    for place in range(len(codes)):
        if place not in homes:
            homes[place] = free.pop(0) if free else NEW
    return tuple(touched.index(homes[place]) if homes[place] != NEW else NEW for place in range(len(codes)))
