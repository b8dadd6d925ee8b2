"""The folder of one guideline -> Knowledge: every file read, checked by its schema, and turned into core
types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    return build(read(roots))


def build(tables: dict[str, dict[str, Any]]) -> Knowledge:
    """Knowledge from files already read; raises ContentError naming every mistake across them."""
    wrong = problems(tables)
    if wrong:
        raise ContentError(wrong)
    icd10 = load_diagnoses.load_icd10(tables["icd10cm"])
    vocabulary = load_vocabulary.load_vocabulary(tables, icd10.children)
    labels = {group.id: group.label for group in vocabulary.groups.values()}
    identity = tables["guideline"]
    payers = payers_of(tables["payers"]["payer"])
    return Knowledge(
        guideline=Guideline(**{**identity, "unknown": tuple(identity["unknown"])}),
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


def read(roots: Roots) -> dict[str, dict[str, Any]]:
    """Every file by its name without ending; raises ContentError for what breaks its schema."""
    folder = roots.guidelines / GUIDELINE
    tables: dict[str, dict[str, Any]] = {}
    wrong: list[str] = []
    for name in _FILES:
        path = folder / name
        try:
            tables[path.stem] = _read(path, roots.guidelines / "schema", roots.name(path))
        except ContentError as error:
            wrong.extend(error.problems)
    if wrong:
        raise ContentError(wrong)
    return tables


def problems(tables: dict[str, dict[str, Any]]) -> list[str]:
    """Mistakes across files that no schema sees."""
    groups = {row["id"] for row in tables["vocabulary"]["group"]}
    icd10 = load_diagnoses.load_icd10(tables["icd10cm"])
    return [
        *load_coding.problems(tables["codes"], tables["patterns"]),
        *load_vocabulary.problems(tables["vocabulary"], tables["sites"], tables["observations"]),
        *check_criteria.problems(tables["criteria"], groups),
        *load_diagnoses.problems(tables["diagnoses"], icd10),
        *_unknown_groups(tables, groups),
        *_unknown_questions(tables),
        *_unknown_sources(tables),
    ]


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


def _unknown_groups(tables: dict[str, dict[str, Any]], groups: set[str]) -> list[str]:
    found: list[str] = []
    for file, rows, keys in (("patterns", "pattern", ("groups",)), ("maxima", "row", ("reasons", "with"))):
        for index, row in enumerate(tables[file][rows]):
            for key in keys:
                found.extend(
                    f"{file}.toml::{rows}[{index}].{key}: {group} is no group; add it to vocabulary.toml"
                    for group in row.get(key, ())
                    if group not in groups
                )
    return found


def _unknown_questions(tables: dict[str, dict[str, Any]]) -> list[str]:
    known = set(_link_ids(tables["questionnaire"]))
    return [
        f"patterns.toml::pattern[{index}].asks: {item} is no linkId; add it to questionnaire.json"
        for index, row in enumerate(tables["patterns"]["pattern"])
        for item in row.get("asks", ())
        if item not in known
    ]


def _link_ids(holder: Mapping[str, Any]) -> Iterator[str]:
    for item in holder.get("item", ()):
        yield item["linkId"]
        yield from _link_ids(item)


def _unknown_sources(tables: dict[str, dict[str, Any]]) -> list[str]:
    """Cards name the sources of patterns in words, so every tag of theirs needs some."""
    known = tables["guideline"]["sources"]
    return [
        f"patterns.toml::pattern[{index}].source: {tag} is no source; correct it or add it to guideline.toml"
        for index, row in enumerate(tables["patterns"]["pattern"])
        for tag in row["source"].split(", ")
        if tag not in known
    ]


def _read(path: Path, schema_folder: Path, name: str) -> dict[str, Any]:
    read = schemas.read_toml if path.suffix == ".toml" else schemas.read_json
    document: dict[str, Any] = read(path, file=name)
    schema = schema_folder / f"{path.stem}.schema.json"
    if schema.exists():
        _schema(schema).check(document, file=name)
    return document


@lru_cache(maxsize=32)
def _schema(path: Path) -> schemas.Schema:
    return schemas.load(path)
