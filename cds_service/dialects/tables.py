"""The data file of a dialect: read, checked by its schema, its wording compiled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from cds_service import schemas
from cds_service.content import Roots
from cds_service.errors import ContentError
from cds_service.wording import Filled, Texts


def read(roots: Roots, *names: str) -> list[dict[str, Any]]:
    """cards/dialects/``name``.toml for every name; raises ContentError for what breaks its schema."""
    found: list[dict[str, Any]] = []
    wrong: list[str] = []
    for name in names:
        file = file_of(roots, name)
        schema = roots.cards / "schema" / f"dialect-{name}.schema.json"
        try:
            table = schemas.read_toml(_path(roots, name), file=file)
            schemas.load(schema, file=roots.name(schema)).check(table, file=file)
            found.append(table)
        except ContentError as error:
            wrong.extend(error.problems)
    if wrong:
        raise ContentError(wrong)
    return found


def file_of(roots: Roots, name: str) -> str:
    """The file of a dialect, as messages name it."""
    return roots.name(_path(roots, name))


def compiled(
    table: Mapping[str, Any], section: str, names: Collection[str], texts: Texts, *, plain: bool = False
) -> dict[str, Filled]:
    """The texts of one section, each as a function of its holes; see :func:`wording.compile_text`."""
    return {
        name: texts(text, names, f"{section}.{name}", plain=plain) for name, text in table[section].items()
    }


def _path(roots: Roots, name: str) -> Path:
    return roots.cards / "dialects" / f"{name}.toml"
