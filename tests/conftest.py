"""A real server for the contract tests: ``cds-service serve`` under gunicorn on a free loopback port."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

START_SECONDS = 60
OURS = ("CDS_", "DATABASE_URL", "PROMETHEUS_")


@dataclass(frozen=True)
class Reply:
    """Status, headers (names in lower case) and body of one HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    """One running service."""

    port: int
    process: subprocess.Popen[str] = field(repr=False)
    said: list[str] = field(default_factory=list)
    """What stood on standard output after the line that says where it listens; known once it has ended."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        chunked: bool = False,
    ) -> Reply:
        """One request, its path exactly as given; a body that is not bytes is sent as JSON."""
        sent = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            if chunked:
                pieces = (body[start : start + 65536] for start in range(0, len(body), 65536))
                connection.request(
                    method, path, pieces, {**sent, "Transfer-Encoding": "chunked"}, encode_chunked=True
                )
            else:
                connection.request(method, path, body, sent)
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, names, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        return self.send("GET", path, headers=headers)

    def hook(self, service: str, body: Any, headers: Mapping[str, str] | None = None) -> Reply:
        return self.send("POST", f"/cds-services/{service}", body, headers)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The service with its default settings."""
    with_defaults = start()
    yield with_defaults
    stop(with_defaults)


def start(
    *,
    command: Sequence[str] = ("-m", "cds_service.cli", "serve"),
    log: Path | None = None,
    **environ: str,
) -> Server:
    """Start the service and wait for the line that says where it listens; ``log`` takes its standard error.

    It keeps nothing unless DATABASE_URL is given.
    """
    known = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    ours = {"HOST": "127.0.0.1", "PORT": "0", "WEB_CONCURRENCY": "1", "DATABASE_URL": "none"}
    with log.open("ab") if log is not None else nullcontext() as errors:
        process = subprocess.Popen(
            [sys.executable, *command],
            env={**known, **ours, **environ},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    assert process.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if select.select([process.stdout], [], [], 1)[0]:
            line = process.stdout.readline()
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                return Server(int(found[1]), process)
    process.kill()
    raise AssertionError("the service did not say where it listens")


@contextmanager
def running(log: Path | None = None, **environ: str) -> Iterator[Server]:
    """A service of one's own; it must end well."""
    server = start(log=log, **environ)
    try:
        yield server
    except BaseException:
        server.process.kill()
        raise
    finally:
        status = stop(server)
    assert status == 0


def stop(server: Server) -> int:
    """End the service as an operator would; the exit status."""
    server.process.send_signal(signal.SIGTERM)
    assert server.process.stdout is not None
    try:
        status = server.process.wait(15)
        server.said.extend(server.process.stdout.readlines())
        return status
    finally:
        server.process.kill()
        server.process.stdout.close()
