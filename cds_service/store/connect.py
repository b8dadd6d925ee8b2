"""A database URL in, a Store out: transactions for every process that comes after a fork as well.

Opening never connects. A store that is down raises StoreError with plain words, never with its password.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alembic.util import CommandError
from sqlalchemy import Connection, Engine, delete, false, insert
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from cds_service.errors import StoreError
from cds_service.store import engines, migrate
from cds_service.store.faults import FULL, MIGRATE, words_for
from cds_service.store.forks import after_fork
from cds_service.store.hashes import Hashes
from cds_service.store.patience import Patience
from cds_service.store.tables import metadata, seen_tokens

# Readiness may be asked at any rate; the database is asked once a second at most.
PING_SECONDS = 1.0
_FAULTS = (SQLAlchemyError, CommandError, OSError)


class RefusedError(StoreError):
    """The store works, but does not take these rows; to try again is of no use."""


class Store:
    """One database as this process sees it. Safe to make before a fork: every process connects for itself.

    ``trouble`` is what went wrong last, ``""`` when the last use went well.
    """

    def __init__(self, url: str, *, key: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self._url = engines.url_of(url)
        self.hashes = Hashes(key.encode() or secrets.token_bytes(32))
        self.trouble = ""
        self._clock = clock
        self._lock = threading.Lock()
        self._engines: dict[Patience, Engine] = {}
        self._shaped = False
        self._probed = False
        self._pinged: tuple[float, str] = (float("-inf"), "")
        after_fork(self._forked)

    @property
    def is_sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @contextmanager
    def begin(self, patience: Patience = Patience.USUAL, *, reads: bool = False) -> Iterator[Connection]:
        """A transaction, committed when the block ends; an SQLite file is brought to shape first.

        ``reads``: nothing will be written.

        Raises:
            StoreError: the store cannot be used now, and nothing of the block is kept (unless the connection
                broke during the commit itself). RefusedError when only the rows were at fault.
        """
        try:
            self._shape()
            options = {engines.READS: reads}
            with (
                self._engine(patience).connect().execution_options(**options) as connection,
                connection.begin(),
            ):
                yield connection
        except _FAULTS as error:
            raise self._failed(error) from error
        self.trouble = ""

    def migrate(self) -> tuple[str, str]:
        """Bring the database to the newest shape; safe when several do so at once.

        Returns:
            The revision before (``""``: none) and after.

        Raises:
            StoreError: it could not be done; the database is as it was.
        """
        try:
            revisions = migrate.upgrade(self._engine(Patience.LONG))
        except _FAULTS as error:
            raise self._failed(error) from error
        self._shaped = True
        self._pinged = (float("-inf"), "")
        return revisions

    def ping(self) -> str:
        """``""`` when the store can be used, else what is wrong and what to do. Remembered for a second."""
        asked, words = self._pinged
        if self._clock() - asked >= PING_SECONDS:
            words = self._ping()
            self._pinged = (self._clock(), words)
        return words

    def close(self) -> None:
        """Let go of every connection of this process; the next use makes new ones."""
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines = {}

    def _ping(self) -> str:
        # What failed last may have been a write, and of a process that begins nothing is known yet: then
        # reading would prove nothing.
        reads = self._probed and not self.trouble
        try:
            with self.begin(Patience.QUICK, reads=reads) as connection:
                if not migrate.is_current(connection):
                    return MIGRATE
                if not reads:
                    _write_and_delete(connection)
                if not (reads and self.is_sqlite):
                    _touch(connection)
                if self.is_sqlite and not engines.has_room(self._url):
                    return FULL
        except StoreError as error:
            return str(error)
        self._probed = True
        return ""

    def _shape(self) -> None:
        if self.is_sqlite and not self._shaped:
            migrate.upgrade(self._engine(Patience.USUAL))
            self._shaped = True

    def _failed(self, error: Exception) -> StoreError:
        # The file may have been moved away or put back: look at its shape again.
        self._shaped = False
        # A StatementError that no driver raised: a value that cannot be turned into a column's type.
        of_value = isinstance(error, StatementError) and not isinstance(error, DBAPIError)
        if of_value or isinstance(error, IntegrityError | DataError):
            return RefusedError("the store refused a row")
        self.trouble = words_for(error, sqlite=self.is_sqlite)
        return StoreError(self.trouble)

    def _engine(self, patience: Patience) -> Engine:
        with self._lock:
            if patience not in self._engines:
                self._engines[patience] = engines.engine_for(self._url, patience)
            return self._engines[patience]

    def _forked(self) -> None:
        """Forget, in a new child, the connections that belong to the parent."""
        # Another thread of the parent may have held the lock, and will never release it here.
        self._lock = threading.Lock()
        for engine in self._engines.values():
            engine.dispose(close=False)
        self._engines = {}
        self._probed = False


def _write_and_delete(connection: Connection) -> None:
    """As much as a small batch, since a full disk may still have room for a single row."""
    tokens = [{"issuer_hash": "", "token_hash": secrets.token_hex(32), "expires": 0} for _ in range(200)]
    connection.execute(insert(seen_tokens), tokens)
    connection.execute(delete(seen_tokens).where(seen_tokens.c.issuer_hash == ""))


def _touch(connection: Connection) -> None:
    """Ask to write to every table, and write nothing: a lock or a missing right shows."""
    for table in metadata.sorted_tables:
        connection.execute(delete(table).where(false()))


def open_store(url: str, *, key: str = "") -> Store:
    """The store at ``url``; a database that cannot be used yet is said by ``ping``, not by an exception.

    ``key`` is the secret for hashes; without one, a random one is made, and hashes of two starts differ.

    Raises:
        SettingsError: the URL names neither an SQLite file nor PostgreSQL.
    """
    return Store(url, key=key)
