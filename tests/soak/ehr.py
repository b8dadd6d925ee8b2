"""A FHIR server on loopback that behaves a little differently at every request: well, slowly or badly."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

EMPTY = b'{"resourceType":"Bundle","type":"searchset","total":0}'
MANNERS = ("answers", "answers", "answers", "refuses", "garbles", "moves", "hesitates", "drips")
DRIPS = 8


class Ehr(BaseHTTPRequestHandler):
    """Takes its manners in turns."""

    turns = itertools.cycle(MANNERS)

    def do_GET(self) -> None:
        """One read or search."""
        manner = next(self.turns)
        if manner == "refuses":
            self._send(503, b"{}")
        elif manner == "garbles":
            self._send(200, b"<html>not FHIR</html>")
        elif manner == "moves":
            self._send(302, b"", Location="http://127.0.0.1:9/fhir")
        elif manner == "hesitates":
            time.sleep(1)
            self._send(200, EMPTY)
        elif manner == "drips":
            self._drip()
        else:
            self._send(200, EMPTY)

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/fhir+json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def _drip(self) -> None:
        try:
            self.send_response(200)
            self.send_header("Content-Length", str(len(EMPTY)))
            self.end_headers()
            for byte in EMPTY[:DRIPS]:
                self.wfile.write(bytes([byte]))
                time.sleep(0.2)
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@contextmanager
def running() -> Iterator[str]:
    """The base URL of a server that runs inside the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ehr)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/fhir"
    finally:
        server.shutdown()
        server.server_close()
