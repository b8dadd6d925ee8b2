"""The claims of a token whose signature holds -> what they say, or the first reason to refuse it. Pure.

Reads no clock and remembers nothing: ``now`` comes in, replay is the caller's to check.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.auth.reasons import Reason
from cds_service.auth.urls import folded, folded_path

REQUIRED = ("iss", "aud", "exp", "iat", "jti")
LATEST = 253_402_300_799
"""The end of the year 9999, in epoch seconds."""
LONGEST_TEXT = 1024
FEEDBACK = "/feedback"


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds: the clock, how far clocks may differ, and how long a token may live."""

    now: float
    leeway: float
    max_lifetime: float


class ClaimError(Exception):
    """``reason`` is what the log may say."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Claims:
    """``expires`` in epoch seconds; ``tenant`` is ``""`` when the token names none."""

    token_id: str
    tenant: str
    expires: float


def checked(
    payload: Mapping[str, Any], audiences: Collection[str], tenants: Collection[str], times: Times
) -> Claims:
    """The claims of CDS Hooks 2.0, section Trusting CDS Clients.

    Without ``tenants`` any tenant will do. The issuer is settled before, with the key.

    Raises:
        ClaimError: the first claim that is missing, malformed or refused.
    """
    if any(payload.get(claim) is None for claim in REQUIRED):
        raise ClaimError(Reason.MISSING_CLAIM)
    token_id = _text(payload["jti"])
    _check_audience(payload["aud"], audiences)
    expires = _check_times(payload, times)
    tenant = _text(payload["tenant"]) if payload.get("tenant") is not None else ""
    if tenants and tenant not in tenants:
        raise ClaimError(Reason.TENANT)
    return Claims(token_id, tenant, expires)


def audiences_of(bases: Collection[str], path: str) -> frozenset[str]:
    """What ``aud`` may say at ``path``: its URL, and for feedback that of the service as well.

    ``bases`` are folded already.
    """
    path = folded_path(path)
    paths = (path, path.removesuffix(FEEDBACK))
    return frozenset(base + each for base in bases for each in paths)


def _check_audience(claim: object, audiences: Collection[str]) -> None:
    values: list[Any] = claim if isinstance(claim, list) else [claim]
    if not values or not all(isinstance(value, str) for value in values):
        raise ClaimError(Reason.MALFORMED_CLAIM)
    if not any(value in audiences or folded(value) in audiences for value in values):
        raise ClaimError(Reason.AUDIENCE)


def _check_times(payload: Mapping[str, Any], times: Times) -> float:
    issued, expires = _seconds(payload["iat"]), _seconds(payload["exp"])
    if issued > times.now + times.leeway:
        raise ClaimError(Reason.ISSUED_IN_FUTURE)
    if payload.get("nbf") is not None and _seconds(payload["nbf"]) > times.now + times.leeway:
        raise ClaimError(Reason.NOT_YET_VALID)
    if times.now >= expires + times.leeway:
        raise ClaimError(Reason.EXPIRED)
    if not 0 < expires - issued <= times.max_lifetime:
        raise ClaimError(Reason.LIFETIME)
    return expires


def _seconds(claim: object) -> float:
    """A NumericDate of RFC 7519; JSON as Python reads it also has NaN, infinity and true."""
    if isinstance(claim, bool) or not isinstance(claim, int | float) or not 0 <= claim <= LATEST:
        raise ClaimError(Reason.MALFORMED_CLAIM)
    return float(claim)


def _text(claim: object) -> str:
    """A name that can stand in a log line."""
    if not isinstance(claim, str) or not 0 < len(claim) <= LONGEST_TEXT or not claim.isprintable():
        raise ClaimError(Reason.MALFORMED_CLAIM)
    return claim
