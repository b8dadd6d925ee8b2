"""The shipped extract of ICD-10-CM against its package, and the rules against the extract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from cds_service.core.icd10 import BOTH
from cds_service.guidelines import extract_icd10
from cds_service.guidelines.load_diagnoses import problems
from tests.builders import table
from tests.diagnosis_orders import icd10, icd10_table, rules
from tests.icd10_package import package

SIDE_WORDS = {"right": "right", "left": "left", "unspecified": "unspecified", BOTH: "bilateral"}


def billable(code: str) -> bool:
    return bool(package().is_valid_item(code) and package().is_leaf(code))


def offered() -> Iterator[str]:
    """Every code that a choice may hold."""
    for entry in rules().entries.values():
        yield from entry.leaves
        if entry.header is not None:
            yield from (code for _, code in entry.header.words)
            yield from (code for codes in entry.header.first.values() for code in codes)
            yield from filter(None, (entry.header.default, entry.header.fix))
        else:
            yield from (code for place in entry.places for codes in place.siblings.values() for code in codes)
        yield from entry.unless_cause.choices if entry.unless_cause else ()
    for codes in rules().retired.values():
        yield from (code for code in codes if not icd10().is_header(code))
    endings = {row["diabetes"] for row in table("diagnoses")["manifestation"]["code"] if "diabetes" in row}
    yield from (category + ending for category in rules().diabetes for ending in endings)


def test_the_extract_is_what_the_package_gives() -> None:
    assert extract_icd10.dump(extract_icd10.extract()) == extract_icd10.TARGET.read_text(encoding="utf-8")


def test_check_says_when_it_is_not(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract_icd10, "TARGET", tmp_path / "icd10cm.json")
    assert extract_icd10.main(["--check"]) == 1
    assert extract_icd10.main(["--write"]) == 0
    assert extract_icd10.main(["--check"]) == 0


def test_every_code_offered_is_billable() -> None:
    assert sorted({code for code in offered() if not (billable(code) and icd10().is_leaf(code))}) == []


def test_headers_and_leaves_are_those_of_the_package() -> None:
    known = icd10()
    assert [code for code in known.labels if known.is_leaf(code) != billable(code)] == []
    assert [code for code in known.labels if known.label(code) != package().get_description(code)] == []
    for header, leaves in known.children.items():
        below = [code for code in package().get_descendants(header) if package().is_leaf(code)]
        assert sorted(leaves) == sorted(below), header


def test_missing_7th_character_is_known() -> None:
    known = icd10()
    assert known.seventh
    for code in known.seventh:
        assert all(len(leaf) == len("S54.01XA") for leaf in known.children[code])


@pytest.mark.parametrize("code", sorted(code for code, entry in rules().entries.items() if entry.places))
def test_sides_agree_with_the_descriptions(code: str) -> None:
    label = icd10().label(code).lower()
    for place in rules().entries[code].places:
        if place.side:
            assert SIDE_WORDS[place.side] in label.replace("unspecified ptosis", "ptosis")
        for side, codes in place.siblings.items():
            assert code not in codes or side == place.side


@pytest.mark.parametrize(
    "pair", [pair for pair in table("diagnoses")["pair"] if "excludes" in pair], ids=lambda pair: pair["id"]
)
def test_every_pair_rests_on_an_excludes1_note(pair: dict[str, Any]) -> None:
    node, note = pair["excludes"]["node"], pair["excludes"]["note"]
    assert any(note in text for text in package().get_excludes1(node))
    for together in pair["together"]:
        for stem in together["drop"] if node[0] != "Z" else ():
            code = stem.rstrip("-").rstrip(".")
            reach = {code, *package().get_ancestors(code)}
            kept = [kept.rstrip("-").rstrip(".") for kept in together["keep"]]
            other = {code for each in kept for code in (each, *package().get_ancestors(each))}
            assert node in reach | other


def test_data_has_no_problems() -> None:
    assert problems(table("diagnoses"), icd10()) == []


def test_problems_are_named() -> None:
    wrong = deepcopy(table("diagnoses"))
    wrong["header"][0]["default"] = "M54.9"
    wrong["header"][1]["id"] = "M54.16"
    wrong["pair"][0]["excludes"]["note"] = "no such words"
    wrong["icd9"][0]["to"] = ["G56.7"]
    wrong["inform"].append(wrong["inform"][0])
    found = problems(wrong, icd10())
    assert len(found) >= 5
    assert all(line.startswith("diagnoses.toml::") for line in found)


def test_the_extract_stays_small() -> None:
    assert len(icd10_table()["codes"]) < 5000
    assert len(json.dumps(icd10_table())) < 500_000
