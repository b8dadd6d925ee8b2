"""Schemas: which words a broken data file gets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cds_service import schemas
from cds_service.errors import ContentError

SCHEMA = schemas.compiled(
    {
        "type": "object",
        "required": ["id", "kind"],
        "additionalProperties": False,
        "patternProperties": {"^x-": True},
        "properties": {
            "id": {"type": "string", "pattern": "^[a-z-]+$", "maxLength": 8},
            "kind": {"enum": ["FIX", "ASK"]},
            "rows": {
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": {"type": "integer", "minimum": 1},
            },
            "either": {"anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}]},
            "fixed": {"const": 3},
        },
    }
)
GOOD: dict[str, Any] = {"id": "a", "kind": "FIX"}


@pytest.mark.parametrize(
    ("document", "lines"),
    [
        (GOOD, []),
        ({**GOOD, "x-more": 1}, []),
        ({}, ["f.toml::id: is missing; add it", "f.toml::kind: is missing; add it"]),
        ({**GOOD, "knid": 1}, ["f.toml::knid: is not a known member; remove it or correct it"]),
        ({**GOOD, "kind": "fix"}, ['f.toml::kind: "fix" is not an accepted value; use one of "FIX", "ASK"']),
        (
            {**GOOD, "id": "A"},
            ['f.toml::id: "A" does not have the accepted form; write it to match ^[a-z-]+$'],
        ),
        ({**GOOD, "id": "a" * 9}, ['f.toml::id: "aaaaaaaaa" is too long; give at most 8 characters']),
        ({**GOOD, "rows": []}, ["f.toml::rows: [] is empty; fill it, or leave it out"]),
        ({**GOOD, "rows": [1, 0]}, ["f.toml::rows[1]: 0 is too small; give at least 1"]),
        (
            {**GOOD, "rows": [2, 2]},
            ["f.toml::rows: [2, 2] names the same thing twice; remove the repetition"],
        ),
        ({**GOOD, "rows": ["1"]}, ['f.toml::rows[0]: "1" is not a whole number; make it a whole number']),
        ({**GOOD, "either": ""}, ['f.toml::either: "" is empty; fill it, or leave it out']),
        ({**GOOD, "fixed": 4}, ["f.toml::fixed: 4 is not the accepted value; write 3"]),
        ([], ["f.toml::$: [] is not an object; make it an object"]),
    ],
)
def test_lines(document: Any, lines: list[str]) -> None:
    assert SCHEMA.lines(document, file="f.toml") == lines
    assert SCHEMA.is_valid(document) == (not lines)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD, "None"),
        ({}, "id: is missing; add it"),
        ({**GOOD, "kind": "SECRET"}, 'kind: is not an accepted value; use one of "FIX", "ASK"'),
        ({**GOOD, "SECRET": 1}, "$: is not a known member; remove it or correct it"),
        ({**GOOD, "id": "SECRET"}, "id: does not have the accepted form; write it to match ^[a-z-]+$"),
        ({**GOOD, "rows": [1, "SECRET"]}, "rows[1]: is not a whole number; make it a whole number"),
        (
            {**GOOD, "either": ["SECRET"]},
            "either: breaks the schema's rule anyOf; see the schema",
        ),
        (["SECRET"], "$: is not an object; make it an object"),
    ],
)
def test_the_first_fault_repeats_nothing_of_the_document(wrong: Any, said: str) -> None:
    assert str(SCHEMA.first(wrong)) == said


def test_a_body_with_a_million_faults_is_refused_for_one_of_them() -> None:
    """jsonschema, which would gather them all, is not asked."""
    code = (
        "import sys; from cds_service.hooks import feedback; check = feedback.schema();"
        "print(check.first({'feedback': [{}] * 1_000_000}), check.first({'feedback': [{}]}));"
        "print('jsonschema' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "feedback: has too many entries; give at most 1000 feedback[0].card: is missing; add it",
        "False",
    ]


def test_check_names_every_fault_at_once() -> None:
    with pytest.raises(ContentError) as caught:
        SCHEMA.check({"knid": 1}, file="f.toml")
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("a.toml", b"x = ", "is not TOML"),
        ("a.toml", b"x = 1\nx = 2", "is not TOML"),
        ("a.toml", b"x = '\xff'", "is not UTF-8"),
        ("a.json", b"{", "is not JSON"),
        ("a.json", None, "the file is missing"),
    ],
)
def test_unreadable_files_are_named(tmp_path: Path, name: str, raw: bytes | None, words: str) -> None:
    path = tmp_path / name
    if raw is not None:
        path.write_bytes(raw)
    read = schemas.read_toml if name.endswith("toml") else schemas.read_json
    with pytest.raises(ContentError) as caught:
        read(path, file=f"cards/{name}")
    assert str(caught.value).startswith(f"cards/{name}::")
    assert words in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_schema_that_is_none_is_a_content_error() -> None:
    with pytest.raises(ContentError, match=r"bad\.json::"):
        schemas.compiled({"type": "nonsense"}, file="bad.json")


@pytest.mark.parametrize(("levels", "holds"), [(0, True), (9, True), (10, True), (11, False), (900, False)])
@pytest.mark.parametrize("wrap", [lambda value: [value], lambda value: {"a": value, "b": 1}])
def test_depth_limit(levels: int, holds: bool, wrap: Any) -> None:
    value: Any = "x"
    for _ in range(levels):
        value = wrap(value)
    assert schemas.DepthLimit.of(10).holds(value) is holds
