"""What can go wrong, without HTTP.

CdsError
├── RequestError    the request cannot be answered; ``kind`` says why, web/problems.py knows the status
├── ContentError    our own data files are wrong; carries every problem found, seen at start-up only
├── SettingsError   an environment variable, or a file one names, has an unusable value
├── AuthenticationError  who calls could not be established; ``reason`` is for the log, never for the caller
└── StoreError     the store cannot be read or written now

No message of a RequestError may repeat anything of the request's content.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class CdsError(Exception):
    """Root of everything this service raises on purpose."""


class Kind(StrEnum):
    """Why a request was refused."""

    BODY = "body"
    TOO_LARGE = "too-large"
    SLOW = "slow"
    JSON = "json"
    DEPTH = "depth"
    ENVELOPE = "envelope"
    HOOK_MISMATCH = "hook-mismatch"
    UNKNOWN_SERVICE = "unknown-service"
    MEDIA_TYPE = "media-type"
    VERSION = "version"
    COVERAGE = "coverage"
    TOO_MANY_ORDERS = "too-many-orders"
    FEEDBACK = "feedback"


class Fault(StrEnum):
    """What is wrong with a member of an envelope."""

    MISSING = "missing"
    TYPE = "type"
    VALUE = "value"


class RequestError(CdsError):
    """``where`` is a path in the request, ``what`` the fault, ``remedy`` what the caller should do.

    ``fault``: of which kind it is, where the envelope is refused.
    """

    def __init__(
        self, kind: Kind, what: str, *, where: str = "", remedy: str = "", fault: Fault = Fault.MISSING
    ) -> None:
        super().__init__(
            ": ".join(part for part in (where, what) if part) + (f"; {remedy}" if remedy else "")
        )
        self.kind = kind
        self.what = what
        self.where = where
        self.remedy = remedy
        self.fault = fault


class ContentError(CdsError):
    """``problems``: one line each, ``file::path: what, and what to do``."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class SettingsError(CdsError):
    """The message names the variable, what is wrong and what is accepted."""


class AuthenticationError(CdsError):
    """``reason`` is one stable word; ``issuer`` is a listed one. Neither quotes a token.

    ``tenant`` and ``token_id`` are claims of a good token that was used before, else ``""``; the id may be
    any text, so it is not to be shown, only a digest of it.
    """

    def __init__(self, reason: str, *, issuer: str = "", tenant: str = "", token_id: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.issuer = issuer
        self.tenant = tenant
        self.token_id = token_id


class StoreError(CdsError):
    """The message says in plain words what is wrong with the store, without its password."""
