"""Deletes what is past its time: comments, seen tokens, and calls with their cards and feedback."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from cds_service.store.connect import Store
from cds_service.store.tables import calls, comments, feedback, seen_tokens

# In small steps, so that nobody else waits long for the lock.
STEP = 1000
# A verifier may take a token a little after its end.
TOKEN_GRACE_SECONDS = 3600


def purge(store: Store, now: datetime, *, audit_days: int) -> Mapping[str, int]:
    """Delete, and say how many rows of each table went (cards go with their call). Raises StoreError."""
    oldest = now - timedelta(days=audit_days)
    return {
        "comments": _delete(store, comments, comments.c.expires <= now),
        "feedback": _delete(store, feedback, feedback.c.received_at < oldest),
        "calls": _delete(store, calls, calls.c.at < oldest),
        "seen_tokens": _delete(
            store, seen_tokens, seen_tokens.c.expires < int(now.timestamp()) - TOKEN_GRACE_SECONDS
        ),
    }


def _delete(store: Store, table: Table, old: ColumnElement[bool]) -> int:
    keys = tuple(table.primary_key.columns)
    step = delete(table).where(tuple_(*keys).in_(select(*keys).where(old).limit(STEP)))
    gone = 0
    while True:
        with store.begin() as connection:
            count = connection.execute(step).rowcount
        gone += count
        if count < STEP:
            return gone
