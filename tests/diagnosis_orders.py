"""Orders with ICD-10-CM reasons, the rules in force, and what becomes of an order when a choice is taken."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

from cds_service.core.case import Answer, Case, Diagnosis, Fact, Order, Site, index_by_group
from cds_service.core.finding import DiagnosisCorrection, Notice
from cds_service.core.icd10 import DiagnosisRules, Icd10
from cds_service.core.session import Session
from cds_service.core.vocabulary import ICD10CM
from cds_service.engine.diagnoses import correct_diagnoses
from cds_service.guidelines.load_diagnoses import load_diagnoses, load_icd10
from tests.builders import GUIDELINE, table

Codes = tuple[str, ...]
Found = tuple[tuple[DiagnosisCorrection, ...], tuple[Notice, ...]]


@cache
def icd10_table() -> Mapping[str, Any]:
    loaded: dict[str, Any] = json.loads((GUIDELINE / "icd10cm.json").read_text(encoding="utf-8"))
    return loaded


@cache
def icd10() -> Icd10:
    return load_icd10(icd10_table())


@cache
def rules() -> DiagnosisRules:
    return load_diagnoses(table("diagnoses"), icd10())


def coded(
    code: str, reason: int, coding: int = 0, *, system: str = ICD10CM, referenced: bool = False
) -> Diagnosis:
    """The reason at one place of an order, or one that came by reference."""
    return Diagnosis(system, code, frozenset(), position=None if referenced else (reason, coding))


def order(
    ref: str, codes: Sequence[str | Diagnosis], *sites: Site, words: str = "", draft: bool = True
) -> Order:
    reasons = tuple(
        code if isinstance(code, Diagnosis) else coded(code, index) for index, code in enumerate(codes)
    )
    return Order(ref, (), sites=sites, words=words, reasons=reasons, draft=draft)


def corrected(
    *orders: Order,
    facts: tuple[Fact, ...] = (),
    answers: Mapping[str, Answer] | None = None,
    kinds: Mapping[str, str] | None = None,
    inpatient: bool = False,
) -> Found:
    """What is found on the orders of one session."""
    case = Case("2026-11-20", orders, facts, index_by_group(facts), answers or {})
    named = {each.ref: "needle" for each in orders} if kinds is None else kinds
    return correct_diagnoses(rules(), icd10(), case, Session(orders, named, {}), inpatient=inpatient)


def each(*codes: str) -> tuple[Codes, ...]:
    """A choice for every code."""
    return tuple((code,) for code in codes)


def only(found: tuple[DiagnosisCorrection, ...]) -> DiagnosisCorrection:
    """The one correction that was found."""
    assert len(found) == 1, found
    return found[0]


def applied(order: Order, correction: DiagnosisCorrection, choice: int) -> Order:
    """The order after one choice: each code where it is written, in the choice's sequence, the rest gone."""
    placed = correction.placed(correction.choices[choice])
    becomes = {position: code for code, position in placed if position is not None}
    sequence = list(becomes)
    reasons = [
        replace(reason, system=ICD10CM, code=becomes[reason.position])
        if reason.position in becomes
        else reason
        for reason in order.reasons
        if reason.position in becomes or reason.position not in correction.positions
    ]
    for one, other in reversed(tuple(pairwise(sequence))):
        here, there = (next(r for r in reasons if r.position == at) for at in (one, other))
        if reasons.index(here) > reasons.index(there):
            reasons.remove(here)
            reasons.insert(reasons.index(there), here)
    after = 1 + max((reason.position[0] for reason in order.reasons if reason.position), default=-1)
    reasons += [coded(code, after + new) for new, (code, at) in enumerate(placed) if at is None]
    numbers = iter(range(len(reasons)))
    return replace(
        order,
        reasons=tuple(
            replace(reason, position=(next(numbers), 0)) if reason.position is not None else reason
            for reason in reasons
        ),
    )
