"""criteria.toml: what it must hold, and what is said of mistakes in it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds_service import schemas
from cds_service.core.finding import Result, Verdict
from cds_service.engine.criteria import KINDS
from cds_service.engine.criteria.view import look
from cds_service.engine.determine import determine
from cds_service.guidelines.check_criteria import conditions, problems
from cds_service.guidelines.load_criteria import load_criteria, walk_tests
from tests.builders import GUIDELINE, case, criteria, full, splint, table

SCHEMA = schemas.load(GUIDELINE.parent / "schema" / "criteria.schema.json")
GROUPS = {group["id"] for group in table("vocabulary")["group"]}
TABLES = table("criteria")

ROWS = (
    *("S1", "S2", "S3"),
    *(
        "E0",
        "E1",
        "E2",
        "E3",
        "E3a",
        "E3b",
        "E3c",
        "E3d",
        "E4a",
        "E4b",
        "E4c-g",
        "E5",
        "W1",
        "N0",
        "M0",
        "J0",
    ),
    *(f"X{number}" for number in range(1, 9)),
    *(f"D{number}" for number in range(1, 6)),
)


def entry(table_name: str, entry_id: str, tables: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in tables[table_name] if each["id"] == entry_id)
    return found


def test_the_file_satisfies_its_schema_and_has_no_mistakes() -> None:
    assert SCHEMA.lines(TABLES, file="criteria.toml") == []
    assert problems(copy.deepcopy(TABLES), GROUPS) == []


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_guideline_is_here(row: str) -> None:
    found = [each for name in ("criterion", "row", "advice") for each in TABLES[name] if each["id"] == row]
    assert len(found) == 1
    assert found[0]["source"]


def test_schema_and_engine_know_the_same_kinds_of_test() -> None:
    named = SCHEMA.document["$defs"]["condition"]["properties"]["test"]["enum"]
    assert set(named) == set(KINDS)


def test_every_kind_of_test_is_used() -> None:
    used = {test["test"] for path, when in conditions(TABLES) for _, test in walk_tests(when, path)}
    assert used == set(KINDS)


def test_every_question_is_asked_by_something() -> None:
    loaded = criteria()
    text = repr(TABLES["criterion"]) + repr(TABLES["row"]) + repr(TABLES["reasons"]) + repr(TABLES["signs"])
    assert [item for item in loaded.questions if f"'{item}'" not in text] == []


def test_every_question_is_on_the_form() -> None:
    form = Path(GUIDELINE / "questionnaire.json").read_text(encoding="utf-8")
    assert [item for item in criteria().questions if item != "reason" and f'"{item}"' not in form] == []


def test_hidden_texts_grant_nothing_outright() -> None:
    for criterion in criteria().criteria.values():
        if criterion.basis not in ("A", "B"):
            assert not criterion.visible
            assert criterion.capped or criterion.grants is Result.MET_PROV
            assert criterion.open is Result.REVIEW


MISTAKES: list[tuple[str, Callable[[dict[str, Any]], object], str]] = [
    (
        "unknown group",
        lambda t: entry("criterion", "E0", t)["when"].update(groups=["weaknes"]),
        "criterion[1].when.groups: weaknes is no group; correct it or add it to vocabulary.toml",
    ),
    (
        "unknown criterion",
        lambda t: entry("pathway", "ncs", t).update(criteria=["N9"]),
        "pathway[1].criteria: N9 is no criterion; correct it or add a [[criterion]]",
    ),
    (
        "unknown row",
        lambda t: entry("pathway", "emg", t).update(stake="X9"),
        "pathway[2].stake: X9 is no row; correct it or add a [[row]]",
    ),
    (
        "no question",
        lambda t: t["questions"].pop("splint-weeks"),
        "criterion[9].when.all[1].item: splint-weeks has no question; add it under [questions]",
    ),
    (
        "twice",
        lambda t: t["row"].append(t["row"][0]),
        "row[8].id: X1 stands twice; keep one",
    ),
    (
        "basis too weak",
        lambda t: entry("criterion", "E4c-g", t).update(grants="MET"),
        "criterion[11].grants: basis C cannot grant MET; write MET-PROV",
    ),
    (
        "row too weak",
        lambda t: entry("row", "X6", t).update(basis="C"),
        "row[5].basis: basis C cannot refuse; remove evidence",
    ),
    (
        "never a candidate",
        lambda t: entry("criterion", "E3b", t).pop("candidate"),
        "criterion[6].candidate: nothing makes E3b a candidate; add candidate or always = true",
    ),
    (
        "silence refuses",
        lambda t: entry("criterion", "E4a", t)["when"]["all"][0].update(silence="not-met"),
        (
            "criterion[9].when: what is not documented would refuse here; "
            "leave silence out of one test, or put the test under none"
        ),
    ),
]


@pytest.mark.parametrize(("break_it", "said"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_mistake(break_it: Callable[[dict[str, Any]], object], said: str) -> None:
    tables = copy.deepcopy(TABLES)
    break_it(tables)
    assert f"criteria.toml::{said}" in problems(tables, GROUPS)


def test_unknown_kind_of_test_is_a_schema_fault() -> None:
    tables = copy.deepcopy(TABLES)
    entry("criterion", "E0", tables)["when"]["test"] = "facts"
    (line,) = SCHEMA.lines(tables, file="criteria.toml")
    assert line.startswith('criteria.toml::criterion[1].when.test: "facts" is not an accepted value')


def test_a_threshold_is_changed_in_the_data_alone() -> None:
    tables = copy.deepcopy(TABLES)
    entry("criterion", "E4a", tables)["when"]["all"][1]["days"] = 42
    given = case(full("carpal-tunnel"), splint(35, 0), answers={"activity-modification": True})
    (found,) = determine(look(load_criteria(tables), *given))
    step = next(step for step in found.steps if step.id == "E4a.splint")
    assert step.verdict is Verdict.NOT_MET
    assert step.expected == "wrist splint worn 42 days on the affected side"
    assert found.values["days_short"] == "7"


def test_another_guideline_needs_no_python() -> None:
    """A one-criterion guideline made of the same parts."""
    tables = copy.deepcopy(TABLES)
    tables["criterion"] = [
        {
            **entry("criterion", "E0", tables),
            "id": "A1",
            "when": {"test": "fact", "name": "sign", "groups": ["weakness"], "opposes": True},
        }
    ]
    tables["row"] = [{**entry("row", "X2", tables), "id": "Z1"}]
    tables["pathway"] = [
        {
            "id": "any",
            "takes": ["needle"],
            "criteria": ["A1"],
            "rows": [],
            "fallback": "Z1",
            "otherwise": "REVIEW",
        }
    ]
    tables["advice"] = []
    tables["reasons"]["unspecific"] = []
    assert problems(tables, GROUPS) == []
    (found,) = determine(
        look(load_criteria(tables), *case(full("ulnar")[:1], answers={"exam-weakness": False}))
    )
    assert (found.pathway, found.result, found.rows) == ("any", Result.NOT_MET, ("Z1",))
