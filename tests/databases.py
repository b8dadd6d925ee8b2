"""Databases of their own for tests, on the PostgreSQL that CONTRIBUTING.md asks for."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import URL, make_url


def server() -> URL:
    """The database that is always there; it has no tables of ours."""
    return make_url(os.environ.get("TEST_DATABASE_URL") or "postgresql://postgres@127.0.0.1:5432/test")


def postgresql(prefix: str) -> Iterator[str]:
    """The URL of an empty database that is gone afterwards."""
    name = f"{prefix}_{uuid.uuid4().hex}"
    execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield server().set(database=name).render_as_string(hide_password=False)
    finally:
        execute(f"DROP DATABASE {name} WITH (FORCE)")


def execute(statement: str) -> None:
    """One statement of an administrator; the test fails with one sentence where there is no server."""
    admin = server().set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(admin, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement)  # type: ignore[arg-type]
        return
    except psycopg.OperationalError as error:
        kind = type(error).__name__
    # Outside the handler, so that the sentence is all that is shown.
    pytest.fail(
        "this test needs PostgreSQL: start it (on Debian: pg_ctlcluster --skip-systemctl-redirect VERSION"
        f" main start) or name one in TEST_DATABASE_URL; {kind}",
        pytrace=False,
    )
