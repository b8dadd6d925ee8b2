"""What is stated about coverage, by how an order stands: entries of the data files, checked when loaded.

The ids q1 to q9 are the invariants of the coverage-information extension of Da Vinci CRD.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cds_service.core.finding import Result
from cds_service.dialects.crd_version import Version
from cds_service.wording import Filled, Texts

HOLES = ("guideline", "unmet", "missing")
OPEN = "conditional"
SATISFIED = "satisfied"
OTHER = "OTH"
_LISTS = ("doc_needed", "info_needed")


@dataclass(frozen=True, slots=True)
class Assertion:
    """One entry. ``result`` ``""``: any; ``in_question``: only while the order's code is in question."""

    result: str
    in_question: bool
    versions: frozenset[str]
    covered: str
    pa_needed: str
    doc_needed: tuple[str, ...]
    doc_purpose: tuple[str, ...]
    info_needed: tuple[str, ...]
    questionnaire: bool
    reason_code: str
    reason: Filled

    def fits(self, results: Iterable[str], in_question: bool, version: str) -> bool:
        """Whether it is about an order of which one of the results holds."""
        return (
            (not self.result or self.result in results)
            and (in_question or not self.in_question)
            and version in self.versions
        )


def load(
    rows: Sequence[Mapping[str, Any]], versions: Mapping[str, Version], texts: Texts
) -> tuple[Assertion, ...]:
    """The entries; mistakes that no schema sees are noted in ``texts``."""
    wrong: list[str] = []
    for index, row in enumerate(rows):
        for name in row.get("versions", versions):
            version = versions.get(name)
            faults = _faults(row, version) if version else [f"versions: {name} is none; see crd.toml"]
            wrong += [f"{texts.file}::assertion[{index}].{fault}" for fault in faults]
    if wrong:
        texts.problems += dict.fromkeys(wrong)
        return ()
    entries = tuple(
        Assertion(
            result=row.get("result", ""),
            in_question=row.get("in_question", False),
            versions=frozenset(row.get("versions", versions)),
            covered=row["covered"],
            pa_needed=row.get("pa_needed", ""),
            doc_needed=tuple(row.get("doc_needed", ())),
            doc_purpose=tuple(row.get("doc_purpose", ())),
            info_needed=tuple(row.get("info_needed", ())),
            questionnaire=row.get("questionnaire", False),
            reason_code=row.get("reason_code", ""),
            reason=texts(row["reason"], HOLES, f"assertion[{index}].reason", plain=True),
        )
        for index, row in enumerate(rows)
    )
    texts.problems += _uncovered(entries, versions, texts.file)
    return entries


def choose(
    entries: Iterable[Assertion], results: Iterable[str], in_question: bool, version: str
) -> Assertion:
    """The first entry that fits; one always does in entries that were loaded without a mistake."""
    return next(entry for entry in entries if entry.fits(results, in_question, version))


def _faults(row: Mapping[str, Any], version: Version) -> Iterator[str]:
    """What the version's codes and invariants say against an entry."""
    for name, known in version.codes.items():
        given = row.get(name, ())
        for code in [given] if isinstance(given, str) else given:
            if code not in known:
                codes_known = ", ".join(sorted(known))
                yield f"{name}: {code} is no code of version {version.id}; use one of {codes_known}"
    covered, pa_needed = row["covered"], row.get("pa_needed", "")
    if row.get("questionnaire") and not row.get("doc_needed"):
        yield "questionnaire: stands without doc_needed (q1); add doc_needed"
    if covered == "not-covered" and pa_needed:
        yield "pa_needed: stands beside not-covered (q2); remove it"
    if covered != "not-covered" and not pa_needed:
        yield "pa_needed: is missing (q2); add it"
    is_open = OPEN in (covered, pa_needed, *row.get("doc_needed", ()))
    if is_open != bool(row.get("info_needed")):
        yield f"info_needed: goes with {OPEN} and with nothing else (q3); add or remove it"


def _uncovered(entries: Sequence[Assertion], versions: Mapping[str, Version], file: str) -> Iterator[str]:
    """Every order gets an answer in every version."""
    for version in versions:
        for result in map(str, Result):
            if not any(entry.fits((result,), in_question=False, version=version) for entry in entries):
                yield f"{file}::assertion: nothing is said of {result} in version {version}; add an entry"
