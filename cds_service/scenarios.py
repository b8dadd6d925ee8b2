"""Scenarios: requests a client could send, with the story and what must be said. Shared by tests, CLI and
pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cds_service import schemas
from cds_service.content import Roots
from cds_service.errors import ContentError

REQUEST = "request.json"
RESPONSE = "response.json"
TRACE = "trace.txt"
ABOUT = "scenario.toml"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One folder of fhir_fixtures. ``name`` is the folder's own, ``shows`` ids of patterns, rows and
    criteria.
    """

    name: str
    folder: Path
    title: str
    story: str
    shows: tuple[str, ...]
    expect: Mapping[str, Any]
    as_of: str = ""

    def request(self) -> bytes:
        return (self.folder / REQUEST).read_bytes()


def load_scenarios(roots: Roots) -> tuple[Scenario, ...]:
    """Every scenario, by guideline and name; raises ContentError naming every broken scenario.toml."""
    found, wrong = read_each(roots)
    if wrong:
        raise ContentError(wrong)
    return found


def read_each(roots: Roots) -> tuple[tuple[Scenario, ...], list[str]]:
    """The scenarios that can be read, and what is wrong with the others."""
    found: list[Scenario] = []
    wrong: list[str] = []
    path = roots.fhir_fixtures / "schema" / "scenario.schema.json"
    try:
        schema = _schema(path, roots.name(path))
    except ContentError as error:
        return (), list(error.problems)
    for about in sorted(roots.fhir_fixtures.glob(f"*/*/{ABOUT}")):
        name = roots.name(about)
        try:
            table = schemas.read_toml(about, file=name)
            schema.check(table, file=name)
        except ContentError as error:
            wrong.extend(error.problems)
            continue
        found.append(
            Scenario(
                name=about.parent.name,
                folder=about.parent,
                title=table["title"],
                story=table["story"].strip(),
                shows=tuple(table["shows"]),
                expect=table.get("expect", {}),
                as_of=table.get("as_of", ""),
            )
        )
    return tuple(found), wrong


@lru_cache(maxsize=4)
def _schema(path: Path, name: str) -> schemas.Schema:
    return schemas.load(path, file=name)
