"""Where in a TOML file the place a problem names stands, as a line number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from cds_service.content import Roots

_PROBLEM = re.compile(r"(?P<file>[^:\s]+\.toml)::(?P<path>[A-Za-z][^:\s]*)(?P<rest>: .*)", re.DOTALL)
_HEADER = re.compile(r"\s*(?P<open>\[{1,2})(?P<name>[^\[\]]+)\]{1,2}\s*(?:#.*)?\Z")
_KEY = re.compile(r"(?P<name>[A-Za-z0-9_-]+|\"[^\"]+\")\s*=")
_LAST = re.compile(r"(?:\.[^.\[\]]+|\[\d+\])\Z")
_MULTILINE = ('"""', "'''")


def with_lines(roots: Roots, problems: Iterable[str]) -> list[str]:
    """The problems, those about a place in a TOML file with the line at which that place begins."""
    read: dict[str, dict[str, int]] = {}
    return [_with_line(roots, problem, read) for problem in problems]


def _with_line(roots: Roots, problem: str, read: dict[str, dict[str, int]]) -> str:
    found = _PROBLEM.fullmatch(problem)
    if found is None:
        return problem
    file = found["file"]
    places = read[file] = read[file] if file in read else _places(roots.base / file)
    path = found["path"]
    while path and path not in places:
        shorter = _LAST.sub("", path)
        path = shorter if shorter != path else ""
    if not path:
        return problem
    return f"{file}::{found['path']}, line {places[path]}{found['rest']}"


def _places(path: Path) -> dict[str, int]:
    try:
        return lines_of(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return {}


def lines_of(text: str) -> dict[str, int]:
    """The line, from one, of each table, entry and key; what stands inside a value has that of its key."""
    places: dict[str, int] = {}
    counts: dict[str, int] = {}
    table, inside = "", ""
    for number, line in enumerate(text.splitlines(), 1):
        if inside:
            inside = "" if inside in line else inside
            continue
        inside = next((mark for mark in _MULTILINE if line.count(mark) % 2), "")
        if header := _HEADER.match(line):
            table = _table(header["name"].strip(), counts, repeated=header["open"] == "[[")
            places.setdefault(table, number)
        elif key := _KEY.match(line):
            name = key["name"].strip('"')
            places.setdefault(f"{table}.{name}" if table else name, number)
    return places


def _table(name: str, counts: dict[str, int], *, repeated: bool) -> str:
    """The path of a table: of the last entry where a part of its name is a list of tables."""
    *parents, last = [part.strip().strip('"') for part in name.split(".")]
    path = ""
    for part in parents:
        path = f"{path}.{part}" if path else part
        if path in counts:
            path = f"{path}[{counts[path]}]"
    path = f"{path}.{last}" if path else last
    if repeated:
        counts[path] = counts.get(path, -1) + 1
        return f"{path}[{counts[path]}]"
    return path
