"""The page of dialects is current, and shows what it promises."""

from __future__ import annotations

import re

from cds_service import dialect_pages
from cds_service.cli.cards import plain
from cds_service.content import Roots
from cds_service.dialects import speakers

ROOTS = Roots.default()


def test_the_page_is_current() -> None:
    kept = (ROOTS.fhir_fixtures / dialect_pages.FILE).read_text(encoding="utf-8")
    assert kept == dialect_pages.page(ROOTS, plain), "run cds-service dialects --write and review the change"


def test_every_dialect_answers_every_scenario_of_the_page() -> None:
    kept = (ROOTS.fhir_fixtures / dialect_pages.FILE).read_text(encoding="utf-8")
    assert len(dialect_pages.SHOWN) == 11
    for dialect in (*speakers.load(ROOTS), dialect_pages.EXAMPLE, dialect_pages.PAYER):
        assert kept.count(f"| {dialect} | ") == len(dialect_pages.SHOWN)


def test_a_scenario_with_a_coverage_shows_what_is_stated_in_each_version_and_role() -> None:
    kept = (ROOTS.fhir_fixtures / dialect_pages.FILE).read_text(encoding="utf-8")
    _, _, section = kept.partition(f"## {dialect_pages.COVERED}: ")
    section, _, _ = section.partition("\n## ")
    for name in ("crd", "crd 2.1", "crd 2.2", "crd (payer)", "crd (payer) 2.1", "crd (payer) 2.2"):
        assert re.search(rf"^\| {re.escape(name)} \| .* \| 2 \|$", section, re.MULTILINE)
    for said in ("covered: conditional", "covered: indeterminate", "covered: not-covered", "Source: Anthem"):
        assert said in section
