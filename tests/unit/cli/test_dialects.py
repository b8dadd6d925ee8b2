"""The commands that speak a dialect."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from cds_service import pipeline
from cds_service.cli import group
from cds_service.content import Roots
from cds_service.dialect_pages import FILE

FIXTURES = Roots.default().fhir_fixtures
REQUEST = str(FIXTURES / "cg-med-24" / "c22-three-conduction-codes" / "request.json")

BY_HAND = "- In order 1 (95908, 3-4 nerve conduction studies): code 95913 ("
SAID = {
    "spec": "-> Merge 95908 + 95909 + 95910 into 95913 (recommended)",
    "text": BY_HAND,
    "epic": BY_HAND,
}


@pytest.mark.parametrize(("dialect", "line"), SAID.items())
def test_check_answers_in_the_dialect_named(dialect: str, line: str) -> None:
    said = CliRunner().invoke(group, ["check", REQUEST, "--dialect", dialect])
    assert said.exit_code == 0
    assert line in said.output


SET: dict[str, tuple[dict[str, str], str]] = {
    "the dialect": ({"CDS_DIALECT": "text"}, SAID["text"]),
    "the table of an Epic site": ({"CDS_DIALECT": "epic", "CDS_EPIC_SITE": "example"}, "-> Add 95913"),
}


@pytest.mark.parametrize(("environ", "line"), SET.values(), ids=SET)
def test_check_obeys_the_settings_of_the_service(environ: dict[str, str], line: str) -> None:
    said = CliRunner().invoke(group, ["check", REQUEST], env=environ)
    assert said.exit_code == 0, said.output
    assert line in said.output


def test_check_answers_in_the_role_and_under_the_address_of_the_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []
    decided = pipeline.decide

    def spy(*given: Any, **rest: Any) -> pipeline.Decision:
        asked.append((rest["role"], rest["base_url"]))
        return decided(*given, **rest)

    monkeypatch.setattr(pipeline, "decide", spy)
    environ = {"CDS_ROLE": "payer", "CDS_PUBLIC_BASE_URL": "https://cds.example.org"}
    CliRunner().invoke(group, ["check", REQUEST], env=environ)
    assert asked == [("payer", "https://cds.example.org")]


def test_a_dialect_that_is_named_goes_before_the_setting() -> None:
    said = CliRunner().invoke(group, ["check", REQUEST, "--dialect", "spec"], env={"CDS_DIALECT": "text"})
    assert SAID["spec"] in said.output


def test_an_unknown_dialect_is_a_mistake_of_usage() -> None:
    said = CliRunner().invoke(group, ["check", REQUEST, "--dialect", "klingon"])
    assert said.exit_code == 2
    assert "klingon is no dialect; use spec" in said.output


def test_the_page_is_printed_as_it_is_kept() -> None:
    said = CliRunner().invoke(group, ["dialects"])
    assert said.exit_code == 0
    assert said.output == (FIXTURES / FILE).read_text(encoding="utf-8")
