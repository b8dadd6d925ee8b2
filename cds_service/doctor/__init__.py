"""The surroundings of this service in; what is well and what is not out, a note each with how to mend it.

Changes nothing but the shape of an SQLite store, and deletes at once what it writes there to see that it can.
Quotes no secret: no key, no password of a database URL.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from cds_service import pipeline
from cds_service.auth import describe, registry
from cds_service.auth.registry import Registry
from cds_service.content import Roots
from cds_service.core.caller import FhirServer
from cds_service.doctor.keeping import clock, secrets, store_of, unmade
from cds_service.doctor.notes import Level, Note, fail, of_lines, warn, well
from cds_service.errors import ContentError, SettingsError
from cds_service.fetch.addresses import Addresses, Resolve, system_resolve
from cds_service.fetch.guard import Base, base_of
from cds_service.fetch.outcome import FetchError
from cds_service.fetch.wire import Deadline
from cds_service.hooks import services
from cds_service.settings import Settings
from cds_service.store.clock import utc_now

__all__ = ["Level", "Note", "clock", "examine", "exposure", "fetching", "secrets", "trust", "unmade"]

# Seconds that a name of a FHIR server may take to look up, all of them together.
NAMES_SECONDS = 5.0
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where the workers share their figures


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
        return (*of_lines("settings", error), *notes)
    notes = [well("settings: every variable can be read"), *exposure(settings), *notes]
    try:
        known = registry.load(settings.trust_registry) if settings.trust_registry else None
    except SettingsError as error:
        notes += of_lines("trust registry", error)
    else:
        notes += trust(known, settings, ask=ask) if known else ()
        notes += fetching(settings, known, resolve)
    return (*notes, *secrets(settings), *store_of(settings))


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
        if error.what == "refused-server" and _never(base, addresses, deadline):
            return fail(
                f"fetching: {server.url} is at an address that is never called, such as link-local ones",
                "name the server by another address; marking it private does not help",
            )
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


def _never(base: Base, addresses: Addresses, deadline: Deadline) -> bool:
    """Whether the server would be refused were it marked private."""
    try:
        addresses.of(replace(base, private=True), deadline)
    except FetchError as error:
        return error.what == "refused-server"
    return False


def _content() -> Iterator[Note]:
    roots = Roots.default()
    try:
        services.load(roots)
        loaded = pipeline.load(roots)
    except ContentError as error:
        yield from of_lines("content", error)
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
