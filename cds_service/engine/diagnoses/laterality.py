"""Billable codes that name a side: does it agree with the body sites, the answers and the chart?"""

from __future__ import annotations

from cds_service.core.case import LIMB_REGIONS, Diagnosis, Site
from cds_service.core.finding import Mode
from cds_service.core.icd10 import BOTH, UNSPECIFIED, Entry, Place, Reading
from cds_service.engine.diagnoses.context import SIDES_ASKED, Context, other_limb_only
from cds_service.engine.diagnoses.proposal import Proposal

_UNSPECIFIED = "4.5.3-unspecified"
_CONTRADICTION = "4.5.3-contradiction"
_BILATERAL = "4.5.3-bilateral"
_OTHER_LIMB = "4.5.5"

_SETTLED_BY_ANSWER = frozenset({_CONTRADICTION, _BILATERAL})
_ONE_SIDE = frozenset({"right", "left"})


def propose_side(context: Context, reason: Diagnosis, reading: Reading, entry: Entry) -> Proposal | None:
    """The correction of a code's side, ``None`` if it may stand."""
    sites = context.sites(reading)
    place = _place(entry, sites)
    if place is None:
        return None
    if place.mismatch and other_limb_only(sites, place.regions):
        return _proposal(context, _OTHER_LIMB, (), Mode.ASK, "")
    side = context.side(sites, place.regions)
    if place.side == UNSPECIFIED:
        return _proposal_open(context, place, side)
    if place.side == side:
        return None
    if side in _ONE_SIDE:
        row = _BILATERAL if place.side == BOTH else _CONTRADICTION
        # An answer says that the code's side has no symptoms; a body site may be a comparison limb.
        return _proposal(
            context, row, place.siblings.get(side, ()), None if context.answer else Mode.ASK, side
        )
    if place.side in _ONE_SIDE and (side == BOTH or _charted_both(context, reason, place, sites)):
        return _proposal(context, _BILATERAL, place.siblings.get(BOTH, ()), Mode.ASK, BOTH)
    return None


def _place(entry: Entry, sites: frozenset[Site]) -> Place | None:
    if len(entry.places) == 1:
        return entry.places[0]
    here = {site.region for site in sites}
    fitting = [place for place in entry.places if place.regions & here]
    return fitting[0] if len(fitting) == 1 else None


def _proposal_open(context: Context, place: Place, side: str) -> Proposal | None:
    """The code leaves its side open: the known side, or a question about a limb."""
    codes = place.siblings.get(side, ())
    each = tuple(code for one in ("right", "left") for code in place.siblings.get(one, ()))
    if not side:
        codes = (*each, *place.siblings.get(BOTH, ()))
        return (
            _proposal(context, _UNSPECIFIED, codes, Mode.ASK, side) if place.regions <= LIMB_REGIONS else None
        )
    if side == BOTH and not codes and len(each) == len(_ONE_SIDE):
        why = context.rules.rows[_UNSPECIFIED].why
        return Proposal(_UNSPECIFIED, Mode.FIX, each, why, default=0, side=side, together=True)
    return _proposal(context, _UNSPECIFIED, codes, None, side)


def _proposal(
    context: Context, row: str, codes: tuple[str, ...], mode: Mode | None, side: str
) -> Proposal | None:
    if not codes and row != _OTHER_LIMB:
        return None
    if mode is None:
        mode = Mode.FIX if len(codes) == 1 else Mode.ASK
    return Proposal(
        row=row,
        mode=mode,
        choices=codes,
        why=context.rules.rows[row].why,
        default=0 if mode is Mode.FIX else -1,
        asks=(SIDES_ASKED,)
        if not context.answer and (row in _SETTLED_BY_ANSWER or (not side and codes))
        else (),
        side=side,
        optional=mode is Mode.ASK,
    )


def _charted_both(context: Context, reason: Diagnosis, place: Place, sites: frozenset[Site]) -> bool:
    """Both limbs are studied, and conditions of the chart name both sides of the same disease."""
    if not {site.side for site in sites if site.region in place.regions} >= _ONE_SIDE:
        return False
    groups = reason.groups
    sides = {place.side}
    for fact in context.case.facts:
        if fact.kind != "condition" or not fact.present or not fact.active:
            continue
        entry = context.rules.entries.get(fact.code)
        if entry is not None:
            sides.update(other.side for other in entry.places if other.stem == place.stem)
        elif groups and groups <= fact.groups:
            sides.update(site.side for site in fact.sites if site.region in place.regions)
    return BOTH in sides or sides >= _ONE_SIDE
