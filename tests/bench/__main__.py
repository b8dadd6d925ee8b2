"""``make bench``: what a request costs, as ratios against a baseline of the same run.

Figures in microseconds depend on the machine; only ratios are compared with their bars.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cds_service import pipeline
from cds_service.content import Roots
from cds_service.core.hook_call import HookCall
from cds_service.hooks import envelope, services
from cds_service.schemas import DepthLimit
from tests.bench.payload import request
from tests.conftest import Server, start, stop
from tests.contract.bodies import SIGN

ROUNDS = 5
REQUESTS = 300
SERVER_BAR = 1.5
ENGINE_BAR_US = 200


def main() -> int:
    """Print every measure with its bar; 1 when one is missed."""
    kept = [_servers(), _stages(), _growth()]
    return 0 if all(kept) else 1


def _servers() -> bool:
    """Server CPU per request of the whole service against a bare endpoint, taken in turns."""
    raw = json.dumps(request()).encode()
    ours, bare = start(), _bare()
    try:
        rounds: dict[str, list[float]] = {"bare": [], "ours": []}
        for server in (bare, ours):
            _send(server, raw, 50)
        for _ in range(ROUNDS):
            for name, server in (("bare", bare), ("ours", ours)):
                before = _cpu_seconds(server.process.pid)
                _send(server, raw, REQUESTS)
                rounds[name].append((_cpu_seconds(server.process.pid) - before) / REQUESTS * 1e6)
    finally:
        stop(ours)
        stop(bare)
    base, whole = statistics.median(rounds["bare"]), statistics.median(rounds["ours"])
    ratio = statistics.median(o / b for o, b in zip(rounds["ours"], rounds["bare"], strict=True))
    print(f"request: {len(raw)} bytes, {REQUESTS} requests in each of {ROUNDS} rounds")
    print(f"  bare Flask endpoint       {base:8.0f} us CPU")
    print(f"  this service              {whole:8.0f} us CPU")
    return _verdict("server CPU against bare Flask", ratio, SERVER_BAR)


def _stages() -> bool:
    """Where the time goes, in process; the loading of the same JSON is the unit."""
    raw = json.dumps(request()).encode()
    service = services.load(Roots.default())[SIGN]
    depth = DepthLimit.of(64)
    loaded = pipeline.load(Roots.default())
    call = envelope.call_of(service, envelope.parse(raw, depth))
    parsed = json.loads(raw)
    unit = _time(lambda: json.loads(raw))
    print(f"in process, against json.loads of the request ({unit:.0f} us)")
    stages: dict[str, Callable[[], object]] = {
        "parse and depth": lambda: envelope.parse(raw, depth),
        "envelope": lambda: envelope.call_of(service, parsed),
        "decide": lambda: _decide(loaded, call),
    }
    for name, stage in stages.items():
        spent = _time(stage)
        print(f"  {name:<24}  {spent:8.0f} us  {spent / unit:6.2f}")
    return True


def _growth() -> bool:
    """A chart 16 times as large may cost 16 times as much, and a quarter more."""
    service = services.load(Roots.default())[SIGN]
    loaded = pipeline.load(Roots.default())
    times = {}
    for size in (1, 4, 16):
        times[size] = _time(partial(_decide, loaded, envelope.call_of(service, request(size))))
        print(f"  chart x {size:<2}               {times[size]:8.0f} us")
    return _verdict("growth beyond linear, chart x 16", times[16] / (16 * times[1]), 1.25)


def _decide(loaded: pipeline.Service, call: HookCall) -> object:
    numbers = iter(range(1_000_000))
    return pipeline.decide(loaded, call, today="2026-11-20", new_id=lambda: str(next(numbers)))


def _time(work: Callable[[], object]) -> float:
    """Microseconds of one call: the best of some rounds, since other load only ever adds."""
    best = float("inf")
    for _ in range(7):
        started = time.perf_counter()
        for _ in range(40):
            work()
        best = min(best, (time.perf_counter() - started) / 40)
    return best * 1e6


def _verdict(name: str, ratio: float, bar: float) -> bool:
    kept = ratio <= bar
    print(f"{name}: {ratio:.2f} (bar {bar}) {'kept' if kept else 'MISSED'}")
    return kept


def _bare() -> Server:
    return start(command=["-m", "tests.bench.bare", "0"])


def _send(server: Server, raw: bytes, count: int) -> None:
    for _ in range(count):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("POST", f"/cds-services/{SIGN}", raw, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        assert response.status == 200, response.status
        connection.close()


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children so far (Linux)."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
        except OSError:
            continue
        if folder.name == str(pid) or fields[1] == str(pid):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
