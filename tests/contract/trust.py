"""One client of a trust registry: its key, the registry that lists it, and its tokens."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

ISSUER = "https://ehr.example.org"
BASE_URL = "https://cds.example.org"


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


@dataclass(frozen=True)
class Client:
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key, repr=False)

    def register(self, folder: Path, *lines: str) -> Path:
        """A registry that lists this client alone; ``lines`` are added to its entry."""
        public = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        (folder / "keys.json").write_text(json.dumps({"keys": [{**public, "kid": "one", "use": "sig"}]}))
        registry = folder / "trust.toml"
        entry = ["[[client]]", f'issuer = "{ISSUER}"', 'name = "Example"', 'jwks = "keys.json"', *lines]
        registry.write_text("\n".join(entry))
        return registry

    def token(self, path: str, *, signed_by: ec.EllipticCurvePrivateKey | None = None, **claims: Any) -> str:
        """A token for ``path``, new each time; a claim that is None is left out."""
        now = int(time.time())
        usual = {
            "iss": ISSUER,
            "aud": BASE_URL + path,
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid.uuid4()),
        }
        payload = {name: value for name, value in (usual | claims).items() if value is not None}
        return jwt.encode(payload, signed_by or self.key, algorithm="ES384", headers={"kid": "one"})

    def header(self, path: str, **claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(path, **claims)}"}
