"""A canary in every text of a request: no line, figure or row has it, whatever becomes of the request."""

from __future__ import annotations

import copy
import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from tests.conftest import Server, running
from tests.contract.bodies import SELECT, SIGN, body, bundle, nested, text
from tests.contract.conftest import Database
from tests.contract.trust import BASE_URL, Client

CHECKOUT = Path(__file__).resolve().parents[2]
SCENARIOS = sorted((CHECKOUT / "fhir_fixtures" / "cg-med-24").glob("*/request.json"))
SERVICES = {"order-sign": SIGN, "order-select": SELECT}
CANARY = "canary"
JSON = {"Content-Type": "application/json"}
# What decides about an answer stays, or every request would be refused at its first member.
STRUCTURE = {
    "resourceType",
    "hook",
    "status",
    "intent",
    "system",
    "type",
    "linkId",
    "url",
    "class",
    "lastUpdated",
    "mode",
    "severity",
}
DATE = re.compile(r"\d{4}(?:-\d{2}){0,2}(?:T.*)?")
REFERENCE = re.compile(r"([A-Z][A-Za-z]+)/(.+)")


def seeded(value: Any, own: str = "", *, codes: bool = False) -> Any:
    """The value with the canary in every text; ``codes``: in codes too, which then mean nothing."""
    if isinstance(value, Mapping):
        return {name: seeded(inner, name, codes=codes) for name, inner in value.items()} | {
            f"{CANARY}-member": CANARY
        }
    if isinstance(value, list):
        return [seeded(inner, own, codes=codes) for inner in value]
    if not isinstance(value, str) or own in STRUCTURE or DATE.fullmatch(value):
        return value
    if own == "code" and not codes:
        return value
    if (found := REFERENCE.fullmatch(value)) is not None:
        return f"{found[1]}/{CANARY}-{found[2]}"
    return f"{CANARY} {value}" if own in ("text", "display", "family", "given") else f"{CANARY}-{value}"


def hooks() -> Iterator[tuple[str, Any]]:
    """Scenarios, seeded: unknown members are kept out of most resources so that the charts are still read."""
    for path in SCENARIOS[::4]:
        request = json.loads(path.read_text(encoding="utf-8"))
        for whole in (False, True):
            sown = seeded(copy.deepcopy(request), codes=whole)
            if not whole:
                sown = without_members(sown)
            sown["hookInstance"] = f"{CANARY}-instance"
            sown["prefetch"] = {**(sown.get("prefetch") or {}), f"{CANARY}-key": bundle({CANARY: CANARY})}
            sown["fhirServer"] = f"https://{CANARY}.example.org/fhir"
            sown["fhirAuthorization"] = {"access_token": f"{CANARY}-token", "scope": f"{CANARY}/*.read"}
            yield SERVICES[request["hook"]], sown


def without_members(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_members(v) for k, v in value.items() if k != f"{CANARY}-member"}
    return [without_members(each) for each in value] if isinstance(value, list) else value


BAD: list[tuple[Any, dict[str, str]]] = [
    (b"{" + CANARY.encode(), JSON),
    (text({CANARY: CANARY}), JSON),
    (text(body(extension={CANARY: nested(90)})), JSON),
    (text(body(hook=CANARY)), JSON),
    (text(body(context={"patientId": f"{CANARY}/x"})), JSON),
    (text(body(context={"patientId": [CANARY]})), JSON),
    (text(body(context={"draftOrders": bundle(*[{CANARY: CANARY}] * 300)})), JSON),
    (CANARY.encode(), {"Content-Type": f"text/{CANARY}"}),
    (b" " * 3_000_000 + CANARY.encode(), JSON),
    (b"", {**JSON, "X-Request-ID": f"{CANARY}-request"}),
    (b"", {**JSON, "Authorization": f"Bearer {CANARY}.{CANARY}.{CANARY}", "X-Canary": CANARY}),
    (b"", {**JSON, "Origin": f"https://{CANARY}.example.org", "User-Agent": CANARY, "Referer": CANARY}),
]
SAID = {
    "card": f"{CANARY}-card",
    "outcome": "overridden",
    "overrideReason": {
        "reason": {"code": f"{CANARY} said so", "system": f"{CANARY} system", "display": CANARY},
        "userComment": CANARY,
        CANARY: CANARY,
    },
    "acceptedSuggestions": [{"id": f"{CANARY}-suggestion", CANARY: CANARY}],
    "outcomeTimestamp": CANARY,
    CANARY: CANARY,
}


def test_no_canary_gets_anywhere(database: Database, tmp_path: Path) -> None:
    client = Client()
    log = tmp_path / "log"
    with running(
        log,
        WEB_CONCURRENCY="2",
        CDS_TRUST_REGISTRY=str(client.register(tmp_path, 'fhir_servers = ["https://ehr.example.org/fhir"]')),
        CDS_PUBLIC_BASE_URL=BASE_URL,
        CDS_MAX_BODY_BYTES="2000000",
        CDS_LOG_LEVEL="debug",
        CDS_COMMENT_KEYS=Fernet.generate_key().decode(),
        DATABASE_URL=database.url,
    ) as server:
        statuses = {server.hook(service, sown, signed(client, service)).status for service, sown in hooks()}
        refusals = [
            server.send("POST", f"/cds-services/{SIGN}{end}", raw, {**signed(client, SIGN, end), **headers})
            for raw, headers in BAD
            for end in ("", "/feedback")
        ]
        said = server.send(
            "POST", f"/cds-services/{SIGN}/feedback", {"feedback": [SAID]}, signed(client, SIGN, "/feedback")
        )
        refusals += [
            server.send("POST", path, b"", {"Cookie": CANARY})
            for path in (f"/{CANARY}", f"/cds-services/{CANARY}?{CANARY}", f"/{CANARY}/feedback")
        ]
        broken(server)
        figures = server.get("/metrics").body.decode()
    calls = database.rows("SELECT * FROM calls")
    assert statuses == {200}
    assert said.status == 200
    assert all(400 <= reply.status < 500 for reply in refusals)
    assert {row["status"] for row in calls} >= {200, 400, 413, 415}
    assert sum(row["cards"] for row in calls) >= len(SCENARIOS[::4]) // 2, "the charts were not read"
    assert len(log.read_text().splitlines()) >= len(calls)
    for name, written in {
        "the log": log.read_text(),
        "standard output": "".join(server.said),
        "the figures": figures,
        "the store": database.everything(),
        "a refusal": " ".join(reply.body.decode() for reply in refusals),
    }.items():
        assert CANARY not in written.lower(), (name, around(written))


def signed(client: Client, service: str, end: str = "") -> dict[str, str]:
    return client.header(f"/cds-services/{service}{end}")


def broken(server: Server) -> None:
    """What never becomes a request: gunicorn's own complaints quote it."""
    for raw in (
        f"{CANARY} {CANARY} {CANARY}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: x\r\n{CANARY} {CANARY}: {CANARY}\r\n\r\n",
        f"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {CANARY}\r\n\r\n",
        f"POST /cds-services/{SIGN} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{CANARY}\r\n",
        f"POST /cds-services/{SIGN} HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{CANARY}",
        f"GET /{CANARY * 2000} HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(raw.encode())
            connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionError):
                connection.recv(1 << 16)


def around(written: str) -> str:
    at = written.lower().find(CANARY)
    return written[max(at - 200, 0) : at + 100]
