"""Schemathesis reads GET /openapi.json and tries to catch the running server at something it does not say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Server, start, stop

pytestmark = pytest.mark.slow

SCHEMATHESIS = str(Path(sys.executable).parent / "schemathesis")
EXAMPLES = 25
SECONDS = 120
PATH = "/cds-services/emg-ncs-order-sign"


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a store, so that feedback can be kept."""
    server = start(DATABASE_URL=f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.sqlite3'}")
    yield server
    stop(server)


def test_the_server_keeps_to_its_description(keeping: Server, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            SCHEMATHESIS,
            "run",
            f"{keeping.url}/openapi.json",
            "--checks=all",
            f"--max-examples={EXAMPLES}",
            "--seed=1",
            "--continue-on-failure",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout


def test_it_would_tell_an_answer_that_is_not_described(keeping: Server, tmp_path: Path) -> None:
    """The same check of a description that promises too little: a 400 it does not name."""
    described = keeping.get("/openapi.json").json
    operation = described["paths"][PATH]["post"]
    del operation["responses"]["400"]
    described["paths"] = {PATH: {"post": operation}}
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(described), encoding="utf-8")
    done = subprocess.run(
        [
            SCHEMATHESIS,
            "run",
            str(file),
            "--url",
            keeping.url,
            "--checks=all",
            "--max-examples=5",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 1, done.stdout
    assert "Undocumented status code" in done.stdout
