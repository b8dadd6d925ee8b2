"""CPU per request and memory of gunicorn workers, for the service and the bare endpoint in turns (Linux)."""

from __future__ import annotations

import http.client
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from tests.bench.payload import request
from tests.conftest import Server, start, stop
from tests.contract.bodies import SIGN

WORKERS = 2
SEEDS = 8
WARM_UP = 60


@dataclass
class Spent:
    """CPU microseconds per request, one figure for each round."""

    bare: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    @property
    def usual_bare(self) -> float:
        return median(self.bare)

    @property
    def usual_ours(self) -> float:
        return median(self.ours)

    @property
    def ratio(self) -> float:
        """Ours by bare; neighbouring rounds share what else the machine is doing."""
        return median(ours / bare for ours, bare in zip(self.ours, self.bare, strict=True))


def body(request: Any) -> bytes:
    """A request as it goes over the wire."""
    return orjson.dumps(request)


def measure(variants: tuple[str, ...], rounds: int, requests: int) -> tuple[dict[str, Spent], float, float]:
    """What each variant of the request costs, and the largest worker's PSS and RSS in MiB."""
    bodies = {
        variant: [body(request(seed, variant=variant)) for seed in range(SEEDS)] for variant in variants
    }
    spent = {variant: Spent() for variant in variants}
    ours = start(log=Path(os.devnull), WEB_CONCURRENCY=str(WORKERS))
    try:
        bare = start(command=["-m", "tests.bench.bare", str(WORKERS)])
        try:
            for server in (bare, ours):
                for raws in bodies.values():
                    send(server, raws, WARM_UP)
            for _ in range(rounds):
                for variant, raws in bodies.items():
                    spent[variant].bare.append(_cost(bare, raws, requests))
                    spent[variant].ours.append(_cost(ours, raws, requests))
            sizes = [_memory(pid) for pid in _workers(ours)]
        finally:
            stop(bare)
    finally:
        stop(ours)
    return spent, max(pss for pss, _ in sizes), max(rss for _, rss in sizes)


def _cost(server: Server, raws: list[bytes], count: int) -> float:
    before = cpu_of(server)
    send(server, raws, count)
    return (cpu_of(server) - before) / count


def send(server: Server, raws: list[bytes], count: int, headers: Sequence[Mapping[str, str]] = ({},)) -> None:
    """One connection after the other, as sync workers close each."""
    for number in range(count):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        raw = raws[number % len(raws)]
        sent = {"Content-Type": "application/json", **headers[number % len(headers)]}
        connection.request("POST", f"/cds-services/{SIGN}", raw, sent)
        response = connection.getresponse()
        response.read()
        connection.close()
        if response.status != 200:
            raise SystemExit(f"a request was answered {response.status}")


def _workers(server: Server) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[1] == str(server.process.pid):
            found.append(int(folder.name))
    return found


def cpu_of(server: Server) -> float:
    """Microseconds that master and workers ran so far, in user and kernel mode."""
    return sum(_ran(pid) for pid in (server.process.pid, *_workers(server)))


def _ran(pid: int) -> float:
    """From schedstat, to the nanosecond; where the kernel keeps none, from stat, in ticks of 10 ms."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e3
    except (OSError, IndexError):
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        fields = text.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1e6


def _memory(pid: int) -> tuple[float, float]:
    """(PSS, RSS) in MiB: memory shared with other processes counted in part, and in full."""
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, size, *_ = line.split()
        sizes[name] = int(size) / 1024
    return sizes["Pss:"], sizes["Rss:"]
