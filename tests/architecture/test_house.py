"""The house rules that no linter knows; import contracts are checked by lint-imports."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "cds_service"
MODULES = sorted(PACKAGE.rglob("*.py"))
SAYS_NOTHING = {"utils", "helpers", "common", "manager", "handler", "processor", "data", "info"}
CODES = {
    "CPT or HCPCS": re.compile(r"\b(?:9[0-9]{4}|[A-Z][0-9]{4}|0[0-9]{3}T)\b"),
    "ICD-10-CM": re.compile(r"\b[A-TV-Z][0-9][0-9AB](?:\.[0-9A-Z]{1,4}|\.?-)"),
    "SNOMED CT": re.compile(r"^\d{8,18}$"),
    "URL": re.compile(r"https?://[a-z0-9-]+\.[^\s\"']+"),
}
# Code systems and formats are vocabulary of FHIR, not knowledge of a guideline.
URLS_OF_FHIR = re.compile(
    r"https?://(?:hl7\.org|terminology\.hl7\.org|snomed\.info|loinc\.org|www\.ama-assn\.org|www\.nlm\.nih\.gov"
    r"|json-schema\.org|(?:\w+\.)?example\.(?:org|com)|unitsofmeasure\.org|bluebutton\.cms\.gov|www\.cms\.gov)"
)

by_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())


@by_module
def test_modules_are_short_and_say_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    if text:
        docstring = ast.get_docstring(ast.parse(text))
        assert docstring


@by_module
def test_names_say_something(path: Path) -> None:
    words = set(path.stem.split("_")) | set(path.relative_to(PACKAGE).parts[:-1])
    assert not words & SAYS_NOTHING


@by_module
def test_no_knowledge_of_a_guideline_in_python(path: Path) -> None:
    found = [
        (node.lineno, kind, hit)
        for node in texts(ast.parse(path.read_text(encoding="utf-8")))
        for kind, pattern in CODES.items()
        for hit in pattern.findall(node.value)
        if not (kind == "URL" and URLS_OF_FHIR.match(hit))
    ]
    assert found == []


def test_only_settings_reads_the_environment() -> None:
    readers = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        if re.search(
            r"os\.(?:getenv|environ(?!\[\"WEB_CONCURRENCY\"\] = ))", path.read_text(encoding="utf-8")
        )
    }
    assert readers == {"settings.py"}


def texts(tree: ast.Module) -> list[ast.Constant]:
    """Every text in the code; docstrings may give examples."""
    holders = [
        node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
    ]
    docstrings = {
        id(holder.body[0].value)
        for holder in holders
        if holder.body
        and isinstance(holder.body[0], ast.Expr)
        and isinstance(holder.body[0].value, ast.Constant)
    }
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
