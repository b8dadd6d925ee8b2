"""One client of the trust registry, made up for a run: its key, its registry file and its tokens."""

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
ALGORITHM = "ES384"
LIFETIME = 300


@dataclass(frozen=True)
class Client:
    """Signs the tokens of the one issuer that the registry lists."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP384R1()), repr=False
    )

    def register(self, folder: Path, fhir_server: str) -> Path:
        """Write the registry and its key set; the path of the registry."""
        public = json.loads(ECAlgorithm.to_jwk(self.key.public_key()))
        keys = [{**public, "kid": "soak", "alg": ALGORITHM, "use": "sig"}]
        (folder / "keys.json").write_text(json.dumps({"keys": keys}), encoding="utf-8")
        registry = folder / "registry.toml"
        registry.write_text(
            f'[[client]]\nissuer = "{ISSUER}"\nname = "soak"\njwks = "keys.json"\n'
            f'fhir_servers = [{{ url = "{fhir_server}", private = true }}]\n',
            encoding="utf-8",
        )
        return registry

    def header(self, path: str, *, age: int = 0, **claims: Any) -> dict[str, str]:
        """An Authorization header for ``path``, with a token issued ``age`` seconds ago."""
        issued = int(time.time()) - age
        payload = {
            "iss": ISSUER,
            "aud": BASE_URL + path,
            "iat": issued,
            "exp": issued + LIFETIME,
            "jti": str(uuid.uuid4()),
            **claims,
        }
        token = jwt.encode(payload, self.key, algorithm=ALGORITHM, headers={"kid": "soak"})
        return {"Authorization": f"Bearer {token}"}
