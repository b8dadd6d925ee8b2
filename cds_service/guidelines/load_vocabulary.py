"""vocabulary.toml, sites.toml, observations.toml and questionnaire.json (already checked) -> Vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cds_service.core.form import Item
from cds_service.core.phrases import PhraseIndex
from cds_service.core.vocabulary import ICD10CM, Group, Ingredient, Phrase, Vocabulary, family_groups
from cds_service.guidelines.load_exams import exam_rules
from cds_service.guidelines.load_sites import coded_sites, site_rules, stem_of

SYSTEMS = {
    "snomed": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "cpt": "http://www.ama-assn.org/go/cpt",
    "hcpcs": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
}

UNIT = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit"

Table = Mapping[str, Any]


def load_vocabulary(
    tables: Mapping[str, dict[str, Any]], icd10_children: Mapping[str, tuple[str, ...]]
) -> Vocabulary:
    """The vocabulary of one guideline.

    Args:
        tables: ``vocabulary``, ``sites``, ``observations`` and (may be left out) ``questionnaire``.
        icd10_children: ICD-10-CM header -> the codes below it; without it headers count by stems alone.
    """
    table = tables["vocabulary"]
    groups = table["group"]
    exact = _exact(groups, table["ingredient"])
    prefixes = _stems(groups, "icd10")
    excluded = _stems(groups, "not_icd10")
    words = _words(groups)
    ingredients = [(row, _ingredient(row)) for row in table["ingredient"]]
    return Vocabulary(
        groups={row["id"]: Group(row["id"], row["label"], row["basis"], row["source"]) for row in groups},
        exact=exact,
        prefixes=prefixes,
        headers=_headers(
            icd10_children,
            exact,
            prefixes,
            excluded,
            {row["id"]: frozenset(row["headers_of"]) for row in groups if "headers_of" in row},
        ),
        systems=_systems(table["systems"]),
        words={
            kind: tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair)))
            for kind, pairs in words.items()
        },
        negations=tuple(table["negations"]),
        sites=coded_sites(tables["sites"]),
        excluded=excluded,
        seventh={row["id"]: frozenset(row["seventh"]) for row in groups if "seventh" in row},
        kinds={row["id"]: frozenset(row["kinds"]) for row in groups if "kinds" in row},
        regions={row["id"]: row["region"] for row in groups if "region" in row},
        phrases={kind: _phrases(pairs, table) for kind, pairs in words.items()},
        doubts=PhraseIndex.of((phrase, True) for phrase in table["doubts"]),
        ingredients=PhraseIndex.of(
            (name, ingredient)
            for row, ingredient in ingredients
            for name in (row["name"], *row.get("also", ()))
        ),
        ingredient_codes={
            (SYSTEMS["rxnorm"], code): ingredient
            for row, ingredient in ingredients
            for code in row.get("rxnorm", ())
        },
        modifiers=frozenset(table["modifiers"]),
        places=site_rules(tables["sites"]),
        exams=exam_rules(tables["observations"]),
        items={item.link_id: item for item in _items(tables.get("questionnaire", {}))},
    )


def problems(vocabulary: Table, sites: Table, observations: Table) -> list[str]:
    """Mistakes a schema cannot see, as ``file::path: what, and what to do``."""
    found = []
    known: set[str] = set()
    for index, row in enumerate(vocabulary["group"]):
        if row["id"] in known:
            found.append(f"vocabulary.toml::group[{index}].id: {row['id']} stands twice; keep one")
        known.add(row["id"])
    named = [
        (f"vocabulary.toml::ingredient[{index}].groups", row["groups"])
        for index, row in enumerate(vocabulary["ingredient"])
    ]
    named += [
        (f"observations.toml::exam[{index}].groups", row["groups"])
        for index, row in enumerate(observations["exam"])
    ]
    named += [
        (f"vocabulary.toml::group[{index}].headers_of", row.get("headers_of", ()))
        for index, row in enumerate(vocabulary["group"])
    ]
    named.append(("observations.toml::signs", observations["signs"]))
    for path, groups in named:
        found += [
            f"{path}: {group} is not in vocabulary.toml; add it there"
            for group in groups
            if group not in known
        ]
    values = {row["id"] for row in observations["value"]}
    for reading, rule in observations["readings"].items():
        found += [
            f"observations.toml::readings.{reading}: {value} is no value; add it or correct it"
            for value in (*rule["yes"], *rule["no"])
            if value not in values
        ]
    seen: set[str] = set()
    for index, row in enumerate(sites["site"]):
        for code in row["snomed"]:
            if code in seen:
                found.append(f"sites.toml::site[{index}].snomed: {code} stands twice; keep one")
            seen.add(code)
    return found


def _exact(groups: Iterable[Table], ingredients: Iterable[Table]) -> dict[tuple[str, str], frozenset[str]]:
    exact: dict[tuple[str, str], set[str]] = {}
    for row in groups:
        for name, system in SYSTEMS.items():
            for code in row.get(name, ()):
                exact.setdefault((system, code), set()).add(row["id"])
        for code in row.get("icd10", ()):
            if not code.endswith("-"):
                exact.setdefault((ICD10CM, code), set()).add(row["id"])
    for row in ingredients:
        for code in row.get("rxnorm", ()):
            exact.setdefault((SYSTEMS["rxnorm"], code), set()).update(row["groups"])
    return {key: frozenset(found) for key, found in exact.items()}


def _stems(groups: Iterable[Table], member: str) -> dict[str, frozenset[str]]:
    stems: dict[str, set[str]] = {}
    for row in groups:
        for code in row.get(member, ()):
            if code.endswith("-") or member == "not_icd10":
                stems.setdefault(stem_of(code), set()).add(row["id"])
    return {stem: frozenset(found) for stem, found in stems.items()}


def _headers(
    children: Mapping[str, tuple[str, ...]],
    exact: Mapping[tuple[str, str], frozenset[str]],
    prefixes: Mapping[str, frozenset[str]],
    excluded: Mapping[str, frozenset[str]],
    families: Mapping[str, frozenset[str]],
) -> dict[str, frozenset[str]]:
    """The groups of each header that stands above a code or stem of the data.

    Those common to all codes below it, and the ``families`` of groups of which every code below has one.
    """
    named = {code for system, code in exact if system == ICD10CM} | prefixes.keys() | excluded.keys()
    above = {code[:length].removesuffix(".") for code in named for length in range(1, len(code) + 1)}
    headers = {}
    for header in above & children.keys():
        below = [family_groups(leaf, exact, prefixes, excluded) for leaf in children[header] or (header,)]
        common = frozenset.intersection(*below)
        headers[header] = common | {
            name
            for name, family in families.items()
            if family.isdisjoint(common) and not any(family.isdisjoint(groups) for groups in below)
        }
    return headers


def _systems(table: Table) -> dict[str, str]:
    systems = {uri: uri for uri in table}
    for uri, aliases in table.items():
        systems.update(dict.fromkeys(aliases, uri))
    return systems


def _words(groups: Iterable[Table]) -> dict[str, list[tuple[str, str]]]:
    words: dict[str, list[tuple[str, str]]] = {}
    for row in groups:
        for kind, phrases in row.get("words", {}).items():
            words.setdefault(kind, []).extend((phrase, row["id"]) for phrase in phrases)
    return words


def _phrases(pairs: Iterable[tuple[str, str]], table: Table) -> PhraseIndex[Phrase]:
    groups: dict[str, set[str]] = {}
    for phrase, group in pairs:
        groups.setdefault(phrase, set()).add(group)
    return PhraseIndex.of(
        [
            *((phrase, Phrase(groups=frozenset(found))) for phrase, found in groups.items()),
            *((phrase, Phrase()) for phrase in table["harmless"]),
            *((phrase, Phrase(negates=True)) for phrase in table["negations"]),
            *((phrase, Phrase(retracts=True)) for phrase in table["retractions"]),
        ]
    )


def _ingredient(row: Table) -> Ingredient:
    return Ingredient(
        name=row["name"],
        groups=frozenset(row["groups"]),
        needs=frozenset(row.get("with", ())),
        bars=frozenset(row.get("without", ())),
    )


def _items(questionnaire: Table) -> Iterator[Item]:
    waiting = list(questionnaire.get("item", ()))
    while waiting:
        row = waiting.pop()
        waiting.extend(row.get("item", ()))
        if row["type"] != "group":
            yield Item(
                link_id=row["linkId"],
                type=row["type"],
                options=frozenset(option["valueCoding"]["code"] for option in row.get("answerOption", ())),
                repeats=row.get("repeats", False),
                measured=any(each["url"] == UNIT for each in row.get("extension", ())),
            )
