"""Which addresses may be called: URLs and IP addresses in, a vetted base or a refusal out. Pure.

A URL of a request only chooses among the allowed servers; what is called is built from the allowed one.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin

from cds_service.core.caller import FhirServer

_PORTS = {"http": 80, "https": 443}
# Plain URLs only: no user, query, fragment, backslash or percent, so that no two readers can disagree.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[a-z0-9._~!$&'()*+,;=:@-]*)*)",
    re.IGNORECASE | re.ASCII,
)
_QUERY = re.compile(r"[!-~]*", re.ASCII)
_MAX_URL = 4096

# Cloud metadata services, some of them at addresses that look public.
_METADATA = frozenset(
    ipaddress.ip_address(each)
    for each in (
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Base:
    """An allowed FHIR base. ``host`` is without brackets, ``path`` without a slash at its end."""

    scheme: str
    host: str
    port: int
    path: str
    private: bool = False

    @property
    def netloc(self) -> str:
        """As in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def url(self, query: str) -> str:
        """The URL of a query relative to the base."""
        return f"{self.scheme}://{self.netloc}{self.path}/{query}"


def base_of(url: str, *, private: bool = False) -> Base | None:
    """A base URL taken apart; None when it is not plainly one. Plain http only for a private server."""
    match = _URL.fullmatch(url) if len(url) <= _MAX_URL else None
    if match is None:
        return None
    scheme = match["scheme"].lower()
    port = int(match["port"] or _PORTS[scheme])
    path = match["path"].rstrip("/")
    if not 0 < port < 65536 or (scheme == "http" and not private):
        return None
    if any(segment in ("", ".", "..") for segment in path.split("/")[1:]):
        return None
    return Base(scheme, match["host"].lower().strip("[]"), port, path, private)


def allowed(sent: str, servers: Iterable[FhirServer]) -> Base | None:
    """The allowed server that ``sent`` names: same scheme, host, port and path."""
    asked = base_of(sent, private=True)
    for server in servers if asked is not None else ():
        base = base_of(server.url, private=server.private)
        if base is not None and _place(base) == _place(asked):
            return base
    return None


def next_page(base: Base, current: str, link: str) -> str | None:
    """The URL of a next link on the same server and path, or None. ``current``: the page it stands on."""
    if not link or len(link) > _MAX_URL or not _QUERY.fullmatch(link) or "#" in link:
        return None
    try:
        target, mark, query = urljoin(current, link).partition("?")
    except ValueError:
        return None
    page = base_of(target, private=True)
    if page is None or (page.scheme, page.host, page.port) != (base.scheme, base.host, base.port):
        return None
    if page.path != base.path and not page.path.startswith(f"{base.path}/"):
        return None
    return f"{base.scheme}://{base.netloc}{page.path}{mark}{query}"


def is_permitted(address: str, *, private: bool) -> bool:
    """Whether an IP address may be connected to; ``private``: also one inside a network."""
    try:
        ip = _meant(ipaddress.ip_address(address))
    except ValueError:
        return False
    if ip in _METADATA or ip.is_unspecified or ip.is_multicast or ip.is_link_local:
        return False
    if ip.is_loopback:
        return private
    return ip.is_global or (private and not ip.is_reserved)


def _meant(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        return ip.ipv4_mapped or ip.sixtofour or ip
    return ip


def _place(base: Base | None) -> tuple[str, str, int, str] | None:
    return None if base is None else (base.scheme, base.host, base.port, base.path)
