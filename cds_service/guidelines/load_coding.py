"""codes.toml, patterns.toml and maxima.toml (already checked by schema) -> CodingRules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cds_service.core.coding import (
    Code,
    CodeTable,
    CodingRules,
    Maxima,
    MaximaRow,
    Pattern,
    Patterns,
)
from cds_service.guidelines import load_words


def load_coding(
    codes: dict[str, Any], patterns: dict[str, Any], maxima: dict[str, Any], modifiers: Iterable[str]
) -> CodingRules:
    """Raises KeyError / StopIteration only when a role has no code; :func:`problems` names that
    beforehand.
    """
    return CodingRules(
        table=_table(codes, frozenset(modifiers)), patterns=_patterns(patterns), maxima=_maxima(maxima)
    )


def problems(codes: dict[str, Any], patterns: dict[str, Any]) -> list[str]:
    """Mistakes a schema cannot see, as ``file::path: what, and what to do``."""
    found = load_words.problems(codes)
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
    return [*found, *_roles(codes["code"])]


# What the engine takes one code each of: (family, the member that tells them apart, its values).
_EACH = (
    ("limb-alone", "limbs", (1, 2, 3, 4)),
    ("cranial-alone", "sides", (1, 2)),
    ("conduction", "level", ()),
)
_ONE = ("site-addon", "limited-alone", "thoracic-alone", "array", "junction", "single-fibre")


def _roles(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Codes that the engine needs and the file lacks."""
    by_family: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_family.setdefault(row["family"], []).append(row)
    for family, member, values in _EACH:
        given = [row.get(member, 0) for row in by_family.get(family, ())]
        wanted = values or tuple(range(1, len(given) + 1))
        if sorted(given) != list(wanted):
            has, words = (", ".join(map(str, numbers)) for numbers in (sorted(given), wanted))
            yield (
                f"codes.toml::code: the codes of family {family} have {member} {has or 'none'}; "
                f"write one each for {words}"
            )
    for family in _ONE:
        if family not in by_family:
            yield f"codes.toml::code: no code is of family {family}; add it"
    for complete, words in ((True, "with complete = true"), (False, "without complete")):
        if not any(row.get("complete", False) == complete for row in by_family.get("limb-addon", ())):
            yield f"codes.toml::code: no code of family limb-addon is {words}; add it"


def _table(tables: dict[str, Any], modifiers: frozenset[str]) -> CodeTable:
    codes = {
        row["code"]: Code(**{**row, "named_by": tuple(row.get("named_by", ()))}) for row in tables["code"]
    }
    by_family: dict[str, list[Code]] = {}
    for code in codes.values():
        by_family.setdefault(code.family, []).append(code)

    def only(family: str, *, complete: bool = False) -> Code:
        return next(code for code in by_family[family] if code.complete == complete)

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
        words=load_words.load_words(tables),
        general=frozenset(tables["general_words"]),
        asides=load_words.load_asides(tables),
        tests=load_words.load_roster(tables, "tests"),
        limited=load_words.load_roster(tables, "limited"),
        muscles=load_words.load_roster(tables, "muscles"),
        nerves=load_words.load_roster(tables, "nerves"),
        paraspinals=load_words.load_roster(tables, "paraspinals"),
        modifiers=modifiers,
        cpt_system=tables["cpt_system"],
        hcpcs_system=tables["hcpcs_system"],
        edition=tables["edition"],
    )


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
