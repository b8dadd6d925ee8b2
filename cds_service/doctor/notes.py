"""What the doctor has to say: a note has a level, what was seen, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cds_service.errors import ContentError, SettingsError


class Level(StrEnum):
    """``fail``: something that was asked for will not work, or anybody may call."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was looked at; ``remedy`` is ``""`` when nothing need be done."""

    level: Level
    what: str
    remedy: str = ""


def well(what: str) -> Note:
    return Note(Level.OK, what)


def warn(what: str, remedy: str) -> Note:
    return Note(Level.WARN, what, remedy)


def fail(what: str, remedy: str) -> Note:
    return Note(Level.FAIL, what, remedy)


def of_lines(part: str, error: SettingsError | ContentError) -> list[Note]:
    """A note for every line of an error, which says what is wrong, then what to do."""
    notes = []
    for line in str(error).splitlines():
        what, _, remedy = line.partition("; ")
        notes.append(fail(f"{part}: {what}", remedy))
    return notes
