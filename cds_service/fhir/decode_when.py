"""When an order is to be carried out: the days it may fall on, and the instant where a zone is stated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cds_service.core.case import OPEN_END, Instant
from cds_service.fhir.elements import JsonObject, as_list, as_object, as_text, day

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


class When(NamedTuple):
    """First and last day it may fall on (``""``: not stated), and the instant."""

    first: str = ""
    last: str = ""
    at: Instant | None = None


NEVER_SAID = When()


def read_when(resource: JsonObject) -> When:
    """What ``occurrence[x]`` of an order states; a year or a month is all of its days."""
    if "occurrenceDateTime" in resource:
        value = as_text(resource["occurrenceDateTime"])
        return When(day(value, late=False), day(value), _instant(value))
    period = resource.get("occurrencePeriod")
    if isinstance(period, dict):
        return _period(period)
    timing = resource.get("occurrenceTiming")
    return _timing(timing) if isinstance(timing, dict) else NEVER_SAID


def _period(period: JsonObject) -> When:
    first = day(period.get("start"), late=False)
    if not first:
        return NEVER_SAID
    return When(first, max(first, day(period.get("end")) or OPEN_END))


def _timing(timing: JsonObject) -> When:
    bounds = as_object(as_object(timing.get("repeat")).get("boundsPeriod"))
    if bounds:
        return _period(bounds)
    events = [as_text(event) for event in as_list(timing.get("event"))]
    firsts = sorted(filter(None, (day(event, late=False) for event in events)))
    return When(firsts[0], max(map(day, events))) if firsts else NEVER_SAID


def _instant(value: str) -> Instant | None:
    """Only a dateTime with a zone is an instant."""
    if "T" not in value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    offset = moment.utcoffset()
    return None if offset is None else Instant((moment - _EPOCH) // _MINUTE, offset // _MINUTE)
