"""Cards as plain text."""

from __future__ import annotations

from cds_service.cli.cards import plain

SOURCE = {"label": "CG-MED-24"}


def test_a_full_card() -> None:
    card = {
        "summary": "One sentence",
        "indicator": "warning",
        "detail": "First\n\n- second",
        "source": SOURCE,
        "suggestions": [
            {"label": "Change it", "isRecommended": True, "actions": [{"description": "Change a to b"}]},
            {"label": "Leave it"},
        ],
        "links": [{"label": "Guideline", "url": "https://example.org", "type": "absolute"}],
    }
    assert list(plain(card)) == [
        "[WARNING] One sentence",
        "  First",
        "",
        "  - second",
        "  -> Change it (recommended)",
        "       Change a to b",
        "  -> Leave it",
        "  See Guideline: https://example.org",
        "  Source: CG-MED-24",
    ]


def test_a_bare_card() -> None:
    card = {"summary": "One sentence", "indicator": "info", "source": SOURCE}
    assert list(plain(card)) == ["[INFO] One sentence", "  Source: CG-MED-24"]
