"""Mistakes in criteria.toml that a schema cannot see, as ``criteria.toml::path: what, and what to do``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from string import Formatter
from typing import Any

from cds_service.guidelines.load_criteria import FILE, OPERATORS, VISIBLE, walk_tests

_GROUP_LISTS = ("groups", "reasons", "applied", "after", "of", "stated")


def problems(tables: dict[str, Any], groups: Collection[str] | None = None) -> list[str]:
    """Every mistake; ``groups``: the ids the vocabulary knows, ``None`` to leave that unchecked."""
    found = [
        *_repeated(tables),
        *_references(tables),
        *_bases(tables),
        *(line for path, entry in conditions(tables) for line in _condition(path, entry, tables)),
        *(
            line
            for item, text in tables["questions"].items()
            for line in _holes(f"questions.{item}", text, {"side", "where", "weeks"})
        ),
    ]
    if groups is not None:
        found += [
            f"{FILE}::{path}: {group} is no group; correct it or add it to vocabulary.toml"
            for path, group in _groups(tables)
            if group not in groups
        ]
    return found


def conditions(tables: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(path, condition) of every condition of the file."""
    for table, member in (("criterion", "when"), ("row", "evidence"), ("advice", "when")):
        for index, entry in enumerate(tables[table]):
            if member in entry:
                yield f"{table}[{index}].{member}", entry[member]


def _repeated(tables: Mapping[str, Any]) -> Iterator[str]:
    for table in ("item", "criterion", "row", "pathway", "advice"):
        seen: set[str] = set()
        for index, entry in enumerate(tables[table]):
            if entry["id"] in seen:
                yield f"{FILE}::{table}[{index}].id: {entry['id']} stands twice; keep one"
            seen.add(entry["id"])


def _references(tables: Mapping[str, Any]) -> Iterator[str]:
    criteria = {entry["id"] for entry in tables["criterion"]}
    rows = {entry["id"] for entry in tables["row"]}

    def unknown(path: str, names: list[str], known: Collection[str], table: str) -> Iterator[str]:
        for name in names:
            if name and name not in known:
                yield f"{FILE}::{path}: {name} is no {table}; correct it or add a [[{table}]]"

    for index, entry in enumerate(tables["criterion"]):
        yield from unknown(f"criterion[{index}].row", [entry.get("row", "")], rows, "row")
        yield from unknown(f"criterion[{index}].opens", entry.get("opens", []), criteria, "criterion")
    for index, entry in enumerate(tables["row"]):
        yield from unknown(f"row[{index}].opens", entry.get("opens", []), criteria, "criterion")
    for index, entry in enumerate(tables["pathway"]):
        path = f"pathway[{index}]"
        yield from unknown(f"{path}.criteria", entry["criteria"], criteria, "criterion")
        yield from unknown(f"{path}.rows", entry["rows"], rows, "row")
        for member in ("scope", "gate"):
            yield from unknown(f"{path}.{member}", [entry.get(member, "")], criteria, "criterion")
        for member in ("fallback", "stake", "denial", "unfit"):
            yield from unknown(f"{path}.{member}", [entry.get(member, "")], rows, "row")
        yield from _questions(f"{path}.asks", entry.get("asks", []), tables)
    for index, entry in enumerate(tables["item"]):
        yield from _questions(f"item[{index}].id", [entry["id"]], tables)
    yield from _questions("reasons.asks", tables["reasons"]["asks"], tables)
    yield from _questions("reasons.item", [tables["reasons"]["item"]], tables)
    for group, item in tables["signs"].items():
        yield from _questions(f"signs.{group}", [item], tables)


def _questions(path: str, items: list[str], tables: Mapping[str, Any]) -> Iterator[str]:
    for item in items:
        if item not in tables["questions"]:
            yield f"{FILE}::{path}: {item} has no question; add it under [questions]"


def _bases(tables: Mapping[str, Any]) -> Iterator[str]:
    for index, entry in enumerate(tables["criterion"]):
        basis, grants = entry["basis"], entry.get("grants", "MET")
        if basis in ("C", "D") and grants == "MET":
            yield f"{FILE}::criterion[{index}].grants: basis {basis} cannot grant MET; write MET-PROV"
        if not entry.get("always") and not entry.get("candidate"):
            yield (
                f"{FILE}::criterion[{index}].candidate: nothing makes {entry['id']} a candidate; "
                "add candidate or always = true"
            )
    for index, entry in enumerate(tables["row"]):
        if "evidence" in entry and entry["basis"] not in VISIBLE:
            yield f"{FILE}::row[{index}].basis: basis {entry['basis']} cannot refuse; remove evidence"


def _condition(path: str, entry: Mapping[str, Any], tables: Mapping[str, Any]) -> Iterator[str]:
    for where, test in walk_tests(entry, path):
        known = {"days", "side"} if test.get("test") == "worn" else {"days"}
        yield from _holes(f"{where}.expect", test.get("expect", ""), known)
        yield from _holes(f"{where}.where", test.get("where", ""), {"side"})
        yield from _questions(f"{where}.asks", test.get("asks", []), tables)
        if "item" in test and "asks" not in test:
            yield from _questions(f"{where}.item", [test["item"]], tables)
    for where, node in _combinations(entry, path):
        parts = node.get("all", ()) or node.get("any", ())
        silent = [part.get("silence") == "not-met" for part in parts if "test" in part]
        refuses = ("all" in node and any(silent)) or ("any" in node and silent and all(silent))
        if refuses and path.startswith("criterion") and len(silent) == len(parts):
            yield (
                f"{FILE}::{where}: what is not documented would refuse here; "
                "leave silence out of one test, or put the test under none"
            )


def _holes(path: str, text: str, known: Collection[str]) -> Iterator[str]:
    """Holes that nothing fills."""
    words = ", ".join(f"{{{name}}}" for name in sorted(known))
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        yield f"{FILE}::{path}: the braces do not match; correct them"
        return
    for name in names:
        if name not in known:
            yield f"{FILE}::{path}: {{{name}}} is not known here; use {words}"


def _combinations(entry: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for op in OPERATORS:
        if op in entry:
            if op != "none":
                yield path, entry
            for index, part in enumerate(entry[op]):
                yield from _combinations(part, f"{path}.{op}[{index}]")


def _groups(tables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for group in tables["signs"]:
        yield f"signs.{group}", group
    for member in ("symptoms", "unspecific"):
        yield from ((f"reasons.{member}", group) for group in tables["reasons"][member])
    for index, entry in enumerate(tables["item"]):
        named = entry.get("not_for", {}).get("reasons", ())
        yield from ((f"item[{index}].not_for.reasons", group) for group in named)
    for table in ("criterion", "row", "pathway", "laterality", "located"):
        for index, entry in enumerate(tables[table]):
            candidate = entry.get("candidate", {})
            for member, names in (
                ("candidate.reasons", candidate.get("reasons", ())),
                ("candidate.facts", candidate.get("facts", ())),
                ("candidate.covers", candidate.get("covers", ())),
                ("reasons", entry.get("reasons", ())),
                ("asks_only", entry.get("asks_only", ())),
                ("joins", entry.get("joins", ())),
                ("groups", entry.get("groups", ())),
            ):
                yield from ((f"{table}[{index}].{member}", group) for group in names)
    for path, condition in conditions(tables):
        for where, test in walk_tests(condition, path):
            for member in _GROUP_LISTS:
                yield from ((f"{where}.{member}", group) for group in test.get(member, ()))
