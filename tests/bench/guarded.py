"""What keeping records and knowing who calls cost a request: servers that do more and more of it."""

from __future__ import annotations

import json
import os
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.bench.payload import request
from tests.bench.served import SEEDS, WORKERS, body, cpu_of, send
from tests.conftest import Server, start, stop
from tests.contract.bodies import SIGN

BASE = "https://bench.example.org"
ISSUER = "https://ehr.example.org"
WARM_UP = 40


@dataclass(frozen=True)
class Setup:
    """A server that keeps records (or not), and the algorithm its callers sign with (``""``: none)."""

    name: str
    store: bool
    algorithm: str = ""


SETUPS = (
    Setup("open, nothing kept", store=False),
    Setup("open, records kept (SQLite)", store=True),
    Setup("RS384 tokens, records kept", store=True, algorithm="RS384"),
    Setup("ES384 tokens, records kept", store=True, algorithm="ES384"),
)


def measure(rounds: int, requests: int) -> dict[str, float]:
    """Name of the set-up -> CPU microseconds of the server per request; the first is to compare with."""
    keys = {
        "RS384": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ES384": ec.generate_private_key(ec.SECP384R1()),
    }
    bodies = [body(request(seed, variant="correction")) for seed in range(SEEDS)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        registry = folder / "registry.toml"
        registry.write_text(_registry(keys), encoding="utf-8")
        servers: dict[Setup, Server] = {}
        for number, setup in enumerate(SETUPS):
            database = f"sqlite:///{folder / f'{number}.sqlite3'}" if setup.store else "none"
            environ = {"DATABASE_URL": database, "WEB_CONCURRENCY": str(WORKERS), "CDS_PUBLIC_BASE_URL": BASE}
            if setup.algorithm:
                environ["CDS_TRUST_REGISTRY"] = str(registry)
            servers[setup] = start(log=Path(os.devnull), **environ)
            stack.callback(stop, servers[setup])
        spent: dict[str, list[float]] = {setup.name: [] for setup in SETUPS}
        for turn in range(rounds + 1):
            for setup, server in servers.items():
                count = requests if turn else WARM_UP
                headers = list(_headers(keys, setup.algorithm, count))
                before = cpu_of(server)
                send(server, bodies, count, headers)
                if turn:
                    spent[setup.name].append((cpu_of(server) - before) / count)
    return {name: median(found) for name, found in spent.items()}


def _registry(keys: Mapping[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey]) -> str:
    entries = "".join(
        f"[[client.keys]]\nkid = {json.dumps(name)}\n"
        + "".join(f"{member} = {json.dumps(value)}\n" for member, value in _public(name, key).items())
        for name, key in keys.items()
    )
    return f'[[client]]\nname = "Bench"\nissuer = "{ISSUER}"\n{entries}'


def _public(name: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> dict[str, str]:
    members = jwt.get_algorithm_by_name(name).to_jwk(key.public_key(), as_dict=True)
    return {member: value for member, value in members.items() if isinstance(value, str)}


def _headers(
    keys: Mapping[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey], algorithm: str, count: int
) -> Iterator[dict[str, str]]:
    """A new token for every call, made before the clock starts."""
    now = int(time.time())
    for _ in range(count):
        if not algorithm:
            yield {}
            continue
        claims = {
            "iss": ISSUER,
            "aud": f"{BASE}/cds-services/{SIGN}",
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid.uuid4()),
        }
        token = jwt.encode(claims, keys[algorithm], algorithm, headers={"kid": algorithm})
        yield {"Authorization": f"Bearer {token}"}
