"""The words for why a caller was refused; for the log and the counters, never for the caller."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """In the order of the checks, so that the first fault of a token is the one named."""

    MISSING = "missing"
    NOT_BEARER = "not-bearer"
    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    TYPE = "type"
    UNKNOWN_ISSUER = "unknown-issuer"
    JKU_NOT_LISTED = "jku-not-listed"
    NO_KEY_ID = "no-key-id"
    KEYS_UNAVAILABLE = "keys-unavailable"
    UNKNOWN_KEY = "unknown-key"
    KEY_MISMATCH = "key-mismatch"
    SIGNATURE = "signature"
    MISSING_CLAIM = "missing-claim"
    MALFORMED_CLAIM = "malformed-claim"
    AUDIENCE = "audience"
    ISSUED_IN_FUTURE = "issued-in-future"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    LIFETIME = "lifetime"
    TENANT = "tenant"
    REPLAYED = "replayed"
