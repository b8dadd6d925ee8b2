"""Roots: the same names in a checkout and in a wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service import content
from cds_service.content import Roots

CHECKOUT = Path(__file__).resolve().parents[2]


def test_a_checkout_has_its_content_beside_the_package() -> None:
    roots = Roots.default()
    assert roots.base == CHECKOUT
    assert roots.cards == CHECKOUT / "cards"
    assert roots.fhir_fixtures == CHECKOUT / "fhir_fixtures"
    assert roots.guidelines == CHECKOUT / "cds_service" / "guidelines"
    for path in (roots.cards, roots.fhir_fixtures, roots.guidelines):
        assert path.is_dir()


def test_a_wheel_has_it_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_content").mkdir()
    monkeypatch.setattr(content, "PACKAGE", tmp_path)
    roots = Roots.default()
    assert roots.cards == tmp_path / "_content" / "cards"
    assert roots.fhir_fixtures == tmp_path / "_content" / "fhir_fixtures"
    assert roots.guidelines == tmp_path / "guidelines"


def test_no_packed_content_lies_in_the_checkout() -> None:
    assert not (CHECKOUT / "cds_service" / "_content").exists()


def test_names_are_relative_and_never_show_where_the_checkout_lies(tmp_path: Path) -> None:
    roots = Roots.at(tmp_path)
    assert roots.name(tmp_path / "cards" / "a.toml") == "cards/a.toml"
    assert roots.name(CHECKOUT / "pyproject.toml") == "pyproject.toml"
