"""Who may call: a trust registry, two workers and PostgreSQL; and what happens without a registry."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Server, running
from tests.contract.bodies import SELECT, SIGN, body, text
from tests.contract.conftest import Database
from tests.contract.test_http import answered, refused
from tests.contract.trust import BASE_URL, ISSUER, Client, new_key

HOOK = f"/cds-services/{SIGN}"
FEEDBACK = f"{HOOK}/feedback"
STRANGER = new_key()
WORKERS = 2


@dataclass(frozen=True)
class Edge:
    """A server that trusts one client."""

    server: Server
    client: Client
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def line_of(self, reply: Any) -> dict[str, Any]:
        """The log line of one answer."""
        (line,) = [line for line in self.lines() if line.get("request") == reply.headers["x-request-id"]]
        return line


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory, postgresql_url: str) -> Iterator[Edge]:
    folder = tmp_path_factory.mktemp("edge")
    client = Client()
    registry = client.register(folder, 'tenants = ["north", "south"]')
    with running(
        folder / "log",
        WEB_CONCURRENCY=str(WORKERS),
        CDS_TRUST_REGISTRY=str(registry),
        CDS_PUBLIC_BASE_URL=BASE_URL,
        DATABASE_URL=postgresql_url,
    ) as server:
        yield Edge(server, client, folder / "log")


def sent(edge: Edge, method: str, path: str, headers: dict[str, str]) -> Any:
    """The right body for each path, under these headers."""
    bodies = {HOOK: body(), FEEDBACK: {"feedback": []}, f"/cds-services/{SELECT}": body("order-select")}
    return edge.server.send(method, path, bodies.get(path), headers)


GUARDED = [("GET", "/cds-services"), ("POST", HOOK), ("POST", FEEDBACK), ("POST", f"/cds-services/{SELECT}")]


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_the_listed_client_is_served_and_named_in_the_log(edge: Edge, method: str, path: str) -> None:
    reply = sent(edge, method, path, edge.client.header(path, tenant="north"))
    assert reply.status == 200, reply.body
    line = edge.line_of(reply)
    assert (line["issuer"], line["tenant"], line["status"]) == (ISSUER, "north", 200)


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_without_a_token_nothing_is_answered(edge: Edge, method: str, path: str) -> None:
    reply = sent(edge, method, path, {})
    refused(401, reply)
    assert reply.headers["www-authenticate"] == "Bearer"
    assert edge.line_of(reply)["refusal"] == "missing"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "for discovery": ({"aud": f"{BASE_URL}/cds-services"}, "audience"),
    "for another host": ({"aud": f"https://elsewhere.example.org{HOOK}"}, "audience"),
    "long expired": ({"iat": 1_000_000_000, "exp": 1_000_000_300}, "expired"),
    "of an unknown issuer": ({"iss": "https://nobody.example.org"}, "unknown-issuer"),
    "of an unknown tenant": ({"tenant": "west"}, "tenant"),
    "without a jti": ({"jti": None}, "missing-claim"),
    "signed by a stranger": ({"signed_by": STRANGER}, "signature"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_token_is_401_with_the_reason_in_the_log_alone(edge: Edge, name: str) -> None:
    claims, reason = WRONG[name]
    claims = {"tenant": "north", **claims}
    headers = edge.client.header(HOOK, **claims)
    reply = sent(edge, "POST", HOOK, headers)
    refused(401, reply)
    assert reply.body == sent(edge, "POST", HOOK, {}).body, "the body tells one refusal from another"
    assert edge.line_of(reply)["refusal"] == reason
    token = headers["Authorization"].removeprefix("Bearer ")
    assert all(part not in edge.log.read_text() for part in token.split("."))


def test_a_token_is_good_once_whichever_worker_gets_it(edge: Edge) -> None:
    headers = edge.client.header(HOOK, tenant="north")
    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(lambda _: edge.server.hook(SIGN, body(), headers).status, range(24)))
    assert statuses == {200: 1, 401: 23}


def test_of_a_token_used_twice_the_log_says_whose_and_which(edge: Edge) -> None:
    headers = edge.client.header(HOOK, tenant="north")
    first, second = (edge.line_of(sent(edge, "POST", HOOK, headers)) for _ in range(2))
    assert (second["refusal"], second["tenant"]) == ("replayed", "north")
    assert second["token"] == first["token"] != ""


def test_who_calls_is_asked_before_the_body_is_looked_at(edge: Edge) -> None:
    for raw in (b"no json", b" " * 2_000_000, text(body(hook="patient-view"))):
        refused(401, edge.server.hook(SIGN, raw, {"Content-Type": "text/plain"}))


@pytest.mark.parametrize(
    "path",
    ["/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/fhir/Questionnaire/emg-ncs-order-facts"],
)
def test_pages_that_say_nothing_of_patients_need_no_token(edge: Edge, path: str) -> None:
    assert edge.server.get(path).status == 200


@pytest.mark.parametrize("path", ["/cds-services", HOOK, FEEDBACK])
def test_a_preflight_needs_no_token(edge: Edge, path: str) -> None:
    asked = {
        "Origin": "https://ehr.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    reply = edge.server.send("OPTIONS", path, headers=asked)
    assert reply.status == 204
    assert "Authorization" in reply.headers["access-control-allow-headers"]
    assert edge.server.send("POST", HOOK, body()).headers["access-control-allow-origin"] == "*"


def test_strangers_leave_nothing_in_the_store(edge: Edge, postgresql_url: str) -> None:
    kept = Database(postgresql_url)
    before = len(kept.rows("SELECT * FROM calls"))
    sent(edge, "POST", HOOK, edge.client.header(HOOK, signed_by=STRANGER))
    sent(edge, "POST", HOOK, {})
    sent(edge, "POST", HOOK, edge.client.header(HOOK, tenant="south"))
    rows = kept.until("SELECT * FROM calls ORDER BY at", before + 1)
    assert (rows[-1]["status"], rows[-1]["issuer"], rows[-1]["tenant"]) == (200, ISSUER, "south")
    assert {row["status"] for row in rows} == {200}


def test_refusals_are_counted_by_reason(edge: Edge) -> None:
    sent(edge, "POST", HOOK, {"Authorization": "Basic eDp5"})
    assert 'cds_refusals_total{reason="not-bearer"}' in edge.server.get("/metrics").body.decode()


def test_a_token_nobody_needs_does_no_harm(server: Server) -> None:
    for header in ("Bearer unneeded", "Bearer a.b.c", "Basic eDp5", ""):
        answered(server.hook(SIGN, body(), {"Authorization": header}))


def starting(**environ: str) -> subprocess.CompletedProcess[str]:
    """A start that is to fail."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
    return subprocess.run(
        [sys.executable, "-m", "cds_service.cli", "serve"],
        env={**known, "PORT": "0", "DATABASE_URL": "none", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "cds.example.org"])  # noqa: S104 - refused
def test_open_access_beyond_loopback_must_be_asked_for_by_name(host: str) -> None:
    ended = starting(HOST=host)
    assert ended.returncode == 1
    assert host in ended.stderr
    assert "CDS_OPEN_ACCESS=1" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_registry_with_a_mistake_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "trust.toml").write_text('[[client]]\nissuer = "https://ehr.example.org"\n')
    ended = starting(
        CDS_TRUST_REGISTRY=str(tmp_path / "trust.toml"), CDS_PUBLIC_BASE_URL="https://cds.example.org"
    )
    assert ended.returncode == 1
    assert "trust.toml::client[0]" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_open_access_is_said_at_the_start() -> None:
    with running() as own:
        pass
    assert own.said[0].startswith("open access: ")
