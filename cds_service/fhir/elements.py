"""Reading FHIR JSON element by element: whatever stands there, an answer and never an exception."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any

from cds_service.core.case import Coding

JsonObject = dict[str, Any]


def as_object(value: object) -> JsonObject:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """``value`` as a list: nothing for null, itself for a list, one entry for anything else."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def as_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def objects(value: object) -> list[JsonObject]:
    """The objects in a list, or the one object that stands where a list is due."""
    if isinstance(value, dict):
        return [value]
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def codings(concept: object) -> list[Coding]:
    """The codings with a code of a CodeableConcept; a Coding alone counts as one."""
    found: list[Coding] = []
    for part in objects(concept):
        given = part.get("coding")
        for coding in objects(given) if given else (part,):
            code = coding.get("code")
            if isinstance(code, str) and code:
                system, display = coding.get("system"), coding.get("display")
                found.append(
                    Coding(
                        system if isinstance(system, str) else "",
                        code,
                        display if isinstance(display, str) else "",
                    )
                )
    return found


def _codes(concept: object) -> list[str]:
    """The codes of :func:`codings` alone."""
    if isinstance(concept, dict):
        given = concept.get("coding")
        if isinstance(given, list) and len(given) == 1 and isinstance(given[0], dict):  # nearly always
            code = given[0].get("code")
            return [code] if isinstance(code, str) and code else []
    return [coding.code for coding in codings(concept)]


def words_of(concept: object) -> list[str]:
    """The text and displays of CodeableConcepts."""
    words = []
    for part in objects(concept):
        text = part.get("text")
        if isinstance(text, str) and text:
            words.append(text)
        given = part.get("coding")
        for coding in objects(given) if given else ():
            display = coding.get("display")
            if isinstance(display, str) and display:
                words.append(display)
    return words


def text_of(concept: object) -> str:
    """All words of CodeableConcepts, joined."""
    return " | ".join(words_of(concept)) if concept else ""


def code_of(concept: object) -> str:
    """The first code of a CodeableConcept, a Coding, or a bare code; ``""`` without one."""
    if isinstance(concept, str):
        return concept
    found = _codes(concept)
    return found[0] if found else ""


def states(concept: object) -> set[str]:
    """The status codes of a CodeableConcept, or its text where it has no code, in lower case."""
    if not concept:
        return set()
    if isinstance(concept, str):
        return {concept.lower()}
    return set(map(str.lower, _codes(concept) or words_of(concept)))


def day(value: object, *, late: bool = True) -> str:
    """The calendar date of a FHIR date, dateTime or instant; ``""`` when it is none.

    A year or month alone becomes its last day (``late``) or its first, so that a span from a late start to an
    early end is never longer than what is known.
    """
    if not isinstance(value, str):
        return ""
    try:
        if len(value) >= 10:
            text = value[:10]
            if text[4] == text[7] == "-":
                date.fromisoformat(text)
                return text
            return ""
        if len(value) == 4 or (len(value) == 7 and value[4] == "-"):
            year, month = int(value[:4]), int(value[5:] or (12 if late else 1))
            return date(year, month, calendar.monthrange(year, month)[1] if late else 1).isoformat()
    except ValueError:
        pass
    return ""


def span(resource: JsonObject, name: str) -> tuple[str, str]:
    """(start, end) of a choice element such as ``onset[x]``: a dateTime, a Period, or a Timing."""
    at = name + "DateTime"
    if at in resource:
        return day(resource[at]), ""
    period = resource.get(name + "Period")
    if isinstance(period, dict):
        return day(period.get("start")), day(period.get("end"), late=False)
    timing = resource.get(name + "Timing")
    return timing_span(timing) if isinstance(timing, dict) else ("", "")


def timing_span(timing: object) -> tuple[str, str]:
    """(start, end) of a Timing: its bounds, else its first event."""
    given = as_object(timing)
    bounds = as_object(as_object(given.get("repeat")).get("boundsPeriod"))
    if bounds:
        return day(bounds.get("start")), day(bounds.get("end"), late=False)
    events = sorted(filter(None, (day(event) for event in as_list(given.get("event")))))
    return (events[0], "") if events else ("", "")


def reference(value: object) -> str:
    """The literal reference of a Reference element; ``""`` without one."""
    literal = value.get("reference") if isinstance(value, dict) else None
    return literal if isinstance(literal, str) else ""


def type_and_id(literal: str) -> str:
    """``Type/id`` of a relative or absolute reference; other references (``urn:``, ``#``) as they are."""
    if literal.startswith(("#", "urn:")) or "/" not in literal:
        return literal
    parts = literal.split("/_history/", 1)[0].rstrip("/").rsplit("/", 2)
    return "/".join(parts[-2:])
