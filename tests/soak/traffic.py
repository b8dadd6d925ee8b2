"""What is sent: kinds of requests, good and bad, with their shares and the statuses that may answer them."""

from __future__ import annotations

import json
import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from cds_service.content import Roots
from cds_service.scenarios import load_scenarios
from tests.bench import payload
from tests.contract.bodies import HOOKS, SANDBOX, SELECT, SIGN, body, bundle, nested
from tests.soak.trust import Client

# Stands wherever a text of the patient may stand, and must come out nowhere.
CANARY = "Quillfeather"
MAX_BODY = 1024 * 1024
MAX_ORDERS = 50
SCENARIOS = 60

Heard = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Sent:
    """One request, the statuses that keep the promise, and the feedback a 200 makes durable.

    ``cut``: hang up in the middle of the body. ``is_hook``: a 200 makes a record.
    """

    path: str
    expected: tuple[int, ...]
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    feedback: Heard = frozenset()
    is_hook: bool = False
    cut: bool = False


class Traffic:
    """Makes requests; remembers the cards of answers, so that feedback can be about them. Thread-safe."""

    def __init__(self, client: Client, fhir_server: str) -> None:
        self.client = client
        self.fhir_server = fhir_server
        self._lock = threading.Lock()
        self._cards: deque[tuple[str, str, list[str]]] = deque(maxlen=2000)
        self._tokens: deque[tuple[str, dict[str, str]]] = deque(maxlen=200)
        self.hooks = _hooks()
        self.large = _encoded(payload.request(1, times=20))

    def next(self, draw: Random) -> tuple[str, Sent]:
        """One request, by the shares of ``KINDS``, with its kind."""
        (kind,) = draw.choices(list(KINDS), [share for share, _ in KINDS.values()])
        return kind, KINDS[kind][1](self, draw)

    def answered(self, sent: Sent, answer: bytes) -> None:
        """Remember what a 200 brought."""
        if sent.method == "GET":
            return
        with self._lock:
            self._tokens.append((sent.path, dict(sent.headers)))
            for card in json.loads(answer)["cards"] if sent.is_hook else ():
                ids = [each["uuid"] for each in card.get("suggestions", ())]
                self._cards.append((sent.path, card["uuid"], ids))

    def card(self, draw: Random) -> tuple[str, str, list[str]]:
        """(path of the service, uuid, uuids of its suggestions) of a card served, or of one never seen."""
        with self._lock:
            if self._cards:
                return draw.choice(self._cards)
        return f"/cds-services/{SIGN}", str(uuid.uuid4()), []

    def used(self, draw: Random) -> tuple[str, dict[str, str]]:
        """(path, headers) of a request answered 200; without one, no token at all."""
        with self._lock:
            return draw.choice(self._tokens) if self._tokens else (f"/cds-services/{SIGN}", {})

    def post(self, path: str, raw: bytes, *expected: int, **more: Any) -> Sent:
        """A POST of JSON with a good token."""
        headers = {"Content-Type": "application/json", **self.client.header(path)}
        return Sent(path, expected, raw, headers, **more)

    def feedback(self, path: str, items: list[dict[str, Any]], *expected: int) -> Sent:
        """Feedback about cards of the service at ``path``."""
        heard = frozenset((item["card"], item["outcome"]) for item in items)
        raw = _encoded({"feedback": items})
        return self.post(f"{path}/feedback", raw, *expected, feedback=heard)


def _hooks() -> list[tuple[str, bytes]]:
    """(path, body) of requests that are answered 200: scenarios, seeded charts, the sandbox's own."""
    by_hook = {hook: service for service, hook in HOOKS.items()}
    scenarios = Random(7).sample(load_scenarios(Roots.default()), SCENARIOS)  # noqa: S311 - no secret
    raws = [each.request() for each in scenarios]
    requests = [(by_hook[json.loads(raw)["hook"]], raw) for raw in raws]
    for variant in payload.VARIANTS:
        requests += [(SIGN, _encoded(payload.request(seed, variant=variant))) for seed in range(8)]
    requests += [(service, _encoded(request)) for service, request in SANDBOX.values()]
    return [(f"/cds-services/{service}", raw) for service, raw in requests]


def _hook(traffic: Traffic, draw: Random) -> Sent:
    path, raw = draw.choice(traffic.hooks)
    return traffic.post(path, raw, 200, is_hook=True)


def _large(traffic: Traffic, draw: Random) -> Sent:
    return traffic.post(f"/cds-services/{SIGN}", traffic.large, 200, is_hook=True)


def _to_fetch(traffic: Traffic, draw: Random) -> Sent:
    request = payload.request(draw.randrange(100))
    kept = draw.sample(sorted(request["prefetch"]), 8)
    request |= {
        "prefetch": {key: request["prefetch"][key] for key in kept},
        "fhirServer": traffic.fhir_server,
        "fhirAuthorization": {
            "access_token": CANARY,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.read user/*.rs",
            "subject": "cds",
        },
    }
    return traffic.post(f"/cds-services/{SIGN}", _encoded(request), 200, is_hook=True)


def _named(traffic: Traffic, draw: Random) -> Sent:
    request = payload.request(draw.randrange(100), variant="choices")
    order = request["context"]["draftOrders"]["entry"][0]["resource"]
    order["note"] = [{"text": CANARY}]
    order["subject"]["display"] = CANARY
    request["prefetch"]["patient"]["name"] = [{"family": CANARY}]
    return traffic.post(f"/cds-services/{SIGN}", _encoded(request), 200, is_hook=True)


def _feedback(traffic: Traffic, draw: Random) -> Sent:
    path, card, suggestions = traffic.card(draw)
    item: dict[str, Any] = {"card": card, "outcomeTimestamp": "2026-11-22T05:56:04.784Z"}
    if suggestions and draw.random() < 0.5:
        chosen = [{"id": draw.choice(suggestions)}]
        return traffic.feedback(path, [{**item, "outcome": "accepted", "acceptedSuggestions": chosen}], 200)
    reason = {"reason": {"code": "patient-preference", "system": "http://example.org/override"}}
    given = draw.choice([{}, reason, {**reason, "userComment": CANARY}, {"userComment": CANARY}])
    key = draw.choice(["overrideReason", "overrideReasons"])
    told = {key: given} if given else {}
    return traffic.feedback(path, [{**item, "outcome": "overridden", **told}], 200)


def _feedback_at_once(traffic: Traffic, draw: Random) -> Sent:
    cards = [traffic.card(draw) for _ in range(5)]
    items = [
        {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-22T05:56:04Z"}
        for _, card, _ in cards
    ]
    return traffic.feedback(cards[0][0], items, 200)


def _feedback_on_nothing(traffic: Traffic, draw: Random) -> Sent:
    item = {"card": str(uuid.uuid4()), "outcome": "overridden", "outcomeTimestamp": "2026-11-22T05:56:04Z"}
    return traffic.feedback(f"/cds-services/{SELECT}", [item], 200)


def _nonsense(traffic: Traffic, draw: Random) -> Sent:
    item = {"card": str(uuid.uuid4()), "outcome": "nonsense", "outcomeTimestamp": CANARY}
    return traffic.feedback(f"/cds-services/{SIGN}", [item], 400)


def _not_json(traffic: Traffic, draw: Random) -> Sent:
    _, raw = draw.choice(traffic.hooks)
    return traffic.post(f"/cds-services/{SIGN}", raw[: draw.randrange(1, len(raw))], 400)


def _not_a_request(traffic: Traffic, draw: Random) -> Sent:
    raw = draw.choice(
        [
            b"[]",
            b"\xff\xfe" * 50,
            _encoded({CANARY: CANARY}),
            _encoded(body(context={"patientId": [CANARY]})),
            _encoded(body("patient-view")),
            _encoded(body(extension=nested(500))),
        ]
    )
    return traffic.post(f"/cds-services/{SIGN}", raw, 400)


def _too_many_orders(traffic: Traffic, draw: Random) -> Sent:
    order = {"resourceType": "ServiceRequest", "id": "a", "status": "draft", "intent": "order"}
    crowd = body(context={"draftOrders": bundle(*[order] * (MAX_ORDERS + 1))})
    return traffic.post(f"/cds-services/{SIGN}", _encoded(crowd), 400)


def _too_large(traffic: Traffic, draw: Random) -> Sent:
    return traffic.post(f"/cds-services/{SIGN}", b" " * (MAX_BODY + 1), 413)


def _cut_off(traffic: Traffic, draw: Random) -> Sent:
    return traffic.post(f"/cds-services/{SIGN}", traffic.large, cut=True)


def _media_type(traffic: Traffic, draw: Random) -> Sent:
    path = f"/cds-services/{SIGN}"
    headers = {"Content-Type": "text/plain", **traffic.client.header(path)}
    return Sent(path, (415,), _encoded(body()), headers)


def _unknown_service(traffic: Traffic, draw: Random) -> Sent:
    return traffic.post(f"/cds-services/{CANARY}", _encoded(body()), 404, 401)


def _method(traffic: Traffic, draw: Random) -> Sent:
    path = f"/cds-services/{SIGN}"
    return Sent(path, (405,), method="DELETE", headers=traffic.client.header(path))


def _no_token(traffic: Traffic, draw: Random) -> Sent:
    headers = {"Content-Type": "application/json"}
    return Sent(f"/cds-services/{SIGN}", (401,), _encoded(body()), headers)


def _bad_token(traffic: Traffic, draw: Random) -> Sent:
    path = f"/cds-services/{SIGN}"
    bad = draw.choice(
        [
            traffic.client.header(path, age=7200),
            traffic.client.header("/cds-services/other"),
            traffic.client.header(path, iss="https://unknown.example.org"),
            Client().header(path),
            {"Authorization": f"Bearer {CANARY}"},
            {"Authorization": f"Basic {CANARY}"},
        ]
    )
    return Sent(path, (401,), _encoded(body()), {"Content-Type": "application/json", **bad})


def _used_token(traffic: Traffic, draw: Random) -> Sent:
    path, headers = traffic.used(draw)
    return Sent(path, (401,), _encoded(body()), headers)


def _reading(path: str) -> Callable[[Traffic, Random], Sent]:
    def make(traffic: Traffic, draw: Random) -> Sent:
        return Sent(path, (200,), method="GET", headers=traffic.client.header(path))

    return make


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


KINDS: dict[str, tuple[int, Callable[[Traffic, Random], Sent]]] = {
    "hook": (300, _hook),
    "hook with a patient's names": (20, _named),
    "hook with a large chart": (4, _large),
    "hook with data to fetch": (6, _to_fetch),
    "feedback": (120, _feedback),
    "feedback about five cards": (10, _feedback_at_once),
    "feedback about an unknown card": (20, _feedback_on_nothing),
    "feedback that is nonsense": (10, _nonsense),
    "body cut short": (10, _not_json),
    "body that is no request": (20, _not_a_request),
    "too many orders": (5, _too_many_orders),
    "too large": (2, _too_large),
    "client hangs up": (5, _cut_off),
    "wrong media type": (5, _media_type),
    "unknown service": (5, _unknown_service),
    "wrong method": (5, _method),
    "no token": (10, _no_token),
    "bad token": (10, _bad_token),
    "token used before": (10, _used_token),
    "discovery": (5, _reading("/cds-services")),
    "health": (5, _reading("/healthz")),
    "readiness": (5, _reading("/readyz")),
    "metrics": (2, _reading("/metrics")),
}
