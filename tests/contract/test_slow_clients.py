"""Clients that stop sending, send nothing, or send no HTTP: the next caller is served."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Reply, Server, running
from tests.contract.bodies import SIGN, body
from tests.contract.test_http import OUTCOME

HEADERS = f"POST /cds-services/{SIGN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
LENGTH = f"{HEADERS}Content-Length: 1000\r\n\r\n"
CHUNKED = f"{HEADERS}Transfer-Encoding: chunked\r\n\r\n"
SECONDS = 30


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "stderr"


@pytest.fixture(scope="module")
def lone(log: Path) -> Iterator[Server]:
    """A service of one worker, so that whoever holds it holds everything."""
    with running(log, WEB_CONCURRENCY="1") as server:
        yield server


def connected(server: Server, sent: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=SECONDS)
    connection.sendall(sent.encode())
    return connection


def answer(connection: socket.socket) -> str:
    """All that comes until the service closes the connection."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received.decode()


def served(server: Server) -> Reply:
    reply = server.hook(SIGN, body())
    assert reply.status == 200
    return reply


@pytest.mark.parametrize(
    "sent", ["", "POST /cds", HEADERS], ids=["nothing", "half a line", "half the headers"]
)
def test_a_connection_without_a_request_is_closed(lone: Server, log: Path, sent: str) -> None:
    with connected(lone, sent) as idle:
        served(lone)
        assert answer(idle) == ""
    assert "Traceback" not in log.read_text()
    assert "WORKER TIMEOUT" not in log.read_text()


def test_connections_on_which_nothing_is_sent_hold_no_worker(lone: Server) -> None:
    idle = [connected(lone, "") for _ in range(8)]
    try:
        served(lone)
        began = time.monotonic()
        for _ in range(5):
            served(lone)
        assert time.monotonic() - began < 4
    finally:
        for connection in idle:
            connection.close()
    served(lone)


NO_HTTP = {
    "no request line": ("GARBAGE\r\n\r\n", 400),
    "another version": ("GET / HTTP/9.9\r\n\r\n", 400),
    "a path too long": (f"GET /{'x' * 9000} HTTP/1.1\r\n\r\n", 414),
    "a header too long": (f"GET / HTTP/1.1\r\nX: {'x' * 9000}\r\n\r\n", 431),
    "a header that is none": ("GET / HTTP/1.1\r\nCANARY\r\n\r\n", 400),
    "an expectation": ("GET / HTTP/1.1\r\nHost: x\r\nExpect: CANARY\r\n\r\n", 417),
}


@pytest.mark.parametrize(("sent", "status"), NO_HTTP.values(), ids=NO_HTTP)
def test_what_is_no_http_is_refused_like_everything_else(lone: Server, sent: str, status: int) -> None:
    with connected(lone, sent) as wrong:
        head, _, said = answer(wrong).partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert "Content-Type: application/json" in head
    assert "Access-Control-Allow-Origin: *" in head
    assert OUTCOME.lines(json.loads(said), file="outcome") == []
    assert "CANARY" not in said


@pytest.mark.parametrize("sent", [LENGTH, LENGTH + '{"hook":', CHUNKED, CHUNKED + "5\r\n{"])
def test_a_body_that_stops_coming_is_408(lone: Server, log: Path, sent: str) -> None:
    with connected(lone, sent) as stuck:
        served(lone)
        said = answer(stuck)
    assert said.startswith("HTTP/1.1 408 ")
    assert '"resourceType":"OperationOutcome"' in said
    assert "The body stopped coming; send the body as soon as its headers are sent" in said
    assert '"refusal":"slow"' in log.read_text()


@pytest.mark.parametrize(
    "sent", ["ZZCANARY\r\n", "5;CANARY=\x01\r\n", "2\r\n{}CANARY\r\n", "0\r\nCANARY HEADER\r\n\r\n"]
)
def test_chunks_that_are_none_are_400(lone: Server, log: Path, sent: str) -> None:
    with connected(lone, CHUNKED + sent) as wrong:
        said = answer(wrong)
    assert said.startswith("HTTP/1.1 400 ")
    assert '"resourceType":"OperationOutcome"' in said
    assert "The body cannot be read" in said
    assert "CANARY" not in said + log.read_text()
    assert "failure" not in log.read_text()


def test_a_refused_request_whose_body_stops_is_refused_all_the_same(lone: Server) -> None:
    """What is left of the body is read on for a while, and that must not change the answer."""
    with connected(lone, LENGTH.replace("application/json", "text/plain")) as stuck:
        assert answer(stuck).startswith("HTTP/1.1 415 ")
    with connected(lone, CHUNKED.replace("application/json", "text/plain") + "ZZ\r\n") as wrong:
        assert answer(wrong).startswith("HTTP/1.1 415 ")
    served(lone)
