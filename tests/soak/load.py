"""Sends traffic from several threads for a time, and counts what comes back."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.soak.traffic import Sent, Traffic

THREADS = 8
PATIENCE = 20
NO_ANSWER = 0


@dataclass
class Tally:
    """``answers``: how many by (kind, status), 0 for none; ``slowest`` in seconds."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    unexpected: Counter[tuple[str, int]] = field(default_factory=Counter)
    heard: set[tuple[str, str]] = field(default_factory=set)
    hooks: int = 0
    slowest: float = 0.0

    def add(self, other: Tally) -> None:
        self.answers += other.answers
        self.unexpected += other.unexpected
        self.heard |= other.heard
        self.hooks += other.hooks
        self.slowest = max(self.slowest, other.slowest)


def run(traffic: Traffic, port: int, seconds: float, *, seed: int = 1) -> Tally:
    """Saturate the server at ``port``: every thread sends its next request when the last is answered."""
    tallies = [Tally() for _ in range(THREADS)]
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_send, args=(traffic, port, until, Random(seed * 1000 + number), tally))  # noqa: S311
        for number, tally in enumerate(tallies)
    ]
    for thread in threads:
        thread.start()
    whole = Tally()
    for thread, tally in zip(threads, tallies, strict=True):
        thread.join()
        whole.add(tally)
    return whole


def _send(traffic: Traffic, port: int, until: float, draw: Random, tally: Tally) -> None:
    while time.monotonic() < until:
        kind, sent = traffic.next(draw)
        began = time.monotonic()
        status, answer = _exchange(sent, port)
        tally.slowest = max(tally.slowest, time.monotonic() - began)
        tally.answers[kind, status] += 1
        if sent.cut:
            continue
        if status not in sent.expected:
            tally.unexpected[kind, status] += 1
        elif status == 200:
            tally.heard |= sent.feedback
            tally.hooks += sent.is_hook
            traffic.answered(sent, answer)


def _exchange(sent: Sent, port: int) -> tuple[int, bytes]:
    """(status, body); (0, nothing) when no answer came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        if sent.cut:
            _hang_up(connection, sent)
            return NO_ANSWER, b""
        # A server that refuses a body may answer before it has read all of it.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request(sent.method, sent.path, sent.body, dict(sent.headers))
        response = connection.getresponse()
        answer = response.read()
        if sent.is_hook and response.status == 200:
            json.loads(answer)
        return response.status, answer
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        return NO_ANSWER, b""
    finally:
        connection.close()


def _hang_up(connection: http.client.HTTPConnection, sent: Sent) -> None:
    raw = sent.body or b""
    connection.putrequest(sent.method, sent.path)
    for name, value in {**sent.headers, "Content-Length": str(len(raw))}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(raw[: len(raw) // 2])
