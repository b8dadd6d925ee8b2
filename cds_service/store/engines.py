"""A database URL in, SQLAlchemy engines out that wait for little and keep what was committed."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from cds_service.errors import SettingsError
from cds_service.store.patience import Patience, connect

POSTGRESQL = "postgresql+psycopg"
CONNECT_SECONDS = 2
READS = "reads"
ROOM_BYTES = 4 * 1024 * 1024
# A writer that starts as a reader cannot wait for another one: it fails at once.
BEGIN_TO_WRITE = "BEGIN IMMEDIATE"


def url_of(text: str) -> URL:
    """The URL with the driver we bring. Raises SettingsError for any other kind of database."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise _unusable("is not a database URL") from None
    if url.drivername in ("postgres", "postgresql", POSTGRESQL):
        return url.set(drivername=POSTGRESQL)
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise _unusable("names no SQLite file, and workers cannot share one in memory")
        return url.set(drivername="sqlite")
    raise _unusable("is neither SQLite nor PostgreSQL")


def engine_for(url: URL, patience: Patience) -> Engine:
    """An engine for one process, whose statements take no longer than that."""
    return _sqlite(url, patience) if url.drivername == "sqlite" else _postgresql(url, patience)


def has_room(url: URL) -> bool:
    """Whether the disk of an SQLite file takes a batch more; a small write may fit into files as they are."""
    usage = shutil.disk_usage(Path(url.database or "").parent)
    return usage.total == 0 or usage.free >= ROOM_BYTES


def _unusable(what: str) -> SettingsError:
    return SettingsError(
        f"DATABASE_URL: {what}; give sqlite:////folder/file.sqlite3, postgresql://user:password@host/database,"
        " or none for no store"
    )


def _postgresql(url: URL, patience: Patience) -> Engine:
    quick = patience is Patience.QUICK
    milliseconds = int(patience.seconds * 1000)
    options = f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds // 2} -c timezone=UTC"
    if quick:
        options += " -c synchronous_commit=off"
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": CONNECT_SECONDS * 1000,
        "application_name": "cds-service",
        "options": options,
    }
    engine = create_engine(
        url,
        # What the operator's URL says goes before our choice.
        connect_args={name: value for name, value in arguments.items() if name not in url.query},
        isolation_level="AUTOCOMMIT" if quick else "READ COMMITTED",
        pool_size=2,
        max_overflow=2,
        pool_timeout=patience.seconds,
        pool_pre_ping=not quick,
        hide_parameters=True,
    )

    def connect_patiently(_dialect: object, _record: object, given: Any, named: Any) -> object:
        return connect(patience, *given, **named)

    event.listen(engine, "do_connect", connect_patiently)
    return engine


def _sqlite(url: URL, patience: Patience) -> Engine:
    quick = patience is Patience.QUICK
    _private_file(Path(url.database or ""))
    engine = create_engine(
        url,
        connect_args={"timeout": patience.seconds},
        pool_size=2,
        max_overflow=2,
        pool_timeout=patience.seconds,
        hide_parameters=True,
    )

    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN comes too late to keep DDL in a transaction, so we say BEGIN ourselves.
        connection.isolation_level = None
        _write_ahead(connection)
        connection.execute(f"PRAGMA synchronous = {'NORMAL' if quick else 'FULL'}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")

    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READS, False)
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience.seconds * 1000) if reads else 0}")
        if reads or not _taken(connection.connection.dbapi_connection, patience.seconds):
            connection.exec_driver_sql("BEGIN" if reads else BEGIN_TO_WRITE)

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", begin)
    return engine


def _taken(connection: Any, seconds: float) -> bool:
    """Take the write lock. SQLite's own wait sleeps ever longer and starves beside a busy writer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            connection.execute(BEGIN_TO_WRITE)
        except sqlite3.Error as error:
            # Said again through SQLAlchemy, which wraps what the driver raises.
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                return False
            time.sleep(0.001)
        else:
            return True
    return False


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Readers and one writer side by side. SQLite does not wait when several switch a new file at once."""
    deadline = time.monotonic() + Patience.USUAL.seconds
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _private_file(path: Path) -> None:
    """Folder and file that only we may read; the files SQLite puts beside it take the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Never open a file that is there: closing it would drop every lock this process holds on it
    # (sqlite.org, How To Corrupt, 2.2), and another process could throw the log of writes away.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
