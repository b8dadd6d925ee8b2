"""EMG and conduction studies ordered for different days: what belongs together moves to one day, or stays."""

from __future__ import annotations

from cds_service.core.case import OPEN_END, Order
from cds_service.core.coding import CONDUCTION, CONDUCTION_RETIRED, LIMB_ADDON, SITE_ADDON
from cds_service.core.finding import Edit
from cds_service.engine.coding.advice import NEEDLE_FAMILIES
from cds_service.engine.coding.edits import choice, keep
from cds_service.engine.coding.worksheet import Proposal, Worksheet, propose
from cds_service.engine.lines import Line
from cds_service.engine.sessions import anchor, days_apart

_ALONE = {LIMB_ADDON: "limb-addon-without-conduction", SITE_ADDON: "site-addon-without-conduction"}


def separate_days(needle: Worksheet, study: Worksheet) -> tuple[Proposal, ...]:
    """EMG and conduction studies drafted for two days: the later ones move to the earlier day, or stay.

    Once it is said that they are one session, nothing else is asked about an add-on without its study.
    """
    needles = needle.of(*NEEDLE_FAMILIES)
    studies = study.of(CONDUCTION, CONDUCTION_RETIRED)
    if needle.conduction or study.of(*NEEDLE_FAMILIES) or not needles or not studies:
        return ()
    if needle.answered("same-session") is False or _for_different_reasons(needle, study):
        return ()
    one, other = anchor(needles), anchor(studies)
    if one is None or other is None or not days_apart(one, other):
        return ()
    first, second = (one, other) if one.date <= other.date else (other, one)
    moving, target = (studies, one) if _stays(needles, studies, first is one) else (needles, other)
    patterns = needle.rules.patterns
    settled = needle.answered("same-session") is True
    used = [patterns.of("separate-days")]
    if settled:
        used += [patterns.of(rule) for family, rule in _ALONE.items() if needle.of(family)]
    together = choice(*(_moved(line, target) for line in moving))
    apart = choice(*(keep(line) for line in moving))
    return (
        propose(
            used,
            (together,) if settled else (together, apart),
            (*needles, *studies),
            settled=settled,
            default=0,
            asks=used[0].asks,
            values=_days(target, second if target is first else first),
        ),
    )


def _stays(needles: tuple[Line, ...], studies: tuple[Line, ...], earlier: bool) -> bool:
    """The needle lines stay where they are: those that are signed, or else the earlier."""
    signed = [not all(line.order.draft for line in lines) for lines in (needles, studies)]
    return earlier if signed[0] == signed[1] else signed[0]


def _moved(line: Line, to: Order) -> Edit:
    """The line as it stands, on the day of another order, or in its period."""
    code = line.code.code if line.code is not None else line.sent
    like = to.ref if to.last_day != to.date else ""
    return Edit(
        "change",
        line.ref,
        code,
        line.units,
        modifiers=line.modifiers if line.decorated else None,
        date=to.date,
        like=like,
        replaces=line.replaced,
        meant=line.meant,
        stays=True,
    )


def _days(target: Order, other: Order) -> dict[str, str]:
    return {
        "first": target.date,
        "first_end": _end(target),
        "second": other.date,
        "second_end": _end(other),
    }


def _end(order: Order) -> str:
    return "" if order.last_day in (order.date, OPEN_END) else order.last_day


def _for_different_reasons(one: Worksheet, other: Worksheet) -> bool:
    """Both state a reason, and the reasons have nothing in common."""
    groups, other_groups = one.reason_groups, other.reason_groups
    return bool(groups) and bool(other_groups) and groups.isdisjoint(other_groups)
