"""Host names of allowed servers in, vetted IP addresses out; each name is looked up once and kept a minute.

The system's resolver knows no time limit, so it runs beside the request, which waits only for its deadline.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock, Thread

from cds_service.fetch.guard import Base, is_permitted
from cds_service.fetch.outcome import FetchError
from cds_service.fetch.wire import Deadline

Resolve = Callable[[str, int], Sequence[str]]

_MOST = 3  # addresses of one name that are tried


def system_resolve(host: str, port: int) -> list[str]:
    """The addresses of a name as the operating system orders them.

    Raises:
        OSError: there is no such name, or nobody to ask.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(slots=True)
class Addresses:
    """Shared by the threads of a process; ``seconds``: how long an answer is kept."""

    resolve: Resolve = system_resolve
    seconds: float = 60.0
    _known: dict[tuple[str, int], tuple[float, tuple[str, ...]]] = field(default_factory=dict)
    _asking: dict[tuple[str, int], Future[tuple[str, ...]]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, base: Base, deadline: Deadline) -> tuple[str, ...]:
        """The addresses to connect to.

        Raises:
            FetchError: one of them is not permitted, there is none, or the answer did not come in time.
        """
        addresses = _literal(base.host) or self._looked_up((base.host, base.port), deadline)
        if not addresses:
            raise FetchError("unreachable")
        # One bad address among good ones is how a name is rebound: nothing of it is trusted.
        if not all(is_permitted(address, private=base.private) for address in addresses):
            raise FetchError("refused-server")
        return addresses[:_MOST]

    def _looked_up(self, name: tuple[str, int], deadline: Deadline) -> tuple[str, ...]:
        with self._lock:
            until, addresses = self._known.get(name, (0.0, ()))
            if time.monotonic() < until:
                return addresses
            answer = self._asking.get(name)
            if answer is None:
                answer = self._asking[name] = Future()
                Thread(target=self._look_up, args=(name, answer), name="fetch-names", daemon=True).start()
        try:
            return answer.result(timeout=max(deadline.left(), 0.0))
        except TimeoutError:
            raise FetchError("timeout") from None

    def _look_up(self, name: tuple[str, int], answer: Future[tuple[str, ...]]) -> None:
        try:
            addresses = tuple(self.resolve(*name))
        except (OSError, UnicodeError):
            addresses = ()
        with self._lock:
            if addresses:
                self._known[name] = (time.monotonic() + self.seconds, addresses)
            del self._asking[name]
        answer.set_result(addresses)


def _literal(host: str) -> tuple[str, ...]:
    try:
        return (str(ipaddress.ip_address(host)),)
    except ValueError:
        return ()
