"""Orders with ICD-10-CM reasons, the rules in force, and what becomes of an order when a choice is taken."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from cds_service.core.case import Answer, Case, Diagnosis, Fact, Order, Site, index_by_group
from cds_service.core.finding import DiagnosisCorrection, Notice
from cds_service.core.icd10 import DiagnosisRules, Icd10
from cds_service.core.session import Session
from cds_service.core.vocabulary import ICD10CM
from cds_service.engine.diagnoses import correct_diagnoses
from cds_service.guidelines.load_diagnoses import load_diagnoses, load_icd10
from tests.builders import GUIDELINE, table

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


def coded(code: str, index: int, *, system: str = ICD10CM, referenced: bool = False) -> Diagnosis:
    """The reason at one place of an order, or one that came by reference."""
    return Diagnosis(system, code, frozenset(), position=None if referenced else (index, 0))


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
) -> Found:
    """What is found on the orders of one session."""
    case = Case("2026-11-20", orders, facts, index_by_group(facts), answers or {})
    named = {each.ref: "needle" for each in orders} if kinds is None else kinds
    return correct_diagnoses(rules(), icd10(), case, Session(orders, named, {}))


def applied(order: Order, correction: DiagnosisCorrection, choice: int) -> Order:
    """The order after one choice: place by place, what is left over removed, what is more appended."""
    codes = correction.choices[choice]
    becomes: dict[tuple[int, int], str] = dict(zip(correction.positions, codes, strict=False))
    removed = set(correction.positions[len(codes) :])
    reasons = [
        replace(reason, system=ICD10CM, code=becomes[reason.position])
        if reason.position in becomes
        else reason
        for reason in order.reasons
        if reason.position not in removed
    ]
    after = 1 + max((reason.position[0] for reason in order.reasons if reason.position), default=-1)
    extra = codes[len(correction.positions) :]
    reasons += [coded(code, after + index) for index, code in enumerate(extra)]
    return replace(order, reasons=tuple(reasons))
