"""What is said to a clinician is data: no sentence stands in the code that reasons or renders."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "cds_service"
WORDLESS = sorted(
    path
    for room in ("core", "engine", "render", "offers.py", "pipeline.py")
    for path in ((PACKAGE / room).rglob("*.py") if (PACKAGE / room).is_dir() else [PACKAGE / room])
)
SENTENCE = re.compile(r"[A-Z][a-z]+(?:,? [\w'-]+){3,}[.?!]")


@pytest.mark.parametrize("path", WORDLESS, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_sentence_stands_in_code(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if documented(node)}  # type: ignore[attr-defined]
    found = [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        if SENTENCE.search(node.value)
    ]
    assert found == []


def documented(node: ast.AST) -> bool:
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) or not node.body:
        return False
    first = node.body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)


def test_the_pattern_knows_a_sentence() -> None:
    assert SENTENCE.search("Order conduction studies in the same session.")
    assert not SENTENCE.search("no encounter class that says so; taken as outpatient")
