"""One GET: a vetted URL and address in, the bytes of a 200 answer out; bounded in time and size.

Goes to that address whatever the name resolves to, follows no redirect, knows no proxy, cookie or netrc.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection

from cds_service.fetch.guard import Base
from cds_service.fetch.outcome import FetchError

_CHUNK = 64 * 1024
_HERE = threading.local()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds left, below zero when it is over."""
        return self.at - time.monotonic()


class Line:
    """The socket a query uses now, so that it can be cut when its time is over.

    A time limit on the socket is none for a server that sends a byte now and then.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False

    def hold(self, sock: socket.socket | None) -> None:
        with self._lock:
            self._socket = sock
            if self._is_cut:
                self._shut()

    def cut(self) -> None:
        """End whatever is being waited for, now and later."""
        with self._lock:
            self._is_cut = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket's own: that takes the TLS state from under the thread that reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _HeldHTTP(HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        super().request(*args, **kwargs)
        _HERE.line.hold(self.sock)


class _HeldHTTPS(HTTPSConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        super().request(*args, **kwargs)
        _HERE.line.hold(self.sock)


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HeldHTTP


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HeldHTTPS


class PinnedAdapter(HTTPAdapter):
    """Connections to one server at one address, kept open between requests; TLS checks the server's name."""

    def __init__(self, base: Base, address: str, trust: ssl.SSLContext, connections: int) -> None:
        self._host = base.host
        self._address = address
        self._trust = trust
        super().__init__(pool_connections=1, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        place, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        place["host"] = self._address
        if place["scheme"] == "http":
            return place, {}
        tls = {"ssl_context": self._trust, "cert_reqs": "CERT_REQUIRED", "server_hostname": self._host}
        return place, tls

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """The context given verifies; loading the authorities anew for every connection costs 15 ms each."""


def trust_of(ca_file: str = "") -> ssl.SSLContext:
    """Certificates are checked against ``ca_file`` (PEM), or the usual authorities.

    Raises:
        OSError: the file cannot be read or holds no certificate.
    """
    context = ssl.create_default_context(cafile=ca_file or DEFAULT_CA_BUNDLE_PATH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def get(
    adapter: PinnedAdapter,
    url: str,
    headers: Mapping[str, str],
    *,
    deadline: Deadline,
    connect: float,
    max_bytes: int,
    line: Line,
) -> bytes:
    """The body of a 200 answer. ``connect``: seconds for connecting, for there may be other addresses.

    Raises:
        FetchError: anything else, in one word; what requests says is dropped, for it quotes the request.
    """
    _HERE.line = line
    try:
        return _get(adapter, url, headers, deadline, connect, max_bytes)
    except FetchError:
        raise
    except (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError):
        raise FetchError("timeout") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError, AttributeError):
        # A line that was cut fails in many ways, and all of them mean that the time was over.
        raise FetchError("timeout" if deadline.left() <= 0 else "unreachable") from None
    finally:
        line.hold(None)


def _get(
    adapter: PinnedAdapter,
    url: str,
    headers: Mapping[str, str],
    deadline: Deadline,
    connect: float,
    max_bytes: int,
) -> bytes:
    left = deadline.left()
    if left <= 0:
        raise FetchError("timeout")
    request = requests.Request("GET", url, headers=dict(headers)).prepare()
    # The adapter without a Session: nothing there to follow redirects or read the environment.
    with adapter.send(request, stream=True, timeout=(connect, left)) as response:
        if response.status_code != requests.codes.ok:
            raise FetchError("status", response.status_code)
        body = bytearray()
        # read1 hands over what has arrived instead of waiting for a whole chunk.
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > max_bytes:
                raise FetchError("too-large")
            if deadline.left() <= 0:
                raise FetchError("timeout")
        return bytes(body)
