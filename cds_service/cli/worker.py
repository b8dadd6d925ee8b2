"""gunicorn's sync worker with an end to its patience: a client that stops sending must not hold it.

A request comes whole within seconds, or its connection is closed; a body that stops coming is a TimeoutError
where it is read. Never waits for a request longer than half of gunicorn's own time limit.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable
from typing import Any

from gunicorn.workers.sync import SyncWorker

# Whether the platform keeps a connection from us until something was sent on it, or it was silent for long.
DEFERS = hasattr(socket, "TCP_DEFER_ACCEPT")
# A client opens a connection because it has something to send; what browsers open in advance sends nothing.
FIRST_SECONDS = 0.1 if DEFERS else 0.5
PAUSE_SECONDS = 5.0
WHOLE_SECONDS = 20.0


class Client(socket.socket):
    """A client's connection; the whole request may take ``whole`` seconds, a pause in it ``pause``.

    Its first byte may take ``first`` seconds. ``rewritten``: what is sent instead of what the server writes.
    """

    def __init__(self, accepted: socket.socket, *, first: float, pause: float, whole: float) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        self.has_headers = False
        self.is_answered = False
        self.rewritten: Callable[[bytes], bytes] = bytes
        self._gave_up = False
        self._patience = first
        self._pause = pause
        self._whole = whole
        self._deadline = time.monotonic() + whole

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """What the client sent; once patience has ended, the end of the connection.

        Raises:
            TimeoutError: the body stopped coming.
        """
        if self.is_answered and not self._gave_up:
            return super().recv(bufsize, flags)  # gunicorn lingers on what is left, by limits of its own
        left = self._deadline - time.monotonic()
        if left > 0 and not self._gave_up:
            self.settimeout(min(left, self._patience))
            try:
                received = super().recv(bufsize, flags)
            except TimeoutError:
                pass
            else:
                self._patience = self._pause
                return received
        self._gave_up = True
        if self.has_headers and not self.is_answered:
            raise TimeoutError
        return b""

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send it all; a client that does not take it counts as gone."""
        self.settimeout(self._whole)
        try:
            super().sendall(self.rewritten(data), flags)
        except TimeoutError:
            raise BrokenPipeError(errno.EPIPE, "the client does not take the answer") from None


class PatientWorker(SyncWorker):
    """A sync worker whose clients are ``Client``. ``refusal``: what is sent for a page of gunicorn's own."""

    refusal: Callable[[bytes], bytes] = bytes

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Serve one connection."""
        whole = min(WHOLE_SECONDS, self.timeout)  # gunicorn halves the limit before it hands it to a worker
        pause = min(PAUSE_SECONDS, whole)
        super().handle(listener, Client(client, first=FIRST_SECONDS, pause=pause, whole=whole), addr)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Refuse what is no HTTP that gunicorn takes."""
        client.rewritten = type(self).refusal
        try:
            super().handle_error(req, client, addr, exc)
        finally:
            client.is_answered = True

    def handle_request(self, listener: Any, req: Any, client: Any, addr: Any) -> bool:
        """Serve one request, whose headers are here."""
        client.has_headers = True
        try:
            return super().handle_request(listener, req, client, addr)
        finally:
            client.is_answered = True
