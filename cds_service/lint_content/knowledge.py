"""Mistakes in the data files of the guideline."""

from __future__ import annotations

from cds_service.content import Roots
from cds_service.guidelines import check_tables, load
from cds_service.guidelines.load import Tables
from cds_service.lint_content.caught import caught


def read(roots: Roots) -> tuple[Tables, list[str]]:
    """The files that can be read, by name without ending, and what is wrong with any."""
    tables, found = load.read_each(roots)
    folder = load.folder_of(roots)
    found += caught(folder, lambda: [f"{folder}/{line}" for line in load.problems(tables)])
    found += caught(folder, lambda: [f"{folder}/{line}" for line in check_tables.problems(tables)])
    return tables, found
