"""The trust registry: in goes a TOML file, out come the clients that may call, with the keys it holds.

Reads files, never the network. ``schema/registry.schema.json`` says what the file may hold and
``example.toml`` shows one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from cds_service import schemas
from cds_service.auth import urls
from cds_service.auth.algorithms import RECOMMENDED
from cds_service.auth.key_set import KeySet, key_set
from cds_service.core.caller import FhirServer
from cds_service.errors import ContentError, SettingsError

SCHEMA = Path(__file__).parent / "schema" / "registry.schema.json"
NO_KEYS = KeySet({})
RESERVED = ("demo:", "workbench")
"""Issuers under which invented data and what is fired on the workbench are kept."""


@dataclass(frozen=True, slots=True)
class Client:
    """One issuer. Times in seconds; URLs as in the file, those of FHIR servers without a slash at the end.

    ``keys`` are those the registry itself holds. ``tenants`` empty: any tenant.
    """

    issuer: str
    name: str
    keys: KeySet = NO_KEYS
    jku: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = RECOMMENDED
    audiences: tuple[str, ...] = ()
    exact_audiences: tuple[str, ...] = ()
    tenants: frozenset[str] = frozenset()
    fhir_servers: tuple[FhirServer, ...] = ()
    dialect: str = ""
    leeway: int = 60
    max_lifetime: int = 3600


@dataclass(frozen=True, slots=True)
class Registry:
    """``clients`` by issuer; ``keys_kept`` and ``keys_stale`` in seconds, see ``remote_keys.Renewal``."""

    clients: Mapping[str, Client] = field(default_factory=dict)
    keys_kept: int = 600
    keys_stale: int = 6 * 3600
    ca_file: Path | None = None


def load(path: Path) -> Registry:
    """Read and check a trust registry.

    Raises:
        SettingsError: one line for each fault, ``file::path: what, and what to do``.
    """
    file = path.name
    try:
        document = schemas.read_toml(path, file=file)
        _schema().check(document, file=file)
    except ContentError as error:
        raise SettingsError("\n".join(error.problems)) from None
    faults = [f"{file}::{fault}" for fault in _faults(document, path.parent)]
    if faults:
        raise SettingsError("\n".join(faults))
    return _registry(document, path.parent)


@lru_cache(maxsize=1)
def _schema() -> schemas.Schema:
    return schemas.load(SCHEMA)


def _registry(document: Mapping[str, Any], folder: Path) -> Registry:
    defaults = document.get("defaults", {})
    shared = {name: defaults[name] for name in ("leeway", "max_lifetime", "algorithms") if name in defaults}
    clients = [_client({**shared, **row}, folder) for row in document["client"]]
    given = {name: defaults[name] for name in ("keys_kept", "keys_stale") if name in defaults}
    if "ca_file" in defaults:
        given["ca_file"] = folder / defaults["ca_file"]
    return Registry({client.issuer: client for client in clients}, **given)


def _client(row: Mapping[str, Any], folder: Path) -> Client:
    algorithms = tuple(row.get("algorithms", RECOMMENDED))
    optional = {name: row[name] for name in ("dialect", "leeway", "max_lifetime") if name in row}
    return Client(
        issuer=row["issuer"],
        name=row["name"],
        keys=key_set(_static(row, folder), algorithms),
        jku=tuple(row.get("jku", ())),
        algorithms=algorithms,
        audiences=tuple(row.get("audience", ())),
        exact_audiences=tuple(row.get("audience_exact", ())),
        tenants=frozenset(row.get("tenants", ())),
        fhir_servers=tuple(_server(entry) for entry in row.get("fhir_servers", ())),
        **optional,
    )


def _server(entry: Any) -> FhirServer:
    if isinstance(entry, str):
        return FhirServer(entry.rstrip("/"))
    return FhirServer(entry["url"].rstrip("/"), private=entry.get("private", False))


def _static(row: Mapping[str, Any], folder: Path) -> list[Any]:
    """The keys a row holds inline and by file, as parsed JSON."""
    keys = list(row.get("keys", ()))
    if "jwks" in row:
        document = schemas.read_json(folder / row["jwks"], file=row["jwks"])
        keys += document["keys"] if isinstance(document, dict) else document
    return keys


def _faults(document: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """What a schema cannot say."""
    defaults = document.get("defaults", {})
    ca_file = defaults.get("ca_file")
    if ca_file is not None and not (folder / ca_file).is_file():
        yield "defaults.ca_file: the file is missing; add it, or leave ca_file out"
    issuers: set[str] = set()
    for index, row in enumerate(document["client"]):
        where = f"client[{index}]"
        if row["issuer"] in issuers:
            yield f"{where}.issuer: is listed twice; join the two entries"
        if row["issuer"].startswith(RESERVED):
            yield f"{where}.issuer: is a name that this service keeps for its own pages; use the client's URL"
        issuers.add(row["issuer"])
        if not any(name in row for name in ("jwks", "keys", "jku")):
            yield f"{where}: has no keys; add jwks, keys or jku"
        yield from _bad_urls(row, where)
        algorithms = row.get("algorithms", defaults.get("algorithms", RECOMMENDED))
        yield from _bad_keys(row, where, tuple(algorithms), folder)


def _bad_urls(row: Mapping[str, Any], where: str) -> Iterator[str]:
    for name in ("jku", "audience"):
        for index, url in enumerate(row.get(name, ())):
            fault = urls.fault(url, plain=name == "audience", query=name == "jku")
            if fault:
                yield f"{where}.{name}[{index}]: {fault}"
    seen: set[str] = set()
    for index, entry in enumerate(row.get("fhir_servers", ())):
        server = _server(entry)
        fault = urls.fault(server.url, plain=server.private)
        if fault or server.url in seen:
            yield f"{where}.fhir_servers[{index}]: {fault or 'is listed twice; remove one'}"
        seen.add(server.url)


def _bad_keys(row: Mapping[str, Any], where: str, algorithms: tuple[str, ...], folder: Path) -> Iterator[str]:
    try:
        static = _static(row, folder)
        keys = key_set(static, algorithms)
    except ContentError as error:
        yield f"{where}.jwks: {error}"
        return
    except (ValueError, KeyError, TypeError):
        yield f'{where}.jwks: is no JWK Set; give a JSON file with an object that has a list "keys"'
        return
    for problem in keys.problems:
        if "private" in problem:
            yield f"{where}: {problem}; give the public part alone, and replace the key if others saw it"
    if static and not keys.kids:
        listed = "; ".join(keys.problems)
        yield f"{where}: has no usable key ({listed}); add one, or name its algorithm in algorithms"
