"""What an operator sees: readiness, figures, log lines, headers, and a shutdown that loses nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Server, running, start
from tests.contract.bodies import SIGN
from tests.contract.conftest import Database
from tests.contract.test_feedback import EXAMPLE, send, unused_port, workers
from tests.contract.test_http import answered, refused

WORKERS = 2
REQUEST = json.loads(EXAMPLE.read_text(encoding="utf-8"))
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing"}]}
SECURITY = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def lines(log: Path, event: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [line for line in found if line["event"] == event]


def figure(server: Server, name: str) -> float:
    """One sample of /metrics by its name with labels, 0 when there is none."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", server.get("/metrics").body.decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_figures_are_those_of_all_workers_and_outlive_them(log: Path) -> None:
    name = f'cds_requests_total{{service="{SIGN}",status="200"}}'
    with running(log, WEB_CONCURRENCY=str(WORKERS)) as server:
        for _ in range(20):
            answered(server.hook(SIGN, REQUEST))
        refused(400, server.hook(SIGN, []))
        assert [figure(server, name) for _ in range(5)] == [20] * 5
        victims = workers(server)
        for worker in victims:
            os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while workers(server) & victims or len(workers(server)) < WORKERS:
            assert time.monotonic() < deadline, "the workers that died were not replaced"
            time.sleep(0.05)
        answered(server.hook(SIGN, REQUEST))
        assert figure(server, name) == 21
        (card,) = answered(server.hook(SIGN, REQUEST))["cards"]
        finding, indicator = card["source"]["topic"]["display"], card["indicator"]
        assert figure(server, f'cds_cards_total{{finding="{finding}",indicator="{indicator}"}}') == 22
        assert figure(server, f'cds_request_seconds_count{{service="{SIGN}"}}') == 23
        assert figure(server, 'cds_refusals_total{reason="envelope"}') == 1


def test_gaps_are_counted_by_where(log: Path) -> None:
    with running(log) as server:
        request = {**REQUEST, "prefetch": {"conditions": OUTCOME, "own-key": OUTCOME}}
        answered(server.hook(SIGN, request))
        assert figure(server, 'cds_gaps_total{where="prefetch.conditions"}') == 1
        assert figure(server, 'cds_gaps_total{where="prefetch.other"}') == 1
        (line,) = lines(log, "hook")
        assert line["gaps"] >= 2


def test_every_call_is_one_line(log: Path) -> None:
    own = str(uuid.uuid4())
    with running(log) as server:
        replies = {
            "hook": server.hook(SIGN, REQUEST, {"X-Request-ID": own.upper()}),
            "discovery": server.get("/cds-services"),
            "feedback": send(server, {"card": "x", "outcome": "accepted"}),
        }
        server.get("/healthz")
    for event, reply in replies.items():
        (line,) = lines(log, event)
        assert line["request"] == reply.headers["x-request-id"]
        assert line["status"] == reply.status
        assert line["ms"] > 0
        assert line["level"] == "info"
    (line,) = lines(log, "hook")
    assert (line["request"], line["service"], line["orders"], line["cards"]) == (own, SIGN, 1, 1)
    assert len(lines(log, "hook") + lines(log, "discovery") + lines(log, "feedback")) == 3


TWO = ("6f1c2f1e-5d0a-4c58-9a51-0c2f5a3a7f10", "0b5be3f2-1f7c-4a52-8d10-9b8d3b0f4a77")


@pytest.mark.parametrize("sent", ["", "7", "x" * 36, "not-a-uuid", f"{TWO[0]} {TWO[1]}"])
def test_a_request_id_that_is_no_uuid_is_replaced(server: Server, sent: str) -> None:
    reply = server.send("GET", "/healthz", headers={"X-Request-ID": sent})
    assert reply.headers["x-request-id"] != sent
    assert uuid.UUID(reply.headers["x-request-id"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/cds-services"),
        ("POST", f"/cds-services/{SIGN}"),
        ("POST", f"/cds-services/{SIGN}/feedback"),
        ("GET", "/metrics"),
        ("GET", "/nowhere"),
        ("OPTIONS", "/cds-services"),
    ],
)
def test_every_answer_has_the_security_headers(server: Server, method: str, path: str) -> None:
    reply = server.send(method, path, {} if method == "POST" else None)
    assert SECURITY.items() <= reply.headers.items()
    assert "strict-transport-security" not in reply.headers


def test_behind_tls_browsers_are_told_to_stay_there() -> None:
    with running(CDS_PUBLIC_BASE_URL="https://cds.example.org") as server:
        assert "max-age" in server.get("/cds-services").headers["strict-transport-security"]


def test_a_store_that_is_down_is_said_and_does_not_stop_cards(log: Path) -> None:
    port = unused_port()
    with running(log, DATABASE_URL=f"postgresql://nobody:hidden-word@127.0.0.1:{port}/nowhere") as server:
        ready = server.get("/readyz")
        assert (ready.status, ready.json["status"], ready.json["knowledge"]) == (503, "degraded", "ok")
        assert ready.json["store"] not in ("ok", "none")
        assert server.get("/healthz").status == 200
        assert answered(server.hook(SIGN, REQUEST))["cards"]
        assert "hidden-word" not in ready.body.decode()
    assert lines(log, "log")[0]["logger"] == "cds_service.store"
    assert "hidden-word" not in log.read_text()
    assert lines(log, "records-lost"), "what could not be kept is said"


def test_a_locked_database_does_not_stop_cards(tmp_path: Path, log: Path) -> None:
    path = tmp_path / "store.sqlite3"
    with running(log, DATABASE_URL=f"sqlite:///{path}") as server:
        assert server.get("/readyz").json["store"] == "ok"
        locker = sqlite3.connect(path, isolation_level=None)
        locker.execute("BEGIN EXCLUSIVE")
        try:
            assert answered(server.hook(SIGN, REQUEST))["cards"]
            refused(503, send(server, {"card": "x", "outcome": "accepted"}))
            assert answered(server.hook(SIGN, REQUEST))["cards"]
        finally:
            locker.execute("ROLLBACK")
            locker.close()
        assert send(server, {"card": "x", "outcome": "accepted"}).status == 200
        kept = Database(f"sqlite:///{path}").until("SELECT * FROM calls", 2)
    assert [row["status"] for row in kept] == [200, 200]


def test_a_shutdown_answers_and_writes_what_it_has_taken(database: Database, log: Path) -> None:
    """The last requests are on their way when the signal comes."""
    server = start(log=log, WEB_CONCURRENCY=str(WORKERS), DATABASE_URL=database.url)
    statuses: list[int] = []

    def client() -> None:
        try:
            while True:
                statuses.append(server.hook(SIGN, REQUEST).status)
        except OSError:
            pass  # nobody listens any more

    clients = [threading.Thread(target=client) for _ in range(4)]
    for each in clients:
        each.start()
    while len(statuses) < 40:
        time.sleep(0.01)
    server.process.send_signal(signal.SIGTERM)
    status = server.process.wait(30)
    for each in clients:
        each.join(30)
    assert server.process.stdout is not None
    server.process.stdout.close()
    assert status == 0
    assert set(statuses) == {200}
    (count,) = database.rows("SELECT COUNT(*) AS calls FROM calls WHERE status = 200")
    # The last answers may have been cut off on the way, after they were counted.
    assert len(statuses) <= count["calls"] <= len(statuses) + len(clients)
    assert lines(log, "records-lost") == []


def test_nothing_of_the_figures_is_left_behind() -> None:
    with running(WEB_CONCURRENCY="2") as server:
        server.get("/healthz")
        maps = [Path(f"/proc/{worker}/maps").read_text() for worker in workers(server)]
        (directory,) = {Path(found) for found in re.findall(r" (/\S*/cds-metrics-[^/\s]+)/", "".join(maps))}
        assert directory.is_dir()
    assert not directory.exists()
