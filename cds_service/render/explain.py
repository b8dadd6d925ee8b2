"""The reasoning of one evaluation: as JSON (the contract's shape) and as indented lines for a reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.core.case import addresses
from cds_service.core.finding import Correction, Determination, DiagnosisCorrection, Evaluation, Notice
from cds_service.core.guideline import Knowledge

Json = dict[str, Any]


def as_json(knowledge: Knowledge, service: str, evaluation: Evaluation) -> Json:
    """The contract's shape; members may be added, none renamed."""
    guideline = knowledge.guideline
    return {
        "service": service,
        "guideline": {"id": guideline.id, "edition": guideline.edition, "version": guideline.version},
        "as_of": evaluation.as_of,
        "determinations": [_determination(item) for item in evaluation.determinations],
        "corrections": [_correction(knowledge, item) for item in evaluation.corrections],
        "diagnosis_corrections": [_diagnosis(item) for item in evaluation.diagnosis_corrections],
        "notices": [_notice(item) for item in evaluation.notices],
        "gaps": [{"path": gap.path, "what": gap.what} for gap in evaluation.gaps],
    }


def as_lines(knowledge: Knowledge, service: str, evaluation: Evaluation) -> list[str]:
    """The same, to be read by a person and reviewed in a diff."""
    guideline = knowledge.guideline
    edition = f"{guideline.id}, edition {guideline.edition}, version {guideline.version}"
    text = [f"{service}: {edition}, as of {evaluation.as_of}"]
    for determination in evaluation.determinations:
        text.extend(_determination_lines(determination, frozenset(knowledge.criteria.rows)))
    for correction in evaluation.corrections:
        text.extend(_correction_lines(knowledge, correction))
    for diagnosis in evaluation.diagnosis_corrections:
        choices = " / ".join(" + ".join(codes) or "remove" for codes in diagnosis.choices)
        text.append(f"reason {diagnosis.row} {diagnosis.mode} {diagnosis.order}")
        text.append(f"  {' + '.join(diagnosis.from_)} -> {choices}")
        text.extend(_why(diagnosis.values))
    text.extend(
        f"notice {notice.id} {', '.join(notice.orders)}{_values(notice.values)}"
        for notice in evaluation.notices
    )
    text.extend(f"gap {gap.path}: {gap.what}" for gap in evaluation.gaps)
    return text


def _determination(item: Determination) -> Json:
    criteria: dict[str, Json] = {}
    for step in item.steps:
        if step.criterion:
            criteria[step.id] = {
                "id": step.id,
                "verdict": step.verdict.value,
                "basis": step.basis,
                "expected": step.expected,
                "observed": step.observed,
                "evidence": list(step.evidence),
            }
    return {
        "pathway": item.pathway,
        "orders": addresses(item.orders),
        "result": item.result.value,
        "criteria": list(criteria.values()),
        "rows": list(item.rows),
        "missing": [{"fact": missing.fact, "question": missing.question} for missing in item.missing],
        "satisfied": list(item.satisfied),
        "values": dict(item.values),
    }


def _correction(knowledge: Knowledge, item: Correction) -> Json:
    pattern = knowledge.coding.patterns.by_id[item.pattern]
    return {
        "pattern": item.pattern,
        "mode": item.mode.value,
        "orders": addresses(item.orders),
        "choices": [
            [
                {"code": code, "units": units, **_date(choice.edits, code)}
                for code, units in item.becomes(choice)
            ]
            for choice in item.choices
        ],
        "about": addresses(item.about),
        "default": item.default if item.default >= 0 else None,
        "asks": list(item.asks),
        "why": pattern.why,
        "basis": pattern.basis,
        "source": pattern.source,
        **({"warning": item.warning} if item.warning else {}),
    }


def _date(edits: Any, code: str) -> Json:
    date = next((edit.date for edit in edits if edit.code == code and edit.date), "")
    return {"date": date} if date else {}


def _diagnosis(item: DiagnosisCorrection) -> Json:
    return {
        "row": item.row,
        "mode": item.mode.value,
        "order": next(iter(addresses([item.order])), ""),
        "from": list(item.from_),
        "choices": [list(codes) for codes in item.choices],
        "asks": list(item.asks),
        **({"why": item.values["why"]} if item.values.get("why") else {}),
    }


def _notice(item: Notice) -> Json:
    return {
        "id": item.id,
        "orders": addresses(item.orders),
        **({"values": dict(item.values)} if item.values else {}),
    }


# A row says what is not necessary: evidence that meets it takes it away.
_ROW_WORDS = {"met": "lifted", "not-met": "applies", "unknown": "at stake"}


def _determination_lines(item: Determination, row_ids: frozenset[str]) -> list[str]:
    rows = f" rows {', '.join(item.rows)}" if item.rows else ""
    text = [f"{item.pathway} {item.result}{rows} ({', '.join(item.orders)})"]
    for step in item.steps:
        indent = "  " * (step.depth + 1)
        observed = f" · {step.observed}" if step.observed else ""
        basis = f" [{step.basis}]" if step.criterion and step.basis else ""
        evidence = f" <- {', '.join(step.evidence)}" if step.evidence else ""
        verdict = _ROW_WORDS[step.verdict] if step.id in row_ids else step.verdict
        text.append(f"{indent}{verdict}: {step.id}{basis} {step.expected}{observed}{evidence}".rstrip())
    text.extend(f"  missing {missing.fact}: {missing.question}" for missing in item.missing)
    return text


def _correction_lines(knowledge: Knowledge, item: Correction) -> list[str]:
    pattern = knowledge.coding.patterns.by_id[item.pattern]
    text = [f"code {item.pattern} {item.mode} {', '.join(item.orders or item.about)}"]
    for index, choice in enumerate(item.choices):
        lines = " + ".join(f"{code} x {units}" for code, units in item.becomes(choice)) or "remove"
        mark = " (default)" if index == item.default and len(item.choices) > 1 else ""
        words = "" if choice.applicable else " (in words)"
        text.append(f"  -> {lines}{mark}{words}")
    if item.warning:
        text.append(f"  warning: {item.warning}")
    text.append(f"  why: {pattern.why} [{pattern.basis}; {pattern.source}]")
    if item.asks:
        text.append(f"  asks {', '.join(item.asks)}")
    return text


def _why(values: Mapping[str, str]) -> list[str]:
    return [f"  why: {values['why']}"] if values.get("why") else []


def _values(values: Mapping[str, str]) -> str:
    return f" ({', '.join(f'{name} {value}' for name, value in values.items())})" if values else ""
