"""URLs of a registry and of the ``aud`` claim: what is acceptable, and one spelling for each. No I/O."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def is_loopback(url: str) -> bool:
    """Whether the host of ``url`` is this machine, by its name or address alone."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def fault(url: str, *, plain: bool = False, query: bool = False) -> str:
    """Why ``url`` is not usable, in words, or ``""``. ``plain`` allows http beyond this machine."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is not a URL; give one like https://host.example.org/path"
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or re.search(r"[\s\\\x00-\x1f]", url):
        return "is not a URL; give one like https://host.example.org/path"
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password; remove it"
    if parts.fragment or "#" in url or (("?" in url) and not query):
        return "has a query or fragment; give the URL without"
    if parts.scheme == "http" and not plain and not is_loopback(url):
        return "is plain http, which is for this machine only; use https"
    return ""


def folded_path(path: str) -> str:
    """``path`` without repeated slashes and without one at the end."""
    return re.sub(r"/{2,}", "/", path).rstrip("/")


def folded(url: str) -> str:
    """One spelling of a URL, whatever the case of scheme and host, default port and needless slashes."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    if not parts.hostname or "@" in parts.netloc or "?" in url or "#" in url:
        return url
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = "" if port is None or port == DEFAULT_PORTS.get(parts.scheme) else f":{port}"
    return f"{parts.scheme}://{host}{shown}{folded_path(parts.path)}"
