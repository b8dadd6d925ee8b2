"""Advice on the session as a whole: what belongs together, and what is more than usual."""

from __future__ import annotations

from cds_service.core.case import ARM, LEG
from cds_service.core.coding import CONDUCTION, CONDUCTION_RETIRED, JUNCTION, LIMB_ADDON, LIMB_ALONE
from cds_service.core.finding import Choice, Notice, Result
from cds_service.engine.coding.edits import change, choice, create
from cds_service.engine.coding.limb_choices import limb_choice
from cds_service.engine.coding.limb_count import count_limbs, is_clear
from cds_service.engine.coding.limbs import limb_lines
from cds_service.engine.coding.worksheet import Proposal, Worksheet, propose
from cds_service.engine.lines import Line

NEEDLE_FAMILIES = (
    LIMB_ALONE,
    LIMB_ADDON,
    "limb-unknown",
    "organ-alone",
    "cranial-alone",
    "thoracic-alone",
    "limited-alone",
    "site-addon",
)


def conduction_alone(
    sheet: Worksheet, results: dict[str, tuple[Result, tuple[str, ...]]]
) -> tuple[Proposal, ...]:
    """Conduction studies without needle EMG and without a documented reason: add it, or say why not."""
    result, rows = results.get("ncs", (None, ()))
    lines = sheet.of(CONDUCTION, CONDUCTION_RETIRED)
    if result is not Result.REVIEW or not rows or not lines:
        return ()
    table = sheet.rules.table
    planned = sheet.limbs_planned or max((line.limbs for line in lines), key=len)
    limbs = len(planned)
    if not limbs:
        limbs = 2 if sheet.case.answers.get("symptomatic-sides") == "both" else 1
    by_muscles = {"under-5": (table.addon_limited,), "5-or-more": (table.addon_complete,)}
    codes = by_muscles.get(sheet.muscles_per_limb, (table.addon_complete, table.addon_limited))
    pattern = sheet.rules.patterns.of("conduction-alone")
    choices = [Choice((create(lines[0], code, limbs, sites=planned or None),)) for code in codes]
    settled = bool(sheet.limbs_planned and sheet.muscles_per_limb)
    return (propose((pattern,), choices, lines, ask=True, settled=settled, values={"limbs": str(limbs)}),)


def needle_alone(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Stand-alone limb EMG for a reason that wants conduction studies too."""
    lines = limb_lines(sheet, LIMB_ALONE)
    pattern = sheet.rules.patterns.of("needle-alone")
    radicular = sheet.rules.patterns.of("limb-addon-without-conduction").groups
    if (
        not lines
        or sheet.conduction
        or sheet.array
        or sheet.pending
        or sheet.inpatient
        or sheet.of(LIMB_ADDON)
        or sheet.reason_groups.isdisjoint(pattern.groups)
        or not sheet.reason_groups.isdisjoint(radicular)
        or sheet.answered("same-session") is False
        or sheet.studies_planned == 0
    ):
        return ()
    codes = sheet.proposed_conduction()
    needles = _as_addons(sheet, lines)
    choices = [
        choice(*needle.edits, create(lines[0], code), applicable=needle.applicable)
        for needle in needles
        for code in codes
    ]
    settled = bool(sheet.studies_planned) and sheet.answered("same-session") is True
    return (
        propose(
            (pattern,),
            choices,
            lines,
            ask=True,
            settled=settled,
            default=0 if len(choices) == 1 else -1,
            values={"usual": sheet.usual},
        ),
    )


def _as_addons(sheet: Worksheet, lines: tuple[Line, ...]) -> list[Choice]:
    """The complete add-ons that the limb codes stand for, once it is settled how many limbs they mean."""
    if is_clear(lines):
        code = sheet.rules.table.addon_complete
        return [choice(*(change(line, code, line.listed_limbs) for line in lines))]
    return [limb_choice(sheet, lines, reading, paired=True) for reading in count_limbs(sheet, lines).readings]


def quantity(sheet: Worksheet, one_sided: bool) -> tuple[tuple[Proposal, ...], tuple[Notice, ...]]:
    """Lines above the usual maximum of the reason: keep them, and ask for the differential."""
    row, table = sheet.most, sheet.rules.table
    if row is None or sheet.inpatient:
        return (), ()
    drafts = sheet.drafts
    above = {line.ref: excess for line in drafts if (excess := _excess(sheet, line)) > 0}
    needle = sheet.of(LIMB_ADDON) or sheet.of(LIMB_ALONE)
    compared = min(row.emg_limbs, len(_compared(sheet))) if one_sided else 0
    limbs = (len(sheet.limbs_planned) or sum(map(_needle_limbs, needle))) - compared
    if limbs > row.emg_limbs:
        above.update({line.ref: limbs - row.emg_limbs for line in needle if line.order.draft})
    if not above:
        return (), ()
    lines = [line for line in drafts if line.ref in above]
    refs = tuple(line.ref for line in lines)
    values = {
        "indication": row.label,
        "studies": str(row.studies),
        "limbs": str(row.emg_limbs),
        "junction": str(row.junction),
        "codes": ", ".join(dict.fromkeys(line.code.code for line in lines if line.code is not None)),
    }
    notices = [Notice(f"Q-{row.id}", refs, values)]
    battery = tuple(
        line.ref for line in lines if line.code is not None and line.code.level == table.top_level
    )
    if battery and row.emg_limbs == 1:
        notices.append(Notice("D2", battery, values))
    if max(above.values()) < sheet.rules.maxima.far:
        return (), tuple(notices)
    pattern = sheet.rules.patterns.of("far-above-usual")
    if not row.junction:
        values = {**values, "junction": ""}
    return (propose((pattern,), (), lines, ask=True, values=values),), tuple(notices)


def comparison_side(sheet: Worksheet, one_sided: bool) -> tuple[Notice, ...]:
    """A one-sided reason with both sides of a limb listed: the other side is a comparison."""
    if not one_sided or not _compared(sheet):
        return ()
    refs = tuple(line.ref for line in sheet.drafts if line.limbs)
    return () if not refs else (Notice(sheet.rules.patterns.of("comparison-side").id, refs),)


def _compared(sheet: Worksheet) -> frozenset[str]:
    """Limb regions of which both sides are listed."""
    sites = {(site.region, site.side) for line in sheet.lines for site in line.limbs}
    return frozenset(region for region in (ARM, LEG) if {(region, "right"), (region, "left")} <= sites)


def _excess(sheet: Worksheet, line: Line) -> int:
    """How many steps above the usual maximum: levels of the conduction code, or nerves of a junction test."""
    row, table = sheet.most, sheet.rules.table
    if row is None or line.code is None:
        return 0
    if line.family == CONDUCTION:
        return line.code.level - table.level_for(row.studies)
    if line.family == JUNCTION and row.junction and line.units <= line.code.units_max:
        return line.units - row.junction
    return 0


def _needle_limbs(line: Line) -> int:
    if line.family == LIMB_ALONE and line.code is not None:
        return line.code.limbs
    return line.units if line.family == LIMB_ADDON else 0
