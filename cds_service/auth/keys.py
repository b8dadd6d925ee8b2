"""The keys of one client: those its registry entry holds and those behind its listed ``jku``.

In goes what the header of a token says, out comes a key. Never fetches a URL the registry does not list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import jwt

from cds_service.auth.download import Limits, download
from cds_service.auth.key_set import KeySet, key_set
from cds_service.auth.reasons import Reason
from cds_service.auth.registry import Client
from cds_service.auth.remote_keys import RemoteKeys, Renewal
from cds_service.errors import AuthenticationError


class ClientKeys:
    """Static keys first, then the listed URLs: the one the token names, or all when it names none."""

    def __init__(self, client: Client, renewal: Renewal, ca_file: Path | None = None) -> None:
        self._issuer = client.issuer
        self._static = client.keys
        self._remote: Mapping[str, RemoteKeys] = {
            url: RemoteKeys(url, partial(fetched, url, client.algorithms, renewal.limits, ca_file), renewal)
            for url in client.jku
        }

    def prepare(self) -> None:
        """Begin to download what is needed; returns at once."""
        for source in self._remote.values():
            source.prepare()

    def find(self, kid: str, algorithm: str, jku: str | None) -> jwt.PyJWK:
        """The key to check a signature with. Of a client without listed URLs any ``jku`` is ignored.

        Raises:
            AuthenticationError: jku-not-listed, keys-unavailable, unknown-key or key-mismatch.
        """
        if jku is not None and self._remote and jku not in self._remote:
            raise self._refusal(Reason.JKU_NOT_LISTED)
        if kid in self._static.kids:
            return self._of(self._static, kid, algorithm)
        sources = self._remote.values() if jku is None else filter(None, [self._remote.get(jku)])
        unavailable = False
        for source in sources:
            keys = source.for_kid(kid)
            if keys is None:
                unavailable = True
            elif kid in keys.kids:
                return self._of(keys, kid, algorithm)
        raise self._refusal(Reason.KEYS_UNAVAILABLE if unavailable else Reason.UNKNOWN_KEY)

    def _of(self, keys: KeySet, kid: str, algorithm: str) -> jwt.PyJWK:
        key = keys.find(kid, algorithm)
        if key is None:
            raise self._refusal(Reason.KEY_MISMATCH)
        return key

    def _refusal(self, reason: Reason) -> AuthenticationError:
        return AuthenticationError(reason.value, issuer=self._issuer)


def fetched(url: str, algorithms: Sequence[str], limits: Limits, ca_file: Path | None = None) -> KeySet:
    """The key set behind ``url``.

    Raises:
        DownloadError: it cannot be had.
        ValueError: it is no JWK Set, or holds no usable key.
    """
    keys = key_set(download(url, limits, ca_file), algorithms)
    if not keys.kids:
        raise ValueError(f"holds no key for {', '.join(algorithms)}")
    return keys
