"""The key set behind one listed URL: kept, renewed, and served on for a while when its server fails.

In goes a ``kid``, out comes the key set to look it up in. Never holds up a caller for longer than the
limits, nor at all while it has the key and that key is not too old.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cds_service.auth.download import DownloadError, Limits
from cds_service.auth.key_set import KeySet

MOST_DOWNLOADS = 3
"""At one time for one URL: a server that never ends its answer must not gather threads."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """Seconds.

    ``kept``: keys serve that long; from half of it on they are renewed in the background. ``stale``: so
    much longer they serve while their server fails. ``pause``: between downloads for an unknown ``kid``,
    and after a failure. ``retry``: after a failure while there are no keys at all.
    """

    kept: float = 600.0
    stale: float = 6 * 3600.0
    pause: float = 30.0
    retry: float = 5.0
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class _Flight:
    started: float
    landed: threading.Event = field(default_factory=threading.Event)


class RemoteKeys:
    """Safe to use from several threads; starts none before its first use, so that it survives a fork.

    ``fetch`` raises DownloadError or ValueError when there is no usable key set.
    """

    def __init__(
        self,
        url: str,
        fetch: Callable[[], KeySet],
        renewal: Renewal,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url
        self._fetch = fetch
        self._renewal = renewal
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._made = -math.inf
        self._departed = -math.inf
        self._sought = -math.inf
        self._flight: _Flight | None = None
        self._flying = 0
        self._failing = False

    def prepare(self) -> None:
        """Begin the first download, so that no caller has to wait for it; returns at once."""
        if self._kept()[0] is None:
            self._depart(unknown=False)

    def for_kid(self, kid: str) -> KeySet | None:
        """The key set to look ``kid`` up in; ``None`` while no kept key has that id and the server fails."""
        keys, age = self._kept()
        fresh = keys is not None and age < self._renewal.kept
        if keys is not None and kid in keys.kids and (fresh or self._failing):
            if age >= self._renewal.kept / 2:
                self._depart(unknown=False)
            return keys
        flight = self._depart(unknown=fresh)
        in_time = flight is None or flight.landed.wait(self._renewal.limits.total)
        keys, _ = self._kept()
        if keys is not None and kid not in keys.kids and (self._failing or not in_time):
            return None
        return keys

    def _kept(self) -> tuple[KeySet | None, float]:
        with self._lock:
            age = self._clock() - self._made
            return (self._keys if self._may_serve(age) else None), age

    def _may_serve(self, age: float) -> bool:
        return age < self._renewal.kept + self._renewal.stale

    def _depart(self, *, unknown: bool) -> _Flight | None:
        """The download under way, or a new one when it is time for it; ``None`` when it is not."""
        with self._lock:
            now = self._clock()
            if self._flight is not None:
                if now - self._flight.started < 2 * self._renewal.limits.total:
                    return self._flight
                self._flight, self._failing = None, True
            if now < self._next_departure(now, unknown) or self._flying >= MOST_DOWNLOADS:
                return None
            if unknown:
                self._sought = now
            self._departed = now
            flight = _Flight(now)
            try:
                threading.Thread(target=self._fly, args=(flight,), name="jwks", daemon=True).start()
            except RuntimeError:
                self._failing = True
                return None
            self._flight = flight
            self._flying += 1
            return flight

    def _next_departure(self, now: float, unknown: bool) -> float:
        if self._failing:
            serving = self._may_serve(now - self._made)
            return self._departed + (self._renewal.pause if serving else self._renewal.retry)
        return self._sought + self._renewal.pause if unknown else -math.inf

    def _fly(self, flight: _Flight) -> None:
        keys: KeySet | None = None
        try:
            keys = self._fetch()
        except (DownloadError, ValueError):
            pass
        finally:
            with self._lock:
                self._flying -= 1
                if self._flight is flight:
                    self._flight, self._failing = None, keys is None
                if keys is not None and flight.started >= self._made:
                    self._keys, self._made, self._failing = keys, flight.started, False
            flight.landed.set()
