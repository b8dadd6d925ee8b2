"""Settings of the store in, notes out: its keys, whether it takes writes, and its clock against ours."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import false, func, make_url, select

from cds_service.doctor.notes import Level, Note, fail, of_lines, warn, well
from cds_service.errors import SettingsError, StoreError
from cds_service.settings import Settings
from cds_service.store.clock import utc_now
from cds_service.store.connect import Store, open_store
from cds_service.store.tables import comments

# Between our clock and the store's: tolerable, and what a token's leeway forgives.
DRIFT_SECONDS = (2.0, 60.0)
YEARS = range(2026, 2100)


def secrets(settings: Settings) -> Iterator[Note]:
    """Whether the keys of the store are set; never which they are."""
    if not settings.store_url:
        return
    if settings.store_key:
        yield well("keys: CDS_STORE_KEY is set")
    else:
        yield warn(
            "keys: without CDS_STORE_KEY a new key hashes references at each start, so that records of two "
            "starts or two hosts cannot be compared",
            "set it to a random secret, the same on every host, and keep it",
        )
    if settings.comment_keys:
        yield well(f"keys: comments are encrypted; CDS_COMMENT_KEYS holds {len(settings.comment_keys)}")
    else:
        yield warn(
            f"keys: comments of clinicians are kept as they are for {settings.comment_days} days",
            "set CDS_COMMENT_KEYS to a Fernet key to have them encrypted",
        )


def clock(now: datetime, theirs: datetime | None = None) -> Iterator[Note]:
    """Our clock (with its zone) by itself, or against the store's."""
    if theirs is None:
        if now.year not in YEARS:
            yield fail(f"clock: it says the year {now.year}", "set it; tokens cannot be judged")
        else:
            offset = f"{now:%z}"
            yield well(f"clock: {now:%Y-%m-%d %H:%M:%S}, UTC{offset[:3]}:{offset[3:]}")
        return
    drift = abs((now - theirs).total_seconds())
    tolerable, forgiven = DRIFT_SECONDS
    if drift <= tolerable:
        yield well("clock: agrees with the store's")
    else:
        level = Level.WARN if drift <= forgiven else Level.FAIL
        yield Note(level, f"clock: {drift:.0f} s apart from the store's", "synchronise both machines (NTP)")


def store_of(settings: Settings) -> Iterator[Note]:
    if not settings.store_url:
        yield warn(
            "store: none, so no feedback is taken and no call can be looked up",
            "name a database in DATABASE_URL",
        )
        return
    try:
        store = open_store(settings.store_url, key=settings.store_key)
    except SettingsError as error:
        yield from of_lines("store", error)
        return
    try:
        yield from _opened(store, make_url(settings.store_url).database or "", settings)
    finally:
        store.close()


def _opened(store: Store, database: str, settings: Settings) -> Iterator[Note]:
    if store.is_sqlite and not Path(database).exists():
        # Looking would make the file, and it must be made by whoever serves.
        yield unmade(Path(database))
        return
    began = time.monotonic()
    if trouble := store.ping():
        what, _, remedy = trouble.partition(": ")
        yield fail(f"store: {what}", remedy)
        return
    took = time.monotonic() - began
    kind = "SQLite, for one machine" if store.is_sqlite else "PostgreSQL"
    yield well(f"store: {kind}; migrated, takes writes, and answers in {took * 1e3:.0f} ms")
    try:
        with store.begin(reads=True) as connection:
            theirs = None if store.is_sqlite else connection.execute(select(func.clock_timestamp())).scalar()
            bare = connection.execute(
                select(func.count()).select_from(comments).where(comments.c.encrypted == false())
            ).scalar_one()
    except StoreError as error:
        yield fail(f"store: {error}", "")
        return
    if theirs is not None:
        yield from clock(utc_now(), theirs)
    if bare and settings.comment_keys:
        yield warn(
            f"keys: {bare} comments of the time before CDS_COMMENT_KEYS was set are kept as they came",
            f"they go when their time ({settings.comment_days} days as it is set now) is over",
        )


def unmade(file: Path) -> Note:
    """A file of the store that is not there yet: whether it can be made."""
    folder = next(parent for parent in file.parents if parent.exists())
    if os.access(folder, os.W_OK | os.X_OK):
        return well("store: SQLite, for one machine; the file will be made at the first call")
    return fail(
        f"store: {file.name} cannot be made, as {folder} may not be written",
        "give this user the right, or name another file in DATABASE_URL",
    )
