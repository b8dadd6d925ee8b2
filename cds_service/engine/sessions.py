"""Sessions: which order lines are tested together.

Only two different stated dates, performers or patients separate lines; what is not stated matches any.
"""

from __future__ import annotations

from cds_service.core.session import Session
from cds_service.engine.lines import Line

_Stated = tuple[str, frozenset[str], str]


def group_sessions(lines: tuple[Line, ...]) -> tuple[tuple[Line, ...], ...]:
    """Lines by session, earliest stated date first; within a session in the order they were sent."""
    if len({(line.order.date, line.order.performers, line.order.patient) for line in lines}) == 1:
        return (lines,)
    position = {line.ref: index for index, line in enumerate(lines)}
    dated_first = sorted(lines, key=_most_stated)
    groups: list[tuple[list[Line], set[_Stated]]] = []
    for line in dated_first:
        stated = (line.order.date, line.order.performers, line.order.patient)
        home = next((group for group in groups if all(_together(stated, other) for other in group[1])), None)
        if home is None:
            groups.append(([line], {stated}))
        else:
            home[0].append(line)
            home[1].add(stated)
    return tuple(tuple(sorted(group, key=lambda line: position[line.ref])) for group, _ in groups)


def as_session(lines: tuple[Line, ...]) -> Session:
    """The view of one session that determinations and diagnosis corrections work on."""
    return Session(
        orders=tuple(line.order for line in lines),
        kinds={line.ref: line.code.kind if line.code is not None else "" for line in lines},
        codes={line.ref: line.code.code for line in lines if line.code is not None},
        date=next((line.order.date for line in lines if line.order.date), ""),
    )


def _most_stated(line: Line) -> tuple[object, ...]:
    """Dated lines first, then those that name a performer; no tie depends on the order in which they came."""
    order = line.order
    return (
        not order.date,
        order.date,
        not order.performers,
        sorted(order.performers),
        order.patient,
        order.ref,
    )


def _together(one: _Stated, other: _Stated) -> bool:
    date, performers, patient = one
    other_date, other_performers, other_patient = other
    return (
        (not date or not other_date or date == other_date)
        and (not performers or not other_performers or not performers.isdisjoint(other_performers))
        and (not patient or not other_patient or patient == other_patient)
    )
