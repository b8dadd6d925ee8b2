"""SMART scopes of a token, version 1 (``patient/Condition.read``) and 2 (``user/Condition.rs``). Pure."""

from __future__ import annotations

import re

_SCOPE = re.compile(
    r"(?P<level>patient|user|system)/(?P<kind>\*|[A-Za-z]+)\.(?P<may>\*|read|write|[cruds]+)(?:\?.*)?"
)


def covers(scope: str, kind: str, *, own_patient: bool = True) -> bool:
    """Whether ``kind`` may be read or searched for; also when the scope says nothing that can be understood.

    ``own_patient``: whether the token's patient is the one asked about; patient scopes count only then.
    """
    understood = [match for word in scope.split() if (match := _SCOPE.fullmatch(word))]
    if not understood:
        return True
    return any(
        each["kind"] in ("*", kind)
        and (own_patient or each["level"] != "patient")
        and (
            each["may"] in ("*", "read")
            or (each["may"] != "write" and not {"r", "s"}.isdisjoint(each["may"]))
        )
        for each in understood
    )
