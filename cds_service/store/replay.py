"""Tokens used once: seen by every worker and host through the store, and by this process without it."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

from cds_service.errors import StoreError
from cds_service.store.connect import Store
from cds_service.store.forks import after_fork
from cds_service.store.hashes import unkeyed
from cds_service.store.once import insert_once
from cds_service.store.patience import Patience
from cds_service.store.tables import seen_tokens

# A store that is down is asked so often, beside the requests.
COOL_DOWN_SECONDS = 5.0
# For so long a request waits for a store that hangs, once in an outage.
WAIT_SECONDS = 0.5
_THREADS = 4
log = logging.getLogger("cds_service.store")


class Guard(Protocol):
    """Says of a token whether it is seen for the first time."""

    def first_use(self, issuer: str, jti: str, expires: int) -> bool: ...


class StoreReplayGuard:
    """``memory`` is asked first, and decides alone while the store is down: hooks go on.

    ``failures``: requests that found the store down; ``unchecked``: tokens that memory alone let through.
    """

    def __init__(self, store: Store, memory: Guard, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._memory = memory
        self._clock = clock
        self._reset()
        after_fork(self._reset)

    def _reset(self) -> None:
        self.failures = self.unchecked = 0
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="replay")
        self._down = False
        self._asking = False
        self._resume = float("-inf")

    def prepare(self) -> None:
        """Connect beside the requests, so that the first of them need not wait for it."""
        with contextlib.suppress(RuntimeError):  # no thread can be started now
            self._threads.submit(self._connect)

    def first_use(self, issuer: str, jti: str, expires: int) -> bool:
        """Whether the token was not seen before; ``expires`` in seconds since 1970. Never StoreError."""
        if not self._memory.first_use(issuer, jti, expires):
            return False
        # Hashed without the key, so that hosts with keys of their own still recognise each other's tokens.
        row = {"issuer_hash": unkeyed(issuer), "token_hash": unkeyed(jti), "expires": expires}
        answer = self._asked(row)
        if answer is not None:
            try:
                return answer.result(WAIT_SECONDS)
            except (StoreError, TimeoutError) as error:
                # A thread that still waits says by itself when the store is back.
                self._lost(str(error) or "it does not answer in time")
                with self._lock:
                    self.failures += 1
        with self._lock:
            self.unchecked += 1
        return True

    def _asked(self, row: Mapping[str, Any]) -> Future[bool] | None:
        """The answer to wait for; None while the store is down, which at times is asked all the same."""
        with self._lock:
            if self._down and (self._asking or self._clock() < self._resume):
                return None
            beside = self._asking = self._down
        try:
            answer = self._threads.submit(self._insert, row)
        except RuntimeError:  # no thread can be started now
            self._asking = False
            return None
        return None if beside else answer

    def _insert(self, row: Mapping[str, Any]) -> bool:
        try:
            with self._store.begin(Patience.QUICK) as connection:
                insert = insert_once(connection, seen_tokens).returning(seen_tokens.c.expires)
                new = connection.execute(insert, row).scalar() is not None
            self._found()
        finally:
            with self._lock:
                self._asking = False
                self._resume = self._clock() + COOL_DOWN_SECONDS
        return new

    def _connect(self) -> None:
        try:
            with self._store.begin(Patience.QUICK, reads=True):
                pass
        except StoreError as error:
            self._lost(str(error))

    def _lost(self, why: str) -> None:
        with self._lock:
            self._resume = self._clock() + COOL_DOWN_SECONDS
            if self._down:
                return
            self._down = True
        log.warning("while the store is down, a token can be used once at each worker: %s", why)

    def _found(self) -> None:
        with self._lock:
            if not self._down:
                return
            self._down = False
        log.info("the store is back: tokens are compared with those of every worker")
