"""POST .../feedback: every shape that clients send, kept before it is answered, on SQLite and PostgreSQL."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from tests.conftest import Server, running
from tests.contract.bodies import SIGN, body
from tests.contract.conftest import Database
from tests.contract.test_http import answered, refused

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLE = CHECKOUT / "fhir_fixtures" / "cg-med-24" / "00-seed-story-four-limb-emg-alone" / "request.json"
PATH = f"/cds-services/{SIGN}/feedback"
KEY = Fernet.generate_key().decode()
WORKERS = 2
AT = "2026-11-22T05:56:04.784Z"
ACCEPTED = {"outcome": "accepted", "outcomeTimestamp": AT}
OVERRIDDEN = {"outcome": "overridden", "outcomeTimestamp": AT}


@pytest.fixture(scope="module")
def keeper(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(
        tmp_path_factory.mktemp("keeper") / "log",
        WEB_CONCURRENCY=str(WORKERS),
        DATABASE_URL=database.url,
        CDS_COMMENT_KEYS=KEY,
    ) as server:
        yield server


def send(server: Server, *items: Any) -> Any:
    return server.send("POST", PATH, {"feedback": list(items)})


def kept(database: Database, card: str) -> list[tuple[str, str, str]]:
    """(outcome, reason system, reason code) of a card, in the order of receipt."""
    rows = database.rows("SELECT * FROM feedback WHERE card = :card ORDER BY id", card=card)
    return [(row["outcome"], row["reason_system"], row["reason_code"]) for row in rows]


REASON = {"code": "patient-preference", "system": "http://example.org/override"}
SPOKEN = ("overridden", REASON["system"], REASON["code"])
NAMED = "urn:emg-ncs-cds:named-override-reason"
SILENT = ("overridden", "", "")
DISPLAY = {"com.example.overrideReason.reasonDisplay": "Patient declined"}
SHAPES: dict[str, tuple[dict[str, Any], tuple[str, str, str]]] = {
    "accepted": (
        {**ACCEPTED, "acceptedSuggestions": [{"id": str(uuid.uuid4())}]},
        ("accepted", "", ""),
    ),
    "accepted without saying which": (ACCEPTED, ("accepted", "", "")),
    "plain dismissal": (OVERRIDDEN, SILENT),
    "dismissal with nulls": (
        {**OVERRIDDEN, "acceptedSuggestions": None, "overrideReason": None, "extension": None},
        SILENT,
    ),
    "reason as the specification has it": ({**OVERRIDDEN, "overrideReason": {"reason": REASON}}, SPOKEN),
    "reason in the plural": ({**OVERRIDDEN, "overrideReasons": {"reason": REASON}}, SPOKEN),
    "reasons as a list": ({**OVERRIDDEN, "overrideReasons": [{}, {"reason": REASON}]}, SPOKEN),
    "reason that is a coding itself": ({**OVERRIDDEN, "overrideReasons": [REASON]}, SPOKEN),
    "reason without system": (
        {**OVERRIDDEN, "overrideReason": {"reason": {"code": "asIntended"}}},
        ("overridden", "", "asIntended"),
    ),
    "reason by name only": (
        {**OVERRIDDEN, "overrideReasons": {"extension": DISPLAY}},
        ("overridden", NAMED, "patient-declined"),
    ),
    "reason by name beside the outcome": (
        {**OVERRIDDEN, "extension": DISPLAY},
        ("overridden", NAMED, "patient-declined"),
    ),
    "reason whose code is a sentence": (
        {**OVERRIDDEN, "overrideReason": {"reason": {"code": "she said that it hurts"}}},
        ("overridden", "", "other"),
    ),
    "no time": ({"outcome": "overridden"}, SILENT),
    "a time nobody can read": ({**OVERRIDDEN, "outcomeTimestamp": "yesterday"}, SILENT),
    "a time before all times": ({**OVERRIDDEN, "outcomeTimestamp": "0001-01-01T00:00:00+23:00"}, SILENT),
    "unknown members": ({**OVERRIDDEN, "hookInstance": "x", "more": {"a": [1]}}, SILENT),
    "a NUL where none can be": (
        {**OVERRIDDEN, "overrideReason": {"reason": {"code": "a\0b"}, "userComment": "a\0b"}},
        ("overridden", "", "other"),
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_kept(keeper: Server, database: Database, name: str) -> None:
    item, row = SHAPES[name]
    card = str(uuid.uuid4())
    reply = send(keeper, {"card": card, **item})
    assert (reply.status, reply.body) == (200, b"{}")
    assert kept(database, card) == [row]


def test_several_cards_come_in_one_call(keeper: Server, database: Database) -> None:
    cards = [str(uuid.uuid4()) for _ in range(3)]
    assert send(keeper, *({"card": card, **OVERRIDDEN} for card in cards)).status == 200
    assert [kept(database, card) for card in cards] == [[SILENT]] * 3


def test_a_repeat_is_kept_once_and_a_change_of_mind_is_kept_beside_it(
    keeper: Server, database: Database
) -> None:
    card = str(uuid.uuid4())
    for item in (ACCEPTED, ACCEPTED, OVERRIDDEN, ACCEPTED):
        assert send(keeper, {"card": card, **item}, {"card": f"urn:uuid:{card}", **item}).status == 200
    assert kept(database, card) == [("accepted", "", ""), SILENT]


def test_nothing_of_a_call_is_kept_when_one_outcome_is_nonsense(keeper: Server, database: Database) -> None:
    card = str(uuid.uuid4())
    refused(400, send(keeper, {"card": card, **ACCEPTED}, {"card": card, "outcome": "nonsense"}), "outcome")
    assert kept(database, card) == []


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {},
        {"feedback": None},
        {"feedback": {}},
        {"feedback": [{}]},
        {"feedback": [{"card": "x"}]},
        {"feedback": [{"outcome": "accepted"}]},
        {"feedback": [{"card": "", "outcome": "accepted"}]},
        {"feedback": [{"card": 1, "outcome": "accepted"}]},
        {"feedback": [{"card": "x", "outcome": "ACCEPTED"}]},
        {"feedback": [{"card": "x", "outcome": "accepted", "acceptedSuggestions": ["canary"]}]},
        {"feedback": [{"card": "x", "outcome": "overridden", "overrideReason": "canary"}]},
        {"feedback": [{"card": "x", "outcome": "overridden", "outcomeTimestamp": 7}]},
    ],
    ids=lambda wrong: json.dumps(wrong)[:60],
)
def test_what_is_no_feedback_is_400(keeper: Server, wrong: Any) -> None:
    reply = keeper.send("POST", PATH, wrong)
    refused(400, reply)
    assert b"canary" not in reply.body


def test_feedback_is_joined_to_the_card_that_was_served(keeper: Server, database: Database) -> None:
    cards = answered(keeper.hook(SIGN, json.loads(EXAMPLE.read_text())))["cards"]
    for card in cards:
        used = [{"id": suggestion["uuid"]} for suggestion in card.get("suggestions", [])]
        assert send(keeper, {"card": card["uuid"], **ACCEPTED, "acceptedSuggestions": used}).status == 200
    joined = "SELECT finding FROM served_cards JOIN feedback ON feedback.card = served_cards.uuid"
    assert {row["finding"] for row in database.until(joined, len(cards))} == {
        card["source"]["topic"]["display"] for card in cards
    }


def test_a_comment_cannot_be_read_where_it_lies(keeper: Server, database: Database) -> None:
    card = str(uuid.uuid4())
    said = "words that only the key gives back"
    assert send(keeper, {"card": card, **OVERRIDDEN, "overrideReason": {"userComment": said}}).status == 200
    (row,) = database.rows(
        "SELECT words FROM comments JOIN feedback ON feedback.id = feedback_id WHERE card = :card", card=card
    )
    assert said not in database.everything()
    assert Fernet(KEY).decrypt(row["words"].encode()).decode() == said


def test_what_was_answered_200_survives_the_death_of_every_worker(keeper: Server, database: Database) -> None:
    """Workers are killed while four clients send; the master replaces them."""
    told: list[str] = []
    over = threading.Event()

    def client() -> None:
        while not over.is_set():
            card = str(uuid.uuid4())
            try:
                if send(keeper, {"card": card, **OVERRIDDEN}).status == 200:
                    told.append(card)
            except (OSError, http.client.HTTPException):
                pass  # it was in the hands of the worker that died

    clients = [threading.Thread(target=client) for _ in range(4)]
    for each in clients:
        each.start()
    killed: set[int] = set()
    deadline = time.monotonic() + 60
    try:
        while len(killed) < 2 * WORKERS:
            before = len(told)
            while len(told) < before + 10:
                assert time.monotonic() < deadline, "the workers that died were not replaced"
                over.wait(0.01)
            worker = next(iter(workers(keeper) - killed), None)
            if worker is not None:
                os.kill(worker, signal.SIGKILL)
                killed.add(worker)
    finally:
        over.set()
        for each in clients:
            each.join()
    rows = database.rows("SELECT card FROM feedback")
    assert len(told) >= 40
    assert set(told) <= {row["card"] for row in rows}


def workers(server: Server) -> set[int]:
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return {int(pid) for pid in children.read_text().split()}


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize("url", ["none", "postgresql://nobody@127.0.0.1:{}/nowhere"], ids=["none", "down"])
def test_without_a_store_feedback_is_to_be_sent_again_and_hooks_are_answered(
    url: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with running(log, DATABASE_URL=url.format(unused_port())) as own:
        reply = send(own, {"card": "x", **ACCEPTED})
        refused(503, reply, "again")
        assert int(reply.headers["retry-after"]) > 0
        answered(own.hook(SIGN, body()))
        ready = own.get("/readyz")
        assert (ready.status, ready.json["status"]) == (
            (200, "ready") if url == "none" else (503, "degraded")
        )
    assert '"refusal":"store"' in log.read_text()
