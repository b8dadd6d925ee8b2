"""One run: server, EHR and store come up, traffic runs, everything goes down, and the store is read."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet

from cds_service.errors import StoreError
from tests.soak import ehr, stores
from tests.soak.load import run as send
from tests.soak.promises import Run
from tests.soak.traffic import CANARY, MAX_BODY, MAX_ORDERS, Traffic
from tests.soak.trust import BASE_URL, Client

WORKERS = 2
START_SECONDS = 60
STOP_SECONDS = 30
SAMPLE_SECONDS = 0.5
# When one worker is told to end and is replaced, as a share of the run: what the others keep must stay kept.
END_AFTER = 0.2
RSS = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)
DROPPED = re.compile(r'^cds_records_total\{fate="dropped"\} (\S+)$', re.MULTILINE)


def soak(kind: str, seconds: float, *, seed: int = 1) -> Run:
    """Run for so many seconds on a fresh store of this kind (``stores.KINDS``)."""
    client = Client()
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as name,
        stores.fresh(kind, Path(name)) as url,
        ehr.running() as fhir_server,
    ):
        folder = Path(name)
        registry = client.register(folder, fhir_server)
        log = folder / "server.log"
        with _server(log, CDS_TRUST_REGISTRY=str(registry), DATABASE_URL=url) as (process, port):
            ended, *staying = _workers(process.pid)
            with (
                _sampled(process.pid) as sizes,
                _later(seconds * END_AFTER, lambda: os.kill(ended, signal.SIGTERM)),
            ):
                tally = send(Traffic(client, fhir_server), port, seconds, seed=seed)
            after = _workers(process.pid)
            del sizes[ended]
            lost = _dropped(port)
            process.send_signal(signal.SIGTERM)
            status = process.wait(STOP_SECONDS)
        try:
            kept, recorded = stores.found(url)
        except StoreError as error:
            print(f"  the store cannot be read: {error}")
            kept, recorded = set(), 0
        leaks = tuple(path.name for path in sorted(folder.iterdir()) if CANARY.encode() in path.read_bytes())
        return Run(
            seconds=seconds,
            tally=tally,
            memory=sizes,
            staying=set(staying) <= set(after) and len(after) == WORKERS,
            kept=kept,
            recorded=recorded,
            lost=lost,
            exit_status=status,
            leaks=leaks,
        )


@contextmanager
def _server(log: Path, **environ: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """``cds-service serve`` with its output in ``log``, and the port it listens on."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
    settings = {
        "HOST": "127.0.0.1",
        "PORT": "0",
        "WEB_CONCURRENCY": str(WORKERS),
        "CDS_PUBLIC_BASE_URL": BASE_URL,
        "CDS_MAX_BODY_BYTES": str(MAX_BODY),
        "CDS_MAX_ORDERS": str(MAX_ORDERS),
        "CDS_STORE_KEY": "a secret of this run alone",
        "CDS_COMMENT_KEYS": Fernet.generate_key().decode(),
        "CDS_LOG_FORMAT": "json",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cds_service.cli", "serve"],
            env={**known, **settings, **environ},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process, _port(log, process)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _port(log: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        text = log.read_text(encoding="utf-8")
        found = re.search(r"http://127\.0\.0\.1:(\d+)", text)
        if found and len(_workers(process.pid)) == WORKERS:
            return int(found[1])
        time.sleep(0.1)
    raise SystemExit("the service did not start:\n" + log.read_text(encoding="utf-8"))


@contextmanager
def _sampled(master: int) -> Iterator[dict[int, list[float]]]:
    """RSS of each worker in MiB, taken again and again inside the block."""
    over = threading.Event()
    sizes: dict[int, list[float]] = {}

    def sample() -> None:
        while True:
            for pid in _workers(master):
                with contextlib.suppress(OSError):  # it may just have ended
                    sizes.setdefault(pid, []).append(_memory(pid))
            if over.wait(SAMPLE_SECONDS):
                return

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield sizes
    finally:
        over.set()
        thread.join()


def _workers(master: int) -> list[int]:
    """The processes the master started."""
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text("ascii").split()]


def _memory(pid: int) -> float:
    """RSS in MiB."""
    found = RSS.search(Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    return int(found[1]) / 1024 if found else 0.0


@contextmanager
def _later(seconds: float, act: Callable[[], object]) -> Iterator[None]:
    """Act once, so many seconds into the block."""
    timer = threading.Timer(seconds, act)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _dropped(port: int) -> int:
    """Records the service says it dropped."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
        found = DROPPED.search(response.read().decode())
    return int(float(found[1])) if found else 0
