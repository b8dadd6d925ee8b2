"""The soak in small, and that it would tell a broken promise."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.soak.load import Tally
from tests.soak.promises import Run, broken, growth
from tests.soak.stores import KINDS

CHECKOUT = Path(__file__).resolve().parents[2]
SECONDS = 3

GOOD = Run(
    seconds=60,
    tally=Tally(hooks=10, heard={("card-1", "accepted")}),
    memory={1: [100.0, 110.0, 111.0, 112.0] * 5, 2: [100.0] * 20},
    kept={("card-1", "accepted"), ("card-0", "overridden")},
    recorded=9,
    lost=1,
)


@pytest.mark.slow
@pytest.mark.parametrize("store", KINDS)
def test_a_short_soak_keeps_every_promise(store: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", "--seconds", str(SECONDS), store],
        cwd=CHECKOUT,
        env={**os.environ, "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all promises kept" in done.stdout
    assert "answers of 500 or above: 0" in done.stdout


def test_a_good_run_breaks_no_promise() -> None:
    assert list(broken(GOOD)) == []


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (replace(GOOD, tally=Tally()), "nothing is proven"),
        (replace(GOOD, kept=set()), "1 of 1 pieces of feedback answered 200 are not in the store"),
        (replace(GOOD, kept={("card-1", "overridden")}), "are not in the store"),
        (replace(GOOD, lost=0), "10 hooks were answered 200, but 9 are on record and 0 counted as dropped"),
        (replace(GOOD, staying=False), "a worker ended that was not told to"),
        (
            replace(GOOD, memory={1: [float(size) for size in range(100)], 2: [1.0]}),
            "worker 1 grew by 50 MiB",
        ),
        (replace(GOOD, exit_status=1), "ended with status 1"),
        (replace(GOOD, leaks=("server.log",)), "a patient's text came out in server.log"),
    ],
    ids=lambda value: value if isinstance(value, str) else "run",
)
def test_a_broken_promise_is_told(run: Run, words: str) -> None:
    assert any(words in sentence for sentence in broken(run))


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, "hook: 3 not answered"), (500, "3 answers of 500"), (404, "hook: 3 answered 404")],
)
def test_an_answer_that_was_not_promised_is_told(status: int, words: str) -> None:
    tally = Tally(hooks=10, heard=set(GOOD.tally.heard))
    tally.answers["hook", status] = tally.unexpected["hook", status] = 3
    assert any(words in sentence for sentence in broken(replace(GOOD, tally=tally)))


def test_warming_up_is_no_growth() -> None:
    assert growth([10, 50, 90, 100, 100, 100, 100, 100]) == 5
    assert growth([100, 100]) == 0
