"""Brings a database to the newest shape; Alembic is set up in code, so that a wheel needs no file of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

SCRIPTS = Path(__file__).parent / "migrations"
# Any number, the same in every process: who holds it migrates.
_LOCK = 7_244_107


def upgrade(engine: Engine) -> tuple[str, str]:
    """Migrate in one transaction; a second caller waits, then finds nothing to do.

    Returns:
        The revision before (``""``: none) and after. A revision newer than we know is left alone.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = revision(connection)
        if before in ("", *known()):
            command.upgrade(configured(connection), "head")
        return before, revision(connection)


def configured(connection: Connection) -> Config:
    """What Alembic's commands need to run our scripts on this connection."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def revision(connection: Connection) -> str:
    """The revision of the database; ``""`` when it has none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def is_current(connection: Connection) -> bool:
    """Whether we can work with it. A revision we do not know is from a newer version, which only adds."""
    found = revision(connection)
    return bool(found) and (found == known()[0] or found not in known())


@cache
def known() -> tuple[str, ...]:
    """Every revision, newest first."""
    return tuple(script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions())
