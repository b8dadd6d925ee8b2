"""A JWK Set as parsed JSON -> the keys in it that may check signatures, each ready for use.

A key that cannot be used is set aside and named by its position and ``kid``; it never spoils the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from cds_service.auth.algorithms import fits

PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "k")
MOST_KEYS = 100


@dataclass(frozen=True, slots=True)
class KeySet:
    """``keys`` by (``kid``, algorithm); ``problems`` says of each key set aside why."""

    keys: Mapping[tuple[str, str], jwt.PyJWK] = field(repr=False)
    kids: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()

    def find(self, kid: str, algorithm: str) -> jwt.PyJWK | None:
        """The key with that id when it fits the algorithm."""
        return self.keys.get((kid, algorithm))


def key_set(document: object, algorithms: Iterable[str]) -> KeySet:
    """Read a JWK Set (RFC 7517 section 5) for those algorithms.

    A bare list of JWKs is read as well, and so is a list of ``{"id": kid, "pem": JWK}``, which the Da Vinci
    request generator publishes.

    Raises:
        ValueError: ``document`` is none of these; the message says what it is, without quoting it.
    """
    algorithms = tuple(algorithms)
    keys: dict[tuple[str, str], jwt.PyJWK] = {}
    kids: set[str] = set()
    problems: list[str] = []
    for index, jwk in enumerate(_members(document)):
        where = f"keys[{index}]"
        fault = _fault(jwk, kids)
        if fault:
            problems.append(f"{where}: {fault}")
            continue
        kid = jwk["kid"]
        usable = dict(_prepared(jwk, algorithms))
        if not usable:
            problems.append(f"{where} ({kid[:80]}): fits none of {', '.join(algorithms)} or is malformed")
            continue
        kids.add(kid)
        keys.update({(kid, algorithm): key for algorithm, key in usable.items()})
    return KeySet(keys, frozenset(kids), tuple(problems))


def _members(document: object) -> list[Any]:
    members = document.get("keys") if isinstance(document, dict) else document
    if not isinstance(members, list):
        raise ValueError('is no JWK Set (an object with a list "keys")')
    if len(members) > MOST_KEYS:
        raise ValueError(f"has more than {MOST_KEYS} keys")
    return [_unwrapped(member) for member in members]


def _unwrapped(member: Any) -> Any:
    if isinstance(member, dict) and isinstance(member.get("pem"), dict):
        return {"kid": member.get("id"), **member["pem"]}
    return member


def _fault(jwk: Any, kids: set[str]) -> str:
    if not isinstance(jwk, dict):
        return "is not a JWK (an object)"
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not kid:
        return "has no kid"
    if kid in kids:
        return f"repeats the kid {kid[:80]}"
    if any(member in jwk for member in PRIVATE_MEMBERS):
        return f"({kid[:80]}) holds a private or shared key"
    return ""


def _prepared(jwk: Mapping[str, Any], algorithms: Iterable[str]) -> Iterator[tuple[str, jwt.PyJWK]]:
    for algorithm in algorithms:
        if not fits(algorithm, jwk):
            continue
        try:
            key = jwt.PyJWK(dict(jwk), algorithm)
            too_short = key.Algorithm.check_key_length(key.key)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
            continue
        if not too_short:
            yield algorithm, key
