"""icd10cm.json -> Icd10, and diagnoses.toml (both already checked by schema) -> DiagnosisRules.

Everything that depends on one code alone is worked out here, so that the engine looks each code up once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import groupby, islice, takewhile
from typing import Any

from cds_service.core.finding import Mode
from cds_service.core.icd10 import (
    BOTH,
    UNSPECIFIED,
    DiagnosisRules,
    Entry,
    HeaderRule,
    Icd10,
    Inform,
    Manifestation,
    Pair,
    Place,
    Row,
    UnlessCause,
    unfilled,
)

_CATEGORY = 3
_SIDES = ("right", "left", BOTH, UNSPECIFIED)


def load_icd10(tables: Mapping[str, Any]) -> Icd10:
    """The extract, with every header's billable codes gathered."""
    codes: Mapping[str, dict[str, Any]] = tables["codes"]
    partial = frozenset(code for code, entry in codes.items() if entry.get("partial"))

    def leaves(code: str) -> tuple[str, ...]:
        below = codes[code].get("children")
        return (code,) if below is None else tuple(leaf for child in below for leaf in leaves(child))

    return Icd10(
        release=tables["release"],
        package=tables["package"],
        ordered=tuple(sorted(codes)),
        labels={code: entry["label"] for code, entry in codes.items()},
        children={
            code: leaves(code) for code, entry in codes.items() if "children" in entry and code not in partial
        },
        partial=partial,
        seventh=frozenset(code for code, entry in codes.items() if entry.get("seventh")),
        excludes1={node: tuple(notes) for node, notes in tables["excludes1"].items()},
    )


def load_diagnoses(tables: Mapping[str, Any], icd10: Icd10) -> DiagnosisRules:
    """The rules over the codes of ``icd10``."""
    systems = tables["systems"]
    return DiagnosisRules(
        edition=tables["edition"],
        most_choices=tables["most_choices"],
        system=systems["icd10cm"],
        systems=frozenset([systems["icd10cm"], *systems["icd10cm_aliases"]]),
        retired_systems=frozenset(systems["icd9cm"]),
        rows={row["id"]: _row(row) for row in (*tables["form"], *tables["laterality"])},
        entries=_entries(tables, icd10),
        pairs=tuple(Pair(_row(row), row.get("one_side", False)) for row in tables["pair"]),
        retired={row["code"]: tuple(row["to"]) for row in tables["icd9"]},
        manifestation=_row(tables["manifestation"]),
        combination=_row({**tables["manifestation"], "why": tables["manifestation"]["why_diabetes"]}),
        absorbed=frozenset(tables["manifestation"]["absorbed"]),
        diabetes=tuple(tables["manifestation"]["diabetes"]),
        diabetes_group=tables["manifestation"]["group"],
        symptoms=tuple(tables["symptoms"]),
        unfilled=_unfilled(icd10),
    )


def problems(tables: Mapping[str, Any], icd10: Icd10) -> list[str]:
    """Mistakes a schema cannot see, as ``file::path: what, and what to do``."""
    found = []
    seen: set[str] = set()
    for table in ("form", "header", "laterality", "pair", "unless_cause", "inform"):
        for index, row in enumerate(tables[table]):
            if row["id"] in seen:
                found.append(f"diagnoses.toml::{table}[{index}].id: {row['id']} stands twice; keep one")
            seen.add(row["id"])
    for index, row in enumerate(tables["header"]):
        where = f"diagnoses.toml::header[{index}]"
        if not icd10.is_header(row["id"]):
            found.append(f"{where}.id: {row['id']} is no header of this release; remove or correct it")
        named = {row.get("default", ""), row.get("fix", ""), *row.get("words", ())} - {""}
        named |= {code for codes in row.get("first", {}).values() for code in codes}
        found += [
            f"{where}: {code} is no billable code below {row['id']}; correct it"
            for code in sorted(named - set(icd10.children.get(row["id"], ())))
        ]
    for index, row in enumerate(tables["pair"]):
        note = row.get("excludes")
        if note is not None and not any(
            note["note"] in text for text in icd10.excludes1.get(note["node"], ())
        ):
            where = f"diagnoses.toml::pair[{index}].excludes"
            found.append(f"{where}: {note['node']} has no such Excludes1 note; correct it")
    for index, row in enumerate(tables["icd9"]):
        found += [
            f"diagnoses.toml::icd9[{index}].to: {code} is no code of this release; correct it"
            for code in row["to"]
            if not icd10.is_known(code)
        ]
    return found


def _row(row: Mapping[str, Any]) -> Row:
    mode = row.get("mode", "")
    return Row(
        id=row["id"],
        mode=Mode(mode) if mode in Mode.__members__ else None,
        why=row["why"],
        basis=row["basis"],
        source=row["source"],
    )


def _entries(tables: Mapping[str, Any], icd10: Icd10) -> dict[str, Entry]:
    headers = {row["id"]: _header(row) for row in tables["header"]}
    places = _places(tables["side_family"], icd10)
    drops, keeps = _parts(tables["pair"], icd10)
    manifestations = {
        code: Manifestation(tuple(row.get("causes", ())), row.get("diabetes", ""), row["plausible"])
        for row in tables["manifestation"]["code"]
        for code in row["codes"]
    }
    unless = {code: _unless(row) for row in tables["unless_cause"] for code in row["codes"]}
    informs: dict[str, list[Inform]] = {}
    for row in tables["inform"]:
        rule = _inform(row, icd10)
        for code in _matching(row["one"], icd10):
            informs.setdefault(code, []).append(rule)
    generic = HeaderRule(next(_row(row) for row in tables["form"] if row["id"] == "header"))
    entries = {}
    for code in icd10.labels:
        header = (headers.get(code) or generic) if icd10.is_header(code) else None
        entries[code] = Entry(
            code=code,
            stem=places[code][0].stem if code in places else "",
            leaves=_unspecified_last(icd10.children.get(code, ()), places),
            header=header,
            places=places.get(code, ()),
            drops=drops.get(code, ()),
            keeps=keeps.get(code, ()),
            manifestation=manifestations.get(code),
            unless_cause=unless.get(code),
            informs=tuple(informs.get(code, ())),
            seventh=code in icd10.seventh,
            late=_is_late(code),
            quiet=header is None
            and code not in places
            and code not in drops
            and code not in keeps
            and code not in manifestations
            and code not in informs,
        )
    return entries


def _header(row: Mapping[str, Any]) -> HeaderRule:
    return HeaderRule(
        row=_row(row),
        default=row.get("default", ""),
        by_site=row.get("by_site", False),
        fix=row.get("fix", ""),
        words=tuple((phrase, code) for code, phrases in row.get("words", {}).items() for phrase in phrases),
        first={region: tuple(codes) for region, codes in row.get("first", {}).items()},
    )


def _unless(row: Mapping[str, Any]) -> UnlessCause:
    return UnlessCause(_row(row), tuple(row["causes"]), row["group"], tuple(row["choices"]))


def _inform(row: Mapping[str, Any], icd10: Icd10) -> Inform:
    return Inform(
        row=_row(row),
        other=frozenset(_matching(row.get("other", ()), icd10)),
        other_begins=tuple(row.get("other_begins", ())),
        group=row.get("group", ""),
        words=_words(row["words"], row.get("not_words", ())) if "words" in row else None,
        outpatient=row.get("outpatient", False),
    )


def _words(words: Iterable[str], not_words: Iterable[str]) -> re.Pattern[str]:
    """Finds ``words`` as a group, and ``not_words``, which take them in, without one."""
    return re.compile("|".join([*map(re.escape, not_words), f"({'|'.join(map(re.escape, words))})"]))


def _matching(stems: Iterable[str], icd10: Icd10) -> tuple[str, ...]:
    """The codes of the extract that ``stems`` stand for."""
    found: list[str] = []
    for stem in stems:
        begin = stem.removesuffix("-").removesuffix(".")
        found += _beginning(begin, icd10) if stem.endswith("-") else _known([begin], icd10)
    return tuple(found)


def _beginning(stem: str, icd10: Icd10) -> list[str]:
    """The codes that begin with ``stem``: they stand together, since the extract is sorted."""
    codes = icd10.ordered
    start = bisect_left(codes, stem)
    return list(takewhile(lambda code: code.startswith(stem), islice(codes, start, None)))


def _is_late(code: str) -> bool:
    return len(code) == 8 and code.endswith("S")


def _parts(
    rows: Iterable[Mapping[str, Any]], icd10: Icd10
) -> tuple[dict[str, tuple[tuple[int, int], ...]], dict[str, tuple[tuple[int, int], ...]]]:
    drops: dict[str, tuple[tuple[int, int], ...]] = {}
    keeps: dict[str, tuple[tuple[int, int], ...]] = {}
    for number, row in enumerate(rows):
        if row["mode"] not in Mode.__members__:
            continue
        for combination, together in enumerate(row["together"]):
            part = ((number, combination),)
            for code in _matching(together["drop"], icd10):
                drops[code] = drops.get(code, ()) + part
            for code in _matching(together["keep"], icd10):
                if not (row.get("not_late") and _is_late(code)):
                    keeps[code] = keeps.get(code, ()) + part
    return drops, keeps


def _places(families: Iterable[Mapping[str, Any]], icd10: Icd10) -> dict[str, tuple[Place, ...]]:
    places: dict[str, tuple[Place, ...]] = {}
    for family in families:
        regions = frozenset(family["regions"])
        ends = {side: tuple(family.get(side, ())) for side in _SIDES}
        side_of = {end: side for side, characters in ends.items() for end in characters}
        for stem in family["stems"]:
            for code in _beginning(stem, icd10):
                end, tail = code[len(stem) : len(stem) + 1], code[len(stem) + 1 :]
                if end and end not in side_of:
                    continue
                siblings = {
                    side: codes
                    for side, characters in ends.items()
                    if (codes := _known((stem + character + tail for character in characters), icd10))
                }
                found = Place(
                    stem=stem,
                    regions=regions,
                    side=side_of.get(end, ""),
                    siblings=siblings if end else {},
                    mismatch=family.get("mismatch", False),
                )
                places[code] = (*places.get(code, ()), found)
    return places


def _unfilled(icd10: Icd10) -> dict[str, str]:
    """Codes with placeholders by what they are without them; a longer code is the one below it."""
    return {unfilled(code): code for code in icd10.ordered if "X" in code[_CATEGORY:]}


def _known(codes: Iterable[str], icd10: Icd10) -> tuple[str, ...]:
    return tuple(code for code in codes if icd10.is_known(code))


def _unspecified_last(leaves: tuple[str, ...], places: Mapping[str, tuple[Place, ...]]) -> tuple[str, ...]:
    """Codes that open their family with the unspecified side close it instead."""
    ordered: list[str] = []
    for _, family in groupby(leaves, key=lambda leaf: places[leaf][0].stem if leaf in places else leaf):
        codes = list(family)
        opening = list(takewhile(lambda code: code in places and places[code][0].side == UNSPECIFIED, codes))
        ordered += codes[len(opening) :] + opening
    return tuple(ordered)
