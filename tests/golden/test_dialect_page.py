"""The page of dialects is current, and shows what it promises."""

from __future__ import annotations

from cds_service import dialect_pages
from cds_service.cli.cards import plain
from cds_service.content import Roots
from cds_service.dialects import speakers

ROOTS = Roots.default()


def test_the_page_is_current() -> None:
    kept = (ROOTS.fhir_fixtures / dialect_pages.FILE).read_text(encoding="utf-8")
    assert kept == dialect_pages.page(ROOTS, plain), "run cds-service dialects --write and review the change"


def test_every_dialect_answers_ten_scenarios() -> None:
    kept = (ROOTS.fhir_fixtures / dialect_pages.FILE).read_text(encoding="utf-8")
    assert len(dialect_pages.SHOWN) == 10
    for dialect in (*speakers.load(ROOTS), dialect_pages.EXAMPLE):
        assert kept.count(f"| {dialect} | ") == len(dialect_pages.SHOWN)
