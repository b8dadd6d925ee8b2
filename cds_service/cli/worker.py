"""gunicorn's sync worker with an end to its patience: a client that stops sending must not hold it.

A request comes whole within seconds, or its connection is closed; a body that stops coming is a TimeoutError
where it is read. Never waits for a request longer than half of gunicorn's own time limit.
"""

from __future__ import annotations

import errno
import socket
import time
from typing import Any

from gunicorn.workers.sync import SyncWorker

PAUSE_SECONDS = 5.0
WHOLE_SECONDS = 20.0


class Client(socket.socket):
    """A client's connection; the whole request may take ``whole`` seconds, a pause in it ``pause``."""

    def __init__(self, accepted: socket.socket, *, pause: float, whole: float) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        self.has_headers = False
        self.is_answered = False
        self._gave_up = False
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
            self.settimeout(min(left, self._pause))
            try:
                return super().recv(bufsize, flags)
            except TimeoutError:
                pass
        self._gave_up = True
        if self.has_headers and not self.is_answered:
            raise TimeoutError
        return b""

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send it all; a client that does not take it counts as gone."""
        self.settimeout(self._whole)
        try:
            super().sendall(data, flags)
        except TimeoutError:
            raise BrokenPipeError(errno.EPIPE, "the client does not take the answer") from None


class PatientWorker(SyncWorker):
    """A sync worker whose clients are ``Client``."""

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Serve one connection."""
        whole = min(WHOLE_SECONDS, self.timeout)  # gunicorn halves the limit before it hands it to a worker
        super().handle(listener, Client(client, pause=min(PAUSE_SECONDS, whole), whole=whole), addr)

    def handle_request(self, listener: Any, req: Any, client: Any, addr: Any) -> bool:
        """Serve one request, whose headers are here."""
        client.has_headers = True
        try:
            return super().handle_request(listener, req, client, addr)
        finally:
            client.is_answered = True
