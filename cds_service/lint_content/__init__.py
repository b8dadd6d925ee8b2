"""Every mistake an author can make in guideline data, cards and scenarios, one line each.

Each area is looked at by itself, so that a mistake in one hides none in another.
"""

from __future__ import annotations

from cds_service import pipeline
from cds_service.content import Roots
from cds_service.lint_content import cards, knowledge, scenarios
from cds_service.lint_content.caught import caught
from cds_service.lint_content.toml_lines import with_lines


def problems(roots: Roots) -> list[str]:
    """``file::path, line N: what, and what to do``; empty when the content is sound."""
    loaded: list[pipeline.Service] = []
    tables, found = knowledge.read(roots)
    found += cards.problems(roots, tables)
    found += caught(roots.name(roots.guidelines), lambda: loaded.append(pipeline.load(roots)))
    found += scenarios.problems(roots, tables, next(iter(loaded), None), sound=not found)
    return with_lines(roots, dict.fromkeys(found))
