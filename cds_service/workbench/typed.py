"""JSON that a person typed: read it, or say in a sentence what is wrong with it."""

from __future__ import annotations

import json
from datetime import date

from cds_service.workbench.request_tree import Json

DEEPEST = 200


class TypedError(Exception):
    """The message is for the person who typed."""


def request_of(text: str) -> Json:
    """One JSON object.

    Raises:
        TypedError: it is none.
    """
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise TypedError(f"The request is not JSON: {error.msg} at {place}.") from None
    except RecursionError:
        raise TypedError(f"The request is nested deeper than {DEEPEST} levels.") from None
    except UnicodeEncodeError:
        raise TypedError("The request holds half a character (a lone surrogate) in a text.") from None
    if not isinstance(value, dict):
        raise TypedError("The request has to be one JSON object, in braces.")
    if _is_deep(value):
        raise TypedError(f"The request is nested deeper than {DEEPEST} levels.")
    return value


def day_of(text: str) -> str:
    """An ISO date, or ``""`` when the field is empty.

    Raises:
        TypedError: it is none.
    """
    try:
        return date.fromisoformat(text.strip()).isoformat() if text.strip() else ""
    except ValueError:
        raise TypedError("The date of evaluation is to be written as 2026-11-20.") from None


def _is_deep(value: object) -> bool:
    level: list[object] = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
