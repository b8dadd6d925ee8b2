"""Text of an environment variable in, its value out; ValueError says what is accepted. Quotes no secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

MIN_SECRET = 16
NO_STORE = "none"
STORE_SCHEMES = ("sqlite", "postgresql", "postgres", "postgresql+psycopg")


def host(text: str) -> str:
    if "/" in text or any(character.isspace() for character in text):
        raise ValueError("is not a host name or address; give one like 127.0.0.1 or 0.0.0.0")
    return text.removeprefix("[").removesuffix("]")


def whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise ValueError(f"{text!r} is not usable; give a whole number from {low} to {high}")
        return int(text)

    return parse


def origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.rstrip("/") for part in re.split(r"[\s,]+", text) if part)
    for origin in origins:
        if origin not in ("*", "null") and not re.fullmatch(r"https?://[^/\s]+", origin):
            raise ValueError(f"{origin!r} is not an origin; give * or a list like https://ehr.example.org")
    if "*" in origins and len(origins) > 1:
        raise ValueError("* already stands for every origin; give * alone, or the list without it")
    return origins


def base_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s?#]+", text):
        raise ValueError(f"{text!r} is not a base URL; give one like https://cds.example.org")
    return text.rstrip("/")


def one_of(what: str, accepted: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in accepted:
            raise ValueError(f"{text!r} is not a {what}; give one of {', '.join(accepted)}")
        return text.lower()

    return parse


def file(text: str) -> Path:
    if not Path(text).is_file():
        raise ValueError(f"{text!r} is not a file that can be read; give its path")
    return Path(text)


def servers(text: str) -> tuple[str, ...]:
    return tuple(base_url(part) for part in re.split(r"[\s,]+", text) if part)


def database(text: str) -> str:
    """Never repeats the URL: it may hold a password."""
    if text.lower() == NO_STORE:
        return NO_STORE
    scheme, found, _ = text.partition("://")
    if not found or scheme not in STORE_SCHEMES:
        raise ValueError(
            "is no database URL; give one like postgresql://user@host/name or sqlite:////var/lib/cds.sqlite3,"
            f" or {NO_STORE}"
        )
    return text


def secret(text: str) -> str:
    if len(text) < MIN_SECRET:
        raise ValueError(f"is too short to be a secret; give at least {MIN_SECRET} random characters")
    return text


def fernet_keys(text: str) -> tuple[str, ...]:
    keys = tuple(part for part in re.split(r"[\s,]+", text) if part)
    if not all(re.fullmatch(r"[A-Za-z0-9_-]{43}=", key) for key in keys):
        raise ValueError(
            "holds what is no Fernet key; give 32 random bytes in URL-safe base64, as Fernet makes"
        )
    return keys


def flag(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError(f"{text!r} is neither yes nor no; give 1 or 0")
