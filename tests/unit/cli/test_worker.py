"""A client's connection in the hands of a worker: when patience ends, and what is then read from it."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from cds_service.cli.worker import Client


def pair(*, pause: float, whole: float, first: float = 5) -> tuple[socket.socket, Client]:
    theirs, ours = socket.socketpair()
    return theirs, Client(ours, first=first, pause=pause, whole=whole)


def test_what_was_sent_is_read() -> None:
    theirs, client = pair(pause=5, whole=5)
    with theirs, client:
        theirs.sendall(b"POST")
        assert client.recv(100) == b"POST"
        client.sendall(b"answer")
        assert theirs.recv(100) == b"answer"


def test_who_sends_nothing_at_all_is_waited_for_less_than_who_pauses() -> None:
    theirs, client = pair(first=0.05, pause=5, whole=5)
    with theirs, client:
        began = time.monotonic()
        assert client.recv(100) == b""
        assert time.monotonic() - began < 1
    theirs, client = pair(first=0.05, pause=5, whole=5)
    with theirs, client:
        theirs.sendall(b"PO")
        assert client.recv(100) == b"PO"
        threading.Timer(0.2, theirs.sendall, [b"ST"]).start()
        assert client.recv(100) == b"ST"


def test_what_the_server_writes_may_be_rewritten() -> None:
    theirs, client = pair(pause=5, whole=5)
    with theirs, client:
        client.rewritten = bytes.upper
        client.sendall(b"page")
        assert theirs.recv(100) == b"PAGE"


def test_before_the_headers_are_here_silence_is_the_end() -> None:
    theirs, client = pair(pause=0.05, whole=5)
    with theirs, client:
        theirs.sendall(b"P")
        assert client.recv(100) == b"P"
        assert client.recv(100) == b""
        theirs.sendall(b"too late")
        assert client.recv(100) == b""


def test_in_a_body_silence_is_an_error_and_the_rest_is_not_waited_for() -> None:
    theirs, client = pair(first=0.05, pause=0.05, whole=5)
    with theirs, client:
        client.has_headers = True
        with pytest.raises(TimeoutError):
            client.recv(100)
        client.sendall(b"408")
        client.is_answered = True
        assert client.recv(100) == b""
        assert theirs.recv(100) == b"408"


def test_a_byte_now_and_then_does_not_hold_a_worker() -> None:
    theirs, client = pair(pause=5, whole=0.2)
    ended = threading.Event()

    def drip() -> None:
        while not ended.wait(0.01):
            theirs.sendall(b"x")

    dripping = threading.Thread(target=drip)
    with theirs, client:
        dripping.start()
        try:
            read = 0
            while client.recv(1):
                read += 1
                assert read < 10_000
        finally:
            ended.set()
            dripping.join()


def test_a_client_that_does_not_take_the_answer_counts_as_gone() -> None:
    theirs, client = pair(pause=5, whole=0.1)
    with theirs, client, pytest.raises(BrokenPipeError):
        client.sendall(b"x" * 50_000_000)


def test_after_the_answer_gunicorn_reads_what_is_left_by_its_own_limits() -> None:
    theirs, client = pair(pause=0.05, whole=0.05)
    with theirs, client:
        client.has_headers = client.is_answered = True
        client.settimeout(5)
        theirs.sendall(b"rest")
        assert client.recv(100) == b"rest"
