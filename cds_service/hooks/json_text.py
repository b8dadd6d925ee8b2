"""JSON text to Python values: strictly, and once more where a client's writer slips on text alone.

A byte order mark is dropped and half of a surrogate pair becomes U+FFFD; what is no JSON stays refused.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from cds_service.errors import Kind, RequestError

_MARK = b"\xef\xbb\xbf"
# An escape begins after an even number of backslashes; the look-behind keeps the search linear.
_SURROGATE = re.compile(rb"(?<!\\)(\\+)u[dD]([89a-fA-F])[0-9a-fA-F]{2}")
_LOW = b"cdefCDEF"
_ESCAPE = len(rb"\ud800")
_REPLACEMENT = rb"\ufffd"
# Far more than any text holds by accident.
_MOST_ESCAPES = 10_000


def values_of(raw: bytes) -> Any:
    """The values of a JSON text.

    Raises:
        RequestError: it is none.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        mended = _mended(raw)
        if mended == raw:
            raise _refusal(error) from None
    try:
        return orjson.loads(mended)
    except orjson.JSONDecodeError as error:
        raise _refusal(error) from None


def _mended(raw: bytes) -> bytes:
    """The text without mark and half pairs, of the same length but for the mark."""
    text = bytearray(raw.removeprefix(_MARK))
    high = -1
    for count, found in enumerate(_SURROGATE.finditer(text)):
        if count == _MOST_ESCAPES:
            return raw
        slashes, digit = found[1], found[2]
        if len(slashes) % 2 == 0:
            continue
        end = found.end()
        follows = high == found.start() and len(slashes) == 1
        if digit in _LOW and follows:
            high = -1
            continue
        if high >= 0:
            text[high - _ESCAPE : high] = _REPLACEMENT
        high = end
        if digit in _LOW:
            text[end - _ESCAPE : end] = _REPLACEMENT
            high = -1
    if high >= 0:
        text[high - _ESCAPE : high] = _REPLACEMENT
    return bytes(text)


def _refusal(error: orjson.JSONDecodeError) -> RequestError:
    """Which of the ways to be no JSON it is; orjson says so without quoting."""
    if "infinity" in error.msg:
        return RequestError(
            Kind.JSON, "the body holds a number that is too large", remedy="send numbers below 1.8e308"
        )
    if "depth" in error.msg:
        return RequestError(
            Kind.DEPTH,
            "the body is nested too deeply",
            remedy="send a hook request with ordinary FHIR resources",
        )
    return RequestError(Kind.JSON, "the body is not JSON in UTF-8", remedy="send one JSON object")
