"""Log lines: whole, of one shape, and silent about what others would quote."""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cds_service import logs

CANARY = "canary"
NAMES = ("", logs.OURS)


Written = Callable[[], str]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Written]:
    """What stands on standard error so far; logging is put back afterwards."""
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in NAMES}
    handlers, hooks, flags = list(root.handlers), (sys.excepthook, threading.excepthook), _flags()
    root.handlers.clear()
    try:
        yield lambda: capsys.readouterr().err
    finally:
        root.handlers[:] = handlers
        sys.excepthook, threading.excepthook = hooks
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        for name, flag in flags.items():
            setattr(logging, name, flag)
        logging.captureWarnings(False)


def _flags() -> dict[str, bool]:
    return {name: getattr(logging, name) for name in ("logThreads", "logProcesses", "logMultiprocessing")}


def lines(written: Written) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written().splitlines()]


def test_a_call_is_one_json_line_with_its_fields(written: Written) -> None:
    logs.configure("info", "json")
    logs.tell("hook", {"status": 200, "ms": 1.5, "fetched": {"conditions": ["timeout", 400]}})
    (line,) = lines(written)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "event": "hook",
        "status": 200,
        "ms": 1.5,
        "fetched": {"conditions": ["timeout", 400]},
    }


def test_a_call_is_one_line_of_words_on_a_terminal(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    logs.configure("info")
    logs.tell("hook", {"status": 200, "gaps": 0, "refusal": ""})
    assert written().splitlines()[0].endswith(" info hook status=200 gaps=0")


def test_without_a_terminal_and_a_wish_it_is_json(written: Written) -> None:
    logs.configure("info")
    logs.tell("hook", {})
    assert lines(written)[0]["event"] == "hook"


def test_above_its_level_a_call_says_nothing(written: Written) -> None:
    logs.configure("warning", "json")
    logs.tell("hook", {"status": 200})
    logs.tell("records-lost", {}, level=logging.WARNING)
    assert [line["event"] for line in lines(written)] == ["records-lost"]


def failing() -> None:
    try:
        raise KeyError(CANARY)
    except KeyError as error:
        raise ValueError(CANARY) from error


def foreign(name: str, *message: Any, **options: Any) -> Callable[[], None]:
    return lambda: logging.getLogger(name).error(*message, **options)


def with_failure() -> None:
    try:
        failing()
    except ValueError:
        logging.getLogger("gunicorn.error").exception("Error handling request %s", f"/{CANARY}")


def in_a_thread() -> None:
    thread = threading.Thread(target=failing)
    thread.start()
    thread.join()


def uncaught() -> None:
    try:
        failing()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)


def warned() -> None:
    warnings.warn(CANARY, stacklevel=2)


QUOTERS: dict[str, tuple[Callable[[], None], str]] = {
    "arguments": (
        foreign("other", "GET %s failed after %d tries", f"/{CANARY}", 3),
        "GET … failed after 3",
    ),
    "named arguments": (foreign("other", "GET %(url)s", {"url": CANARY}), "GET %(url)s"),
    "an exception as the message": (foreign("gunicorn.error", ValueError(CANARY)), "ValueError"),
    "a request that cannot be read": (
        foreign("gunicorn.error", f"Invalid request from ip=127.0.0.1: Invalid header {CANARY}"),
        "Invalid request from ip=",
    ),
    "too many arguments": (foreign("other", "GET %s", CANARY, CANARY), "GET %s"),
    "an exception": (with_failure, "Error handling request …"),
    "a thread that dies": (in_a_thread, "uncaught failure"),
    "the end of the process": (uncaught, "uncaught failure"),
    "a warning": (warned, "UserWarning"),
    "a message put together before": (foreign("other", f"GET {CANARY}"), "test_logs.py:"),
}


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", QUOTERS)
@pytest.mark.parametrize("style", ["json", "text"])
def test_what_others_quote_is_left_out(written: Written, name: str, style: str) -> None:
    act, words = QUOTERS[name]
    logs.configure("debug", style)
    act()
    said = written()
    assert words in said
    assert CANARY not in said


def test_an_exception_says_what_it_was_and_where(written: Written) -> None:
    logs.configure("info", "json")
    with_failure()
    (line,) = lines(written)
    assert line["failure"] == "ValueError from KeyError"
    assert "in failing" in line["at"]


def test_our_own_words_are_written_in_full(written: Written) -> None:
    logs.configure("info", "json")
    logging.getLogger("cds_service.store").warning("hooks are answered, but not kept: %s", "the disk is full")
    (line,) = lines(written)
    assert line["message"] == "hooks are answered, but not kept: the disk is full"
    assert line["worker"] > 0


def test_others_speak_from_warning_on(written: Written) -> None:
    logs.configure("debug", "json")
    logging.getLogger("alembic").info("Context impl")
    assert written() == ""
