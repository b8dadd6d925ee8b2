"""Demo data in and out of the store: it is told from real data by its issuers alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import Column, ColumnElement, delete, func, select

from cds_service.core.feedback_picture import DEMO
from cds_service.core.kept import CallRecord, Feedback
from cds_service.store.clock import utc_now
from cds_service.store.connect import Store
from cds_service.store.feedback import FeedbackStore
from cds_service.store.patience import Patience
from cds_service.store.rows import rows_of, write
from cds_service.store.tables import calls, feedback

BATCH = 500


def real(store: Store) -> int:
    """How many calls and feedback there are that are no demo data. Raises StoreError."""
    with store.begin(Patience.LONG, reads=True) as connection:
        return sum(
            connection.execute(select(func.count()).where(~_demo(table.c.issuer))).scalar_one()
            for table in (calls, feedback)
        )


def keep(store: Store, records: Iterable[CallRecord], heard: Iterable[tuple[str, Feedback]]) -> None:
    """Write demo calls, and what was said by issuer.

    Raises:
        StoreError: they could not be written; what was written before stays.
        ValueError: an issuer is none of demo data.
    """
    batch: list[CallRecord] = []
    for record in records:
        _check(record.issuer)
        batch.append(record)
        if len(batch) == BATCH:
            _write(store, batch)
            batch = []
    _write(store, batch)
    # Each time of receipt costs a write to the disk, so a client's feedback of a day is received at once.
    for (_, issuer), group in groupby(sorted(heard, key=_received_with), key=_received_with):
        _check(issuer)
        items = [item for _, item in group]
        received = max(map(_moment, items))
        FeedbackStore(store, now=_always(received)).add(items, issuer)


def remove(store: Store) -> Mapping[str, int]:
    """Take all demo data away, and say how many rows went (cards go with their call). Raises StoreError."""
    with store.begin(Patience.LONG) as connection:
        return {
            table.name: connection.execute(delete(table).where(_demo(table.c.issuer))).rowcount
            for table in (feedback, calls)
        }


def _always(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def _write(store: Store, batch: list[CallRecord]) -> None:
    if batch:
        with store.begin(Patience.LONG) as connection:
            write(connection, [rows_of(record, store.hashes) for record in batch])


def _demo(issuer: Column[str]) -> ColumnElement[bool]:
    # Not LIKE, to which SQLite's upper and lower case are the same.
    return func.substr(issuer, 1, len(DEMO)) == DEMO


def _check(issuer: str) -> None:
    if not issuer.startswith(DEMO):
        raise ValueError(f"the issuer of demo data begins with {DEMO}")


def _moment(item: Feedback) -> datetime:
    return item.at or utc_now()


def _received_with(said: tuple[str, Feedback]) -> tuple[date, str]:
    issuer, item = said
    return _moment(item).date(), issuer
