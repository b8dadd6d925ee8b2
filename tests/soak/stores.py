"""A fresh store for one run, and what is found in it afterwards."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, func, make_url, select, text
from sqlalchemy.exc import OperationalError

from cds_service.store.connect import open_store
from cds_service.store.tables import calls, feedback

KINDS = ("sqlite", "postgresql")
ADMIN = "postgresql://postgres@127.0.0.1:5432/test"
START = "pg_ctlcluster --skip-systemctl-redirect $(ls /etc/postgresql) main start"

Heard = set[tuple[str, str]]


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty, migrated store that is gone after the block."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'store.sqlite3'}"
        return
    admin = make_url(os.environ.get("TEST_DATABASE_URL", ADMIN)).set(drivername="postgresql+psycopg")
    name = f"soak_{uuid.uuid4().hex}"
    engine = create_engine(admin, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        raise SystemExit(
            f"PostgreSQL is needed; start it with: {START}, or name one in TEST_DATABASE_URL"
        ) from None
    try:
        url = admin.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        store = open_store(url)
        store.migrate()
        store.close()
        yield url
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def found(url: str) -> tuple[Heard, int]:
    """What the store holds: feedback as (card, outcome), and how many calls answered 200."""
    store = open_store(url)
    try:
        with store.begin() as connection:
            rows = connection.execute(select(feedback.c.card, feedback.c.outcome))
            heard = {(row.card, row.outcome) for row in rows}
            answered = select(func.count()).select_from(calls).where(calls.c.status == 200)
            return heard, connection.execute(answered).scalar_one()
    finally:
        store.close()
