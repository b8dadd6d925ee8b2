"""Feedback on cards: a parsed body in, Feedback out, RequestError when it says nothing that can be kept.

Lenient where clients differ (spelling, lists, extensions, times), strict about which card and what outcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cds_service import schemas
from cds_service.core.kept import Feedback
from cds_service.errors import Kind, RequestError
from cds_service.hooks.services import SCHEMAS

# Reasons built in an EHR have no code, only the name they were given there.
NAMED_REASON = "reasonDisplay"
NAMED_SYSTEM = "urn:emg-ncs-cds:named-override-reason"
OTHER = "other"
_LONGEST_NAME = 255
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,63}")
_SYSTEM = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]{1,249}")


def schema() -> schemas.Schema:
    """The check of a feedback body."""
    return schemas.load(SCHEMAS / "feedback.schema.json")


def read(check: schemas.Schema, body: Any) -> tuple[Feedback, ...]:
    """What a feedback body says, in its order, each thing once.

    Raises:
        RequestError: not feedback; then none of it is to be kept.
    """
    if not check.is_valid(body):
        raise _refusal(check, body)
    return tuple(dict.fromkeys(_feedback(item) for item in body["feedback"]))


def _feedback(item: Mapping[str, Any]) -> Feedback:
    overrides = list(_overrides(item))
    system, code = next(filter(None, map(_coded, overrides)), None) or _named(item, overrides)
    comments = [each["userComment"] for each in overrides if each.get("userComment")]
    return Feedback(
        card=item["card"].strip().removeprefix("urn:uuid:"),
        outcome=item["outcome"],
        suggestions=tuple(dict.fromkeys(each["id"] for each in item.get("acceptedSuggestions") or ())),
        reason_system=system,
        reason_code=code,
        comment="\n".join(comments).replace("\0", ""),
        at=_moment(item.get("outcomeTimestamp")),
    )


def _overrides(item: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("overrideReason", "overrideReasons"):
        given = item.get(name)
        yield from (each for each in (given if isinstance(given, list) else [given]) if each)


def _coded(override: Mapping[str, Any]) -> tuple[str, str] | None:
    """The reason's (system, code): of the spec's ``reason``, or of a Coding that stands in its place."""
    coding = override.get("reason") or override
    code, system = coding.get("code"), coding.get("system")
    if not isinstance(code, str) or not code:
        return None
    if not isinstance(system, str) or not _SYSTEM.fullmatch(system):
        system = ""
    # A code is a token; what is none may be anything, and is not kept.
    return system, (code if _CODE.fullmatch(code) else OTHER)


def _named(item: Mapping[str, Any], overrides: list[Mapping[str, Any]]) -> tuple[str, str]:
    """A reason that an extension names, as a token; ("", "") when none does."""
    for holder in (*overrides, *(each.get("reason") or {} for each in overrides), item):
        for name, value in _extended(holder.get("extension")):
            if name.endswith(NAMED_REASON) and isinstance(value, str):
                token = re.sub(r"[^a-z0-9]+", "-", value[:_LONGEST_NAME].lower()).strip("-")[:64].strip("-")
                return NAMED_SYSTEM, token or OTHER
    return "", ""


def _extended(extension: object) -> Iterator[tuple[str, object]]:
    """(name, value) of CDS Hooks' extension object, or (url, text) of FHIR's list; else nothing."""
    if isinstance(extension, dict):
        yield from extension.items()
    elif isinstance(extension, list):
        for each in extension:
            if isinstance(each, dict) and isinstance(url := each.get("url"), str):
                yield url, each.get("valueString")


def _moment(text: str | None) -> datetime | None:
    """The time in UTC; ``None`` when there is none that can be read."""
    try:
        given = datetime.fromisoformat(text or "")
        return (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _refusal(check: schemas.Schema, body: Any) -> RequestError:
    """Say the first thing that is wrong, in terms of the schema, never of the values sent."""
    if not isinstance(body, dict):
        return RequestError(Kind.FEEDBACK, "the body is not a JSON object", remedy="send {feedback: [...]}")
    problem = check.first(body)
    if problem is None:
        return RequestError(Kind.FEEDBACK, "the body breaks the schema", remedy="see GET /openapi.json")
    return RequestError(Kind.FEEDBACK, problem.what, where=problem.path, remedy=problem.remedy)
