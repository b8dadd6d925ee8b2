"""Sessions: which order lines are tested together.

Only two different stated days, performers or patients separate lines; what is not stated matches any, and so
does a period that contains the day.
"""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.core.case import Order
from cds_service.core.session import Session
from cds_service.engine.lines import Line

_DAY = 1440


def group_sessions(lines: tuple[Line, ...]) -> tuple[tuple[Line, ...], ...]:
    """Lines by session, earliest stated date first; within a session in the order they were sent."""
    if len({(line.order.date, line.order.performers, line.order.patient) for line in lines}) == 1:
        return (lines,)
    position = {line.ref: index for index, line in enumerate(lines)}
    groups: list[list[Line]] = []
    for line in sorted(lines, key=_most_stated):
        homes = [group for group in groups if all(_together(line.order, one.order) for one in group)]
        if homes:
            min(homes, key=_day).append(line)
        else:
            groups.append([line])
    groups.sort(key=_day)
    return tuple(tuple(sorted(group, key=lambda line: position[line.ref])) for group in groups)


def days_apart(one: Order, other: Order) -> bool:
    """Both state days, and none that is the same; two instants are one day if they are in either zone."""
    if not one.date or not other.date:
        return False
    if one.date <= other.last_day and other.date <= one.last_day:
        return False
    if one.at is None or other.at is None:
        return True
    return not any(
        (one.at.minute + offset) // _DAY == (other.at.minute + offset) // _DAY
        for offset in (one.at.offset, other.at.offset)
    )


def anchor(lines: Iterable[Line]) -> Order | None:
    """The order that says best when the session is; ``None`` when none does."""
    dated = [line for line in lines if line.order.date]
    if not dated or all(line.order.last_day == dated[0].order.date for line in dated):
        return dated[0].order if dated else None
    return min(dated, key=_most_stated).order


def as_session(lines: tuple[Line, ...]) -> Session:
    """The view of one session that determinations and diagnosis corrections work on."""
    stated = anchor(lines)
    return Session(
        orders=tuple(line.order for line in lines),
        kinds={line.ref: line.code.kind if line.code is not None else "" for line in lines},
        codes={line.ref: line.code.code for line in lines if line.code is not None},
        date=stated.date if stated is not None else "",
    )


def _day(group: list[Line]) -> tuple[bool, str]:
    """By the line that came first, which states most."""
    date = group[0].order.date
    return not date, date


def _most_stated(line: Line) -> tuple[object, ...]:
    """Days first, then periods, then those that name a performer; no tie depends on the order in which they
    came.
    """
    order = line.order
    return (
        not order.date,
        order.date != order.last_day,
        order.date,
        order.last_day,
        not order.performers,
        sorted(order.performers),
        order.patient,
        order.ref,
    )


def _together(one: Order, other: Order) -> bool:
    return (
        not days_apart(one, other)
        and (not one.performers or not other.performers or not one.performers.isdisjoint(other.performers))
        and (not one.patient or not other.patient or one.patient == other.patient)
    )
