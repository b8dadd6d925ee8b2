"""The commands that speak a dialect."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from cds_service.cli import group
from cds_service.content import Roots
from cds_service.dialect_pages import FILE

FIXTURES = Roots.default().fhir_fixtures
REQUEST = str(FIXTURES / "cg-med-24" / "c22-three-conduction-codes" / "request.json")

SAID = {
    "spec": "-> One line: 95913, remove the rest (recommended)",
    "text": "- In ServiceRequest/a (95908): code 95913 instead of 95908, units 1.",
    "epic": "- In ServiceRequest/a (95908): code 95913 instead of 95908, units 1.",
}


@pytest.mark.parametrize(("dialect", "line"), SAID.items())
def test_check_answers_in_the_dialect_named(dialect: str, line: str) -> None:
    said = CliRunner().invoke(group, ["check", REQUEST, "--dialect", dialect])
    assert said.exit_code == 0
    assert line in said.output


def test_an_unknown_dialect_is_a_mistake_of_usage() -> None:
    said = CliRunner().invoke(group, ["check", REQUEST, "--dialect", "klingon"])
    assert said.exit_code == 2
    assert "klingon is no dialect; use spec" in said.output


def test_the_page_is_printed_as_it_is_kept() -> None:
    said = CliRunner().invoke(group, ["dialects"])
    assert said.exit_code == 0
    assert said.output == (FIXTURES / FILE).read_text(encoding="utf-8")
