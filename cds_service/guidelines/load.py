"""The folder of one guideline -> Knowledge: every file read, checked by its schema, and turned into core
types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from cds_service import schemas
from cds_service.content import Roots
from cds_service.core.coverage import Payers
from cds_service.core.guideline import Guideline, Knowledge
from cds_service.errors import ContentError
from cds_service.guidelines import check_criteria, load_coding, load_diagnoses, load_vocabulary
from cds_service.guidelines.load_coding import load_coding as coding_of
from cds_service.guidelines.load_criteria import load_criteria

GUIDELINE = "cg-med-24"
Tables = dict[str, dict[str, Any]]
_FILES = (
    "guideline.toml",
    "codes.toml",
    "patterns.toml",
    "maxima.toml",
    "criteria.toml",
    "vocabulary.toml",
    "sites.toml",
    "observations.toml",
    "diagnoses.toml",
    "icd10cm.json",
    "questionnaire.json",
    "payers.toml",
)


def load(roots: Roots) -> Knowledge:
    """Raises ContentError naming every mistake of every file."""
    return build(read(roots), folder_of(roots))


def build(tables: Tables, folder: str = GUIDELINE) -> Knowledge:
    """Knowledge from files already read; raises ContentError naming every mistake across them.

    ``folder``: how messages name that of the files.
    """
    wrong = [f"{folder}/{line}" for line in problems(tables)]
    if wrong:
        raise ContentError(wrong)
    icd10 = load_diagnoses.load_icd10(tables["icd10cm"])
    vocabulary = load_vocabulary.load_vocabulary(tables, icd10.children)
    labels = {group.id: group.label for group in vocabulary.groups.values()}
    identity = tables["guideline"]
    payers = payers_of(tables["payers"]["payer"])
    return Knowledge(
        guideline=Guideline(
            **{
                **identity,
                "unknown": tuple(identity["unknown"]),
                "own": frozenset(identity["own"]),
                "on_cards": frozenset(identity["on_cards"]),
            }
        ),
        coding=coding_of(
            tables["codes"], tables["patterns"], tables["maxima"], tables["vocabulary"]["modifiers"]
        ),
        criteria=load_criteria(tables["criteria"], labels, payers),
        diagnoses=load_diagnoses.load_diagnoses(tables["diagnoses"], icd10),
        icd10=icd10,
        vocabulary=vocabulary,
        questionnaire=tables["questionnaire"],
        payers=payers,
    )


def folder_of(roots: Roots) -> str:
    """The folder of the files, as messages name it."""
    return roots.name(roots.guidelines / GUIDELINE)


def read(roots: Roots) -> Tables:
    """Every file by its name without ending; raises ContentError for what breaks its schema."""
    tables, wrong = read_each(roots)
    if wrong:
        raise ContentError(wrong)
    return tables


def read_each(roots: Roots) -> tuple[Tables, list[str]]:
    """The files that can be read, and what is wrong with the others."""
    folder, schemas_of = roots.guidelines / GUIDELINE, roots.guidelines / "schema"
    tables: Tables = {}
    wrong: list[str] = []
    for name in _FILES:
        path = folder / name
        try:
            tables[path.stem] = _read(path, schemas_of / f"{path.stem}.schema.json", roots)
        except ContentError as error:
            wrong.extend(error.problems)
    return tables, wrong


def problems(tables: Tables) -> list[str]:
    """Mistakes across files that no schema sees, as far as the files they concern are there."""
    return [line for names, check in _CHECKS if tables.keys() >= set(names) for line in check(tables)]


def payers_of(rows: list[dict[str, Any]]) -> Payers:
    """The entries of payers.toml."""
    return Payers(
        words=tuple(word for row in rows for word in row["words"]),
        plan=tuple(word for row in rows if row["plan"] for word in row["words"]),
        identifiers=frozenset(each for row in rows for each in row.get("identifiers", ())),
        plan_identifiers=frozenset(
            each for row in rows if row["plan"] for each in row.get("identifiers", ())
        ),
    )


def link_ids(holder: Mapping[str, Any]) -> Iterator[str]:
    """The linkIds of a questionnaire, at any depth."""
    for item in holder.get("item", ()):
        yield item["linkId"]
        yield from link_ids(item)


def _unknown_groups(tables: Tables) -> Iterator[str]:
    groups = _group_ids(tables)
    for file, rows, keys in (("patterns", "pattern", ("groups",)), ("maxima", "row", ("reasons", "with"))):
        for index, row in enumerate(tables[file][rows]):
            for key in keys:
                yield from (
                    f"{file}.toml::{rows}[{index}].{key}: {group} is no group; add it to vocabulary.toml"
                    for group in row.get(key, ())
                    if group not in groups
                )


def _unknown_questions(tables: Tables) -> Iterator[str]:
    known = set(link_ids(tables["questionnaire"]))
    for index, row in enumerate(tables["patterns"]["pattern"]):
        yield from (
            f"patterns.toml::pattern[{index}].asks: {item} is no linkId; add it to questionnaire.json"
            for item in row.get("asks", ())
            if item not in known
        )


def _unknown_sources(tables: Tables) -> Iterator[str]:
    """Cards name the sources of patterns in words, so every tag of theirs needs some."""
    known = tables["guideline"]["sources"]
    for index, row in enumerate(tables["patterns"]["pattern"]):
        yield from (
            f"patterns.toml::pattern[{index}].source: {tag} is no source; "
            "correct it or add it to guideline.toml"
            for tag in row["source"].split(", ")
            if tag not in known
        )


def _group_ids(tables: Tables) -> set[str]:
    return {row["id"] for row in tables["vocabulary"]["group"]}


# The files a check looks at, and the check.
_CHECKS: tuple[tuple[tuple[str, ...], Callable[[Tables], Iterable[str]]], ...] = (
    (("codes", "patterns"), lambda tables: load_coding.problems(tables["codes"], tables["patterns"])),
    (
        ("vocabulary", "sites", "observations"),
        lambda tables: load_vocabulary.problems(
            tables["vocabulary"], tables["sites"], tables["observations"]
        ),
    ),
    (
        ("criteria", "vocabulary"),
        lambda tables: check_criteria.problems(tables["criteria"], _group_ids(tables)),
    ),
    (
        ("diagnoses", "icd10cm"),
        lambda tables: load_diagnoses.problems(
            tables["diagnoses"], load_diagnoses.load_icd10(tables["icd10cm"])
        ),
    ),
    (("patterns", "maxima", "vocabulary"), _unknown_groups),
    (("patterns", "questionnaire"), _unknown_questions),
    (("patterns", "guideline"), _unknown_sources),
)


def _read(path: Path, schema: Path, roots: Roots) -> dict[str, Any]:
    file = roots.name(path)
    read = schemas.read_toml if path.suffix == ".toml" else schemas.read_json
    document: dict[str, Any] = read(path, file=file)
    if schema.exists() or path.suffix == ".toml":
        _schema(schema, roots.name(schema)).check(document, file=file)
    return document


@lru_cache(maxsize=32)
def _schema(path: Path, name: str) -> schemas.Schema:
    return schemas.load(path, file=name)
