"""A JWKS server on loopback that can be slow, wrong or huge; it counts how often each path is asked for."""

from __future__ import annotations

import gzip
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Asked"], None]


class JwksServer(ThreadingHTTPServer):
    """``answers`` by path may change while it runs; ``released`` ends every answer that hangs or drips."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.answers: dict[str, Answer] = {}
        self.asked: Counter[str] = Counter()
        self.released = threading.Event()

    def url(self, path: str = "/jwks.json") -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients break off on purpose."""


class Asked(BaseHTTPRequestHandler):
    server: JwksServer

    def do_GET(self) -> None:
        self.server.asked[self.path] += 1
        with suppress(OSError):
            self.server.answers.get(self.path, status(404))(self)

    def send(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self, piece: bytes) -> None:
        while not self.server.released.wait(0.02):
            self.wfile.write(piece)
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is inherited)
        """Silent."""


@contextmanager
def running() -> Iterator[JwksServer]:
    server = JwksServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def keys(document: Any, **headers: str) -> Answer:
    return lambda asked: asked.send(200, json.dumps(document).encode(), **headers)


def raw(body: bytes, **headers: str) -> Answer:
    return lambda asked: asked.send(200, body, **headers)


def zipped(document: Any) -> Answer:
    return raw(gzip.compress(json.dumps(document).encode()), Content_Encoding="gzip")


def status(code: int) -> Answer:
    return lambda asked: asked.send(code, b"{}")


def redirect(url: str) -> Answer:
    return lambda asked: asked.send(302, b"", Location=url)


def hang(asked: Asked) -> None:
    asked.server.released.wait(30)


def drip_headers(asked: Asked) -> None:
    asked.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    asked.drip(b"x")


def drip_body(asked: Asked) -> None:
    asked.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    asked.drip(b" ")


def drip_chunks(asked: Asked) -> None:
    asked.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    asked.drip(b"1\r\n \r\n")


def break_off(asked: Asked) -> None:
    asked.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"keys": [')
    asked.close_connection = True


def not_http(asked: Asked) -> None:
    asked.wfile.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    asked.close_connection = True


def chunked(document: Any) -> Answer:
    """A good answer in chunks of seven bytes."""

    def answer(asked: Asked) -> None:
        body = json.dumps(document).encode()
        asked.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(body), 7):
            piece = body[start : start + 7]
            asked.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        asked.wfile.write(b"0\r\n\r\n")

    return answer
