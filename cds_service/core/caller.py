"""Who sends a request, as far as authentication could tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FhirServer:
    """A FHIR base URL (no slash at the end) that may be read; ``private``: also at a private address."""

    url: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """``issuer`` is the verified ``iss``; ``""`` under open access. ``dialect`` ``""``: not settled."""

    issuer: str = ""
    tenant: str = ""
    token_id: str = ""
    fhir_servers: tuple[FhirServer, ...] = ()
    dialect: str = ""
