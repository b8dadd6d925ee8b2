"""One folder per mistake an author can make, with the words of the message that must follow.

``mistake.toml``: in a copy of the content, the first ``find`` in ``file`` becomes ``put``; then some problem
says all of ``says``.
"""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cds_service import lint_content
from cds_service.content import Roots

FOLDER = Path(__file__).parent / "mistakes"
MISTAKES = {path.parent.name: path for path in sorted(FOLDER.glob("*/mistake.toml"))}
SCENARIO = "c04-one-limb-with-conduction"


def a_copy(base: Path) -> Roots:
    """All guideline data and cards, and one scenario."""
    ours, copy = Roots.default(), Roots.at(base)
    shutil.copytree(ours.guidelines, copy.guidelines, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copytree(ours.cards, copy.cards)
    shutil.copytree(ours.fhir_fixtures / "schema", copy.fhir_fixtures / "schema")
    shutil.copytree(ours.fhir_fixtures / "cg-med-24" / SCENARIO, copy.fhir_fixtures / "cg-med-24" / SCENARIO)
    return copy


def beyond_coverage(roots: Roots) -> list[str]:
    """The problems, but for the scenarios that were not copied."""
    return [
        line for line in lint_content.problems(roots) if not line.startswith("fhir_fixtures: no scenario")
    ]


def test_the_copy_itself_has_no_mistake(tmp_path: Path) -> None:
    assert beyond_coverage(a_copy(tmp_path)) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_the_mistake_is_named(name: str, tmp_path: Path) -> None:
    mistake: dict[str, Any] = tomllib.loads(MISTAKES[name].read_text(encoding="utf-8"))
    roots = a_copy(tmp_path)
    wrong = roots.base / mistake["file"]
    text = wrong.read_text(encoding="utf-8")
    find, put = mistake["find"], mistake["put"]
    assert find in text, "the mistake has nothing to stand on any more"
    wrong.write_text(text.replace(find, put, 1), encoding="utf-8")
    problems = beyond_coverage(roots)
    assert any(all(word in line for word in mistake["says"]) for line in problems), problems
    assert len(problems) <= 5, "one mistake should not make a flood"
    assert not any(str(tmp_path) in line for line in problems), "messages name files from the content's root"


def test_a_mistake_is_complete() -> None:
    for path in MISTAKES.values():
        assert set(tomllib.loads(path.read_text(encoding="utf-8"))) == {
            "title",
            "file",
            "find",
            "put",
            "says",
        }
