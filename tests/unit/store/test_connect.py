"""Which databases are taken, how files are made, and what a store that is down says."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import event, make_url, text

from cds_service.errors import SettingsError, StoreError
from cds_service.store.connect import Store, open_store
from cds_service.store.engines import url_of
from cds_service.store.feedback import FeedbackStore
from cds_service.store.patience import Patience
from cds_service.store.replay import StoreReplayGuard
from tests.unit.store.records import answer, count, locked, new_id
from tests.unit.store.test_replay import Memory

TAKEN = [
    ("sqlite:////folder/file.sqlite3", "sqlite"),
    ("sqlite:///file.sqlite3", "sqlite"),
    ("postgres://user@host/name", "postgresql+psycopg"),
    ("postgresql://user@host/name?sslmode=require", "postgresql+psycopg"),
    ("postgresql+psycopg://user@host/name", "postgresql+psycopg"),
]
REFUSED = [
    "mysql://user:pass-word@host/name",
    "sqlite://",
    "sqlite:///:memory:",
    "pass-word",
    "postgresql+asyncpg://h/n",
]


@pytest.mark.parametrize(("url", "driver"), TAKEN)
def test_sqlite_files_and_postgresql_are_taken(url: str, driver: str) -> None:
    assert url_of(url).drivername == driver


@pytest.mark.parametrize("url", REFUSED)
def test_another_url_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: .*; give sqlite:") as caught:
        open_store(url)
    assert "pass-word" not in str(caught.value)


def test_only_we_may_read_the_file_and_its_folder(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = open_store(f"sqlite:///{tmp_path / 'new' / 'store.sqlite3'}")
        FeedbackStore(store).add([answer(new_id())], "")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}
    assert "store.sqlite3-wal" in modes
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_opening_touches_nothing(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'new' / 'store.sqlite3'}")
    open_store("postgresql://user@127.0.0.1:1/name")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


DOWN = [
    ("postgresql://user:pass-word@127.0.0.1:1/name", "does not answer"),
    ("postgresql://user:pass-word@127.0.0.1:{silent}/name", "does not answer"),
    ("postgresql://user:pass-word@no-such-host.invalid/name", "does not answer"),
    ("{server}_not_there", "knows no such user or database"),
    ("sqlite:///{tmp}/text.txt", "no SQLite database"),
    ("sqlite:///{tmp}", "cannot be opened"),
    ("sqlite:///{tmp}/text.txt/store.sqlite3", "cannot be used"),
]


@pytest.mark.parametrize(("url", "words"), DOWN)
def test_a_store_that_is_down_says_why_in_plain_words(
    url: str, words: str, tmp_path: Path, silent: int, postgresql_url: str
) -> None:
    (tmp_path / "text.txt").write_text("not a database " * 100)
    store = open_store(url.format(tmp=tmp_path, silent=silent, server=postgresql_url))
    assert words in store.ping()
    with pytest.raises(StoreError, match=words) as caught:
        FeedbackStore(store).add([answer(new_id())], "")
    assert "pass-word" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_readiness_asks_the_database_once_a_second(url: str) -> None:
    now = [0.0]
    store = Store(url, clock=lambda: now[0])
    store.migrate()
    said = {}
    assert store.ping() == ""
    with open_store(url).begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    for at in (0.5, 0.9, 1.1):
        now[0] = at
        said[at] = store.ping() != ""
    assert said == {0.5: False, 0.9: False, 1.1: True}


def test_a_failed_write_shows_in_readiness_until_a_write_works(url: str) -> None:
    now = [0.0]
    store = Store(url, clock=lambda: now[0])
    store.migrate()
    assert store.ping() == ""
    with locked(url):
        with pytest.raises(StoreError):
            FeedbackStore(store).add([answer(new_id())], "")
        now[0] = 2.0
        assert "lock" in store.ping()
    now[0] = 4.0
    assert store.ping() == ""


def test_a_process_that_begins_on_a_full_disk_says_so(sqlite_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_AT_START, sqlite_url],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "disk" in done.stdout, done.stderr


FULL_AT_START = """
import resource, sys
from cds_service.store.connect import open_store
first = open_store(sys.argv[1])
first.ping()
first.close()
# Room for the index of the log (32 KiB), and for hardly more in the log itself.
resource.setrlimit(resource.RLIMIT_FSIZE, (36_000, resource.RLIM_INFINITY))
print(open_store(sys.argv[1]).ping())
"""


def test_the_master_s_look_at_the_store_does_not_count_for_its_workers(store: Store, url: str) -> None:
    now = [0.0]
    master = Store(url, clock=lambda: now[0])
    assert master.ping() == ""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        now[0] = 2.0
        with refusing_writes(master):
            os.write(write, master.ping().encode() or b"ready")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 1000) != b"ready"


@contextlib.contextmanager
def refusing_writes(store: Store) -> Iterator[None]:
    """Whatever inserts or deletes finds the store full."""

    def refuse(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("INSERT", "DELETE")):
            raise OSError

    engine = store._engine(Patience.QUICK)  # noqa: SLF001 - nothing else can fail only the writes
    event.listen(engine, "before_cursor_execute", refuse)
    yield
    event.remove(engine, "before_cursor_execute", refuse)


def test_a_disk_with_hardly_any_room_is_said(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    store = Store(sqlite_url, clock=lambda: now[0])
    assert store.ping() == ""
    # What was written fits into the log as it is; the next batch will not.
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9 - 4096, 4096))
    now[0] = 2.0
    assert "disk" in store.ping()
    monkeypatch.undo()
    now[0] = 4.0
    assert store.ping() == ""


class Usage(NamedTuple):
    """As shutil has it, in bytes."""

    total: int
    used: int
    free: int


@pytest.mark.parametrize("table", ["calls", "feedback", "comments"])
def test_a_table_that_cannot_be_written_is_not_ready(postgresql_url: str, table: str) -> None:
    now = [0.0]
    store = Store(postgresql_url, clock=lambda: now[0])
    store.migrate()
    assert store.ping() == ""
    with open_store(postgresql_url).begin() as other:
        other.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
        for now[0] in (2.0, 4.0):
            assert "lock" in store.ping()
    now[0] = 6.0
    assert store.ping() == ""


def test_a_forked_worker_connects_for_itself(store: Store) -> None:
    FeedbackStore(store).add([answer(new_id())], "parent")
    child = os.fork()
    if child == 0:
        try:
            FeedbackStore(store).add([answer(new_id())], "child")
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    FeedbackStore(store).add([answer(new_id())], "parent")
    assert count(store, "feedback") == 3


def test_a_forked_worker_does_not_speak_on_its_parent_s_connection(postgresql_url: str) -> None:
    def backend() -> int:
        with store.begin(reads=True) as connection:
            found: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            return found

    store = open_store(postgresql_url)
    of_parent = backend()
    child = os.fork()
    if child == 0:
        os._exit(0 if backend() != of_parent else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert backend() == of_parent


@pytest.fixture
def stalling(postgresql_url: str) -> Iterator[tuple[str, threading.Event]]:
    """A PostgreSQL behind a line that swallows everything while the event is set."""
    server = make_url(postgresql_url)
    stalled = threading.Event()

    def forward(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                if not stalled.is_set():
                    target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = front.accept()
                back = socket.create_connection((server.host or "127.0.0.1", server.port or 5432))
                for pair in ((client, back), (back, client)):
                    threading.Thread(target=forward, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as front:
        threading.Thread(target=accept, daemon=True).start()
        through = server.set(host="127.0.0.1", port=front.getsockname()[1])
        yield through.render_as_string(hide_password=False), stalled
        front.shutdown(socket.SHUT_RDWR)


def test_a_server_that_hangs_is_given_up_and_used_again_when_it_is_back(
    stalling: tuple[str, threading.Event],
) -> None:
    url, stalled = stalling
    store = open_store(url)
    store.migrate()
    guard = StoreReplayGuard(store, Memory())
    FeedbackStore(store).add([answer(new_id())], "")
    assert guard.first_use("issuer", "1", 1)
    stalled.set()
    with pytest.raises(StoreError, match="PostgreSQL does not answer"):
        FeedbackStore(store).add([answer(new_id())], "")
    assert guard.first_use("issuer", "2", 1)
    assert not guard.first_use("issuer", "2", 1)
    assert guard.failures == 1
    assert store.ping() != ""
    stalled.clear()
    FeedbackStore(store).add([answer(new_id())], "")
    assert count(store, "feedback") == 2


def test_postgresql_that_restarts_our_connections_is_used_again(postgresql_url: str) -> None:
    store = open_store(postgresql_url)
    store.migrate()
    FeedbackStore(store).add([answer(new_id())], "")
    with open_store(postgresql_url).begin() as other:
        other.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    FeedbackStore(store).add([answer(new_id())], "")
    assert count(store, "feedback") == 2


def test_a_file_that_was_moved_away_is_made_anew(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    FeedbackStore(store).add([answer(new_id())], "")
    store.close()
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(StoreError, match="store migrate"):
        FeedbackStore(store).add([answer(new_id())], "")
    FeedbackStore(store).add([answer(new_id())], "")
    assert count(store, "feedback") == 1
