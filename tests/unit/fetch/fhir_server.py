"""A FHIR-like server on loopback whose answers a test chooses, and what a fetcher needs to call it."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cds_service.core.caller import Caller, FhirServer
from cds_service.core.hook_call import FhirAccess, HookCall
from cds_service.fetch.client import Fetcher
from cds_service.fetch.outcome import Fetched

TOKEN = "canary-token"  # noqa: S105
PATIENT = "canary-p1"
TEMPLATES = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "observations": "Observation?patient={{context.patientId}}",
}
CONDITIONS = {"conditions": TEMPLATES["conditions"]}
ORDERS = (("context.draftOrders.entry[0].resource", {"resourceType": "ServiceRequest", "id": "a"}),)
LONG = 30.0
"""Seconds of budget, or of patience: far more than anything here takes unless it is stuck."""


class Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        kind = self.path.removeprefix("/fhir").strip("/").partition("?")[0].partition("/")[0]
        answer = self.server.answers.get(kind) or self.server.answers.get("")
        with contextlib.suppress(OSError):
            (answer or status(404))(self)

    def log_message(self, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, answers: Mapping[str, Answer], tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.answers = dict(answers)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.connections = 0
        self.over = threading.Event()
        self.scheme = "http"
        if tls is not None:
            self.scheme = "https"
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}/fhir"

    def paths(self) -> list[str]:
        return sorted(path for path, _ in self.asked)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


Answer = Callable[[Request], None]


@contextlib.contextmanager
def serving(answers: Mapping[str, Answer], tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server; ``answers`` by resource type, ``""`` for all others."""
    server = Server(answers, tls)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()


def resource(kind: str, own: str = "x", **elements: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": own, **elements}


def searchset(*resources: Any, next_link: str | None = None) -> dict[str, Any]:
    link = {} if next_link is None else {"link": [{"relation": "next", "url": next_link}]}
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        **link,
        "entry": [{"resource": each} for each in resources],
    }


def outcome(severity: str = "error") -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "processing"}]}


def reply(body: bytes, code: int = 200, **headers: str) -> Answer:
    def answer(request: Request) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def gives(document: Any) -> Answer:
    return reply(json.dumps(document).encode(), Content_Type="application/fhir+json")


def status(code: int) -> Answer:
    return reply(json.dumps(outcome()).encode(), code)


def redirects(target: str) -> Answer:
    return reply(b"", 302, Location=target)


def hangs(request: Request) -> None:
    """Answers nothing for as long as the test lasts."""
    request.server.over.wait(LONG)


def drips(head: bytes, drop: bytes) -> Answer:
    """``head``, then a drop every few milliseconds for as long as the test lasts."""

    def answer(request: Request) -> None:
        request.wfile.write(head)
        while not request.server.over.wait(0.005):
            request.wfile.write(drop)

    return answer


def drops_connection(request: Request) -> None:
    request.close_connection = True


def garbage(request: Request) -> None:
    request.wfile.write(b"\x00\xff not HTTP at all\r\n\r\n")
    request.close_connection = True


@dataclass
class Pages:
    """Pages of one Condition each; the link to page n is made by ``link``; without ``last`` for ever."""

    link: Callable[[Request, int], str]
    last: int | None = None
    served: int = field(default=0)

    def __call__(self, request: Request) -> None:
        self.served += 1
        ends = self.last is not None and self.served >= self.last
        following = None if ends else self.link(request, self.served + 1)
        gives(searchset(resource("Condition", f"c{self.served}"), next_link=following))(request)


def call(
    server_url: str, *, prefetch: Mapping[str, Any] | None = None, access: Any = ..., **members: Any
) -> HookCall:
    return HookCall(
        service="emg-ncs-order-sign",
        hook="order-sign",
        patient_id=PATIENT,
        user_id="Practitioner/d1",
        fhir_server=server_url,
        draft_orders=members.pop("draft_orders", ORDERS),
        prefetch={} if prefetch is None else prefetch,
        fhir_access=FhirAccess(TOKEN, "Bearer") if access is ... else access,
        **members,
    )


def caller(*urls: str, private: bool = True) -> Caller:
    return Caller(issuer="https://ehr.example.org", fhir_servers=tuple(FhirServer(u, private) for u in urls))


def complete(
    fetcher: Fetcher, asked: HookCall, by: Caller, templates: Mapping[str, str] | None = None
) -> Fetched:
    """What the fetcher gives; one that waits for a stuck server fails the test instead of hanging it."""
    given: list[Fetched | Exception] = []

    def run() -> None:
        try:
            given.append(fetcher.complete(asked, by, TEMPLATES if templates is None else templates))
        except Exception as error:
            given.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(LONG / 2)
    assert given, "the fetcher still waits, long after its budget"
    assert isinstance(given[0], Fetched), f"the fetcher raised {type(given[0]).__name__}"
    return given[0]


def whats(fetched: Fetched) -> dict[str, str]:
    return {each.key: each.what for each in fetched.outcomes}


def gaps(fetched: Fetched) -> dict[str, str]:
    return {gap.path.removeprefix("prefetch."): gap.what for gap in fetched.call.gaps}
