"""Reads the codes of one order: cleans their form and finds what the rules say of each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cds_service.core.case import Diagnosis, Order
from cds_service.core.icd10 import DiagnosisRules, Reading, unfilled

FORMAT = "format"
PLACEHOLDER = "placeholder"

_CHARACTERS = 7
_CATEGORY = 3
_MISTAKEN = str.maketrans("OIL", "011")
_SHAPE = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
_REMEMBERED = 20_000
_LONGEST_CODE = 64


@dataclass(frozen=True, slots=True)
class Line:
    """One order with its ICD codes: ``readings[i]`` is what ``reasons[i]`` means."""

    order: Order
    reasons: tuple[Diagnosis, ...]
    readings: tuple[Reading, ...]


def read_line(rules: DiagnosisRules, order: Order) -> Line:
    """ICD-9-CM beside an ICD-10-CM translation, and codes of other systems, are left out."""
    reasons: list[Diagnosis] = []
    readings: list[Reading] = []
    for reason in order.reasons:
        reading = _remembered(rules, reason.system, reason.code)
        if reading is None or (reason.system in rules.retired_systems and _translated(rules, order, reason)):
            continue
        reasons.append(reason)
        readings.append(reading)
    return Line(order, tuple(reasons), tuple(readings))


def _remembered(rules: DiagnosisRules, system: str, code: str) -> Reading | None:
    key = (system, code)
    reading = rules.readings.get(key)
    if reading is not None or len(code) > _LONGEST_CODE:
        return reading
    if system in rules.systems:
        reading = _read(rules, code)
    elif system in rules.retired_systems and (raw := _raw(code)):
        reading = _read_retired(rules, raw)
    else:
        reading = None
    # Only codes that are codes: what else stands in the element may be anything.
    if reading is not None and reading.entry is not None and len(rules.readings) < _REMEMBERED:
        rules.readings[key] = reading
    return reading


def _read(rules: DiagnosisRules, sent: str) -> Reading | None:
    entry = rules.entries.get(sent)
    if entry is not None:
        return Reading(sent, entry, quiet=entry.quiet)
    raw = _raw(sent)
    if raw[:_CATEGORY].isdecimal():
        return _read_retired(rules, raw)
    for candidate in (raw, raw[:1] + raw[1:].translate(_MISTAKEN)):
        code, form = _repair(rules, candidate)
        if code:
            flaws = _flaws(sent, raw, candidate, code) if form == FORMAT else ()
            return Reading(code, rules.entries[code], form, flaws=flaws)
    return Reading(_dotted(raw), None) if _SHAPE.fullmatch(raw) else None


def _flaws(sent: str, raw: str, candidate: str, code: str) -> tuple[str, ...]:
    """How ``sent`` differs from ``code``, which ``candidate``, read from ``raw``, is."""
    flaws = {
        "case": sent != sent.upper(),
        "spaces": any(character.isspace() for character in sent),
        "letters": candidate != raw,
        "dot": _dotted(raw) not in "".join(sent.upper().split()),
        "filler": len(candidate) > len(code.replace(".", "")),
    }
    return tuple([flaw for flaw, found in flaws.items() if found]) or ("signs",)


def _repair(rules: DiagnosisRules, raw: str) -> tuple[str, str]:
    code = _dotted(raw)
    if code in rules.entries:
        return code, FORMAT
    if not _CATEGORY < len(raw) <= _CHARACTERS:
        return "", ""
    code = _dotted(raw.rstrip("X"))
    if code in rules.entries and rules.entries[code].seventh:
        return code, FORMAT
    # Placeholders say nothing: the same characters without them are the same code.
    code = rules.unfilled.get(unfilled(raw), "")
    return (code, PLACEHOLDER) if code else ("", "")


def _read_retired(rules: DiagnosisRules, raw: str) -> Reading:
    code = _dotted(raw)
    becomes = rules.retired.get(code, ())
    entry = rules.entries.get(becomes[0]) if len(becomes) == 1 else None
    return Reading(becomes[0] if entry is not None else code, entry, retired=becomes)


def _translated(rules: DiagnosisRules, order: Order, reason: Diagnosis) -> bool:
    """Whether the same concept also holds an ICD-10-CM code."""
    return reason.position is not None and any(
        other.system in rules.systems
        and other.position is not None
        and other.position[0] == reason.position[0]
        for other in order.reasons
    )


def _raw(code: str) -> str:
    return "".join(character for character in code.upper() if character.isalnum())


def _dotted(raw: str) -> str:
    return f"{raw[:_CATEGORY]}.{raw[_CATEGORY:]}" if len(raw) > _CATEGORY else raw
