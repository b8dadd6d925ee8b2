"""Feedback is on disk once ``add`` returns, once for each content; comments are kept apart."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from cds_service.core.kept import Feedback
from cds_service.errors import SettingsError, StoreError
from cds_service.store.comments import sealer_of
from cds_service.store.connect import Store
from cds_service.store.feedback import FeedbackStore
from tests.unit.store.records import NOON, answer, count, everything, locked, new_id, rows

CARD, OTHER, SUGGESTION = new_id(), new_id(), new_id()
EHR = "https://ehr.example.org"
LATER = NOON + timedelta(seconds=1)

# What is sent, each by the client named; how many rows are kept.
SENT: list[tuple[str, list[tuple[Feedback, str]], int]] = [
    ("the same twice", [(answer(CARD), EHR), (answer(CARD), EHR)], 1),
    ("the card's uuid as a urn", [(answer(CARD), EHR), (answer(f"urn:uuid:{CARD.upper()}"), EHR)], 1),
    ("accepted, then overridden", [(answer(CARD), EHR), (answer(CARD, "overridden"), EHR)], 2),
    ("accepted again later", [(answer(CARD), EHR), (answer(CARD, at=LATER), EHR)], 2),
    ("the same at the same moment, written with another offset", [
        (answer(CARD), EHR),
        (answer(CARD, at=NOON.astimezone(tz=None)), EHR),
    ], 1),
    ("two suggestions in another order", [
        (answer(CARD, suggestions=(SUGGESTION, OTHER)), EHR),
        (answer(CARD, suggestions=(OTHER, SUGGESTION)), EHR),
    ], 1),
    ("another suggestion", [(answer(CARD), EHR), (answer(CARD, suggestions=(SUGGESTION,)), EHR)], 2),
    ("another client", [(answer(CARD), EHR), (answer(CARD), "https://other.example.org")], 2),
    ("another card", [(answer(CARD), EHR), (answer(OTHER), EHR)], 2),
    ("another reason", [
        (answer(CARD, "overridden", reason_code="a"), EHR),
        (answer(CARD, "overridden", reason_code="b"), EHR),
    ], 2),
    ("another comment", [(answer(CARD, comment="one"), EHR), (answer(CARD, comment="two"), EHR)], 2),
    ("the same comment", [(answer(CARD, comment="one"), EHR), (answer(CARD, comment="one"), EHR)], 1),
    ("without a time", [(answer(CARD, at=None), EHR), (answer(CARD, at=None), EHR)], 1),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "kept"), [each[1:] for each in SENT], ids=[each[0] for each in SENT])
def test_the_same_content_twice_is_one_row(store: Store, sent: list[tuple[Feedback, str]], kept: int) -> None:
    ear = FeedbackStore(store)
    for item, issuer in sent:
        ear.add([item], issuer)
    assert count(store, "feedback") == kept
    ear.add([item for item, issuer in sent if issuer == EHR], EHR)
    assert count(store, "feedback") == kept


def test_what_is_new_is_told_from_what_is_said_again(store: Store) -> None:
    ear = FeedbackStore(store)
    first, second = answer(CARD), answer(OTHER, "overridden", comment="x")
    assert ear.add([first], EHR) == (first,)
    assert ear.add([first, second, second], EHR) == (second,)
    assert ear.add([first, second], EHR) == ()


def test_everything_said_is_kept(store: Store) -> None:
    FeedbackStore(store, now=lambda: LATER).add(
        [
            answer(CARD, suggestions=(SUGGESTION,)),
            answer(OTHER, "overridden", reason_system="http://example.org/override", reason_code="later"),
        ],
        EHR,
    )
    first, second = rows(store, "feedback")
    assert {
        "card": CARD,
        "issuer": EHR,
        "outcome": "accepted",
        "suggestions": [SUGGESTION],
        "outcome_at": NOON,
        "received_at": LATER,
    }.items() <= first.items()
    assert (second["reason_system"], second["reason_code"]) == ("http://example.org/override", "later")


def test_nothing_is_kept_when_one_item_cannot_be(store: Store) -> None:
    with pytest.raises(AttributeError):
        FeedbackStore(store).add([answer(CARD), object()], EHR)  # type: ignore[list-item]
    assert count(store, "feedback") == 0


def test_a_card_that_is_no_uuid_is_kept_as_a_hash(store: Store) -> None:
    FeedbackStore(store).add([answer("a name", suggestions=("another name",))], "")
    assert count(store, "feedback") == 1
    assert "name'" not in everything(store)


ODD = ["nul \0 inside", "half a surrogate \ud800", "\x1b[31mescape", "x" * 100_000, "Ä‮"]


@pytest.mark.parametrize("text", ODD, ids=["nul", "surrogate", "escape", "long", "direction"])
def test_odd_text_is_kept_without_harm(store: Store, text: str) -> None:
    item = answer(text, "overridden", suggestions=(text,), reason_system=text, reason_code=text, comment=text)
    FeedbackStore(store).add([item], text)
    (row,) = rows(store, "feedback")
    assert row["reason_code"].isprintable()
    assert count(store, "comments") == 1


def test_a_locked_database_is_said_and_keeps_nothing(store: Store, url: str) -> None:
    with locked(url), pytest.raises(StoreError, match="lock"):
        FeedbackStore(store).add([answer(CARD)], EHR)
    assert count(store, "feedback") == 0
    FeedbackStore(store).add([answer(CARD)], EHR)
    assert count(store, "feedback") == 1


FIRST, SECOND = Fernet.generate_key().decode(), Fernet.generate_key().decode()
# Keys when it was written, keys when it is read, what is read.
KEYS = [
    ((), (), "why not"),
    ((), (FIRST,), "why not"),
    ((FIRST,), (FIRST,), "why not"),
    ((FIRST,), (SECOND, FIRST), "why not"),
    ((SECOND, FIRST), (SECOND,), "why not"),
    ((SECOND, FIRST), (FIRST,), None),
    ((FIRST,), (), None),
]


@pytest.mark.parametrize(("written", "read", "text"), KEYS)
def test_comments_are_encrypted_by_the_first_key(
    store: Store, tmp_path: Path, written: tuple[str, ...], read: tuple[str, ...], text: str | None
) -> None:
    FeedbackStore(store, comment_keys=written, comment_days=30, now=lambda: NOON).add(
        [answer(CARD, comment="why not")], EHR
    )
    (row,) = rows(store, "comments")
    assert row["expires"] == NOON + timedelta(days=30)
    assert sealer_of(read).open(row["words"], encrypted=row["encrypted"]) == text
    assert "why not" not in repr(rows(store, "feedback"))
    if written:
        assert "why not" not in everything(store)
        store.close()
        assert all(b"why not" not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_repeat_leaves_the_first_comment_and_its_retention(store: Store) -> None:
    for days in (30, 60):
        FeedbackStore(store, comment_days=days, now=lambda: NOON).add([answer(CARD, comment="x")], EHR)
    assert [row["expires"] for row in rows(store, "comments")] == [NOON + timedelta(days=30)]


@pytest.mark.parametrize("key", ["", "too-short", "ü" * 44])
def test_a_key_of_another_kind_is_refused_without_being_quoted(store: Store, key: str) -> None:
    with pytest.raises(
        SettingsError, match="CDS_COMMENT_KEYS: key 2 is no Fernet key; make one with"
    ) as caught:
        FeedbackStore(store, comment_keys=(FIRST, key))
    assert not key or key not in str(caught.value)


BUSY = """
import sys
from cds_service.store.connect import open_store
from cds_service.store.feedback import FeedbackStore
from tests.unit.store.records import answer, new_id
ear = FeedbackStore(open_store(sys.argv[1]))
sys.stdin.readline()
for _ in range(300):
    ear.add([answer(new_id())], "")
"""


def test_writers_that_never_pause_do_not_starve_each_other(store: Store, url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", BUSY, url], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=60)[1] for process in processes]
    assert errors == ["", "", ""]
    assert count(store, "feedback") == 900


WRITES = """
import sys, uuid
from cds_service.store.connect import open_store
from cds_service.store.feedback import FeedbackStore
from tests.unit.store.records import answer
ear = FeedbackStore(open_store(sys.argv[1]))
while True:
    card = str(uuid.uuid4())
    ear.add([answer(card)], "")
    print(card, flush=True)
"""


def test_a_killed_process_loses_nothing_that_was_acknowledged(store: Store, url: str) -> None:
    processes: list[subprocess.Popen[str]] = [
        subprocess.Popen([sys.executable, "-c", WRITES, url], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    acknowledged: list[str] = []
    try:
        for process in processes:
            assert process.stdout is not None
            acknowledged += [process.stdout.readline().strip() for _ in range(50)]
    finally:
        for process in processes:
            process.kill()
    for process in processes:
        assert process.stdout is not None
        acknowledged += process.stdout.read().split()
        process.wait()
    kept: list[Any] = [row["card"] for row in rows(store, "feedback")]
    assert len(acknowledged) >= 100
    assert set(acknowledged) <= set(kept)
    # Each process may have been killed between its commit and its word.
    assert len(kept) <= len(acknowledged) + 2


OUTLIVES = """
import os, sys, uuid
from cds_service.store.connect import open_store
from cds_service.store.feedback import FeedbackStore
from cds_service.store.patience import Patience
from tests.unit.store.records import answer
store = open_store(sys.argv[1])
ear = FeedbackStore(store)
ear.add([answer(str(uuid.uuid4()))], "")
with store.begin(Patience.QUICK):  # a second engine on the same file
    pass
print("ready", flush=True)
sys.stdin.readline()
for _ in range(5):
    ear.add([answer(str(uuid.uuid4()))], "")
os._exit(0)
"""


def test_what_is_written_after_another_process_has_ended_is_kept(store: Store, url: str) -> None:
    ear = FeedbackStore(store)
    ear.add([answer(new_id())], "")
    with subprocess.Popen(
        [sys.executable, "-c", OUTLIVES, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        store.close()
        other.stdin.write("go\n")
        other.stdin.flush()
        assert other.wait(60) == 0
    assert count(store, "feedback") == 7
