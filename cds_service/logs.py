"""What happened in, one line each on standard error: JSON for machines, words for a terminal.

Only our own loggers speak freely. Of anyone else's record the arguments are left out, and of every exception
its text: both may quote a request.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson

OURS = "cds_service"
# Where gunicorn quotes what it could not parse, only this much of its sentence is kept.
QUOTING = ("Invalid request from ip=",)
calls = logging.getLogger(f"{OURS}.calls")
failures = logging.getLogger(f"{OURS}.failures")


def configure(level: str, style: str = "") -> None:
    """Set up logging of this process; ``style``: json or text, ``""`` decides by where the lines go."""
    as_json = style == "json" or (not style and not sys.stderr.isatty())
    writer = logging.StreamHandler(sys.stderr)
    writer.setFormatter(_Json() if as_json else _Words())
    logging.basicConfig(level=logging.WARNING, handlers=[writer], force=True)
    logging.getLogger(OURS).setLevel(level.upper())
    logging.captureWarnings(True)
    # Nobody reads these, and looking them up would cost a third of a line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    sys.excepthook = _uncaught
    threading.excepthook = lambda hook: _uncaught(hook.exc_type, hook.exc_value, hook.exc_traceback)


def tell(event: str, fields: Mapping[str, Any], *, level: int = logging.INFO) -> None:
    """One line about one call. ``fields`` hold ids, counts, words of ours and milliseconds, nothing sent."""
    if calls.isEnabledFor(level):
        calls.log(level, event, extra={"fields": fields})


def shape_of(error: BaseException) -> tuple[str, str]:
    """An exception as its types, and as the places it went through; never its text."""
    kinds, frames = [], ""
    link: BaseException | None = error
    while link is not None:
        kinds.append(type(link).__qualname__)
        frames += "".join(traceback.format_tb(link.__traceback__))
        link = link.__cause__ or link.__context__
    return " from ".join(kinds), frames.rstrip()


def _uncaught(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:  # the signature is Python's
    if issubclass(kind, KeyboardInterrupt) or error is None:
        return
    failures.critical("uncaught failure", exc_info=(kind, error, trace))


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
    }
    told: Mapping[str, Any] | None = getattr(record, "fields", None)
    if told is not None:
        return {**fields, "event": record.msg, **told}
    fields |= {"event": "log", "logger": record.name, "worker": os.getpid(), "message": _message(record)}
    if record.exc_info and record.exc_info[1] is not None:
        fields["failure"], fields["at"] = shape_of(record.exc_info[1])
    return fields


def _message(record: logging.LogRecord) -> str:
    if record.name == OURS or record.name.startswith(f"{OURS}."):
        return record.getMessage()
    if not isinstance(record.msg, str):
        return type(record.msg).__qualname__
    if record.name == "py.warnings":
        return ": ".join(record.msg.split(": ", 2)[:2])
    if record.name.startswith("gunicorn"):
        for start in QUOTING:
            if record.msg.startswith(start):
                return start
    elif not record.args:
        # Put together before it came here, of we know not what.
        return f"{record.filename}:{record.lineno}"
    given = record.args if isinstance(record.args, tuple) else ()
    try:
        return record.msg % tuple(each if isinstance(each, int | float) else "…" for each in given)
    except (TypeError, ValueError):
        return record.msg


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return orjson.dumps(_fields(record), default=str).decode()


class _Words(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        first = f"{fields.pop('time')} {fields.pop('level')} {fields.pop('event')}"
        at = fields.pop("at", "")
        words = " ".join(f"{name}={value}" for name, value in fields.items() if value not in ("", {}, []))
        return "\n".join(filter(None, (f"{first} {words}", at)))
