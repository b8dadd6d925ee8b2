"""How long the store may make one wait, and PostgreSQL connections that keep to it.

The server's own limits do not help when the server hangs; these connections give up by themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from enum import Enum
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

RV = TypeVar("RV")
SAID = "gave up waiting"


class Patience(Enum):
    """Seconds that one statement may take.

    ``QUICK``, on the path of a request, also means single statements that do not wait for the disk.
    ``LONG`` is for commands.
    """

    QUICK = 0.5
    USUAL = 2.0
    LONG = 600.0

    @property
    def seconds(self) -> float:
        return float(self.value)


def connect(patience: Patience, *arguments: Any, **options: Any) -> psycopg.Connection[Any]:
    """Like psycopg.connect."""

    class Patient(psycopg.Connection[Any]):
        def wait(self, gen: PQGen[RV], *rest: Any, **named: Any) -> RV:
            deadline = time.monotonic() + patience.seconds + _GRACE_SECONDS
            return super().wait(_until(gen, deadline, self.pgconn.finish), *rest, **named)

    return Patient.connect(*arguments, **options)


# The server, when it can, says more precisely what is wrong.
_GRACE_SECONDS = 0.25


def _until(gen: PQGen[RV], deadline: float, give_up: Callable[[], None]) -> Generator[Any, Any, RV]:
    """Drive the generator; psycopg comes by several times a second with nothing when nothing has come."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() >= deadline:
                give_up()
                raise psycopg.OperationalError(SAID)
            wanted = gen.send(ready)
    except StopIteration as end:
        result: RV = end.value
        return result
