"""Figures: counted once, added up over processes, and labelled with words of ours alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from cds_service.metrics import Metrics

# Two processes count, one of them has ended and one is another; a third shows what all of them counted.
SCRIPT = """
import os, sys
directory = sys.argv[1]
os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
from types import SimpleNamespace
from cds_service import metrics
figures = metrics.Metrics(directory)
for depth in (3, 4):
    child = os.fork()
    if not child:
        figures.answered("a-service", 200, 0.2)
        figures.queued(SimpleNamespace(written=5, dropped=1, failures=0, depth=depth))
        os._exit(0)
    os.waitpid(child, 0)
    if depth == 4:
        metrics.forget(directory, child)
sys.stdout.write(figures.text().decode())
"""


@dataclass
class Queue:
    written: int = 0
    dropped: int = 0
    failures: int = 0
    depth: int = 0


def samples(text: str) -> dict[str, float]:
    rows = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in rows}


def test_every_figure_is_there_under_its_name() -> None:
    metrics = Metrics()
    metrics.answered("s", 200, 0.02)
    metrics.answered("s", 200, 0.2)
    metrics.passed(404)
    metrics.refused("expired")
    metrics.carded([("coding:x", "info"), ("coding:x", "info")], {"prefetch.conditions": 2})
    metrics.fetched([("conditions", "timeout")])
    metrics.heard(["accepted", "accepted", "overridden"])
    found = samples(metrics.text().decode())
    expected = {
        'cds_requests_total{service="s",status="200"}': 2,
        'cds_requests_total{service="other",status="404"}': 1,
        'cds_request_seconds_count{service="s"}': 2,
        'cds_request_seconds_bucket{le="0.025",service="s"}': 1,
        'cds_refusals_total{reason="expired"}': 1,
        'cds_cards_total{finding="coding:x",indicator="info"}': 2,
        'cds_gaps_total{where="prefetch.conditions"}': 2,
        'cds_fetches_total{key="conditions",outcome="timeout"}': 1,
        'cds_feedback_total{outcome="accepted"}': 2,
        'cds_feedback_total{outcome="overridden"}': 1,
        'cds_records_total{fate="dropped"}': 0,
    }
    assert expected.items() <= found.items()


def test_records_are_counted_as_their_number_grows() -> None:
    metrics, queue = Metrics(), Queue()
    for queue.written, queue.dropped, queue.depth in ((2, 0, 5), (2, 0, 5), (7, 3, 1)):
        metrics.queued(queue)
    found = samples(metrics.text().decode())
    assert found['cds_records_total{fate="written"}'] == 7
    assert found['cds_records_total{fate="dropped"}'] == 3
    assert found["cds_records_waiting"] == 1


def test_two_threads_that_tell_of_the_same_growth_count_it_once() -> None:
    class Overtaken(Queue):
        """While it is being read, another thread tells of the same figures, if it may."""

        other: threading.Thread | None = None

        def __getattribute__(self, name: str) -> object:
            if name == "dropped" and Overtaken.other is None:
                Overtaken.other = threading.Thread(target=metrics.queued, args=(self,))
                Overtaken.other.start()
                Overtaken.other.join(0.3)
            return super().__getattribute__(name)

    metrics = Metrics()
    metrics.queued(Overtaken(dropped=5))
    assert Overtaken.other is not None
    Overtaken.other.join(30)
    assert samples(metrics.text().decode())['cds_records_total{fate="dropped"}'] == 5


def test_unchecked_tokens_are_counted_as_their_number_grows() -> None:
    metrics = Metrics()
    for total in (0, 2, 2, 7, 3):
        metrics.unchecked(total)
    assert samples(metrics.text().decode())["cds_replay_unchecked_total"] == 7


def test_figures_of_several_processes_are_added_up_and_outlive_them(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    found = samples(ended.stdout)
    assert found['cds_requests_total{service="a-service",status="200"}'] == 2, json.dumps(found)
    assert found['cds_records_total{fate="written"}'] == 10
    # What a process that is gone had waiting is gone as well; the other was not yet found out.
    assert found["cds_records_waiting"] == 3
