"""The signature algorithms a registry may allow, and the kind of key each needs; none is symmetric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RECOMMENDED = ("ES384", "RS384")
"""What CDS Hooks 2.0 recommends; a registry that names none accepts these."""

KEYS: Mapping[str, tuple[str, str]] = {
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "RS256": ("RSA", ""),
    "RS384": ("RSA", ""),
    "RS512": ("RSA", ""),
    "PS256": ("RSA", ""),
    "PS384": ("RSA", ""),
    "PS512": ("RSA", ""),
    "EdDSA": ("OKP", "Ed25519"),
}
"""Algorithm -> (``kty``, ``crv``) of RFC 7518; ``crv`` is empty where the key type has no curves."""


def fits(algorithm: str, jwk: Mapping[str, Any]) -> bool:
    """Whether a JWK may check signatures of ``algorithm``: type, curve, ``alg``, ``use``, ``key_ops``."""
    kind, curve = KEYS[algorithm]
    operations = jwk.get("key_ops")
    return (
        jwk.get("kty") == kind
        and (not curve or jwk.get("crv") == curve)
        and jwk.get("alg", algorithm) == algorithm
        and jwk.get("use", "sig") == "sig"
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
    )
