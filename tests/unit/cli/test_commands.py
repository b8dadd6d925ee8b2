"""The command line: usage, exit statuses and what is printed where."""

from __future__ import annotations

import json
import os
import pty
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.bodies import SANDBOX, body, bundle

ORDER = {
    "resourceType": "ServiceRequest",
    "id": "a",
    "status": "draft",
    "intent": "order",
    "code": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "95886"}]},
    "subject": {"reference": "Patient/p1"},
    "authoredOn": "2026-11-20",
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Request files by what they are."""
    requests: dict[str, Any] = {
        "emg": body(context={"draftOrders": bundle(ORDER)}),
        "select": body(
            "order-select", context={"draftOrders": bundle(ORDER), "selections": ["ServiceRequest/a"]}
        ),
        "drug": SANDBOX["rx-sign-drug-chosen"][1],
        "no-context": {"hook": "order-sign", "hookInstance": "x"},
        "no-hook": {"hookInstance": "x"},
        "other-hook": body("patient-view"),
        "list": [],
    }
    for name, request in requests.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(request), encoding="utf-8")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    return {path.stem: str(path) for path in tmp_path.glob("*.json")}


def cds(*arguments: str, stdin: str | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cds_service.cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environ},
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "no-such-file.json"],
        ["check", "--as-of", "yesterday", "-"],
        ["explain"],
        ["explain", "a", "b"],
        ["lint", "no-such-folder"],
        ["serve", "--port", "x"],
        ["nonsense"],
    ],
)
def test_usage_errors_are_2(arguments: list[str]) -> None:
    done = cds(*arguments, stdin="{}")
    assert done.returncode == 2
    assert "Usage: cds-service" in done.stderr
    assert done.stdout == ""


def test_help_names_every_command_without_loading_much() -> None:
    done = cds("--help")
    assert done.returncode == 0
    for command in ("serve", "check", "explain", "lint", "golden"):
        assert command in done.stdout
    heavy = "flask jsonschema gunicorn rich fhir orjson requests jinja2"
    code = f"import sys, cds_service.cli; print(sorted(set({heavy.split()}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_cards_are_plain_text_in_a_pipe(files: dict[str, str]) -> None:
    done = cds("check", files["emg"])
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[")
    assert "\x1b" not in done.stdout


def in_a_terminal(*arguments: str) -> str:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "cds_service.cli", *arguments],
        stdout=theirs,
        check=False,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
    )
    os.close(theirs)
    assert done.returncode == 0
    shown = os.read(ours, 100_000)
    os.close(ours)
    return shown.decode()


def test_cards_are_drawn_in_a_terminal(files: dict[str, str]) -> None:
    assert "\x1b[" in in_a_terminal("check", files["emg"])


def test_no_card_is_said(files: dict[str, str]) -> None:
    done = cds("check", files["drug"])
    assert (done.returncode, done.stdout) == (0, "No card: there is nothing to say about these orders.\n")


def test_json_is_the_response_body(files: dict[str, str]) -> None:
    done = cds("check", "--json", files["emg"], files["select"], files["drug"])
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert json.loads(lines[0])["cards"]
    assert json.loads(lines[2]) == {"cards": []}


def test_standard_input(files: dict[str, str]) -> None:
    done = cds("check", "--json", "-", stdin=Path(files["drug"]).read_text(encoding="utf-8"))
    assert (done.returncode, json.loads(done.stdout)) == (0, {"cards": []})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("broken", "not JSON"),
        ("list", "not a JSON object"),
        ("no-hook", "hook: is missing"),
        ("no-context", "context: is missing"),
        ("other-hook", "hook: no service of ours has this hook"),
    ],
)
def test_refusals_are_1(files: dict[str, str], name: str, words: str) -> None:
    for command in ("check", "explain"):
        done = cds(command, files[name])
        assert (done.returncode, done.stdout) == (1, "")
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    outcome = json.loads(cds("check", "--json", files[name]).stdout)
    assert outcome["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"CDS_MAX_ORDERS": "1"}, "context.draftOrders.entry: has more than 1 entries"),
        ({"CDS_MAX_BODY_BYTES": "1024"}, "the body is larger than 1024 bytes"),
        ({"CDS_MAX_DEPTH": "8"}, "nested deeper than 8 levels"),
    ],
)
def test_the_limits_of_the_server_hold_here_too(tmp_path: Path, environ: dict[str, str], words: str) -> None:
    file = tmp_path / "large.json"
    deep = {**ORDER, "note": [{"text": "x" * 1024, "extension": [{"extension": [{"valueCode": "a"}]}]}]}
    file.write_text(json.dumps(body(context={"draftOrders": bundle(deep, deep)})), encoding="utf-8")
    assert cds("check", str(file)).returncode == 0
    for command in ("check", "explain"):
        done = cds(command, str(file), **environ)
        assert (done.returncode, done.stdout) == (1, "")
        assert words in done.stderr


def test_one_refused_file_does_not_stop_the_others(files: dict[str, str]) -> None:
    done = cds("check", files["broken"], files["drug"])
    assert done.returncode == 1
    assert "No card" in done.stdout
    assert f"== {files['drug']}" in done.stdout


def test_explain(files: dict[str, str]) -> None:
    assert cds("explain", files["emg"]).stdout.strip()
    explained = json.loads(cds("explain", "--json", files["emg"]).stdout)
    assert explained["service"] == "emg-ncs-order-sign"
    assert explained["as_of"] == "2026-11-20"
    assert json.loads(cds("explain", "--json", files["select"]).stdout)["service"] == "emg-ncs-order-select"


def test_the_reasoning_is_coloured_in_a_terminal(files: dict[str, str]) -> None:
    assert "\x1b" not in cds("explain", files["emg"]).stdout
    assert "\x1b[" in in_a_terminal("explain", files["emg"])


def test_as_of_fixes_the_date(files: dict[str, str]) -> None:
    explained = json.loads(cds("explain", "--json", "--as-of", "2026-01-02", files["emg"]).stdout)
    assert explained["as_of"] == "2026-01-02"


def test_the_shipped_content_is_without_mistakes() -> None:
    done = cds("lint")
    assert (done.returncode, done.stdout) == (0, "")


def test_settings_mistakes_are_said_without_a_traceback(files: dict[str, str]) -> None:
    for arguments in (["serve"], ["check", files["emg"]]):
        done = cds(*arguments, CDS_MAX_DEPTH="deep")
        assert done.returncode == 1
        assert done.stderr.startswith("CDS_MAX_DEPTH: ")


def test_a_port_in_use_is_said_at_once_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = cds("serve", "--port", str(port), DATABASE_URL="none")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == f"PORT: {port} is in use; set PORT to another, or stop what listens there\n"


def test_a_host_that_is_none_of_ours_is_said() -> None:
    done = cds("serve", "--host", "192.0.2.1", CDS_OPEN_ACCESS="1", DATABASE_URL="none")
    assert done.returncode == 1
    assert done.stderr == "HOST: 192.0.2.1 is no address of this machine; set HOST to one it has\n"
