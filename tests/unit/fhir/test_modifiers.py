"""Modifiers in an orderDetail: what is read, and what is left when some go."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir.modifiers import modifiers_of, without

KNOWN = frozenset({"50", "59", "RT", "LT"})
Json = dict[str, Any]

DETAILS: list[tuple[Json, tuple[str, ...], Json | None]] = [
    ({"coding": [{"code": "50"}]}, ("50",), None),
    ({"coding": [{"code": "50", "display": "Modifier 50"}], "text": "Modifier 50"}, ("50",), None),
    ({"coding": [{"code": "50"}, {"code": "59"}]}, ("50", "59"), {"coding": [{"code": "59"}]}),
    (
        {"coding": [{"code": "50"}, {"code": "BIL"}], "text": "Bilateral"},
        ("50",),
        {"coding": [{"code": "BIL"}], "text": "Bilateral"},
    ),
    ({"text": "50"}, ("50",), None),
    ({"text": "modifier 50"}, ("50",), None),
    ({"text": "modifiers: 50, 59"}, ("50", "59"), {"text": "modifiers 59"}),
    ({"text": "rt 50"}, ("RT", "50"), {"text": "rt"}),
    ({"text": "Modifier 50, lies prone"}, ("50",), {"text": "lies prone"}),
    ({"text": "please add modifier 50"}, ("50",), {"text": "please add"}),
    ({"text": "room 50"}, (), {"text": "room 50"}),
    ({"text": "portable unit"}, (), {"text": "portable unit"}),
    ({"text": "Modifier 59"}, ("59",), {"text": "Modifier 59"}),
]


@pytest.mark.parametrize(("detail", "named", "left"), DETAILS, ids=[str(row[0])[:60] for row in DETAILS])
def test_a_modifier_goes_and_other_words_stay(
    detail: Json, named: tuple[str, ...], left: Json | None
) -> None:
    assert modifiers_of(detail, KNOWN) == named
    assert without(detail, {"50"}, KNOWN) == left
