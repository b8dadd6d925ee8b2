"""The reasoning of an evaluation as a tree of lines that say a verdict and lead to resource and source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from cds_service.core.finding import Correction, Determination, DiagnosisCorrection, Evaluation, Notice, Step
from cds_service.core.guideline import Knowledge

# How a verdict looks: (class of the icon, word). Evidence that meets a not-necessary row takes it away.
_CRITERION = {"met": ("met", "met"), "not-met": ("not-met", "not met"), "unknown": ("unknown", "unknown")}
_ROW = {
    "met": ("met", "lifted"),
    "not-met": ("not-met", "applies"),
    "unknown": ("unknown", "at stake"),
}
_RESULT = {
    "MET": "met",
    "MET-PROV": "met",
    "NOT-MET": "not-met",
    "NEED-INFO": "unknown",
    "REVIEW": "unknown",
    "OUT-OF-SCOPE": "note",
}


@dataclass(slots=True)
class Line:
    """One line. ``look`` is ``met not-met unknown`` or ``note``; ``refs`` are (text, anchor or ``""``)."""

    look: str
    word: str
    id: str
    says: str
    guideline: str = ""
    basis: str = ""
    observed: str = ""
    refs: tuple[tuple[str, str], ...] = ()
    below: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Tracer:
    knowledge: Knowledge
    anchors: Mapping[str, str]
    places: Mapping[str, str]

    def guideline(self, name: str) -> str:
        """Where the guideline page tells of an id, ``""`` when it does not."""
        place = self.places.get(name) or self.places.get(name.partition(".")[0])
        return f"#{place}" if place else ""

    def refs(self, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
        # Behind the reference may stand which part of the resource it was.
        return tuple((name, self.anchors.get(name.partition(" ")[0], "")) for name in names)

    def determination(self, item: Determination) -> Line:
        rows = f", rows {', '.join(item.rows)}" if item.rows else ""
        top = Line(
            look=_RESULT[item.result],
            word=str(item.result),
            id=item.pathway,
            says=f"how this pathway stands{rows}",
            guideline=self.guideline(item.pathway),
            refs=self.refs(item.orders),
        )
        above: list[Line] = [top]
        for step in item.steps:
            line = self.step(step)
            # A step may skip a depth; it then hangs from the last line that is shallower.
            del above[max(1, min(step.depth + 1, len(above))) :]
            above[-1].below.append(line)
            above.append(line)
        top.below += [
            Line("unknown", "missing", missing.fact, missing.question, self.guideline(missing.fact))
            for missing in item.missing
        ]
        return top

    def step(self, step: Step) -> Line:
        rows = self.knowledge.criteria.rows
        look, word = (_ROW if step.id in rows else _CRITERION)[step.verdict]
        return Line(
            look=look,
            word=word,
            id=step.id,
            says=step.expected,
            guideline=self.guideline(step.id),
            basis=step.basis if step.criterion else "",
            observed=step.observed,
            refs=self.refs(step.evidence),
        )

    def correction(self, item: Correction) -> Line:
        pattern = self.knowledge.coding.patterns.by_id[item.pattern]
        source = self.knowledge.guideline.cite(pattern.source)
        below = []
        for index, choice in enumerate(item.choices):
            lines = " + ".join(f"{code} x {units}" for code, units in item.becomes(choice)) or "removed"
            mark = "recommended" if index == item.default and len(item.choices) > 1 else "becomes"
            below.append(Line("note", mark, "", lines))
        if item.warning:
            below.append(Line("note", "warning", "", item.warning))
        if item.asks:
            below.append(Line("unknown", "asks", "", ", ".join(item.asks)))
        return Line(
            look="note",
            word=f"code {item.mode}",
            id=item.pattern,
            says=f"{pattern.why} ({source})" if source else pattern.why,
            guideline=self.guideline(item.pattern),
            basis=pattern.basis,
            refs=self.refs(item.orders or item.about),
            below=below,
        )

    def diagnosis(self, item: DiagnosisCorrection) -> Line:
        choices = " or ".join(" + ".join(codes) or "nothing" for codes in item.choices)
        why = item.values.get("why", "")
        return Line(
            look="note",
            word=f"reason {item.mode}",
            id=item.row,
            says=why,
            guideline=self.guideline(item.row) or f"?q={quote(item.row)}",
            refs=self.refs((item.order,)),
            below=[Line("note", "becomes", "", f"{choices} instead of {' + '.join(item.from_)}")],
        )

    def notice(self, item: Notice) -> Line:
        values = ", ".join(f"{name} {value}" for name, value in item.values.items())
        place = self.guideline(item.id)
        return Line("note", "notice", item.id, values, place, refs=self.refs(item.orders))


def tree(
    knowledge: Knowledge, evaluation: Evaluation, anchors: Mapping[str, str], places: Mapping[str, str]
) -> list[Line]:
    """The lines. ``anchors``: where a resource stands on this page; ``places``: an id in the guideline."""
    tracer = _Tracer(knowledge, anchors, places)
    lines = [tracer.determination(item) for item in evaluation.determinations]
    lines += [tracer.correction(item) for item in evaluation.corrections]
    lines += [tracer.diagnosis(item) for item in evaluation.diagnosis_corrections]
    lines += [tracer.notice(item) for item in evaluation.notices]
    lines += [Line("note", "gap", "", f"{gap.path}: {gap.what}") for gap in evaluation.gaps]
    return lines
