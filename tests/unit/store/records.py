"""Builders of what is kept, a lock on the tables, and a look at everything the store holds."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, text

from cds_service.core.kept import CallRecord, Feedback, ServedCard
from cds_service.store.connect import Store, open_store
from cds_service.store.rows import rows_of, write
from cds_service.store.tables import metadata

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def new_id() -> str:
    return str(uuid.uuid4())


def card(**given: Any) -> ServedCard:
    return ServedCard(**{"uuid": new_id(), "finding": "C01", "kind": "correction", "outcome": "FIX", **given})


def record(*cards: ServedCard, **given: Any) -> CallRecord:
    usual: dict[str, Any] = {
        "id": new_id(),
        "at": NOON,
        "service": "emg-ncs-order-sign",
        "hook": "order-sign",
        "status": 200,
        "duration": 2.5,
        "body": b"{}",
        "guideline": "CG-1",
        "edition": "2025-10-01",
        "version": "1.0.0",
    }
    return CallRecord(**{**usual, "cards": cards, **given})


def answer(card: str, outcome: str = "accepted", **given: Any) -> Feedback:
    return Feedback(**{"card": card, "outcome": outcome, "at": NOON, **given})


def keep(store: Store, *records: CallRecord) -> None:
    """Write at once, without a recorder."""
    with store.begin() as connection:
        write(connection, [rows_of(each, store.hashes) for each in records])


def count(store: Store, table: str) -> int:
    with store.begin(reads=True) as connection:
        return connection.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one()


def rows(store: Store, table: str) -> list[dict[str, Any]]:
    with store.begin(reads=True) as connection:
        return [dict(row) for row in connection.execute(select(metadata.tables[table])).mappings()]


def everything(store: Store) -> str:
    return "\n".join(repr(rows(store, table)) for table in metadata.tables)


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Nobody else can write while the block runs."""
    other = open_store(url)
    with other.begin() as connection:
        if not other.is_sqlite:
            names = ", ".join(metadata.tables)
            connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
        yield
    other.close()
