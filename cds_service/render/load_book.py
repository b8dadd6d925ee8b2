"""The card files of a guideline -> Book: read, checked by their schemas, every text compiled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from cds_service import schemas
from cds_service.content import Roots
from cds_service.errors import ContentError
from cds_service.render.book import (
    CODING_NAMES,
    DETERMINATION_NAMES,
    DIAGNOSIS_NAMES,
    FACT_NAMES,
    LABEL_NAMES,
    NOTICE_NAMES,
    PHRASE_NAMES,
    Book,
    CodingCard,
    DeterminationCard,
    NoticeCard,
    OverrideReason,
)
from cds_service.wording import Texts

Table = Mapping[str, Any]

# The sections of labels.toml that stand in `detail`; the others are plain text.
MARKDOWN = ("detail", "words")


def load(roots: Roots, guideline: str, patterns: Collection[str]) -> Book:
    """The book of a guideline; ``patterns``: those that need wording.

    Raises:
        ContentError: names every file that breaks its schema, else every text that cannot be filled and
            every pattern without wording.
    """
    tables, problems = read_each(roots, guideline)
    fields: dict[str, Any] = {}
    if not problems:
        fields, problems = _read(tables, patterns, folder_of(roots, guideline))
    if problems:
        raise ContentError(problems)
    return Book(**fields)


def read_each(roots: Roots, guideline: str) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The card files of a guideline that can be read, and what is wrong with the others."""
    tables: dict[str, dict[str, Any]] = {}
    wrong: list[str] = []
    for name in _PARTS:
        path = roots.cards / guideline / f"{name}.toml"
        schema = roots.cards / "schema" / f"{name}.schema.json"
        try:
            table = schemas.read_toml(path, file=roots.name(path))
            schemas.load(schema, file=roots.name(schema)).check(table, file=roots.name(path))
            tables[name] = table
        except ContentError as error:
            wrong.extend(error.problems)
    return tables, wrong


def problems_of(tables: Mapping[str, Table], patterns: Collection[str] | None, folder: str) -> list[str]:
    """What is wrong with those files that are there; ``patterns`` ``None``: which exist is not known."""
    return _read(tables, patterns, folder)[1]


def folder_of(roots: Roots, guideline: str) -> str:
    """The folder of the card files, as messages name it."""
    return roots.name(roots.cards / guideline)


def _read(
    tables: Mapping[str, Table], patterns: Collection[str] | None, folder: str
) -> tuple[dict[str, Any], list[str]]:
    """The fields of the book, as far as their files are there, and what is wrong with those."""
    fields: dict[str, Any] = {}
    problems: list[str] = []
    for name, part in _PARTS.items():
        if name in tables:
            fields |= part(tables[name], Texts(f"{folder}/{name}.toml", problems))
    if "coding" in fields and patterns is not None:
        problems += _unworded(tables["corrections"], patterns, f"{folder}/corrections.toml")
    return fields, problems


def _corrections(table: Table, texts: Texts) -> dict[str, Any]:
    coding: dict[str, CodingCard] = {}
    for index, card in enumerate(table["card"]):
        where = f"card[{index}]"
        built = CodingCard(
            summary=texts(card["summary"], CODING_NAMES, f"{where}.summary", plain=True),
            point=texts(card["point"], CODING_NAMES, f"{where}.point"),
            why=texts(card["why"], CODING_NAMES, f"{where}.why") if "why" in card else None,
            indicator=card["indicator"],
            rank=card["rank"],
        )
        for pattern in card["patterns"]:
            if pattern in coding:
                texts.wrong(f"{where}.patterns", f"{pattern} has a card already; name it on one card")
            coding[pattern] = built
    return {"coding": coding}


def _unworded(table: Table, patterns: Collection[str], file: str) -> Iterator[str]:
    worded = set()
    for index, card in enumerate(table["card"]):
        worded.update(card["patterns"])
        for pattern in card["patterns"]:
            if pattern not in patterns:
                where = f"{file}::card[{index}].patterns"
                yield f"{where}: {pattern} is no pattern; correct it or add it to patterns.toml"
    for pattern in sorted(set(patterns) - worded):
        yield f"{file}::card: {pattern} has no wording; add a card"


def _labels(table: Table, texts: Texts) -> dict[str, Any]:
    return {
        "labels": {
            section: {
                name: texts(text, _names_in(text), f"{section}.{name}", plain=section not in MARKDOWN)
                for name, text in named.items()
            }
            for section, named in table.items()
        }
    }


def _determinations(table: Table, texts: Texts) -> dict[str, Any]:
    return {
        "determinations": tuple(
            _determination(card, texts, f"card[{index}]") for index, card in enumerate(table["card"])
        ),
        "phrases": {
            name: texts(text, PHRASE_NAMES.get(name, ()), f"phrases.{name}")
            for name, text in table["phrases"].items()
        },
        "facts": {name: texts(text, FACT_NAMES, f"facts.{name}") for name, text in table["facts"].items()},
    }


def _determination(card: Mapping[str, Any], texts: Texts, where: str) -> DeterminationCard:
    summary, lead = card.get("summary"), card.get("lead")
    return DeterminationCard(
        result=card["result"],
        row=card.get("row", ""),
        pathway=card.get("pathway", ""),
        criterion=card.get("criterion", ""),
        silent=card.get("silent", False),
        indicator=card.get("indicator", "info"),
        summary=None
        if summary is None
        else texts(summary, DETERMINATION_NAMES, f"{where}.summary", plain=True),
        lead=None if lead is None else texts(lead, DETERMINATION_NAMES, f"{where}.lead"),
    )


def _notices(table: Table, texts: Texts) -> dict[str, Any]:
    _once(table["card"], "id", "card", texts)
    return {
        "notices": {
            card["id"]: NoticeCard(
                card["indicator"],
                texts(card["summary"], NOTICE_NAMES, f"card[{index}].summary", plain=True),
                texts(card["detail"], NOTICE_NAMES, f"card[{index}].detail"),
                card.get("section", ""),
            )
            for index, card in enumerate(table["card"])
        }
    }


def _reasons(table: Table, texts: Texts) -> dict[str, Any]:
    _once(table["reason"], "code", "reason", texts)
    return {
        "reasons": tuple(
            OverrideReason(
                {"code": reason["code"], "system": table["system"], "display": reason["display"]},
                frozenset(reason["for"]),
            )
            for reason in table["reason"]
        )
    }


def _diagnoses(table: Table, texts: Texts) -> dict[str, Any]:
    return {
        "diagnoses": {
            key: {
                "summary": texts(card["summary"], DIAGNOSIS_NAMES, f"{name}.summary", plain=True),
                "point": texts(card["point"], DIAGNOSIS_NAMES, f"{name}.point"),
                "why": texts(card["why"], DIAGNOSIS_NAMES, f"{name}.why") if "why" in card else None,
                "indicator": card["indicator"],
            }
            for name, card in table.items()
            for key in (name, *card.get("rows", ()))
        }
    }


def _once(entries: Iterable[Table], key: str, name: str, texts: Texts) -> None:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if entry[key] in seen:
            texts.wrong(f"{name}[{index}].{key}", f"{entry[key]} stands twice; keep one")
        seen.add(entry[key])


_PARTS: Mapping[str, Callable[[Table, Texts], dict[str, Any]]] = {
    "corrections": _corrections,
    "labels": _labels,
    "determinations": _determinations,
    "notices": _notices,
    "reasons": _reasons,
    "diagnoses": _diagnoses,
}


def _names_in(text: str) -> frozenset[str]:
    """Labels are filled by the renderer alone, which gives each its own names."""
    return LABEL_NAMES if "{" in text else frozenset()
