"""A database error in, plain words out: what is wrong and what to do. Never quotes the error's own text."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cds_service.store.patience import SAID

MIGRATE = "the database is not in the shape this version needs: run cds-service store migrate"

FULL = "the disk of the SQLite file is full: make room"

# Part of the driver's message, in lower case; what we say. The first that fits is taken.
_SQLITE = (
    ("is locked", "another program keeps the SQLite file locked: end it"),
    ("is full", FULL),
    ("disk i/o", "the disk of the SQLite file fails or is full: make room, or check the disk"),
    ("readonly", "the SQLite file may not be written: give this user the right to write it and its folder"),
    ("unable to open", "the SQLite file cannot be opened: check that its folder exists and may be written"),
    ("not a database", "the file of DATABASE_URL is no SQLite database: name another, or move it away"),
    ("malformed", "the SQLite file is damaged: restore it from a copy"),
    ("no such table", MIGRATE),
    ("no such column", MIGRATE),
)
_POSTGRESQL = (
    ("password authentication failed", "PostgreSQL refused the password: check DATABASE_URL"),
    ("no pg_hba.conf entry", "PostgreSQL does not let this host or user in: see its pg_hba.conf"),
    ("too many clients", "PostgreSQL has no connection left: raise its max_connections"),
    ("remaining connection slots", "PostgreSQL has no connection left: raise its max_connections"),
    ("no space left", "the disk of PostgreSQL is full: make room"),
    ("could not extend", "the disk of PostgreSQL is full: make room"),
    ("read-only transaction", "PostgreSQL takes no writes now: name its primary in DATABASE_URL"),
    ("permission denied", "PostgreSQL does not give this user the right: grant it on the tables"),
    ("statement timeout", "PostgreSQL took too long to answer"),
    (SAID, "PostgreSQL took too long to answer"),
    ("lock timeout", "PostgreSQL took too long to answer: another session holds a lock"),
    ("relation ", MIGRATE),
    ("column ", MIGRATE),
    ("does not exist", "PostgreSQL knows no such user or database: check DATABASE_URL"),
    ("shutting down", "PostgreSQL is shutting down"),
    ("starting up", "PostgreSQL is starting"),
)


def words_for(error: Exception, *, sqlite: bool) -> str:
    """One sentence for an operator."""
    if isinstance(error, PoolTimeout):
        return "every connection to the store is in use"
    if isinstance(error, PermissionError):
        return "the folder or file of the store may not be written: check DATABASE_URL and its rights"
    if isinstance(error, OSError):
        return f"the file of the store cannot be used ({type(error).__name__}): check DATABASE_URL"
    said = str(error.orig).lower() if isinstance(error, DBAPIError) else ""
    for part, words in _SQLITE if sqlite else _POSTGRESQL:
        if part in said:
            return words
    if not sqlite and isinstance(error, DBAPIError):
        return "PostgreSQL does not answer: check that it runs and that DATABASE_URL names its host and port"
    return f"the store failed ({type(error).__name__})"
