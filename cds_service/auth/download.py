"""URL of a JWK Set -> its JSON, over requests; bounded in time and size, without redirects or proxies.

Only URLs of the registry ever come here.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import urllib3


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for connecting, for each silence, and in all; and the bytes a key set may have."""

    connect: float = 1.0
    read: float = 1.0
    total: float = 2.0
    size: int = 256 * 1024


class DownloadError(Exception):
    """The message is a few words: what stood in the way."""


def download(url: str, limits: Limits, ca_file: Path | None = None) -> Any:
    """Fetch and parse; ``ca_file`` replaces the usual certificate authorities.

    Raises:
        DownloadError: anything but a JSON body with status 200 within the limits.
    """
    deadline = time.monotonic() + limits.total
    try:
        with requests.Session() as session:
            session.trust_env = False
            with session.get(
                url,
                timeout=(limits.connect, limits.read),
                allow_redirects=False,
                stream=True,
                headers={"Accept": "application/json", "Accept-Encoding": "identity"},
                verify=str(ca_file) if ca_file else True,
            ) as response:
                body = _body(response, deadline, limits.size)
    except requests.exceptions.SSLError:
        raise DownloadError("its certificate is not trusted") from None
    except (requests.Timeout, urllib3.exceptions.TimeoutError):
        raise DownloadError("no answer in time") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
        raise DownloadError("no connection, or it broke off") from None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise DownloadError("the answer is not JSON") from None


def _body(response: requests.Response, deadline: float, size: int) -> bytes:
    if response.status_code != requests.codes.ok:
        redirected = response.is_redirect or response.is_permanent_redirect
        raise DownloadError(
            f"status {response.status_code}" + (", and redirects are not followed" if redirected else "")
        )
    body = bytearray()
    # read1 hands over what has arrived, so that a server that drips meets the deadline.
    while chunk := response.raw.read1(16 * 1024, decode_content=False):
        body += chunk
        if len(body) > size:
            raise DownloadError(f"the answer is longer than {size} bytes")
        if time.monotonic() > deadline:
            raise DownloadError("no answer in time")
    return bytes(body)
