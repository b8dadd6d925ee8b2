"""sites.toml (already checked by schema) -> body sites by code and by word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cds_service.core.case import Side, Site
from cds_service.core.phrases import PhraseIndex
from cds_service.core.place import BOTH, CodedSite, SiteRules, Term

Table = Mapping[str, Any]


def stem_of(code: str) -> str:
    """The stem of an ICD-10-CM entry: what stands before "-"."""
    return code.removesuffix("-").removesuffix(".")


def _sides(word: str) -> tuple[Side, ...]:
    if word == "both":
        return BOTH
    return ("right",) if word == "right" else ("left",)


def _site(row: Table) -> Site:
    side = row.get("side", "")
    return Site(row["region"], _sides(side)[0] if side else "")


def coded_sites(table: Table) -> dict[str, tuple[Site, ...]]:
    """SNOMED body structure -> its sites."""
    return {code: (_site(row),) for row in table["site"] for code in row["snomed"]}


def site_rules(table: Table) -> SiteRules:
    """What words, qualifiers and ICD-10-CM codes say about sites."""
    return SiteRules(
        terms=PhraseIndex.of(_terms(table)),
        laterality={
            code: _sides(side) for side, codes in table["laterality"]["snomed"].items() for code in codes
        },
        sided=frozenset(table["sided"]),
        coarse=frozenset(table["coarse"]),
        coded={
            stem_of(code): CodedSite(
                region=row["region"],
                character=row.get("character", 0),
                sides={digit: _sides(side) for digit, side in row.get("sides", {}).items()},
            )
            for row in table["coded"]
            for code in row["icd10"]
        },
    )


def _terms(table: Table) -> Iterator[tuple[str, Term]]:
    for row in table["phrase"]:
        for word in row["words"]:
            yield word, Term("sites", sites=tuple(_site(site) for site in row["sites"]))
    for row in table["region"]:
        for word in row["words"]:
            yield word, Term("regions", regions=(row["id"],))
    for row in table["together"]:
        for word in row["words"]:
            yield word, Term("regions", regions=tuple(row["regions"]))
    for side, words in table["laterality"]["words"].items():
        for word in words:
            yield word, Term("sides", sides=_sides(side))
