"""Tokens used once: seen by every worker and host through the store, and by this process without it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from cds_service.errors import StoreError
from cds_service.store.connect import Store
from cds_service.store.hashes import unkeyed
from cds_service.store.once import insert_once
from cds_service.store.patience import Patience
from cds_service.store.tables import seen_tokens

# A store that is down would cost every request its patience; after a failure it is left alone for so long.
COOL_DOWN_SECONDS = 5.0


class Guard(Protocol):
    """Says of a token whether it is seen for the first time."""

    def first_use(self, issuer: str, jti: str, expires: int) -> bool: ...


class StoreReplayGuard:
    """``memory`` is asked first, and decides alone while the store is down: hooks go on."""

    def __init__(self, store: Store, memory: Guard, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._memory = memory
        self._clock = clock
        self._resume = float("-inf")
        self.failures = 0

    def first_use(self, issuer: str, jti: str, expires: int) -> bool:
        """Whether the token was not seen before; ``expires`` in seconds since 1970. Never StoreError."""
        if not self._memory.first_use(issuer, jti, expires):
            return False
        if self._clock() < self._resume:
            return True
        # Hashed without the key, so that hosts with keys of their own still recognise each other's tokens.
        row = {"issuer_hash": unkeyed(issuer), "token_hash": unkeyed(jti), "expires": expires}
        try:
            with self._store.begin(Patience.QUICK) as connection:
                insert = insert_once(connection, seen_tokens).returning(seen_tokens.c.expires)
                return connection.execute(insert, row).scalar() is not None
        except StoreError:
            self.failures += 1
            self._resume = self._clock() + COOL_DOWN_SECONDS
            return True
