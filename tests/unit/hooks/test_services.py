"""discovery.toml: mistakes in it stop the start with words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cds_service.content import Roots
from cds_service.errors import ContentError
from cds_service.hooks import services


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    shutil.copytree(Roots.default().cards, tmp_path / "cards")
    return Roots.at(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('hook = "order-sign"', 'hook = "patient-view"', "service[0].hook: is not a hook"),
        ('id = "emg-ncs-order-select"', 'id = "emg-ncs-order-sign"', "service[1].id: is used twice"),
        ('id = "emg-ncs-order-sign"', 'id = "EMG"', "service[0].id: "),
        ("{{context.patientId}}", "{{context.draftOrders}}", "prefetch.patient: "),
        ("&status=active", "&patient=x", "prefetch.serviceRequests: "),
        ("[prefetch]", "[prefetsch]", "prefetch: is missing"),
        ("title =", "titel =", "service[0].title: is missing"),
    ],
)
def test_mistakes_are_named(roots: Roots, old: str, new: str, words: str) -> None:
    path = roots.cards / "discovery.toml"
    whole = path.read_text(encoding="utf-8")
    assert old in whole
    path.write_text(whole.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        services.load(roots)
    assert f"cards/discovery.toml::{words}" in str(caught.value)


def test_mistakes_in_what_crd_is_told_are_named(roots: Roots) -> None:
    path = roots.cards / "dialects" / "crd.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("default_version", "version_by_default"), encoding="utf-8"
    )
    with pytest.raises(ContentError) as caught:
        services.load(roots)
    assert "cards/dialects/crd.toml::default_version: is missing" in str(caught.value)


def test_the_shipped_file_is_good(roots: Roots) -> None:
    assert list(services.load(roots)) == ["emg-ncs-order-sign", "emg-ncs-order-select"]
