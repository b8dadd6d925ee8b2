"""Everything that may be set from outside; the only reader of the environment.

``TABLE`` is the one list of settings: field, variable, default, meaning. A bad value stops the start.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

from cds_service import setting_values as values
from cds_service.errors import SettingsError

DIALECTS = ("spec", "crd", "epic", "text")
ROLES = ("advisor", "payer")
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
LOG_FORMATS = ("json", "text")
WORKBENCH = ("auto", "on", "off")
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """See ``TABLE`` for what each field means."""

    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 0
    timeout: int = 30
    cors_origins: tuple[str, ...] = ("*",)
    public_base_url: str = ""
    max_body_bytes: int = 16 * MIB
    max_depth: int = 64
    log_level: str = "info"
    strict_output: bool = False
    log_format: str = ""
    max_orders: int = 200
    trust_registry: Path | None = None
    open_access: bool = False
    fetch_budget_ms: int = 400
    fetch_servers: tuple[str, ...] = ()
    fetch_private: bool = False
    fetch_pages: int = 5
    fetch_ca: Path | None = None
    database_url: str = field(default="", repr=False)
    store_key: str = field(default="", repr=False)
    comment_keys: tuple[str, ...] = field(default=(), repr=False)
    comment_days: int = 90
    audit_days: int = 730
    dialect: str = ""
    role: str = "advisor"
    epic_site: str = ""
    workbench: str = "auto"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read every variable of ``TABLE``; an empty one counts as not set.

        Raises:
            SettingsError: names every variable that cannot be used.
        """
        environ = os.environ if environ is None else environ
        given: dict[str, Any] = {}
        problems: list[str] = []
        for entry in TABLE:
            text = environ.get(entry.variable, "").strip()
            if not text:
                continue
            try:
                given[entry.field] = entry.parse(text)
            except ValueError as error:
                problems.append(f"{entry.variable}: {error}")
        if problems:
            raise SettingsError("\n".join(problems))
        return cls(**given)

    @property
    def base_url(self) -> str:
        """The URL clients know us by, without a slash at the end."""
        return self.public_base_url or f"http://{self.authority}"

    @property
    def authority(self) -> str:
        """``host:port`` as it stands in a URL or a bind address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def worker_count(self) -> int:
        """``workers``, or one for each CPU this process may use."""
        able = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return self.workers or able or 1

    @property
    def store_url(self) -> str:
        """Where calls and feedback are kept; ``""`` for nowhere. May hold a password."""
        if self.database_url == values.NO_STORE:
            return ""
        return self.database_url or f"sqlite:///{_state_folder() / 'store.sqlite3'}"

    @property
    def is_loopback(self) -> bool:
        """Whether ``host`` can be reached from this machine only."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"

    @property
    def shows_workbench(self) -> bool:
        """Whether the pages are served: ``auto`` means on this machine only."""
        return self.workbench == "on" or (self.workbench == "auto" and self.is_loopback)

    @property
    def exposure(self) -> str:
        """Why this service must not be started as it is set, or ``""``."""
        if self.trust_registry and self.port == 0 and not self.public_base_url:
            return (
                "PORT: 0 picks a port nobody knows beforehand, and a client's token must name this service; "
                "set CDS_PUBLIC_BASE_URL to the URL that clients know, or set a fixed PORT"
            )
        if self.trust_registry or self.open_access or self.is_loopback:
            return ""
        return (
            f"HOST: {self.host} can be reached from other machines, and nobody's identity would be checked; "
            "name a trust registry in CDS_TRUST_REGISTRY, or set CDS_OPEN_ACCESS=1 to serve whoever asks"
        )


def _state_folder() -> Path:
    from platformdirs import user_state_path

    return user_state_path("emg-ncs-cds", appauthor=False)


def hand_down(variable: str, value: str) -> None:
    """Set a variable that a library reads when it is imported."""
    os.environ[variable] = value


class Entry(NamedTuple):
    """One setting: the field, its variable, the default in words, how it is read and what it means."""

    field: str
    variable: str
    default: str
    parse: Callable[[str], Any]
    meaning: str


TABLE: tuple[Entry, ...] = (
    Entry("host", "HOST", "127.0.0.1", values.host, "address to listen on"),
    Entry("port", "PORT", "8080", values.whole(0, 65535), "port to listen on; 0 picks a free one"),
    Entry("workers", "WEB_CONCURRENCY", "one per CPU", values.whole(1, 512), "worker processes"),
    Entry(
        "timeout",
        "CDS_TIMEOUT",
        "30",
        values.whole(1, 3600),
        "seconds after which a stuck worker is replaced",
    ),
    Entry("cors_origins", "CDS_CORS_ORIGINS", "*", values.origins, "origins whose pages may call us"),
    Entry(
        "public_base_url",
        "CDS_PUBLIC_BASE_URL",
        "http://HOST:PORT",
        values.base_url,
        "URL under which clients know us; stands in the questionnaire's canonical URL",
    ),
    Entry(
        "max_body_bytes",
        "CDS_MAX_BODY_BYTES",
        "16777216 (16 MiB)",
        values.whole(1024, 1024 * MIB),
        "largest request body; more is answered 413",
    ),
    Entry(
        "max_depth",
        "CDS_MAX_DEPTH",
        "64",
        values.whole(8, 200),
        "deepest nesting of a request body; more is 400",
    ),
    Entry(
        "log_level",
        "CDS_LOG_LEVEL",
        "info",
        values.one_of("log level", LOG_LEVELS),
        f"one of {', '.join(LOG_LEVELS)}",
    ),
    Entry(
        "strict_output",
        "STRICT_OUTPUT",
        "0",
        values.flag,
        "1: fhir.resources checks every resource we send as well",
    ),
    Entry(
        "log_format",
        "CDS_LOG_FORMAT",
        "json; text on a terminal",
        values.one_of("log format", LOG_FORMATS),
        "json or text",
    ),
    Entry("max_orders", "CDS_MAX_ORDERS", "200", values.whole(1, 10_000), "most draft orders; more is 400"),
    Entry(
        "trust_registry", "CDS_TRUST_REGISTRY", "none", values.file, "TOML file of the clients that may call"
    ),
    Entry(
        "open_access", "CDS_OPEN_ACCESS", "0", values.flag, "1: serve whoever asks, beyond this machine too"
    ),
    Entry(
        "fetch_budget_ms",
        "CDS_FETCH_BUDGET_MS",
        "400",
        values.whole(0, 60_000),
        "milliseconds for fetching prefetch data a client did not send; 0: never fetch",
    ),
    Entry(
        "fetch_servers",
        "CDS_FETCH_SERVERS",
        "none",
        values.servers,
        "FHIR servers to read without a registry",
    ),
    Entry("fetch_private", "CDS_FETCH_PRIVATE", "0", values.flag, "1: these may have private addresses"),
    Entry("fetch_pages", "CDS_FETCH_PAGES", "5", values.whole(1, 100), "most pages read of one search"),
    Entry(
        "fetch_ca",
        "CDS_FETCH_CA",
        "the usual authorities",
        values.file,
        "PEM file: whom to trust when fetching",
    ),
    Entry(
        "database_url",
        "DATABASE_URL",
        "a SQLite file in the user's state folder",
        values.database,
        "where calls and feedback are kept; none: nowhere",
    ),
    Entry(
        "store_key", "CDS_STORE_KEY", "new at each start", values.secret, "secret of the hashes in the store"
    ),
    Entry(
        "comment_keys",
        "CDS_COMMENT_KEYS",
        "none",
        values.fernet_keys,
        "Fernet keys of comments; first encrypts",
    ),
    Entry("comment_days", "CDS_COMMENT_DAYS", "90", values.whole(1, 36_500), "days a comment is kept"),
    Entry(
        "audit_days",
        "CDS_AUDIT_DAYS",
        "730",
        values.whole(1, 36_500),
        "days a call and its feedback are kept",
    ),
    Entry(
        "dialect",
        "CDS_DIALECT",
        "what the request shows",
        values.one_of("dialect", DIALECTS),
        f"the form of every answer: one of {', '.join(DIALECTS)}",
    ),
    Entry(
        "role",
        "CDS_ROLE",
        "advisor",
        values.one_of("role", ROLES),
        "advisor: states no coverage; payer: cards/dialects/plan.toml states it, in dialect crd",
    ),
    Entry("epic_site", "CDS_EPIC_SITE", "none", str, "table of sites in cards/dialects/epic.toml"),
    Entry(
        "workbench",
        "CDS_WORKBENCH",
        "auto",
        values.one_of("choice", WORKBENCH),
        "the pages at /: on, off, or auto: while only this machine can reach them",
    ),
)
