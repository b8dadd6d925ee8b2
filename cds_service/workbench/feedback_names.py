"""What findings, reasons and questions are called on the feedback page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.core.guideline import Knowledge
from cds_service.workbench.anchors import diagnosis_rows, places

NO_REASON = "No reason given"
OPEN_ACCESS = "Open access (no client name)"
_RESULTS = {
    "MET-PROV": "provisionally met",
    "NEED-INFO": "more is to be documented",
    "NOT-MET": "not met",
    "REVIEW": "a person has to judge",
}


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """Words by id. Whatever an older version of the data called otherwise goes by its id."""

    rules: Mapping[str, str]
    rows: Mapping[str, str]
    reasons: Mapping[str, str]
    questions: Mapping[str, str]
    places: Mapping[str, str]

    def finding(self, finding: str) -> str:
        """What a finding is about, ``""`` when its id says it all."""
        kind, _, rest = finding.partition(":")
        if kind == "determination":
            pathway, _, result = rest.partition(":")
            result, _, row = result.partition(":")
            words = _RESULTS.get(result, result)
            title = self.rows.get(row)
            return (
                f"Necessity of {pathway.upper().replace('+', ' + ')}: {words}{f' ({title})' if title else ''}"
            )
        return self.rules.get(rest, "")

    def place(self, finding: str) -> str:
        """The fragment of the guideline page that tells of a finding, ``""`` for none."""
        _, _, rest = finding.partition(":")
        names = rest.split(":")
        return self.places.get(names[-1]) or self.places.get(names[0], "")

    def reason(self, reason: str) -> str:
        return self.reasons.get(reason, reason) if reason else NO_REASON

    def question(self, question: str) -> str:
        return self.questions.get(question, "")


def short(finding: str) -> str:
    """The id as far as it is needed where there is little room."""
    return re.sub(r"^(?:coding|determination):(?=.)", "", finding).replace(":", " ")


def names_of(knowledge: Knowledge, reasons: Iterable[Mapping[str, str]]) -> Names:
    """``reasons``: the override reasons as codings (system, code, display)."""
    patterns = knowledge.coding.patterns.by_id
    items = dict(_items(knowledge.questionnaire))
    return Names(
        rules={row.id: row.why for row in diagnosis_rows(knowledge.diagnoses)}
        | {advice.id: advice.title for advice in knowledge.criteria.advice}
        | {name: _with_code(pattern.code, pattern.why) for name, pattern in patterns.items()},
        rows={name: row.title for name, row in knowledge.criteria.rows.items()},
        reasons={f"{each['system']}|{each['code']}": each["display"] for each in reasons},
        questions={**knowledge.criteria.questions, **items},
        places=places(knowledge),
    )


def _with_code(code: str, why: str) -> str:
    return f"{code}: {why}" if code else why


def _items(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for part in item.get("item", ()):
        yield part["linkId"], part.get("text", "")
        yield from _items(part)
