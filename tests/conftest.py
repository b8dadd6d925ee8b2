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
from dataclasses import dataclass, field
from typing import Any

import pytest

START_SECONDS = 60


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


def start(*, command: Sequence[str] = ("-m", "cds_service.cli", "serve"), **environ: str) -> Server:
    """Start the service and wait for the line that says where it listens."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
    process = subprocess.Popen(
        [sys.executable, *command],
        env={**known, "HOST": "127.0.0.1", "PORT": "0", "WEB_CONCURRENCY": "1", **environ},
        stdout=subprocess.PIPE,
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


def stop(server: Server) -> int:
    """End the service as an operator would; the exit status."""
    server.process.send_signal(signal.SIGTERM)
    assert server.process.stdout is not None
    try:
        return server.process.wait(15)
    finally:
        server.process.kill()
        server.process.stdout.close()
