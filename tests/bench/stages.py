"""Where the time of a request goes, in process, and how it grows with the chart."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TypeVar

import orjson

from cds_service import pipeline
from cds_service.cli.server import calm_collector
from cds_service.content import Roots
from cds_service.core.hook_call import HookCall
from cds_service.core.request import Request
from cds_service.engine.evaluate import evaluate, lines_of
from cds_service.fhir import validate
from cds_service.fhir.decode import decode
from cds_service.fhir.sort_out import Check
from cds_service.hooks import envelope, services
from cds_service.schemas import DepthLimit
from tests.bench import payload
from tests.contract.bodies import SIGN

TODAY = "2026-11-20"
BURST = 5
Work = Callable[[], object]
Name = TypeVar("Name")


@dataclass(frozen=True)
class Took:
    """Microseconds of CPU of one call: the best, which other load cannot flatter, and the usual."""

    best: float
    usual: float


@dataclass(frozen=True)
class Bench:
    """The loaded service."""

    services: dict[str, services.Service]
    loaded: pipeline.Service
    depth: DepthLimit

    @classmethod
    def load(cls) -> Bench:
        """As a worker has it."""
        bench = cls(services.load(Roots.default()), pipeline.load(Roots.default()), DepthLimit.of(64))
        calm_collector()
        return bench

    def call(self, raw: bytes) -> HookCall:
        return envelope.call_of(self.services[SIGN], envelope.parse(raw, self.depth))

    def decide(self, call: HookCall, dialect: str = "spec", role: str = "advisor") -> pipeline.Decision:
        numbers = itertools.count()
        return pipeline.decide(
            self.loaded, call, today=TODAY, new_id=lambda: str(next(numbers)), dialect=dialect, role=role
        )


def stages(bench: Bench, variant: str, samples: int) -> dict[str, Took]:
    """Every stage of one request; ``json.loads`` of its body is there to compare with."""
    raw = orjson.dumps(payload.request(1, variant=variant))
    parsed = json.loads(raw)
    call = bench.call(raw)
    knowledge = bench.loaded.knowledge
    decision = bench.decide(call)
    originals = pipeline.originals_of(call, decision.case)
    numbers = pipeline.numbers_of(call, decision.case)
    lines = lines_of(knowledge, decision.case)
    request = Request(
        draft_orders=call.draft_orders,
        prefetch=call.prefetch,
        selections=call.selections,
        patient_id=call.patient_id,
        encounter_id=call.encounter_id,
    )

    def read(are_valid: Check | None) -> object:
        return decode(request, knowledge.vocabulary, TODAY, are_valid=are_valid)

    def render() -> object:
        return pipeline.cards_of(bench.loaded, call, originals, lines, decision.evaluation, numbers)

    return timed(
        {
            "json.loads, to compare": partial(json.loads, raw),
            "parse and depth": partial(envelope.parse, raw, bench.depth),
            "envelope": partial(envelope.call_of, bench.services[SIGN], parsed),
            "decode": partial(read, validate.are_valid),
            "  of it without the FHIR check": partial(read, None),
            "engine": partial(evaluate, knowledge, decision.case),
            "render": render,
            "answer as JSON": partial(orjson.dumps, decision.response),
            "decode, engine and render": partial(bench.decide, call),
        },
        samples,
    )


def dialects(bench: Bench, samples: int) -> dict[str, Took]:
    """The whole decision on one correction, told in every dialect, the payer's role of crd as well."""
    call = bench.call(orjson.dumps(payload.request(1, variant="correction")))
    works: dict[str, Work] = {name: partial(bench.decide, call, name) for name in bench.loaded.dialects}
    works["crd, as payer"] = partial(bench.decide, call, "crd", "payer")
    return timed(works, samples)


def growth(bench: Bench, scales: tuple[int, ...], samples: int) -> dict[int, Took]:
    """Resources in the request -> what the whole decision takes."""
    works: dict[int, Work] = {}
    for times in scales:
        request = payload.request(1, variant="correction", times=times)
        call = bench.call(orjson.dumps(request))
        works[payload.resources(request)] = partial(bench.decide, call)
    return timed(works, samples)


def timed(works: Mapping[Name, Work], samples: int) -> dict[Name, Took]:
    """Every work in turns, so that all see the same moods of the machine."""
    for work in works.values():
        for _ in range(3):
            work()
    clock = time.thread_time
    spent: dict[Name, list[float]] = {name: [] for name in works}
    for _ in range(samples):
        for name, work in works.items():
            started = clock()
            for _ in range(BURST):
                work()
            spent[name].append((clock() - started) * 1e6 / BURST)
    return {name: Took(min(found), median(found)) for name, found in spent.items()}
