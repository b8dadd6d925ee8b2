"""Every test of the store runs on an SQLite file and on a PostgreSQL database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cds_service.store.connect import Store, open_store
from tests.databases import postgresql

KEY = "a key for tests only"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.sqlite3'}"
    else:
        yield from postgresql("store")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite3'}"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    yield from postgresql("store")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store in the newest shape."""
    made = open_store(url, key=KEY)
    made.migrate()
    yield made
    made.close()
