"""The Authorization header of a call -> who calls. The rules of CDS Hooks 2.0, section Trusting CDS Clients.

Nothing of a token is logged, stored or quoted; of a used token the replay guard alone keeps a trace.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from cds_service.auth.algorithms import KEYS
from cds_service.auth.claims import ClaimError, Claims, Times, audiences_of, checked
from cds_service.auth.keys import ClientKeys
from cds_service.auth.reasons import Reason
from cds_service.auth.registry import Client, Registry
from cds_service.auth.remote_keys import Renewal
from cds_service.auth.replay import ReplayGuard
from cds_service.auth.urls import folded
from cds_service.core.caller import Caller
from cds_service.errors import AuthenticationError

LONGEST_TOKEN = 16 * 1024


@dataclass(frozen=True, slots=True)
class _Known:
    client: Client
    keys: ClientKeys
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    header: Mapping[str, Any] = field(repr=False)
    payload: Mapping[str, Any] = field(repr=False)


class Verifier:
    """Knows the clients of a registry; safe to use from several threads, and to make before a fork.

    ``base_url`` is the public one, which ``aud`` must begin with. ``clock`` gives epoch seconds.
    """

    def __init__(
        self,
        registry: Registry,
        base_url: str,
        replay: ReplayGuard,
        clock: Callable[[], float] = time.time,
        renewal: Renewal | None = None,
    ) -> None:
        renewal = renewal or Renewal(kept=registry.keys_kept, stale=registry.keys_stale)
        self._known = {
            issuer: _Known(
                client,
                ClientKeys(client, renewal, registry.ca_file),
                tuple(folded(url) for url in (base_url, *client.audiences)),
            )
            for issuer, client in registry.clients.items()
        }
        self._replay = replay
        self._clock = clock
        self._jws = jwt.PyJWS(algorithms=list(KEYS), options={"verify_signature": True})

    @property
    def unchecked(self) -> int:
        """How many tokens were taken by this process without every other worker being asked."""
        return self._replay.unchecked

    def prepare(self) -> None:
        """Begin to download the keys of all clients, in threads: call it after a fork; returns at once."""
        self._replay.prepare()
        for known in self._known.values():
            known.keys.prepare()

    def caller(self, authorization: str | None, path: str) -> Caller:
        """Who sends a request with this header to ``path`` (from the base URL on, with a slash in front).

        Raises:
            AuthenticationError: ``reason`` is a word of ``Reason``, ``issuer`` a listed one or ``""``.
        """
        token = self._parsed(_bearer(authorization))
        algorithm = token.header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in KEYS:
            raise _refusal(Reason.ALGORITHM)
        if not _is_jwt(token.header.get("typ", "JWT")):
            raise _refusal(Reason.TYPE)
        issuer = token.payload.get("iss")
        known = self._known.get(issuer) if isinstance(issuer, str) else None
        if known is None:
            raise _refusal(Reason.UNKNOWN_ISSUER)
        self._check_signature(token, known, algorithm)
        claims = self._claims(token, known, path)
        client = known.client
        if not self._replay.first_use(
            client.issuer, claims.token_id, math.ceil(claims.expires + client.leeway)
        ):
            raise AuthenticationError(
                Reason.REPLAYED.value,
                issuer=client.issuer,
                tenant=claims.tenant,
                token_id=claims.token_id,
            )
        return Caller(client.issuer, claims.tenant, claims.token_id, client.fhir_servers, client.dialect)

    def _parsed(self, text: str) -> _Token:
        """Header and payload, not yet believed."""
        try:
            parts = self._jws.decode_complete(text, options={"verify_signature": False})
            payload = json.loads(parts["payload"])
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise _refusal(Reason.MALFORMED) from None
        if not isinstance(payload, dict):
            raise _refusal(Reason.MALFORMED)
        return _Token(text, parts["header"], payload)

    def _check_signature(self, token: _Token, known: _Known, algorithm: str) -> None:
        if algorithm not in known.client.algorithms:
            raise _refusal(Reason.ALGORITHM, known.client)
        kid, jku = token.header.get("kid"), token.header.get("jku")
        if jku is not None and not isinstance(jku, str):
            raise _refusal(Reason.MALFORMED, known.client)
        if not kid:
            raise _refusal(Reason.NO_KEY_ID, known.client)
        key = known.keys.find(kid, algorithm, jku)
        try:
            self._jws.decode_complete(token.text, key, algorithms=[algorithm])
        except (jwt.PyJWTError, ValueError):
            raise _refusal(Reason.SIGNATURE, known.client) from None

    def _claims(self, token: _Token, known: _Known, path: str) -> Claims:
        client = known.client
        audiences = audiences_of(known.bases, path) | set(client.exact_audiences)
        times = Times(self._clock(), client.leeway, client.max_lifetime)
        try:
            return checked(token.payload, audiences, client.tenants, times)
        except ClaimError as error:
            raise _refusal(error.reason, client) from None


def _bearer(authorization: str | None) -> str:
    """The token of ``Bearer <token>``; the scheme in any case, as RFC 7235 has it."""
    words = (authorization or "").split()
    if not words:
        raise _refusal(Reason.MISSING)
    if words[0].lower() != "bearer":
        raise _refusal(Reason.NOT_BEARER)
    if len(words) != 2 or len(words[1]) > LONGEST_TOKEN or not words[1].isascii():
        raise _refusal(Reason.MALFORMED)
    return words[1]


def _is_jwt(kind: object) -> bool:
    return isinstance(kind, str) and kind.lower().removeprefix("application/") == "jwt"


def _refusal(reason: Reason, client: Client | None = None) -> AuthenticationError:
    return AuthenticationError(reason.value, issuer=client.issuer if client else "")
