"""The surroundings of this service in; what is well and what is not out, a note each with how to mend it.

Changes nothing but the shape of an SQLite store. Quotes no secret: no key, no password of a database URL.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import func, make_url, select

from cds_service import pipeline
from cds_service.auth import describe, registry
from cds_service.auth.registry import Registry
from cds_service.content import Roots
from cds_service.core.caller import FhirServer
from cds_service.errors import ContentError, SettingsError, StoreError
from cds_service.fetch.addresses import Addresses, Resolve, system_resolve
from cds_service.fetch.guard import base_of
from cds_service.fetch.outcome import FetchError
from cds_service.fetch.wire import Deadline
from cds_service.hooks import services
from cds_service.settings import Settings
from cds_service.store.clock import utc_now
from cds_service.store.connect import Store, open_store

# Seconds that a name of a FHIR server may take to look up, all of them together.
NAMES_SECONDS = 5.0
# Between our clock and the store's: tolerable, and what a token's leeway forgives.
DRIFT_SECONDS = (2.0, 60.0)
YEARS = range(2026, 2100)
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where the workers share their figures


class Level(StrEnum):
    """``fail``: something that was asked for will not work, or anybody may call."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was looked at; ``remedy`` is ``""`` when nothing need be done."""

    level: Level
    what: str
    remedy: str = ""


def well(what: str) -> Note:
    return Note(Level.OK, what)


def warn(what: str, remedy: str) -> Note:
    return Note(Level.WARN, what, remedy)


def fail(what: str, remedy: str) -> Note:
    return Note(Level.FAIL, what, remedy)


def examine(
    environ: Mapping[str, str] | None = None, *, ask: bool = False, resolve: Resolve = system_resolve
) -> tuple[Note, ...]:
    """Everything there is to say; ``environ`` as Settings reads it.

    ``ask``: also fetch every ``jku`` of the trust registry. At most some ten seconds, and a few for each jku.
    """
    notes = [*_content(), *clock(utc_now().astimezone()), *_figures()]
    try:
        settings = Settings.from_env(environ)
    except SettingsError as error:
        return (*_lines("settings", error), *notes)
    notes = [well("settings: every variable can be read"), *exposure(settings), *notes]
    try:
        known = registry.load(settings.trust_registry) if settings.trust_registry else None
    except SettingsError as error:
        notes += _lines("trust registry", error)
    else:
        notes += trust(known, settings, ask=ask) if known else ()
        notes += fetching(settings, known, resolve)
    return (*notes, *secrets(settings), *_store(settings))


def exposure(settings: Settings) -> Iterator[Note]:
    """Who can reach us, and whether they are asked who they are."""
    if settings.exposure:
        what, _, remedy = settings.exposure.partition("; ")
        yield fail(f"access: {what}", remedy)
    elif not settings.trust_registry and not settings.is_loopback:
        yield warn(
            f"access: HOST {settings.host} can be reached by others, and whoever calls is served",
            "name a trust registry in CDS_TRUST_REGISTRY",
        )
    elif not settings.trust_registry:
        yield well("access: open, and reached from this machine only")
    else:
        yield well("access: only clients of the trust registry are served")
    if not settings.public_base_url and (settings.trust_registry or not settings.is_loopback):
        yield warn(
            f"address: clients are taken to call us at {settings.base_url}",
            "set CDS_PUBLIC_BASE_URL to the URL they do call; tokens are made out to it",
        )
    elif settings.base_url.startswith("http:") and not settings.is_loopback:
        yield warn(
            f"address: {settings.base_url} is plain http",
            "put TLS in front, and give the https URL in CDS_PUBLIC_BASE_URL",
        )


def trust(known: Registry, settings: Settings, *, ask: bool = False) -> Iterator[Note]:
    """What the auth room remarks about the registry."""
    yield well(f"trust registry: {len(known.clients)} clients")
    for remark in describe.remarks(known, settings.base_url, ask=ask):
        yield Note(Level(remark.level), f"trust registry: {remark.client}: {remark.what}", remark.remedy)
    if not settings.store_url and settings.worker_count > 1:
        yield warn(
            "trust registry: without a store, a token used at one worker can be used at another once more",
            "name a store in DATABASE_URL, or set WEB_CONCURRENCY=1",
        )


def fetching(settings: Settings, known: Registry | None, resolve: Resolve) -> Iterator[Note]:
    """Whether the FHIR servers we may read are at addresses we may call."""
    if known is None:
        servers = {FhirServer(url, settings.fetch_private) for url in settings.fetch_servers}
    else:
        servers = {server for client in known.clients.values() for server in client.fhir_servers}
        if settings.fetch_servers:
            yield warn(
                "fetching: CDS_FETCH_SERVERS is not read when there is a trust registry",
                "list the servers as fhir_servers of a client",
            )
    if not settings.fetch_budget_ms or not servers:
        why = "CDS_FETCH_BUDGET_MS is 0" if servers else "no FHIR server is listed"
        yield well(f"fetching: off, as {why}")
        return
    addresses, deadline = Addresses(resolve), Deadline.after(NAMES_SECONDS)
    for server in sorted(servers, key=lambda each: each.url):
        yield _server(server, addresses, deadline)


def _server(server: FhirServer, addresses: Addresses, deadline: Deadline) -> Note:
    base = base_of(server.url, private=server.private)
    if base is None:
        return fail(
            f"fetching: {server.url} will never be called",
            "give a plain https URL; http is for servers marked private",
        )
    try:
        addresses.of(base, deadline)
    except FetchError as error:
        if error.what == "refused-server":
            return fail(
                f"fetching: {server.url} is at an address that is not public",
                "mark it private in the registry (or set CDS_FETCH_PRIVATE=1) if that is meant",
            )
        return warn(
            f"fetching: the name of {server.url} cannot be looked up",
            "check the name and the name service; until then what a client does not send stays unknown",
        )
    return well(f"fetching: {server.url} may be read")


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


def _content() -> Iterator[Note]:
    roots = Roots.default()
    try:
        services.load(roots)
        loaded = pipeline.load(roots)
    except ContentError as error:
        yield from _lines("content", error)
        return
    guideline = loaded.knowledge.guideline
    yield well(f"content: {guideline.id}, version {guideline.version}")


def _figures() -> Iterator[Note]:
    folder = SHARED_MEMORY
    try:
        if not os.access(folder, os.W_OK):
            folder = Path(tempfile.gettempdir())
        with tempfile.TemporaryDirectory(dir=folder):
            pass
    except OSError:
        yield fail(
            "metrics: there is no folder in which the workers can share their figures",
            f"make {SHARED_MEMORY} writable, or name a folder that is in TMPDIR",
        )
    else:
        yield well(f"metrics: the workers share their figures in {folder}")


def _store(settings: Settings) -> Iterator[Note]:
    if not settings.store_url:
        yield warn(
            "store: none, so no feedback is taken and no call can be looked up",
            "name a database in DATABASE_URL",
        )
        return
    try:
        store = open_store(settings.store_url, key=settings.store_key)
    except SettingsError as error:
        yield from _lines("store", error)
        return
    try:
        yield from _opened(store, make_url(settings.store_url).database or "")
    finally:
        store.close()


def _opened(store: Store, database: str) -> Iterator[Note]:
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
    yield well(f"store: {kind}; migrated, and answers in {took * 1e3:.0f} ms")
    if not store.is_sqlite:
        try:
            with store.begin() as connection:
                theirs = connection.execute(select(func.clock_timestamp())).scalar_one()
        except StoreError as error:
            yield fail(f"store: {error}", "")
        else:
            yield from clock(utc_now(), theirs)


def unmade(file: Path) -> Note:
    """A file of the store that is not there yet: whether it can be made."""
    folder = next(parent for parent in file.parents if parent.exists())
    if os.access(folder, os.W_OK | os.X_OK):
        return well("store: SQLite, for one machine; the file will be made at the first call")
    return fail(
        f"store: {file.name} cannot be made, as {folder} may not be written",
        "give this user the right, or name another file in DATABASE_URL",
    )


def _lines(part: str, error: SettingsError | ContentError) -> list[Note]:
    """A note for every line of an error, which says what is wrong, then what to do."""
    notes = []
    for line in str(error).splitlines():
        what, _, remedy = line.partition("; ")
        notes.append(fail(f"{part}: {what}", remedy))
    return notes
