"""What the contract tests of the edge need: a database of their own, and the log of a server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from cds_service.store.connect import open_store
from cds_service.store.engines import url_of
from cds_service.store.tables import metadata
from tests.databases import postgresql

STORE_KEY = "a key for tests only"


@pytest.fixture(scope="module")
def postgresql_url() -> Iterator[str]:
    """An empty PostgreSQL database in the newest shape."""
    for url in postgresql("edge"):
        store = open_store(url, key=STORE_KEY)
        store.migrate()
        store.close()
        yield url


@dataclass(frozen=True)
class Database:
    """What a server has kept."""

    url: str

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        engine = create_engine(url_of(self.url))
        try:
            with engine.connect() as connection:
                return [dict(row) for row in connection.execute(text(statement), values).mappings()]
        finally:
            engine.dispose()

    def until(self, statement: str, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        """The rows, once there are ``count``: records are written a little after the answer."""
        deadline = time.monotonic() + seconds
        while len(found := self.rows(statement)) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def everything(self) -> str:
        """Every value of every table as text."""
        return "\n".join(
            str(value)
            for table in metadata.tables
            for row in self.rows(f"SELECT * FROM {table}")  # noqa: S608 - our own tables
            for value in row.values()
        )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """An empty store, on either kind of database."""
    if request.param == "sqlite":
        return Database(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.sqlite3'}")
    return Database(request.getfixturevalue("postgresql_url"))
