"""The line of a place in a TOML file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.content import Roots
from cds_service.lint_content.toml_lines import lines_of, with_lines

TEXT = '''# first
edition = "1"
story = """
card = "of a text"
[[card]]
"""

[[card]]
id = "a"

[card.not_for]
codes = [
  "1",
]

[[card]]
id = "b"
summary = "s" # a word = no key

[facts]
"two-words" = "t"
'''

PLACES = {
    "edition": 2,
    "story": 3,
    "card[0]": 8,
    "card[0].id": 9,
    "card[0].not_for": 11,
    "card[0].not_for.codes": 12,
    "card[1]": 16,
    "card[1].summary": 18,
    "facts": 20,
    "facts.two-words": 21,
}


@pytest.mark.parametrize(("path", "line"), PLACES.items())
def test_the_line_of_a_place(path: str, line: int) -> None:
    assert lines_of(TEXT)[path] == line


def test_a_text_names_no_places() -> None:
    assert sorted(lines_of(TEXT)) == sorted([*PLACES, "card[1].id"])


PROBLEMS = {
    "a key": ("cards/a.toml::card[1].summary: is bad; mend it", "card[1].summary, line 18: is bad; mend it"),
    "inside a value": ("cards/a.toml::card[0].not_for.codes[0]: is bad; mend it", "codes[0], line 12: is"),
    "a key that is missing": ("cards/a.toml::card[0].summary: is missing; add it", "summary, line 8: is"),
    "nothing of that name": ("cards/a.toml::reason: is missing; add it", "a.toml::reason: is missing"),
    "the whole file": ("cards/a.toml::$: is not TOML; mend it", "a.toml::$: is not TOML"),
    "no such file": ("cards/b.toml::card[0]: is bad; mend it", "b.toml::card[0]: is bad"),
    "another kind of file": ("cards/a.json::card[0]: is bad; mend it", "a.json::card[0]: is bad"),
}


@pytest.mark.parametrize(("problem", "said"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_problem_names_the_line(problem: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "a.toml").write_text(TEXT, encoding="utf-8")
    (line,) = with_lines(Roots.at(tmp_path), [problem])
    assert said in line
