"""Manifestation codes: their cause comes before them, and diabetes takes their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cds_service.core.finding import Mode
from cds_service.core.icd10 import Entry, Manifestation, Reading
from cds_service.engine.diagnoses.context import Context
from cds_service.engine.diagnoses.draft import Codes, Draft, become, of_row
from cds_service.engine.diagnoses.pairs import Proposals

_CATEGORY = 3


@dataclass(frozen=True, slots=True)
class _Diabetes:
    """One kind of diabetes on the order. ``absorbed``: its codes that go into the combination code."""

    target: str
    absorbed: tuple[int, ...]


def draft_causes(
    context: Context, readings: Sequence[Reading], proposals: Proposals, free: set[int]
) -> Iterator[Draft]:
    """Corrections about manifestation codes; codes used are taken out of ``free``."""
    for index, reading in enumerate(readings):
        entry = reading.entry
        if entry is None or entry.manifestation is None or index not in free:
            continue
        draft = _without_its_cause(context, readings, index, entry) or _with_its_cause(
            context, readings, proposals, index, entry.manifestation, free
        )
        if draft is not None:
            free -= set(draft.touched)
            yield draft


def _without_its_cause(
    context: Context, readings: Sequence[Reading], index: int, entry: Entry
) -> Draft | None:
    rule = entry.unless_cause
    if rule is None or any(reading.code.startswith(rule.causes) for reading in readings):
        return None
    if any(fact.present for fact in context.case.facts_of(rule.group)):
        return None
    return of_row(rule.row, Mode.ASK, (index,), tuple((code,) for code in rule.choices))


def _with_its_cause(
    context: Context,
    readings: Sequence[Reading],
    proposals: Proposals,
    index: int,
    rule: Manifestation,
    free: set[int],
) -> Draft | None:
    """Diabetes takes its place; another cause comes before it; several are a choice; none is asked for."""
    own = readings[index].code
    causes = [at for at, reading in enumerate(readings) if at != index and _can_cause(reading, rule, own)]
    if any(cause < index for cause in causes):
        return None
    diabetes = _diabetes(context, readings, rule, free)
    here = [cause for cause in causes if cause in free] if diabetes or index == 0 else []
    if diabetes or here:
        return _of_causes(context, readings, proposals, index, diabetes, here, free)
    if causes or index != 0:
        return None
    draft = of_row(
        context.rules.manifestation, Mode.ASK, (index,), _diabetes_on_record(context, readings, rule)
    )
    return replace(draft, said={"plausible": rule.plausible})


def _can_cause(reading: Reading, rule: Manifestation, own: str) -> bool:
    return reading.code != own and reading.code.startswith(rule.causes)


def _diabetes(
    context: Context, readings: Sequence[Reading], rule: Manifestation, free: set[int]
) -> tuple[_Diabetes, ...]:
    rules = context.rules
    if not rule.diabetes:
        return ()
    kinds: dict[str, list[int]] = {}
    for index in sorted(free):
        if readings[index].code.startswith(rules.diabetes):
            kinds.setdefault(readings[index].code[:_CATEGORY], []).append(index)
    return tuple(
        _Diabetes(
            category + rule.diabetes,
            tuple(
                index
                for index in indices
                if readings[index].code == category + rule.diabetes
                or readings[index].code[_CATEGORY:] in rules.absorbed
            ),
        )
        for category, indices in sorted(kinds.items())
    )


def _of_causes(
    context: Context,
    readings: Sequence[Reading],
    proposals: Proposals,
    index: int,
    diabetes: Sequence[_Diabetes],
    causes: Sequence[int],
    free: set[int],
) -> Draft:
    """A choice for each cause, FIX if it is one kind of diabetes alone."""
    copies = {
        at for at, reading in enumerate(readings) if reading.code == readings[index].code and at in free
    }
    touched = sorted({*copies, *causes, *(at for kind in diabetes for at in kind.absorbed)})
    offered: dict[Codes, tuple[int, ...]] = {}
    for kind in diabetes:
        _offer(offered, _combined(readings, touched, copies, index, kind))
    for cause in causes:
        for code in become(readings[cause], proposals[cause]):
            sequence = [at for at in touched if at != cause]
            sequence.insert(sequence.index(index), cause)
            _offer(offered, [(code if at == cause else readings[at].code, at) for at in sequence])
    certain = len(diabetes) == 1 and not causes
    row = context.rules.manifestation if causes else context.rules.combination
    return of_row(row, Mode.FIX if certain else Mode.ASK, touched, tuple(offered), tuple(offered.values()))


def _combined(
    readings: Sequence[Reading], touched: Sequence[int], copies: set[int], index: int, kind: _Diabetes
) -> list[tuple[str, int]]:
    """The combination code where the diabetes stood; where that code says more, in the other's place."""
    stands = [at for at in kind.absorbed if readings[at].code == kind.target]
    home = (*stands, *kind.absorbed, index)[0]
    gone = {*copies, *kind.absorbed} - {home}
    return [(kind.target if at == home else readings[at].code, at) for at in touched if at not in gone]


def _offer(offered: dict[Codes, tuple[int, ...]], placed: Sequence[tuple[str, int]]) -> None:
    offered.setdefault(tuple(code for code, _ in placed), tuple(at for _, at in placed))


def _diabetes_on_record(
    context: Context, readings: Sequence[Reading], rule: Manifestation
) -> tuple[Codes, ...]:
    """Combination codes that the chart's diabetes, or a referenced condition, would allow."""
    if not rule.diabetes:
        return ()
    facts = context.case.facts_of(context.rules.diabetes_group)
    codes = [fact.code for fact in facts if fact.present and fact.active]
    codes += [reading.code for reading in readings]
    categories = {code[:_CATEGORY] for code in codes if code.startswith(context.rules.diabetes)}
    return tuple((category + rule.diabetes,) for category in sorted(categories))
