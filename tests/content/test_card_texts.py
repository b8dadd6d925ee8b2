"""Wording about codes as data: its holes are explained, and nothing stands in it that stands elsewhere."""

from __future__ import annotations

import re
import tomllib

import pytest

from cds_service import pipeline
from cds_service.content import Roots
from cds_service.guidelines.check_tables import strings
from cds_service.render.book import CODING_NAMES, DIAGNOSIS_NAMES

ROOTS = Roots.default()
GUIDELINE = ROOTS.guidelines / "cg-med-24"
PATTERNS = tomllib.loads((GUIDELINE / "patterns.toml").read_text(encoding="utf-8"))["pattern"]

# The only texts a template may compare a hole with: a number, or the linkId of a question.
QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
HOLE = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
TEMPLATES = [
    (name, where, text)
    for name in ("corrections", "diagnoses", "labels", "reasons")
    for where, text in strings(
        tomllib.loads((ROOTS.cards / "cg-med-24" / f"{name}.toml").read_text(encoding="utf-8"))
    )
    if "{" in text
]


def test_templates_about_codes_do_not_match_on_words_of_other_entries() -> None:
    form = (GUIDELINE / "questionnaire.json").read_text(encoding="utf-8")
    assert len(TEMPLATES) > 100
    for name, where, text in TEMPLATES:
        for one, two in QUOTED.findall("".join(HOLE.findall(text))):
            said = one or two
            assert said in ("", "s", "1") or f'"linkId": "{said}"' in form, (name, where, said)


def test_counts_of_studies_in_templates_come_from_the_codes() -> None:
    conduction = {code.code for code in pipeline.load(ROOTS).knowledge.coding.table.conduction.values()}
    for name, where, text in TEMPLATES:
        assert not [code for code in conduction if code in text], (name, where)


def test_a_pattern_with_a_section_rests_on_the_guideline_itself() -> None:
    identity = pipeline.load(ROOTS).knowledge.guideline
    own = f"{identity.id}, edition {identity.edition}"
    with_section = [pattern for pattern in PATTERNS if "section" in pattern]
    assert len(with_section) > 5
    for pattern in with_section:
        assert own in identity.cite(pattern["source"]), pattern["id"]


@pytest.mark.parametrize(
    ("file", "holes"), [("corrections.toml", CODING_NAMES), ("diagnoses.toml", DIAGNOSIS_NAMES)]
)
def test_every_hole_is_explained_beside_the_cards(file: str, holes: frozenset[str]) -> None:
    text = (ROOTS.cards / "cg-med-24" / "README.md").read_text(encoding="utf-8")
    part = text.split(f"## {file}", 1)[1].split("\n## ", 1)[0]
    explained = {
        name
        for row in re.findall(r"^\| (`.*?) \|", part, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    assert explained == holes
