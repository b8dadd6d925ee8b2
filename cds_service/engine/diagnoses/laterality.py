"""Billable codes that name a side: does it agree with the body sites, the answers and the chart?

An answer tells the side of a code that leaves it open, and decides between a code and the body sites of its
limb where they disagree. A code that agrees with its sites is left alone, since the answer may be about
another disease.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.core.case import Diagnosis, Site
from cds_service.core.finding import Mode
from cds_service.core.icd10 import BOTH, UNSPECIFIED, Entry, Place, Reading
from cds_service.engine.diagnoses.charted import charted_both
from cds_service.engine.diagnoses.context import (
    ONE_SIDE,
    SIDES_ASKED,
    Context,
    listed_sides,
    other_limb_only,
)
from cds_service.engine.diagnoses.proposal import Proposal

_UNSPECIFIED = "4.5.3-unspecified"
_CONTRADICTION = "4.5.3-contradiction"
_BILATERAL = "4.5.3-bilateral"
_BODY_SITE = "4.5.3-body-site"
_OTHER_LIMB = "4.5.5"

_IN_ORDER = ("right", "left")


def propose_side(context: Context, reason: Diagnosis, reading: Reading, entry: Entry) -> Proposal | None:
    """The correction of a code's side, ``None`` if it may stand."""
    sites = context.sites(reading)
    here = {site.region for site in sites}
    places = [place for place in entry.places if len(entry.places) == 1 or place.regions & here]
    if len(places) != 1:
        return _propose_limb(context, places or entry.places, sites)
    (place,) = places
    if place.mismatch and other_limb_only(sites, place.regions):
        return _ask(context, _OTHER_LIMB, ())
    if place.side == UNSPECIFIED:
        return _propose_open(context, place, context.sides(sites, place.regions))
    listed = listed_sides(sites, place.regions)
    if place.side in (*ONE_SIDE, BOTH):
        return _propose_named(context, reason, reading, place, listed)
    return None


def _propose_limb(context: Context, places: Sequence[Place], sites: frozenset[Site]) -> Proposal | None:
    """The code leaves even the limb open, and nothing tells which of several is meant."""
    if any(place.side != UNSPECIFIED for place in places):
        return None
    codes: list[str] = []
    for place in places:
        codes += _codes_of(place, context.sides(sites, place.regions) or _IN_ORDER)
    return _ask(context, _UNSPECIFIED, tuple(codes), asked=not context.answer)


def _propose_open(context: Context, place: Place, sides: tuple[str, ...]) -> Proposal | None:
    """The code leaves its side open: the known side, or a question."""
    if not sides:
        return _ask(context, _UNSPECIFIED, _codes_of(place, (*_IN_ORDER, BOTH)), asked=True)
    codes = _codes_of(place, sides)
    if len(sides) > 1:
        return _ask(context, _UNSPECIFIED, codes, disputed=True)
    (side,) = sides
    if side == BOTH and BOTH not in place.siblings and len(codes) != len(ONE_SIDE):
        return None
    return _fix(context, _UNSPECIFIED, codes, side)


def _propose_named(
    context: Context, reason: Diagnosis, reading: Reading, place: Place, listed: frozenset[str]
) -> Proposal | None:
    """The code names a side, or both."""
    own = _sides_of(place)
    if listed and not own <= listed:
        if place.side == BOTH and not context.answer and context.is_coded(reading.stem, own - listed):
            return None
        return _propose_against_sites(context, reading, place, *listed)
    if context.answer:
        return _propose_answered(context, reading, place, listed)
    if listed == own or not listed or BOTH not in place.siblings:
        return None
    if charted_both(context.rules, context.case, reason, place):
        return _ask(context, _BILATERAL, _codes_of(place, (BOTH,)), BOTH, asked=True)
    return None


def _propose_against_sites(context: Context, reading: Reading, place: Place, listed: str) -> Proposal | None:
    """The one limb that is listed is not the code's, or not all of it."""
    told = context.answer
    if told == place.side:
        return _ask(context, _BODY_SITE, ())
    row = _BILATERAL if place.side == BOTH else _CONTRADICTION
    codes = _codes_of(place, (listed,))
    if not told:
        return _ask(context, row, codes, listed, asked=True)
    if told == listed:
        return _fix(context, row, codes, listed)
    others = tuple(code for code in _codes_of(place, (told, listed)) if code != reading.code)
    return _ask(context, row, others, disputed=True)


def _propose_answered(
    context: Context, reading: Reading, place: Place, listed: frozenset[str]
) -> Proposal | None:
    """No body site contradicts the code, but the answer may say more, or something else."""
    told = context.answer
    own = _sides_of(place)
    if told == BOTH:
        fits = own == ONE_SIDE or listed == own or BOTH not in place.siblings
        if fits or context.is_told_elsewhere(reading):
            return None
        return _fix(context, _BILATERAL, _codes_of(place, (BOTH,)), BOTH)
    if listed or told == place.side:
        return None
    row = _BILATERAL if place.side == BOTH else _CONTRADICTION
    return _ask(context, row, _codes_of(place, (told,)), told)


def _sides_of(place: Place) -> frozenset[str]:
    return ONE_SIDE if place.side == BOTH else frozenset({place.side})


def _codes_of(place: Place, sides: Sequence[str]) -> tuple[str, ...]:
    """The codes of these sides, each once; one for each side where there is none for both."""
    codes: list[str] = []
    for side in sides:
        if side == BOTH and BOTH not in place.siblings:
            codes += [code for one in _IN_ORDER for code in place.siblings.get(one, ())]
        else:
            codes += place.siblings.get(side, ())
    return tuple(dict.fromkeys(codes))


def _fix(context: Context, row: str, codes: tuple[str, ...], side: str) -> Proposal | None:
    """All of ``codes`` are sent; where they are several of one side, it is a question after all."""
    together = side == BOTH and len(codes) == len(ONE_SIDE)
    if len(codes) != 1 and not together:
        return _ask(context, row, codes, side)
    why = context.rules.rows[row].why
    return Proposal(row, Mode.FIX, codes, why, default=0, side=side, together=together)


def _ask(
    context: Context,
    row: str,
    codes: tuple[str, ...],
    side: str = "",
    *,
    asked: bool = False,
    disputed: bool = False,
) -> Proposal | None:
    """A question; of one about the code nothing is left where there is no code to choose."""
    if not codes and row not in (_OTHER_LIMB, _BODY_SITE):
        return None
    why = context.why(context.rules.rows[row], disputed=disputed)
    asks = (SIDES_ASKED,) if asked else ()
    return Proposal(row, Mode.ASK, codes, why, asks=asks, side=side, optional=True)
