"""The query string of the feedback page in, what to count out; what cannot be read is said, and left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from cds_service.core.feedback_picture import Step, Wanted

# A client without a name: open access. No issuer is called so.
OPEN = "-"
USUAL_WEEKS = 12
RANGES = (4, 12, 26, 52)
FIELDS = ("since", "until", "guideline", "client", "finding", "step")
LONGEST = 300
YEARS = range(1970, 9000)


@dataclass(frozen=True, slots=True)
class Ask:
    """``fields``: what the form shows, and what links carry on. ``problems``: sentences for the reader."""

    wanted: Wanted
    fields: Mapping[str, str]
    problems: tuple[str, ...] = ()


def ask_of(query: Mapping[str, str], today: date) -> Ask:
    """Without a first day the last weeks are meant; an empty one means from the beginning."""
    fields = {name: _printable(query.get(name, ""))[:LONGEST] for name in FIELDS}
    if "since" not in query:
        fields["since"] = since_of(USUAL_WEEKS, today)
    problems: list[str] = []
    since = _day(fields, "since", "From", problems)
    until = _day(fields, "until", "To", problems)
    if since and until and until < since:
        problems.append(f"“To” ({until}) is before “From” ({since}), so nothing can be counted.")
    client = fields["client"]
    wanted = Wanted(
        since=since,
        until=until,
        guideline=fields["guideline"],
        issuer=None if not client else "" if client == OPEN else client,
        finding=fields["finding"],
        step=Step(fields["step"]) if fields["step"] in list(Step) else None,
    )
    return Ask(wanted, fields, tuple(problems))


def since_of(weeks: int, today: date) -> str:
    """The Monday with which so many weeks begin that end with this one."""
    return (Step.WEEK.start(today) - timedelta(weeks=weeks - 1)).isoformat()


def _day(fields: dict[str, str], name: str, label: str, problems: list[str]) -> date | None:
    if not fields[name]:
        return None
    try:
        day = date.fromisoformat(fields[name])
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        fields[name] = ""
        problems.append(f"“{label}” is not a date; write it like 2026-11-20. It was left out.")
        return None
    fields[name] = day.isoformat()
    return day


def _printable(text: str) -> str:
    """No database takes everything that a URL can hold."""
    return "".join(character for character in text if character.isprintable()).strip()
