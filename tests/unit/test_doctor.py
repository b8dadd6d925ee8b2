"""The doctor: what it notes about a state of affairs; that it mends nothing, and tells no secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from cds_service import doctor
from cds_service.core.kept import Feedback
from cds_service.doctor import Level, Note
from cds_service.settings import Settings
from cds_service.store.connect import open_store
from cds_service.store.feedback import FeedbackStore
from tests import databases

CANARY = "Quillfeather-Quillfeather-Quillfeather"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - as a deployer would
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PUBLIC, PRIVATE = "93.184.215.14", "10.1.2.3"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    key = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key()))
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [{**key, "kid": "k"}]}), encoding="utf-8")
    path = tmp_path / "registry.toml"
    path.write_text(
        '[[client]]\nissuer = "https://ehr.example.org"\nname = "Example"\njwks = "keys.json"\n'
        'fhir_servers = ["https://fhir.example.org/r4"]\n',
        encoding="utf-8",
    )
    return path


def resolve(host: str, port: int) -> Sequence[str]:
    """A name service that knows three names."""
    known = {"fhir.example.org": PUBLIC, "inside.example.org": PRIVATE, "both.example.org": PUBLIC}
    if host not in known:
        raise OSError("no such name")
    return [PUBLIC, PRIVATE] if host.startswith("both") else [known[host]]


def examine(**environ: str) -> tuple[Note, ...]:
    return doctor.examine({"DATABASE_URL": "none", **environ}, resolve=resolve)


def told(notes: Sequence[Note], words: str) -> Note:
    (note,) = [note for note in notes if words in note.what]
    return note


@pytest.mark.parametrize(
    ("environ", "level", "words", "remedy"),
    [
        ({"PORT": "abc"}, Level.FAIL, "settings: PORT", "give a whole number"),
        ({"CDS_MAX_DEPTH": "7"}, Level.FAIL, "settings: CDS_MAX_DEPTH", "from 8 to 200"),
        ({}, Level.OK, "access: open, and reached from this machine only", ""),
        ({"HOST": EVERYWHERE}, Level.FAIL, "nobody's identity would be checked", "CDS_TRUST_REGISTRY"),
        ({"HOST": EVERYWHERE, "CDS_OPEN_ACCESS": "1"}, Level.WARN, "whoever calls is served", "registry"),
        (
            {"HOST": EVERYWHERE, "CDS_OPEN_ACCESS": "1"},
            Level.WARN,
            "clients are taken to call us at http://0.0.0.0:8080",
            "CDS_PUBLIC_BASE_URL",
        ),
        (
            {"HOST": EVERYWHERE, "CDS_OPEN_ACCESS": "1", "CDS_PUBLIC_BASE_URL": "http://cds.example.org"},
            Level.WARN,
            "http://cds.example.org is plain http",
            "TLS",
        ),
        ({}, Level.OK, "fetching: off, as no FHIR server is listed", ""),
        (
            {"CDS_FETCH_SERVERS": "https://fhir.example.org", "CDS_FETCH_BUDGET_MS": "0"},
            Level.OK,
            "fetching: off, as CDS_FETCH_BUDGET_MS is 0",
            "",
        ),
        (
            {"CDS_FETCH_SERVERS": "https://fhir.example.org/r4"},
            Level.OK,
            "https://fhir.example.org/r4 may be read",
            "",
        ),
        ({"CDS_FETCH_SERVERS": "http://fhir.example.org/r4"}, Level.FAIL, "will never be called", "https"),
        ({"CDS_FETCH_SERVERS": "https://inside.example.org"}, Level.FAIL, "not public", "CDS_FETCH_PRIVATE"),
        ({"CDS_FETCH_SERVERS": "https://both.example.org"}, Level.FAIL, "not public", "CDS_FETCH_PRIVATE"),
        (
            {"CDS_FETCH_SERVERS": "https://inside.example.org", "CDS_FETCH_PRIVATE": "1"},
            Level.OK,
            "https://inside.example.org may be read",
            "",
        ),
        (
            {"CDS_FETCH_SERVERS": "https://gone.example.org"},
            Level.WARN,
            "cannot be looked up",
            "the name service",
        ),
        (
            {"CDS_FETCH_SERVERS": "https://169.254.169.254/r4"},
            Level.FAIL,
            "at an address that is never called",
            "does not help",
        ),
        (
            {"CDS_FETCH_SERVERS": "http://169.254.169.254/r4", "CDS_FETCH_PRIVATE": "1"},
            Level.FAIL,
            "at an address that is never called",
            "does not help",
        ),
        ({}, Level.WARN, "store: none", "DATABASE_URL"),
        ({}, Level.OK, "content: CG-MED-24", ""),
        ({}, Level.OK, "metrics: the workers share their figures in", ""),
    ],
)
def test_what_it_notes_about_settings(
    environ: Mapping[str, str], level: Level, words: str, remedy: str
) -> None:
    note = told(examine(**environ), words)
    assert note.level is level
    assert remedy in note.remedy
    assert bool(note.remedy) == (level is not Level.OK)


def test_a_sound_registry_is_well(registry: Path) -> None:
    notes = examine(
        CDS_TRUST_REGISTRY=str(registry), CDS_PUBLIC_BASE_URL="https://cds.example.org", WEB_CONCURRENCY="1"
    )
    assert told(notes, "access:").what.endswith("only clients of the trust registry are served")
    assert told(notes, "trust registry: 1 clients").level is Level.OK
    assert told(notes, "https://fhir.example.org/r4 may be read").level is Level.OK
    assert {note.level for note in notes if "store: none" not in note.what} == {Level.OK}


@pytest.mark.parametrize(
    ("line", "level", "words"),
    [
        ('dialect = "klingon"', Level.FAIL, "registry.toml::client[0].dialect"),
        ('jku = ["http://ehr.example.org/keys"]', Level.FAIL, "registry.toml::client[0].jku[0]"),
        ('audience_exact = ["cds"]', Level.WARN, "audience_exact accepts one token at every path"),
    ],
)
def test_what_it_notes_about_a_registry(registry: Path, line: str, level: Level, words: str) -> None:
    with registry.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    note = told(examine(CDS_TRUST_REGISTRY=str(registry)), words)
    assert note.level is level
    assert note.remedy


def test_servers_of_settings_are_idle_beside_a_registry(registry: Path) -> None:
    notes = examine(CDS_TRUST_REGISTRY=str(registry), CDS_FETCH_SERVERS="https://inside.example.org")
    assert told(notes, "CDS_FETCH_SERVERS is not read").level is Level.WARN
    assert not any("inside.example.org" in note.what for note in notes)


def test_without_a_store_workers_do_not_share_used_tokens(registry: Path) -> None:
    given = {"CDS_TRUST_REGISTRY": str(registry), "WEB_CONCURRENCY": "2"}
    assert told(examine(**given), "once more").level is Level.WARN


@pytest.mark.parametrize(
    ("theirs", "level"),
    [
        (timedelta(seconds=1), Level.OK),
        (timedelta(seconds=-5), Level.WARN),
        (timedelta(seconds=61), Level.FAIL),
        (timedelta(days=-1), Level.FAIL),
    ],
)
def test_our_clock_against_that_of_the_store(theirs: timedelta, level: Level) -> None:
    (note,) = doctor.clock(NOON, NOON + theirs)
    assert note.level is level


def test_our_clock_by_itself() -> None:
    (well,) = doctor.clock(NOON.astimezone(timezone(timedelta(hours=-5))))
    assert well == Note(Level.OK, "clock: 2026-11-22 07:00:00, UTC-05:00")
    (unset,) = doctor.clock(datetime(1970, 1, 1, tzinfo=UTC))
    assert unset.level is Level.FAIL


def test_keys_that_are_not_set_are_told() -> None:
    unset = list(doctor.secrets(Settings()))
    assert [note.level for note in unset] == [Level.WARN, Level.WARN]
    both = list(doctor.secrets(Settings(store_key=CANARY, comment_keys=(CANARY,))))
    assert [note.level for note in both] == [Level.OK, Level.OK]


def test_it_does_not_make_the_file_of_the_store(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "store.sqlite3"
    assert told(examine(DATABASE_URL=f"sqlite:///{file}"), "store: SQLite").level is Level.OK
    assert list(tmp_path.iterdir()) == []


def test_a_store_file_that_cannot_be_made_fails() -> None:
    assert doctor.unmade(Path("/dev/null/store.sqlite3")).level is Level.FAIL


def test_a_file_that_is_no_store_fails(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite3"
    file.write_text("no database" * 100, encoding="utf-8")
    note = told(examine(DATABASE_URL=f"sqlite:///{file}"), "store: ")
    assert note.level is Level.FAIL


def test_a_database_that_does_not_answer_fails() -> None:
    note = told(examine(DATABASE_URL=f"postgresql://cds:{CANARY}@127.0.0.1:9/cds"), "store: ")
    assert (note.level, note.what) == (Level.FAIL, "store: PostgreSQL does not answer")
    assert note.remedy


def test_an_empty_database_is_to_be_migrated() -> None:
    for url in databases.postgresql("doctor"):
        note = told(examine(DATABASE_URL=url), "store: ")
    assert note.level is Level.FAIL
    assert "store migrate" in f"{note.what} {note.remedy}"


def test_a_migrated_database_is_well() -> None:
    for url in databases.postgresql("doctor"):
        store = open_store(url)
        store.migrate()
        store.close()
        notes = examine(DATABASE_URL=url)
    assert told(notes, "store: PostgreSQL; migrated").level is Level.OK
    assert told(notes, "clock: agrees with the store's").level is Level.OK


def test_comments_of_the_time_before_they_were_encrypted_are_counted(tmp_path: Path) -> None:
    url, key = f"sqlite:///{tmp_path / 'store.sqlite3'}", Fernet.generate_key().decode()
    store = open_store(url)
    item = Feedback(str(uuid.uuid4()), "overridden", comment=CANARY)
    FeedbackStore(store).add([item], "a client")
    FeedbackStore(store).add([item], "another client")
    FeedbackStore(store, comment_keys=(key,)).add([item], "a third client")
    store.close()
    note = told(examine(DATABASE_URL=url, CDS_COMMENT_KEYS=key), "2 comments of the time before")
    assert note.level is Level.WARN
    assert not any("of the time before" in note.what for note in examine(DATABASE_URL=url))


def test_a_store_that_takes_no_writes_fails(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite3"
    store = open_store(f"sqlite:///{file}")
    assert store.ping() == ""
    store.close()
    code = (
        "import resource, sys\n"
        "from cds_service import doctor\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (36_000, resource.RLIM_INFINITY))\n"
        "notes = doctor.examine({'DATABASE_URL': 'sqlite:///' + sys.argv[1]})\n"
        "print([note.what for note in notes if note.level is doctor.Level.FAIL])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=False, timeout=60
    )
    assert "disk of the SQLite file" in ended.stdout, ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"DATABASE_URL": "none"}, 0),
        ({"DATABASE_URL": f"postgresql://cds:{CANARY}@127.0.0.1:9/cds", "CDS_STORE_KEY": CANARY}, 1),
        ({"DATABASE_URL": f"oracle://cds:{CANARY}@127.0.0.1/cds"}, 1),
        ({"DATABASE_URL": "none", "CDS_COMMENT_KEYS": CANARY}, 1),
    ],
)
def test_the_command_says_all_of_it_and_no_secret(environ: Mapping[str, str], status: int) -> None:
    as_text, as_json = (
        subprocess.run(
            [sys.executable, "-m", "cds_service.cli", "doctor", *options],
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        for options in ((), ("--json",))
    )
    assert (as_text.returncode, as_json.returncode) == (status, status), as_text.stderr + as_json.stderr
    levels = [note["level"] for note in json.loads(as_json.stdout)]
    assert [line.split()[0] for line in as_text.stdout.splitlines()] == levels
    assert ("fail" in levels) == bool(status)
    for said in (as_text.stdout, as_text.stderr, as_json.stdout, as_json.stderr):
        assert CANARY not in said
