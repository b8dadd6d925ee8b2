"""Headers: which billable code below them is meant, narrowed by limb, side, region and words."""

from __future__ import annotations

from cds_service.core.case import Order, Site
from cds_service.core.finding import Mode
from cds_service.core.icd10 import BOTH, UNSPECIFIED, Entry, HeaderRule, Place, Reading
from cds_service.engine.diagnoses.context import ONE_SIDE, SIDES_ASKED, Context, other_limb_only
from cds_service.engine.diagnoses.proposal import Proposal

_SEVENTH = "7th-character"
_RETIRED = "ICD-9"
_ANY_SIDE: frozenset[str] = frozenset()


def propose_below(
    context: Context, order: Order, reading: Reading, entry: Entry, rule: HeaderRule, words: str = ""
) -> Proposal:
    """What the header ``entry`` should become; ``words``: what the reason itself says beside the code."""
    if rule.fix:
        said = (order.words, words)
        worded = next((code for phrase, code in rule.words if any(phrase in each for each in said)), "")
        # Words may be negated, so a code that only they ask for is a question.
        mode, codes = (Mode.ASK, (worded, rule.fix)) if worded else (Mode.FIX, (rule.fix,))
        return Proposal(entry.code, mode, codes, rule.row.why, default=0)
    sites = context.sites(reading)
    if entry.seventh:
        return _propose_seventh(context, entry, sites)
    leaves, sides, asked = _narrow(context, entry, rule.by_site, sites)
    leaves, default = _fitting_first(rule, leaves, sites)
    together = sides == (BOTH,) and _one_for_each_side(context, leaves)
    disputed = len(sides) > 1
    mode = Mode.FIX if not disputed and (len(leaves) == 1 or together) else Mode.ASK
    if len(leaves) > context.rules.most_choices:
        leaves = ()
    if rule.default in leaves:
        default = leaves.index(rule.default)
    return Proposal(
        row=entry.code,
        mode=mode,
        choices=leaves,
        why=context.why(rule.row, disputed=disputed),
        default=0 if mode is Mode.FIX else default,
        asks=(SIDES_ASKED,) if asked and mode is Mode.ASK else (),
        side="" if disputed else "".join(sides),
        together=together,
    )


def propose_for_retired(context: Context, order: Order, reading: Reading) -> Proposal:
    """What an ICD-9-CM code may become: always a question, since the maps are only the usual ones."""
    choices: list[str] = []
    asks: tuple[str, ...] = ()
    default, side = -1, ""
    for code in reading.retired or ():
        entry = context.rules.entries[code]
        if entry.header is None:
            choices.append(code)
            continue
        below = propose_below(context, order, reading, entry, entry.header)
        default = below.default if not choices else default
        asks, side = below.asks or asks, below.side or side
        choices += below.choices
    return Proposal(
        row=_RETIRED,
        mode=Mode.ASK,
        choices=tuple(choices),
        why=context.rules.rows[_RETIRED].why,
        default=0 if len(choices) == 1 else default,
        asks=asks,
        side=side,
    )


def _propose_seventh(context: Context, entry: Entry, sites: frozenset[Site]) -> Proposal:
    leaves = entry.leaves
    sides: tuple[str, ...] = ()
    for place in entry.places:
        if place.side == UNSPECIFIED and not other_limb_only(sites, place.regions):
            sides = context.sides(sites, place.regions)
            sided = [code for side in sides for code in place.siblings.get(side, ())]
            leaves = tuple(leaf for code in sided for leaf in context.rules.entries[code].leaves) or leaves
    disputed = len(sides) > 1
    return Proposal(
        entry.code,
        Mode.ASK,
        leaves,
        context.why(context.rules.rows[_SEVENTH], disputed=disputed),
        default=0 if leaves and not disputed else -1,
        side="" if disputed else "".join(sides),
    )


def _narrow(
    context: Context, entry: Entry, by_site: bool, sites: frozenset[Site]
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The codes that remain, the sides that narrowed them, and whether a known side would narrow further."""
    entries = context.rules.entries
    placed = {leaf: entries[leaf].places for leaf in entry.leaves if entries[leaf].places}
    if not placed:
        return entry.leaves, (), False
    every = [place for places in placed.values() for place in places]
    regions = frozenset(region for place in every for region in place.regions)
    if every[0].mismatch and other_limb_only(sites, regions):
        return entry.leaves, (), False
    here = {site.region for site in sites} & regions or regions
    sides = context.sides(sites, frozenset(here))
    wanted = [_wanted_sides(every, side) for side in sides]

    def fits(leaf: str, wanted: frozenset[str]) -> bool:
        places = placed.get(leaf)
        if places is None:
            return not by_site or (here == regions and not wanted)
        return any(place.regions & here and (not wanted or place.side in wanted) for place in places)

    leaves = [leaf for each in wanted or [_ANY_SIDE] for leaf in entry.leaves if fits(leaf, each)]
    return tuple(dict.fromkeys(leaves)) or entry.leaves, sides, not sides


def _wanted_sides(places: list[Place], side: str) -> frozenset[str]:
    """Both sides without a bilateral code: one code for each."""
    if side == BOTH and all(place.side != BOTH for place in places):
        return ONE_SIDE
    return frozenset({side})


def _one_for_each_side(context: Context, leaves: tuple[str, ...]) -> bool:
    """Whether these are the right and the left code of a disease that has no bilateral code."""
    places = [place for leaf in leaves for place in context.rules.entries[leaf].places]
    return (
        len(leaves) == len(places) == len(ONE_SIDE)
        and {place.side for place in places} == ONE_SIDE
        and len({place.stem for place in places}) == 1
    )


def _fitting_first(
    rule: HeaderRule, leaves: tuple[str, ...], sites: frozenset[Site]
) -> tuple[tuple[str, ...], int]:
    fitting = {rule.first[site.region] for site in sites if site.region in rule.first}
    if len(fitting) != 1:
        return leaves, -1
    first = fitting.pop()
    return (*first, *(leaf for leaf in leaves if leaf not in first)), 0
