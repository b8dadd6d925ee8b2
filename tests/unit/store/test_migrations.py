"""A database gets the shape that tables.py says, once, however many bring it there."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from cds_service.errors import StoreError
from cds_service.store.connect import Store, open_store
from cds_service.store.engines import engine_for, url_of
from cds_service.store.faults import MIGRATE
from cds_service.store.feedback import FeedbackStore
from cds_service.store.migrate import configured, known
from cds_service.store.patience import Patience
from cds_service.store.tables import metadata
from tests.unit.store.records import NOON, answer, count, new_id, rows

MIGRATES = """
import sys
from cds_service.store.connect import open_store
sys.stdin.readline()
print(open_store(sys.argv[1]).migrate()[1])
"""

OLD_CALL = """
INSERT INTO calls (id, at, service, hook, status, duration_ms, refusal, issuer, tenant, dialect, guideline,
    edition, version, input_digest, hook_instance_hash, patient_hash, orders, cards, gaps, trace)
VALUES (:id, :at, '', '', 200, 1.5, '', '', '', '', '', '', '', '', '', '', 0, 0, '[]', NULL)
"""


def upgrade_to(connection: Connection, revision: str) -> None:
    command.upgrade(configured(connection), revision)


def test_the_migrated_database_is_what_the_tables_say(store: Store) -> None:
    with store.begin(reads=True) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_second_migration_finds_nothing_to_do(url: str) -> None:
    store = open_store(url)
    assert store.migrate() == ("", known()[0])
    assert store.migrate() == (known()[0], known()[0])


def test_several_processes_may_migrate_at_once(url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATES, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [process.communicate(timeout=60) for process in processes]
    assert [out.strip() for out, _ in ends] == [known()[0]] * 4, [error for _, error in ends]
    store = open_store(url)
    assert store.ping() == ""
    with store.begin(reads=True) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == [(known()[0],)]


def test_postgresql_is_migrated_by_command_alone(postgresql_url: str) -> None:
    store = open_store(postgresql_url)
    assert store.ping() == MIGRATE
    with pytest.raises(StoreError, match="store migrate"):
        FeedbackStore(store).add([answer(new_id())], "")
    store.migrate()
    assert store.ping() == ""
    FeedbackStore(store).add([answer(new_id())], "")
    assert count(store, "feedback") == 1


def test_an_sqlite_file_is_migrated_by_its_first_use(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    FeedbackStore(store).add([answer(new_id())], "")
    assert (count(store, "feedback"), store.ping()) == (1, "")


def test_records_of_the_first_revision_live_on_beside_workers_that_still_write_them(url: str) -> None:
    store = open_store(url)
    with engine_for(url_of(url), Patience.LONG).begin() as connection:
        upgrade_to(connection, "0001")
        old = new_id()
        connection.execute(text(OLD_CALL), {"id": old, "at": NOON.replace(tzinfo=None)})
    assert store.ping() == ("" if store.is_sqlite else MIGRATE)
    assert store.migrate()[1] == known()[0]
    with store.begin() as connection:
        connection.execute(text(OLD_CALL), {"id": new_id(), "at": NOON.replace(tzinfo=None)})
    assert [(row["fetched"], row["software"]) for row in rows(store, "calls")] == [(None, None)] * 2


def test_a_database_of_a_newer_version_is_left_alone_and_used(url: str, store: Store) -> None:
    with store.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    again = open_store(url)
    assert again.migrate() == ("9999", "9999")
    assert again.ping() == ""
    FeedbackStore(again).add([answer(new_id())], "")
    assert count(again, "feedback") == 1
