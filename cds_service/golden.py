"""Scenarios against their recorded answers: the whole response and the reasoning, line by line."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from cds_service import coverage, pipeline, schemas
from cds_service.content import Roots
from cds_service.errors import ContentError, Kind, RequestError
from cds_service.hooks import envelope
from cds_service.hooks import services as hook_services
from cds_service.pipeline import Decision
from cds_service.scenarios import REQUEST, RESPONSE, TRACE, Scenario, load_scenarios

# A date that no scenario depends on: each has authoredOn or its own as_of.
TODAY = "2026-11-22"

Run = Callable[[Scenario], Decision]


def runner(
    roots: Roots,
    service: pipeline.Service | None = None,
    *,
    role: str = "advisor",
    base_url: str = "",
    extension: Mapping[str, Any] | None = None,
) -> Run:
    """Answers scenarios, with uuids counted from one; loads the content unless ``service`` has it already.

    Args:
        role: see :class:`Scene`, as is ``base_url``.
        extension: is sent beside what the scenario's own request sends.
    """
    loaded = service or pipeline.load(roots)
    by_hook = {known.hook: known for known in hook_services.load(roots).values()}
    depth = schemas.DepthLimit.of(64)

    def run(scenario: Scenario) -> Decision:
        body = envelope.parse(scenario.request(), depth)
        hook = body.get("hook") if isinstance(body, dict) else None
        if isinstance(hook, str) and hook not in by_hook:
            raise RequestError(
                Kind.UNKNOWN_SERVICE, "no service is for this hook", where="hook", remedy="see discovery.toml"
            )
        if extension and isinstance(body, dict):
            body["extension"] = {**body.get("extension", {}), **extension}
        # Any service says what is wrong with a request that names no hook.
        known = by_hook[hook] if isinstance(hook, str) else next(iter(by_hook.values()))
        call = envelope.call_of(known, body)
        return pipeline.decide(
            loaded,
            call,
            today=TODAY,
            new_id=counted_ids(),
            as_of=scenario.as_of,
            role=role,
            base_url=base_url,
        )

    return run


def decided(roots: Roots, run: Run, scenario: Scenario) -> Decision:
    """The decision on a scenario; raises ContentError when its request cannot be answered."""
    file = f"{roots.name(scenario.folder)}/{REQUEST}"
    try:
        return run(scenario)
    except OSError:
        raise ContentError([f"{file}::$: cannot be read; put the request there"]) from None
    except RequestError as error:
        raise ContentError(
            [f"{file}::{error.where or '$'}: is refused ({error.what}); {error.remedy}"]
        ) from None


def counted_ids() -> Callable[[], str]:
    """Uuids that are the same in every run."""
    numbers = itertools.count(1)
    return lambda: str(uuid.UUID(int=next(numbers) | (4 << 76) | (8 << 60)))


def recorded(decision: Decision) -> dict[str, str]:
    """File name -> text of what is recorded for a scenario."""
    body = orjson.dumps(decision.response, option=orjson.OPT_INDENT_2).decode()
    return {RESPONSE: f"{body}\n", TRACE: "\n".join([*decision.trace(), ""])}


def differences(roots: Roots) -> list[str]:
    """One line per recorded file that differs or is missing."""
    return [
        f"{roots.name(path)}: {'differs' if path.exists() else 'is missing'}; "
        "run cds-service golden --write and review the change"
        for path, _ in _outdated(roots)
    ]


def write(roots: Roots) -> list[str]:
    """Rewrite what differs; the names of the files written."""
    written = []
    for path, text in _outdated(roots):
        path.write_text(text, encoding="utf-8")
        written.append(roots.name(path))
    return written


def _outdated(roots: Roots) -> Iterator[tuple[Path, str]]:
    """Recorded files that do not say what is said now, with what they should say."""
    scenarios = load_scenarios(roots)
    service = pipeline.load(roots)
    run = runner(roots, service)
    pages = [
        (scenario.folder / name, text)
        for scenario in scenarios
        for name, text in recorded(decided(roots, run, scenario)).items()
    ]
    pages.append((roots.fhir_fixtures / coverage.FILE, coverage.table(service.knowledge, scenarios)))
    for path, text in pages:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield path, text
