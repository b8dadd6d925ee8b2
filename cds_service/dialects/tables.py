"""The data file of a dialect: read, checked by its schema, its wording compiled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cds_service import schemas
from cds_service.content import Roots
from cds_service.wording import Filled, compile_text


def read(roots: Roots, name: str) -> dict[str, Any]:
    """cards/dialects/``name``.toml; raises ContentError for what breaks its schema."""
    path = roots.cards / "dialects" / f"{name}.toml"
    table: dict[str, Any] = schemas.read_toml(path, file=roots.name(path))
    schema = schemas.load(roots.cards / "schema" / f"dialect-{name}.schema.json")
    schema.check(table, file=roots.name(path))
    return table


def compiled(
    table: Mapping[str, Any], section: str, names: Collection[str], file: str, *, plain: bool = False
) -> dict[str, Filled]:
    """The texts of one section, each as a function of its holes; see :func:`wording.compile_text`."""
    return {
        name: compile_text(text, names, f"{file}::{section}.{name}", plain=plain)
        for name, text in table[section].items()
    }
