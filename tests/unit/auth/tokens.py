"""Keys made for this run, JWK Sets of them, tokens good and bad, and registries that trust them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from cds_service.auth.registry import Registry, load

NOW = 1_800_000_000
BASE = "https://cds.example.org"
PATH = "/cds-services/order-sign-advice"
ISSUER = "https://ehr.example.org"
JKU = "https://ehr.example.org/jwks.json"

MAKERS: Mapping[str, Callable[[], Any]] = {
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p384-other": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "rsa": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "rsa-short": lambda: rsa.generate_private_key(public_exponent=65537, key_size=1024),  # noqa: S505 (to be refused)
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}
OWN_ALGORITHM = {"p384": "ES384", "p384-other": "ES384", "p256": "ES256", "ed25519": "EdDSA"}


@lru_cache
def private(name: str) -> Any:
    """The private key of that name; the same one throughout a run."""
    return MAKERS[name]()


def jwk(name: str, **members: Any) -> dict[str, Any]:
    """The public JWK; its ``kid`` is the name."""
    algorithm = jwt.get_algorithm_by_name(OWN_ALGORITHM.get(name, "RS384"))
    return {**algorithm.to_jwk(private(name).public_key(), as_dict=True), "kid": name, **members}


def jwks(*names: str) -> dict[str, Any]:
    return {"keys": [jwk(name) for name in names]}


def claims(**changes: Any) -> dict[str, Any]:
    """Claims as the sandbox sends them; a change to ``None`` leaves the claim out."""
    usual = {"iss": ISSUER, "aud": BASE + PATH, "iat": NOW, "exp": NOW + 300, "jti": "token-1"}
    return {name: value for name, value in (usual | changes).items() if value is not None}


def header(**changes: Any) -> dict[str, Any]:
    usual = {"alg": "ES384", "typ": "JWT", "kid": "p384", "jku": JKU}
    return {name: value for name, value in (usual | changes).items() if value is not None}


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(key: str = "p384", head: Any = None, body: Any = None, sign_as: str = "") -> str:
    """Put together by hand, so that it can be wrong in every way."""
    head = header() if head is None else head
    text = f"{part(head)}.{part(claims() if body is None else body)}"
    algorithm = jwt.get_algorithm_by_name(sign_as or OWN_ALGORITHM.get(key, "RS384"))
    return f"{text}.{part(algorithm.sign(text.encode(), private(key)))}"


def token_by_hmac(secret: bytes) -> str:
    """HS256 with a public key as the secret: the classic confusion of algorithms."""
    text = f"{part(header(alg='HS256'))}.{part(claims())}"
    return f"{text}.{part(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def registry(folder: Path, *lines: str, keys: Any = None, defaults: str = "") -> Registry:
    """A registry with one client that has static keys; ``lines`` are added to its entry."""
    (folder / "client.jwks.json").write_text(json.dumps(jwks("p384", "rsa") if keys is None else keys))
    return load(written(folder, 'jwks = "client.jwks.json"', *lines, defaults=defaults))


def written(folder: Path, *lines: str, defaults: str = "") -> Path:
    path = folder / "trust.toml"
    entry = [
        "[defaults]",
        defaults,
        "[[client]]",
        f'issuer = "{ISSUER}"',
        'name = "Example hospital"',
        *lines,
    ]
    path.write_text("\n".join(entry))
    return path
