"""Mistakes in the data of a guideline that do no harm until they are met: only authors look for them.

As ``file::path: what, and what to do``, the file without its folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from cds_service.core.vocabulary import ICD10CM
from cds_service.guidelines.check_criteria import conditions
from cds_service.guidelines.load import Tables, link_ids
from cds_service.guidelines.load_criteria import walk_tests
from cds_service.guidelines.load_vocabulary import SYSTEMS
from cds_service.guidelines.mechanisms import MECHANISMS, PER_CODE

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# A tag that has a number in it is one whatever stands around it; others are words that sources are made of.
_TAG = re.compile(r"(?<![\w.-])[A-Z]+-?[0-9]+(?![\w.])")
_STEM_KEYS = frozenset(
    {"stems", "drop", "keep", "one", "other", "codes", "choices", "fix", "default", "icd10", "not_icd10"}
)
_ICD10_CODE = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{0,4})?-?")


def problems(tables: Tables) -> list[str]:
    """Every mistake, as far as the files it concerns are there."""
    return [line for names, check in _CHECKS if tables.keys() >= set(names) for line in check(tables)]


def strings(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of every text of a table, at any depth."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from strings(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from strings(inner, f"{path}[{index}]")


def is_no_date(text: str) -> bool:
    """Whether a text is written like a date and is none."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return True
    return False


def _dates(tables: Tables) -> Iterator[str]:
    for name, table in tables.items():
        for path, text in strings(table):
            if is_no_date(text):
                yield f"{file_of(name)}::{path}: {text} is no date; write one like 2026-11-20"


def file_of(name: str) -> str:
    """The file of a table."""
    return f"{name}.json" if name in ("icd10cm", "questionnaire") else f"{name}.toml"


def _sources(tables: Tables) -> Iterator[str]:
    """Every entry with a basis says where it comes from, by tags of guideline.toml among other words."""
    known = tables["guideline"]["sources"]
    for index, tag in enumerate(tables["guideline"]["on_cards"]):
        if tag not in known:
            yield f"guideline.toml::on_cards[{index}]: {tag} is no source; correct it or add it to sources"
    anyone = re.compile("|".join(rf"(?<![\w-]){re.escape(tag)}(?![\w-])" for tag in known))
    for name, table in tables.items():
        if name == "patterns":
            continue
        for path, entry in _sourced(table):
            source, where = entry["source"], f"{name}.toml::{path}.source"
            for tag in source if isinstance(source, list) else _TAG.findall(source):
                if tag not in known:
                    yield f"{where}: {tag} is no source; correct it or add it to guideline.toml"
            if isinstance(source, str) and "basis" in entry and not anyone.search(source):
                yield f"{where}: names no source; name one of guideline.toml"


def _sourced(value: object, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        if isinstance(value.get("source"), str | list):
            yield path or "$", value
        for name, inner in value.items():
            yield from _sourced(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _sourced(inner, f"{path}[{index}]")


def _stems(tables: Tables) -> Iterator[str]:
    """Codes and stems that match nothing in the release, but for chapters it was taken without."""
    release = tables["icd10cm"]["codes"]
    begun = {code[:length] for code in release for length in range(3, len(code) + 1)}
    left_out = tuple(tables["diagnoses"]["catalogue"]["leave_out"])
    for name in ("diagnoses", "vocabulary", "sites"):
        for path, code in strings(tables.get(name, {})):
            keys = re.findall(r"[a-z_0-9]+(?=[.\[]|$)", path)
            if not _STEM_KEYS.intersection(keys) or not _ICD10_CODE.fullmatch(code):
                continue
            if code.removesuffix("-").removesuffix(".") in begun:
                continue
            if name == "diagnoses" or not code.startswith(left_out):
                yield (
                    f"{name}.toml::{path}: {code} matches no code of the release; correct it, "
                    "or run python -m cds_service.guidelines.extract_icd10 --write"
                )


def _questions(tables: Tables) -> Iterator[str]:
    """Questions that the form cannot answer."""
    criteria, known = tables["criteria"], set(link_ids(tables["questionnaire"]))
    asked = {f"questions.{item}": item for item in criteria["questions"]}
    asked["sides.item"] = criteria["sides"]["item"]
    for path, condition in conditions(criteria):
        for where, test in walk_tests(condition, path):
            asked |= {f"{where}.{name}": test[name] for name in ("item", "side_item") if name in test}
    # The order itself answers what its reason is.
    known.add(criteria["reasons"]["item"])
    for path, item in asked.items():
        if item not in known:
            yield f"criteria.toml::{path}: {item} is no linkId; add it to questionnaire.json"


def _repeated_items(tables: Tables) -> Iterator[str]:
    seen: set[str] = set()
    for item in link_ids(tables["questionnaire"]):
        if item in seen:
            yield f"questionnaire.json::item: linkId {item} stands twice; give each item its own"
        seen.add(item)


def _payers(tables: Tables) -> Iterator[str]:
    seen: dict[str, int] = {}
    for index, row in enumerate(tables["payers"]["payer"]):
        for member in ("words", "identifiers"):
            for word in row.get(member, ()):
                if word in seen:
                    yield (
                        f"payers.toml::payer[{index}].{member}: {word} stands in payer[{seen[word]}] too; "
                        "keep it in one place"
                    )
                seen.setdefault(word, index)


def _rules(tables: Tables) -> Iterator[str]:
    """Mechanisms that the engine does not have, and those of the engine without a pattern."""
    patterns = tables["patterns"]["pattern"]
    for index, row in enumerate(patterns):
        if row["rule"] not in MECHANISMS:
            yield (
                f"patterns.toml::pattern[{index}].rule: {row['rule']} is no mechanism of the engine; "
                f"use one of {', '.join(sorted(MECHANISMS))}"
            )
    wanted = [(rule, "") for rule in sorted(MECHANISMS - PER_CODE.keys())]
    for rule, family in PER_CODE.items():
        wanted += [
            (rule, row["code"])
            for row in tables["codes"]["code"]
            if row["family"] == family and row.get("current", True)
        ]
    given = {(row["rule"], row.get("code", "")) for row in patterns}
    for rule, code in wanted:
        if (rule, code) not in given:
            yield f"patterns.toml::pattern: none has rule {rule}{f' and code {code}' * bool(code)}; add one"


def _systems(tables: Tables) -> Iterator[str]:
    for system in (*SYSTEMS.values(), ICD10CM):
        if system not in tables["vocabulary"]["systems"]:
            yield f"vocabulary.toml::systems: {system} is missing; add it"


# The files a check looks at, and the check.
_CHECKS: tuple[tuple[tuple[str, ...], Callable[[Tables], Iterable[str]]], ...] = (
    ((), _dates),
    (("guideline",), _sources),
    (("icd10cm", "diagnoses"), _stems),
    (("criteria", "questionnaire"), _questions),
    (("questionnaire",), _repeated_items),
    (("payers",), _payers),
    (("patterns", "codes"), _rules),
    (("vocabulary",), _systems),
)
