"""The audit fails on what is shipped, and never takes silence for innocence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.audit import lines, shipped, status

NEEDED = {"flask", "jinja2"}


def asked(name: str, *found: str) -> dict[str, Any]:
    vulns = [{"id": each, "fix_versions": ["9.9"], "aliases": []} for each in found]
    return {"name": name, "version": "1.0", "vulns": vulns}


def unasked(name: str) -> dict[str, Any]:
    return {"name": name, "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.mark.parametrize(
    ("packages", "here", "in_ci", "words"),
    [
        pytest.param(
            [asked("Flask"), asked("jinja2")], 0, 0, "2 shipped packages audited: 0 known", id="all is well"
        ),
        pytest.param(
            [asked("Flask", "PYSEC-1"), asked("jinja2")],
            1,
            1,
            "Flask 1.0 (shipped): PYSEC-1; fixed in: 9.9",
            id="a shipped package is vulnerable",
        ),
        pytest.param(
            [asked("Flask"), asked("jinja2"), asked("pip", "PYSEC-2")],
            0,
            0,
            "pip 1.0 (development only): PYSEC-2",
            id="a tool of development is vulnerable",
        ),
        pytest.param(
            [asked("Flask"), unasked("jinja2")],
            0,
            1,
            "NOT AUDITED: jinja2",
            id="one could not be asked about",
        ),
        pytest.param(
            [unasked("Flask"), unasked("jinja2")], 0, 1, "0 shipped", id="none could be asked about"
        ),
        pytest.param([], 0, 1, "NOT AUDITED: flask, jinja2", id="pip-audit itself failed"),
    ],
)
def test_what_a_report_means(packages: list[dict[str, Any]], here: int, in_ci: int, words: str) -> None:
    report = {"dependencies": packages}
    assert status(report, NEEDED, in_ci=False) == here
    assert status(report, NEEDED, in_ci=True) == in_ci
    assert words in "\n".join(lines(report, NEEDED))


def test_what_is_shipped_includes_what_our_libraries_need_and_no_tool() -> None:
    names = shipped()
    assert {"flask", "werkzeug", "pydantic-core", "psycopg-binary", "cffi"} <= names
    assert not names & {"pytest", "ruff", "mypy", "pip", "emg-ncs-cds"}
