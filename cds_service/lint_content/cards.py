"""Mistakes in what cards say, in the forms that clients can take, and in what discovery says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cds_service import schemas
from cds_service.content import Roots
from cds_service.dialects import speakers
from cds_service.errors import ContentError
from cds_service.guidelines.check_tables import strings
from cds_service.guidelines.load import GUIDELINE, Tables
from cds_service.hooks import services as hook_services
from cds_service.lint_content.caught import caught
from cds_service.render import load_book

# What a template is made of, and holds no text of its own.
_TEMPLATE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_HTML = re.compile(r"</?[A-Za-z!]")
_SCHEME = re.compile(r"\b(?:javascript|vbscript|data|file):(?=\S)", re.IGNORECASE)


def problems(roots: Roots, knowledge: Tables) -> list[str]:
    """Every mistake; ``knowledge``: the files of the guideline that can be read."""
    folder = load_book.folder_of(roots, GUIDELINE)
    tables, found = load_book.read_each(roots, GUIDELINE)
    patterns = _worded(knowledge) if "patterns" in knowledge else None
    found += caught(folder, lambda: load_book.problems_of(tables, patterns, folder))
    found += caught(folder, lambda: [f"{folder}/{line}" for line in _unstated(tables, knowledge)])
    found += caught(roots.name(roots.cards / "dialects"), lambda: speakers.problems(roots))
    found += caught(roots.name(roots.cards / "discovery.toml"), lambda: _discovery(roots))
    for path in sorted(roots.cards.rglob("*.toml")):
        found += _unsafe(roots, path)
    return found


def _worded(knowledge: Tables) -> set[str]:
    """Patterns that need wording: those that are not only noted in the trace."""
    return {row["id"] for row in knowledge["patterns"]["pattern"] if row["mode"] != "OK"}


def _unstated(tables: dict[str, dict[str, Any]], knowledge: Tables) -> Iterator[str]:
    """Cards for notices that nothing states."""
    if "notices" not in tables or not {"criteria", "patterns", "maxima", "diagnoses"} <= knowledge.keys():
        return
    stated = {row["id"] for row in knowledge["criteria"]["advice"]}
    stated |= {row["id"] for row in knowledge["patterns"]["pattern"]}
    stated |= {f"Q-{row['id']}" for row in knowledge["maxima"]["row"]}
    stated |= {row["id"] for row in knowledge["diagnoses"]["inform"]}
    for index, card in enumerate(tables["notices"]["card"]):
        if card["id"] not in stated:
            yield (
                f"notices.toml::card[{index}].id: {card['id']} is stated by nothing; correct it, "
                "or add it to the advice in criteria.toml"
            )


def _discovery(roots: Roots) -> None:
    hook_services.load(roots)


def _unsafe(roots: Roots, path: Path) -> Iterator[str]:
    """Wording that some clients would run or turn into markup."""
    file = roots.name(path)
    try:
        table = schemas.read_toml(path, file=file)
    except ContentError:
        return
    for where, text in strings(table):
        words = _TEMPLATE.sub(" ", text)
        if _HTML.search(words):
            yield f"{file}::{where}: holds raw HTML; write it as Markdown or plain words"
        if _SCHEME.search(words):
            yield f"{file}::{where}: holds a link that a client could run; link to https only, or to nothing"
