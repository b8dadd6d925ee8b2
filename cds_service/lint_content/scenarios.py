"""Mistakes in scenarios: what cannot be read, what is not said, what is recorded, and what stands astray."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from cds_service import coverage, golden, pipeline, schemas
from cds_service.content import Roots
from cds_service.errors import ContentError
from cds_service.expectations import unmet
from cds_service.guidelines.check_tables import is_no_date
from cds_service.guidelines.load import GUIDELINE, Tables
from cds_service.lint_content.caught import caught
from cds_service.render.shape import CUT, LONGEST_SUMMARY
from cds_service.scenarios import ABOUT, REQUEST, RESPONSE, TRACE, Scenario, read_each

# Vignettes, and sections about reason codes: written in books, not in the data.
_STORY = re.compile(r"[VT][0-9]+[a-z]?|icd:[0-9]+(\.[0-9]+)+")
_REASON = "icd:"


def problems(
    roots: Roots, tables: Tables, service: pipeline.Service | None, *, sound: bool = True
) -> list[str]:
    """Every mistake.

    Args:
        service: without it nothing can be answered, and only the files are looked at.
        sound: whether data and cards are without mistakes; else these are why an answer breaks off.
    """
    scenarios, found = read_each(roots)
    found += _strays(roots)
    known = _known(tables, service)
    for scenario in scenarios:
        folder = roots.name(scenario.folder)
        found += [f"{folder}/{line}" for line in (*_names(scenario, known), *_recorded(scenario))]
        found += _request(scenario.folder / REQUEST, f"{folder}/{REQUEST}")
    if service is None:
        return found
    found += [
        f"{roots.name(roots.fhir_fixtures)}::{GUIDELINE}: no scenario shows {name}; "
        "add one, or name it in `shows` where it is shown"
        for name in coverage.uncovered(service.knowledge, scenarios)
    ]
    try:
        run = golden.runner(roots, service)
    except ContentError as error:
        return [*found, *error.problems]
    for scenario in scenarios:
        folder = roots.name(scenario.folder)
        found += caught(f"{folder}/{REQUEST}", partial(_answered, roots, run, scenario), tell=sound)
    return found


def _strays(roots: Roots) -> Iterator[str]:
    """Requests that no scenario.toml tells of, and scenarios where nobody looks for them."""
    for path in sorted(roots.fhir_fixtures.rglob("*")):
        if path.name not in (REQUEST, ABOUT):
            continue
        name = roots.name(path)
        if len(path.relative_to(roots.fhir_fixtures).parts) != len(("guideline", "scenario", "file")):
            yield f"{name}::$: stands where no scenario is looked for; move it to {GUIDELINE}/<folder>/"
        elif path.name == REQUEST and not (path.parent / ABOUT).exists():
            yield f"{name}::$: has no {ABOUT} beside it; write it, or remove the folder"


def _known(tables: Tables, service: pipeline.Service | None) -> frozenset[str] | None:
    """The ids that a scenario may name; ``None`` while the data cannot be loaded."""
    if service is None:
        return None
    knowledge, diagnoses = service.knowledge, tables["diagnoses"]
    rows = [row["id"] for each in diagnoses.values() if isinstance(each, list) for row in each if "id" in row]
    return frozenset(
        [
            *(one.id for one in coverage.known(knowledge)),
            *(row["id"] for row in tables["criteria"]["advice"]),
            *rows,
            diagnoses["manifestation"]["id"],
            # A heading or a family of codes is a row of its own.
            *knowledge.icd10.labels,
        ]
    )


def _names(scenario: Scenario, known: frozenset[str] | None) -> Iterator[str]:
    if is_no_date(scenario.as_of):
        yield f"{ABOUT}::as_of: {scenario.as_of} is no date; write one like 2026-11-20"
    if known is None:
        return
    for path, names in (("shows", scenario.shows), ("expect.absent", scenario.expect.get("absent", ()))):
        for name in names:
            if name not in known and not _STORY.fullmatch(name) and not _is_reason(name, known):
                yield f"{ABOUT}::{path}: {name} is no id of the data; correct it"


def _is_reason(name: str, known: Iterable[str]) -> bool:
    """Whether it is a row about reason codes, or a code as it is sent, which the release need not have."""
    code = name.removeprefix(_REASON)
    return code in known or (name != code and code[:3] in known)


def _recorded(scenario: Scenario) -> Iterator[str]:
    for name in (RESPONSE, TRACE):
        path = scenario.folder / name
        if not path.is_file():
            yield f"{name}::$: the file is missing; run cds-service golden --write and review it"
    if (scenario.folder / RESPONSE).is_file():
        try:
            schemas.read_json(scenario.folder / RESPONSE, file=RESPONSE)
        except ContentError:
            yield f"{RESPONSE}::$: is not JSON; run cds-service golden --write and review it"


def _request(path: Path, file: str) -> list[str]:
    try:
        is_object = isinstance(schemas.read_json(path, file=file), dict)
    except ContentError as error:
        return list(error.problems)
    return [] if is_object else [f"{file}::$: is not a JSON object; write one hook request"]


def _answered(roots: Roots, run: golden.Run, scenario: Scenario) -> list[str]:
    """What is said of a request against what is expected."""
    folder = roots.name(scenario.folder)
    if _request(scenario.folder / REQUEST, ""):
        return []
    decision = golden.decided(roots, run, scenario)
    found = [
        f"{folder}/{ABOUT}::expect: {line}; correct the data or the expectation"
        for line in unmet(scenario.expect, decision.explanation(), decision.response)
    ]
    found.extend(
        f"{folder}/{RESPONSE}::cards[{index}].summary: is cut to {LONGEST_SUMMARY} characters; "
        "shorten the wording"
        for index, card in enumerate(decision.response["cards"])
        if card["summary"].endswith(CUT)
    )
    return found
