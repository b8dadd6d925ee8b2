"""A trust registry -> what an operator should know about it, in plain words.

Asks the network only when told to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from cds_service.auth import urls
from cds_service.auth.download import DownloadError, Limits
from cds_service.auth.keys import fetched
from cds_service.auth.registry import Client, Registry

PUBLISHED_KEYS = frozenset({"44823f3d-0b01-4a6c-a80e-b9d3e8a7226f"})
"""Ids of keys whose private half is public: the CDS Hooks sandbox keeps its own in its repository."""
PATIENCE = Limits(connect=5, read=5, total=10)
DEMO_HOSTS = frozenset({"sandbox.cds-hooks.org"})


@dataclass(frozen=True, slots=True)
class Remark:
    """``client`` is the name in the registry; ``fail``: some calls are refused or anybody may pass."""

    level: Literal["warn", "fail"]
    client: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.client}: {self.what}; {self.remedy}"


def remarks(registry: Registry, base_url: str, *, ask: bool = False) -> tuple[Remark, ...]:
    """Everything worth saying; with ``ask`` every ``jku`` is fetched once, some ten seconds each at most."""
    return tuple(
        remark
        for client in registry.clients.values()
        for source in (_trust(client), _reach(client, base_url), _asked(client, registry) if ask else ())
        for remark in source
    )


def _trust(client: Client) -> Iterator[Remark]:
    if client.keys.kids & PUBLISHED_KEYS or urlsplit(client.issuer).hostname in DEMO_HOSTS:
        yield Remark(
            "fail",
            client.name,
            "its private key is published, so anybody can call in its name",
            "list it on a demonstration server only",
        )
    for problem in client.keys.problems:
        yield Remark("warn", client.name, f"set aside {problem}", "correct or remove that key")
    if client.exact_audiences:
        yield Remark(
            "warn",
            client.name,
            "audience_exact accepts one token at every path",
            "prefer audience if the client can send the URL it calls",
        )
    for url in client.jku:
        if urlsplit(url).scheme == "http":
            yield Remark("warn", client.name, f"{url} is plain http", "use https outside of tests")


def _reach(client: Client, base_url: str) -> Iterator[Remark]:
    if not client.fhir_servers:
        yield Remark(
            "warn",
            client.name,
            "has no fhir_servers, so what it does not send stays unknown",
            "add the base URLs that may be read, if any",
        )
    for url in (base_url, *client.audiences):
        if urlsplit(url).scheme == "http" and not urls.is_loopback(url):
            yield Remark(
                "warn",
                client.name,
                f"calls us at {url}, plain http",
                "put TLS in front and use the https URL",
            )


def _asked(client: Client, registry: Registry) -> Iterator[Remark]:
    for url in client.jku:
        try:
            keys = fetched(url, client.algorithms, PATIENCE, registry.ca_file)
        except (DownloadError, ValueError) as error:
            yield Remark(
                "fail", client.name, f"{url}: {error}", "check the URL, the network and the keys behind it"
            )
            continue
        for problem in keys.problems:
            yield Remark("warn", client.name, f"{url}: set aside {problem}", "tell the client")
        if keys.kids & PUBLISHED_KEYS:
            yield Remark("fail", client.name, f"{url}: the private key is published", "do not trust it")
