"""Remembers which tokens were used. In goes (issuer, ``jti``, expiry), out comes whether it is the first use.

The guard in memory knows only its own process; the store has one that all workers share.
"""

from __future__ import annotations

import hashlib
import heapq
import threading
import time
from collections.abc import Callable
from typing import Protocol


class ReplayGuard(Protocol):
    """What the verifier asks of whoever remembers tokens.

    ``unchecked``: how many first uses this process alone vouches for, although others should have been asked.
    """

    @property
    def unchecked(self) -> int: ...

    def prepare(self) -> None:
        """Get ready for the first token, in a new worker; returns at once."""

    def first_use(self, issuer: str, jti: str, expires: int) -> bool:
        """Whether this token is seen for the first time; ``expires`` (epoch seconds) is when to forget it."""
        ...


class MemoryReplayGuard:
    """Keeps digests of ``capacity`` tokens; beyond that the one that expires soonest is forgotten."""

    # Nobody else is meant to be asked.
    unchecked = 0

    def __init__(self, capacity: int = 200_000, clock: Callable[[], float] = time.time) -> None:
        self._capacity = capacity
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: set[bytes] = set()
        self._by_expiry: list[tuple[int, bytes]] = []

    def prepare(self) -> None:
        """Nothing is to be done."""

    def __len__(self) -> int:
        return len(self._seen)

    def first_use(self, issuer: str, jti: str, expires: int) -> bool:
        """See ``ReplayGuard``; safe to call from several threads."""
        digest = hashlib.blake2b(f"{issuer}\n{jti}".encode(errors="surrogatepass"), digest_size=16).digest()
        with self._lock:
            now = self._clock()
            while self._by_expiry and self._by_expiry[0][0] <= now:
                self._forget_soonest()
            if digest in self._seen:
                return False
            if len(self._seen) >= self._capacity:
                self._forget_soonest()
            self._seen.add(digest)
            heapq.heappush(self._by_expiry, (expires, digest))
            return True

    def _forget_soonest(self) -> None:
        self._seen.discard(heapq.heappop(self._by_expiry)[1])
