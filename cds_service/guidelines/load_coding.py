"""codes.toml, patterns.toml and maxima.toml (already checked by schema) -> CodingRules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cds_service.core.coding import (
    Code,
    CodeTable,
    CodingRules,
    Maxima,
    MaximaRow,
    Pattern,
    Patterns,
    Words,
)


def load_coding(codes: dict[str, Any], patterns: dict[str, Any], maxima: dict[str, Any]) -> CodingRules:
    """Raises KeyError / StopIteration only when a role has no code; :func:`problems` names that
    beforehand.
    """
    return CodingRules(table=_table(codes), patterns=_patterns(patterns), maxima=_maxima(maxima))


def problems(codes: dict[str, Any], patterns: dict[str, Any]) -> list[str]:
    """Mistakes a schema cannot see, as ``file::path: what, and what to do``."""
    found = []
    seen: set[str] = set()
    for index, row in enumerate(codes["code"]):
        if row["code"] in seen:
            found.append(f"codes.toml::code[{index}].code: {row['code']} stands twice; keep one")
        seen.add(row["code"])
    ids: set[str] = set()
    for index, row in enumerate(patterns["pattern"]):
        if row["id"] in ids:
            found.append(f"patterns.toml::pattern[{index}].id: {row['id']} stands twice; keep one")
        ids.add(row["id"])
        if row.get("code") and row["code"] not in seen:
            found.append(
                f"patterns.toml::pattern[{index}].code: {row['code']} is not in codes.toml; add it there"
            )
    return found


def _table(tables: dict[str, Any]) -> CodeTable:
    codes = {row["code"]: Code(**row) for row in tables["code"]}
    by_family: dict[str, list[Code]] = {}
    for code in codes.values():
        by_family.setdefault(code.family, []).append(code)

    def only(family: str, *, complete: bool = False) -> Code:
        return next(code for code in by_family[family] if code.complete == complete)

    negations = tables["negations"]
    return CodeTable(
        codes=codes,
        alone={code.limbs: code for code in by_family["limb-alone"]},
        conduction={code.level: code for code in by_family["conduction"]},
        cranial={code.sides: code for code in by_family["cranial-alone"]},
        by_region={code.region: code for code in codes.values() if code.region},
        addon_complete=only("limb-addon", complete=True),
        addon_limited=only("limb-addon"),
        addon_site=only("site-addon"),
        limited_alone=only("limited-alone"),
        thoracic_alone=only("thoracic-alone"),
        array=only("array"),
        junction=only("junction"),
        single_fibre=only("single-fibre"),
        by_family={family: tuple(found) for family, found in by_family.items()},
        per_level=tables["conduction_levels"]["per_level"],
        complete_muscles=tables["complete_muscles"],
        concepts={(row["system"], row["code"]): row["kind"] for row in tables["concept"]},
        words={name: words(phrases, negations) for name, phrases in tables["words"].items()},
        muscles=words(tables["muscles"], negations),
        nerves=words(tables["nerves"], negations),
        cpt_system=tables["cpt_system"],
        hcpcs_system=tables["hcpcs_system"],
        edition=tables["edition"],
    )


def words(phrases: Iterable[str], negations: Iterable[str]) -> Words:
    """One pattern for all phrases, longest first, on word boundaries and not right behind a negation."""
    longest_first = sorted(phrases, key=len, reverse=True)
    behind = "".join(rf"(?<!\b{re.escape(word)}\s)" for word in negations)
    either = "|".join(re.escape(phrase) for phrase in longest_first)
    return Words(re.compile(rf"{behind}(?<![\w-])(?:{either})(?!\w)"))


def _patterns(tables: dict[str, Any]) -> Patterns:
    rows = [
        Pattern(
            **{
                **row,
                "asks": tuple(row.get("asks", ())),
                "groups": frozenset(row.get("groups", ())),
            }
        )
        for row in tables["pattern"]
    ]
    return Patterns(
        by_id={row.id: row for row in rows},
        by_rule={(row.rule, row.code): row for row in rows},
        edition=tables["edition"],
    )


def _maxima(tables: Mapping[str, Any]) -> Maxima:
    return Maxima(
        rows=tuple(
            MaximaRow(
                id=row["id"],
                label=row["label"],
                reasons=frozenset(row["reasons"]),
                emg_limbs=row["emg_limbs"],
                studies=row["studies"],
                junction=row.get("junction", 0),
                with_groups=frozenset(row.get("with", ())),
                both_sides=row.get("sides") == "both",
                limbs_at_most=row.get("limbs_at_most", 0),
            )
            for row in tables["row"]
        ),
        far=tables["far"],
        edition=tables["edition"],
        basis=tables["basis"],
        source=tables["source"],
    )
