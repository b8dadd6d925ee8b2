"""Statuses, methods, media types, limits and slashes, against a real gunicorn."""

from __future__ import annotations

import gzip
import json
import socket
from typing import Any

import pytest

from cds_service import schemas
from cds_service.hooks.services import SCHEMAS
from cds_service.settings import MIB
from tests.conftest import Server, start, stop
from tests.contract.bodies import SELECT, SIGN, body, bundle, nested, text

JSON = {"Content-Type": "application/json"}
OUTCOME = schemas.load(SCHEMAS / "operation-outcome.schema.json")
RESPONSE = schemas.load(SCHEMAS / "cds-response.schema.json")


def refused(status: int, reply: Any, *words: str) -> None:
    """The reply is this status with an OperationOutcome that contains the words."""
    assert reply.status == status, reply.body
    assert reply.headers["content-type"] == "application/json"
    assert OUTCOME.lines(reply.json, file="outcome") == []
    for word in words:
        assert word in reply.json["issue"][0]["diagnostics"]


def answered(reply: Any) -> Any:
    assert reply.status == 200, reply.body
    assert reply.headers["content-type"] == "application/json"
    assert RESPONSE.lines(reply.json, file="response") == []
    return reply.json


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/cds-services",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/fhir/Questionnaire/emg-ncs-order-facts",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_pages_answer(server: Server, method: str, path: str) -> None:
    reply = server.send(method, path)
    assert reply.status == 200
    assert bool(reply.body) == (method == "GET")


def test_questionnaire_has_its_canonical_url(server: Server) -> None:
    reply = server.get("/fhir/Questionnaire/emg-ncs-order-facts")
    assert reply.headers["content-type"] == "application/fhir+json"
    assert reply.json["resourceType"] == "Questionnaire"
    assert reply.json["url"].endswith("/fhir/Questionnaire/emg-ncs-order-facts")


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/nowhere", 404, None),
        ("POST", "/cds-services/unknown", 404, None),
        ("GET", "/cds-services/unknown", 404, None),
        ("POST", "/cds-services/unknown/feedback", 404, None),
        ("GET", f"/cds-services/{SIGN}/feedback", 405, "OPTIONS, POST"),
        ("GET", f"/cds-services/{SIGN}", 405, "OPTIONS, POST"),
        ("PUT", f"/cds-services/{SIGN}", 405, "OPTIONS, POST"),
        ("DELETE", f"/cds-services/{SELECT}", 405, "OPTIONS, POST"),
        ("POST", "/cds-services", 405, "GET, HEAD, OPTIONS"),
        ("POST", "/healthz", 405, "GET, HEAD, OPTIONS"),
    ],
)
def test_unknown_paths_and_methods(
    server: Server, method: str, path: str, status: int, allow: str | None
) -> None:
    reply = server.send(method, path, body() if method == "POST" else None)
    refused(status, reply)
    assert reply.headers.get("allow") == allow


@pytest.mark.parametrize(
    "path", ["/cds-services/", "//cds-services", "/cds-services//", "/readyz/", "//openapi.json"]
)
def test_slashes_are_folded_without_a_redirect(server: Server, path: str) -> None:
    assert server.get(path).status == 200


@pytest.mark.parametrize(
    "path", [f"/cds-services//{SIGN}", f"/cds-services/{SIGN}/", f"//cds-services//{SIGN}//"]
)
def test_a_post_survives_extra_slashes(server: Server, path: str) -> None:
    answered(server.send("POST", path, body()))


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON;charset=UTF-8",
        "application/fhir+json",
        "application/json+fhir",
    ],
)
def test_json_media_types_are_taken(server: Server, media_type: str) -> None:
    answered(server.hook(SIGN, text(body()), {"Content-Type": media_type}))


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/fhir+xml"},
        {"Content-Type": "application/x-ndjson"},
        {"Content-Type": "application/jsonlines"},
        {"Content-Type": "text/json"},
        {},
    ],
    ids=lambda headers: headers.get("Content-Type", "none"),
)
def test_other_media_types_are_415(server: Server, headers: dict[str, str]) -> None:
    refused(415, server.hook(SIGN, text(body()), headers), "application/json")


def test_an_encoded_body_is_415(server: Server) -> None:
    packed = gzip.compress(text(body()))
    refused(415, server.hook(SIGN, packed, {**JSON, "Content-Encoding": "gzip"}), "uncompressed")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"not json",
        b'{"hook": NaN}',
        b"{'hook': 1}",
        b'{"hook": "\xff"}',
        b"\xfe\xff\x00{",
        b"{} {}",
    ],
    ids=["empty", "cut", "words", "nan", "quotes", "latin-1", "utf-16", "two"],
)
def test_what_is_no_json_is_400(server: Server, raw: bytes) -> None:
    refused(400, server.hook(SIGN, raw, JSON), "not JSON")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{"hook": 1e400}', "number that is too large"),
        (b"9" * 400, "number that is too large"),
        (b"\xef\xbb\xbf{", "not JSON"),
        (b'["\\ud800", NaN]', "not JSON"),
    ],
    ids=["1e400", "400 digits", "mark", "surrogate and nan"],
)
def test_the_refusal_says_what_keeps_it_from_being_json(server: Server, raw: bytes, words: str) -> None:
    refused(400, server.hook(SIGN, raw, JSON), words)


def test_a_byte_order_mark_and_half_a_character_are_read_past(server: Server) -> None:
    request = text(body(extension={"name": "@"})).replace(b'"@"', rb'"\ud800"')
    answered(server.hook(SIGN, b"\xef\xbb\xbf" + request, JSON))


LARGE = b"x" * (5 * MIB)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/cds-services/unknown", JSON, 404),
        ("POST", "/cds-services", JSON, 405),
        ("PUT", f"/cds-services/{SIGN}", JSON, 405),
        ("POST", "/healthz", JSON, 405),
        ("POST", f"/cds-services/{SIGN}", {"Content-Type": "text/plain"}, 415),
    ],
)
def test_a_large_body_does_not_keep_the_refusal_from_arriving(
    server: Server, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    for _ in range(3):
        refused(status, server.send(method, path, LARGE, headers))


@pytest.mark.parametrize("levels", [70, 300, 1000, 5000, 500_000])
def test_deep_nesting_is_400(server: Server, levels: int) -> None:
    raw = text(body(extension={"deep": "@"})).replace(b'"@"', b"[" * levels + b"]" * levels)
    refused(400, server.hook(SIGN, raw, JSON))


def test_depth_hidden_by_brackets_in_strings_is_400(server: Server) -> None:
    deep: Any = "["
    for _ in range(80):
        deep = ["]", deep, "["]
    refused(400, server.hook(SIGN, body(extension={"deep": deep})), "64 levels")


def test_ordinary_nesting_is_taken(server: Server) -> None:
    answered(server.hook(SIGN, body(extension={"deep": nested(60)})))


def test_two_megabytes_are_ordinary(server: Server) -> None:
    patients = [{"resource": {"resourceType": "Patient", "id": f"p{n}"}} for n in range(30_000)]
    request = body(prefetch={"many": {"resourceType": "Bundle", "type": "searchset", "entry": patients}})
    assert len(text(request)) > 1.5 * MIB
    answered(server.hook(SIGN, request))


@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
def test_more_than_16_mib_are_413(server: Server, chunked: bool) -> None:
    raw = text(body()) + b" " * (16 * MIB)
    refused(413, server.send("POST", f"/cds-services/{SIGN}", raw, JSON, chunked=chunked), "larger")


@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
def test_just_under_16_mib_is_taken(server: Server, chunked: bool) -> None:
    raw = text(body())
    raw += b" " * (16 * MIB - len(raw))
    answered(server.send("POST", f"/cds-services/{SIGN}", raw, JSON, chunked=chunked))


def test_a_client_that_goes_away_harms_nobody(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            f"POST /cds-services/{SIGN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            "Content-Length: 1000\r\n\r\n{".encode()
        )
    answered(server.hook(SIGN, body()))


def test_settings_reach_the_server() -> None:
    own = start(
        CDS_MAX_BODY_BYTES="2048",
        CDS_MAX_DEPTH="10",
        CDS_MAX_ORDERS="3",
        CDS_PUBLIC_BASE_URL="https://cds.example.org/",
        CDS_CORS_ORIGINS="https://ehr.example.org",
    )
    try:
        refused(413, own.hook(SIGN, body(extension={"padding": "x" * 3000})))
        refused(400, own.hook(SIGN, body(extension={"deep": nested(11)})), "10 levels")
        too_many = body(context={"draftOrders": {"entry": [{}, {}, {}, {}]}})
        refused(400, own.hook(SIGN, too_many), "context.draftOrders.entry", "more than 3")
        url = "https://cds.example.org/fhir/Questionnaire/emg-ncs-order-facts"
        assert own.get("/fhir/Questionnaire/emg-ncs-order-facts").json["url"] == url
        assert own.get("/openapi.json").json["servers"] == [{"url": "https://cds.example.org"}]
        known = own.get("/cds-services", Origin="https://ehr.example.org")
        assert known.headers["access-control-allow-origin"] == "https://ehr.example.org"
        for headers in ({"Origin": "https://other.example.org"}, {}):
            assert "access-control-allow-origin" not in own.get("/cds-services", **headers).headers
    finally:
        assert stop(own) == 0


def test_the_body_of_an_answer_is_compact_json(server: Server) -> None:
    reply = server.hook(SIGN, body(context={"draftOrders": bundle()}))
    assert reply.json == {"cards": []}
    assert reply.body == json.dumps(reply.json, separators=(",", ":"), ensure_ascii=False).encode()
