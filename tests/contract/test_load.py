"""Two workers and many clients at once: what was answered is kept, and the store is sound."""

from __future__ import annotations

import os
import signal
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import running
from tests.contract.bodies import SIGN
from tests.contract.conftest import Database
from tests.contract.test_feedback import workers
from tests.contract.test_operations import REQUEST
from tests.contract.trust import BASE_URL, Client

HOOK = f"/cds-services/{SIGN}"
FEEDBACK = f"{HOOK}/feedback"
CLIENTS = 12
ROUNDS = 30


def test_what_many_clients_were_told_at_once_is_in_the_store(database: Database, tmp_path: Path) -> None:
    client = Client()
    with running(
        tmp_path / "log",
        WEB_CONCURRENCY="2",
        CDS_TRUST_REGISTRY=str(client.register(tmp_path)),
        CDS_PUBLIC_BASE_URL=BASE_URL,
        DATABASE_URL=database.url,
    ) as server:

        def one(_: int) -> list[tuple[int, int, str]]:
            told = []
            for _ in range(ROUNDS):
                card = str(uuid.uuid4())
                hook = server.send("POST", HOOK, REQUEST, client.header(HOOK))
                body = {"feedback": [{"card": card, "outcome": "overridden"}]}
                told.append(
                    (hook.status, server.send("POST", FEEDBACK, body, client.header(FEEDBACK)).status, card)
                )
            return told

        with ThreadPoolExecutor(CLIENTS) as pool:
            running_clients = [pool.submit(one, number) for number in range(CLIENTS)]
            for worker in sorted(workers(server)):
                # One that ends lets go of the store while the other is writing.
                server.get("/readyz")
                time.sleep(0.5)
                os.kill(worker, signal.SIGTERM)
            told = [each for some in running_clients for each in some.result()]
    assert {(hook, feedback) for hook, feedback, _ in told} == {(200, 200)}
    assert {card for *_, card in told} <= {row["card"] for row in database.rows("SELECT card FROM feedback")}
    assert database.rows("SELECT COUNT(*) AS calls FROM calls") == [{"calls": CLIENTS * ROUNDS}]
    if database.url.startswith("sqlite"):
        assert database.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
