"""Every test of the store runs on an SQLite file and on a PostgreSQL database of its own."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from cds_service.store.connect import Store, open_store

KEY = "a key for tests only"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.sqlite3'}"
    else:
        yield from postgresql()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite3'}"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    yield from postgresql()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store in the newest shape."""
    made = open_store(url, key=KEY)
    made.migrate()
    yield made
    made.close()


def postgresql() -> Iterator[str]:
    server = make_url(os.environ.get("TEST_DATABASE_URL") or "postgresql://postgres@127.0.0.1:5432/test")
    admin = server.set(drivername="postgresql").render_as_string(hide_password=False)
    name = f"store_{uuid.uuid4().hex}"
    execute(admin, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        execute(admin, f"DROP DATABASE {name} WITH (FORCE)")


def execute(admin: str, statement: str) -> None:
    try:
        with psycopg.connect(admin, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement)  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        pytest.fail(
            "these tests need PostgreSQL: start it (on Debian: pg_ctlcluster --skip-systemctl-redirect"
            f" VERSION main start) or name one in TEST_DATABASE_URL; {type(error).__name__}",
            pytrace=False,
        )
