"""Everything that may be set from outside; the only reader of the environment.

``TABLE`` is the one list of settings: field, variable, default, meaning. A bad value stops the start.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cds_service.errors import SettingsError

DIALECTS = ("spec", "crd", "epic", "text")
ROLES = ("advisor", "payer")
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
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
    dialect: str = ""
    role: str = "advisor"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read every variable of ``TABLE``; an empty one counts as not set.

        Raises:
            SettingsError: names every variable that cannot be used.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        problems: list[str] = []
        for entry in TABLE:
            text = environ.get(entry.variable, "").strip()
            if not text:
                continue
            try:
                values[entry.field] = entry.parse(text)
            except ValueError as error:
                problems.append(f"{entry.variable}: {error}")
        if problems:
            raise SettingsError("\n".join(problems))
        return cls(**values)

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
        return self.workers or _cpus()


def _cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _host(text: str) -> str:
    if "/" in text or any(character.isspace() for character in text):
        raise ValueError("is not a host name or address; give one like 127.0.0.1 or 0.0.0.0")
    return text.removeprefix("[").removesuffix("]")


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise ValueError(f"{text!r} is not usable; give a whole number from {low} to {high}")
        return int(text)

    return parse


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.rstrip("/") for part in re.split(r"[\s,]+", text) if part)
    for origin in origins:
        if origin not in ("*", "null") and not re.fullmatch(r"https?://[^/\s]+", origin):
            raise ValueError(f"{origin!r} is not an origin; give * or a list like https://ehr.example.org")
    if "*" in origins and len(origins) > 1:
        raise ValueError("* already stands for every origin; give * alone, or the list without it")
    return origins


def _base_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s?#]+", text):
        raise ValueError(f"{text!r} is not a base URL; give one like https://cds.example.org")
    return text.rstrip("/")


def _one_of(*known: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in known:
            raise ValueError(f"{text!r} is not known; give one of {', '.join(known)}")
        return text.lower()

    return parse


def _log_level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise ValueError(f"{text!r} is not a log level; give one of {', '.join(LOG_LEVELS)}")
    return text.lower()


def _flag(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError(f"{text!r} is neither yes nor no; give 1 or 0")


class Entry(NamedTuple):
    """One setting: the field, its variable, the default in words, how it is read and what it means."""

    field: str
    variable: str
    default: str
    parse: Callable[[str], Any]
    meaning: str


TABLE: tuple[Entry, ...] = (
    Entry("host", "HOST", "127.0.0.1", _host, "address to listen on"),
    Entry("port", "PORT", "8080", _whole(0, 65535), "port to listen on; 0 picks a free one"),
    Entry("workers", "WEB_CONCURRENCY", "one per CPU", _whole(1, 512), "worker processes"),
    Entry("timeout", "CDS_TIMEOUT", "30", _whole(1, 3600), "seconds after which a stuck worker is replaced"),
    Entry("cors_origins", "CDS_CORS_ORIGINS", "*", _origins, "origins whose pages may call us"),
    Entry(
        "public_base_url",
        "CDS_PUBLIC_BASE_URL",
        "http://HOST:PORT",
        _base_url,
        "URL under which clients know us; stands in the questionnaire's canonical URL",
    ),
    Entry(
        "max_body_bytes",
        "CDS_MAX_BODY_BYTES",
        "16777216 (16 MiB)",
        _whole(1024, 1024 * MIB),
        "largest request body; more is answered 413",
    ),
    Entry(
        "max_depth", "CDS_MAX_DEPTH", "64", _whole(8, 200), "deepest nesting of a request body; more is 400"
    ),
    Entry("log_level", "CDS_LOG_LEVEL", "info", _log_level, f"one of {', '.join(LOG_LEVELS)}"),
    Entry(
        "strict_output",
        "STRICT_OUTPUT",
        "0",
        _flag,
        "1: fhir.resources checks every resource we send as well",
    ),
    Entry(
        "dialect",
        "CDS_DIALECT",
        "what the request shows",
        _one_of(*DIALECTS),
        f"the form of every answer: one of {', '.join(DIALECTS)}",
    ),
    Entry(
        "role",
        "CDS_ROLE",
        "advisor",
        _one_of(*ROLES),
        "advisor: states no coverage; payer: cards/dialects/plan.toml states it, in dialect crd",
    ),
)
