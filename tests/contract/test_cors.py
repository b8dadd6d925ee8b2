"""A page of any origin may call every path; preflights never ask who is calling (J-12)."""

from __future__ import annotations

import pytest

from tests.conftest import Server
from tests.contract.bodies import SELECT, SIGN, body

ORIGIN = "http://127.0.0.1:8080"
PATHS = [
    "/cds-services",
    "/cds-services/",
    f"/cds-services/{SIGN}",
    f"/cds-services//{SELECT}",
    f"/cds-services/{SIGN}/feedback",
    f"/cds-services/{SELECT}/feedback",
    "/cds-services/unknown",
    "/openapi.json",
    "/nowhere",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("method", "names"),
    [
        ("GET", "authorization"),
        ("POST", "authorization,content-type"),
        ("POST", "content-type, traceparent"),
        ("POST", ""),
    ],
)
def test_preflight(server: Server, path: str, method: str, names: str) -> None:
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": method}
    if names:
        headers["Access-Control-Request-Headers"] = names
    reply = server.send("OPTIONS", path, headers=headers)
    assert reply.status == 204
    assert reply.body == b""
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in reply.headers
    allowed = reply.headers["access-control-allow-headers"].lower().split(", ")
    assert {"authorization", "content-type"} <= set(allowed)
    assert {name.strip() for name in names.split(",") if name} <= set(allowed)
    assert reply.headers["access-control-allow-methods"] == "GET, POST, OPTIONS"
    assert int(reply.headers["access-control-max-age"]) > 0


def test_plain_options_names_the_methods(server: Server) -> None:
    assert server.send("OPTIONS", f"/cds-services/{SIGN}").headers["allow"] == "OPTIONS, POST"
    assert server.send("OPTIONS", "/cds-services").headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/cds-services", 200),
        ("HEAD", "/cds-services", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/nowhere", 404),
        ("POST", "/cds-services/unknown", 404),
        ("GET", f"/cds-services/{SIGN}", 405),
        ("POST", f"/cds-services/{SIGN}/feedback", 400),
        ("POST", f"/cds-services/{SIGN}", 200),
        ("POST", f"/cds-services/{SELECT}", 400),
    ],
)
@pytest.mark.parametrize("origin", [ORIGIN, "null", None])
def test_every_answer_may_be_read(
    server: Server, method: str, path: str, status: int, origin: str | None
) -> None:
    headers = {"Origin": origin, "Authorization": "Bearer unneeded"} if origin else {}
    reply = server.send(method, path, body() if method == "POST" else None, headers)
    assert reply.status == status
    assert reply.headers["access-control-allow-origin"] == "*"


def test_refused_bodies_may_be_read_too(server: Server) -> None:
    for media_type, raw in (("application/json", b"{"), ("text/plain", b"x")):
        reply = server.hook(SIGN, raw, {"Origin": ORIGIN, "Content-Type": media_type})
        assert reply.headers["access-control-allow-origin"] == "*"
