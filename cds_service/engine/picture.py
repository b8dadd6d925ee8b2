"""One picture per group of orders: corrections that touch the same orders become one set of suggestions.

Every suggestion states all that becomes of an order, so no two of them undo each other, and whichever is
taken
leaves the remaining points to the next call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from cds_service.core.finding import Choice, Correction, DiagnosisCorrection, Edit, Mode

# The question whose answer a choice in words leaves open.
_LIMBS = "limbs-planned"

_Choice = TypeVar("_Choice")
DiagnosisChange = tuple[DiagnosisCorrection, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What one click does. ``edits`` concern codes, ``diagnoses`` the reasons of orders.

    ``recommended``: all of it is certain.
    """

    edits: tuple[Edit, ...]
    diagnoses: tuple[DiagnosisChange, ...]
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """All corrections about one connected set of orders. ``words``: choices no suggestion can carry out."""

    orders: tuple[str, ...]
    corrections: tuple[Correction, ...]
    diagnoses: tuple[DiagnosisCorrection, ...]
    suggestions: tuple[Suggestion, ...]
    words: tuple[Choice, ...]

    @property
    def mode(self) -> Mode:
        modes = [item.mode for item in self.corrections] + [item.mode for item in self.diagnoses]
        return Mode.FIX if modes and all(mode is Mode.FIX for mode in modes) else Mode.ASK


def pictures(
    corrections: Sequence[Correction],
    diagnoses: Sequence[DiagnosisCorrection],
    order_of: Sequence[str],
) -> tuple[Picture, ...]:
    """The corrections by connected orders; ``order_of`` lists all order references as sent."""
    home: dict[str, int] = {}
    groups: dict[int, list[Correction | DiagnosisCorrection]] = {}
    rows: dict[str, int] = {}
    items: list[Correction | DiagnosisCorrection] = [*corrections, *diagnoses]
    for number, item in enumerate(items):
        refs = _touched(item)
        joined = {home[ref] for ref in refs if ref in home}
        if isinstance(item, DiagnosisCorrection) and item.row in rows:
            joined.add(rows[item.row])
        groups[number] = [item]
        for other in sorted(joined):
            groups[number] = [*groups.pop(other), *groups[number]]
            home.update({ref: number for ref, group in home.items() if group == other})
            rows.update({row: number for row, group in rows.items() if group == other})
        home.update(dict.fromkeys(refs, number))
        if isinstance(item, DiagnosisCorrection):
            rows[item.row] = number
    position = {ref: index for index, ref in enumerate(order_of)}
    built = [_picture(group, position) for group in groups.values()]
    return tuple(
        sorted(built, key=lambda picture: position.get(picture.orders[0], 0) if picture.orders else 0)
    )


def _touched(item: Correction | DiagnosisCorrection) -> tuple[str, ...]:
    if isinstance(item, DiagnosisCorrection):
        return (item.order,)
    return tuple(dict.fromkeys((*item.orders, *item.about)))


def _picture(items: list[Correction | DiagnosisCorrection], position: dict[str, int]) -> Picture:
    corrections = tuple(item for item in items if isinstance(item, Correction))
    diagnoses = tuple(item for item in items if isinstance(item, DiagnosisCorrection))
    refs = {ref for item in items for ref in _touched(item)}
    return Picture(
        orders=tuple(sorted(refs, key=lambda ref: (position.get(ref, len(position)), ref))),
        corrections=corrections,
        diagnoses=diagnoses,
        suggestions=_suggestions(corrections, diagnoses),
        words=tuple(
            choice
            for correction in _distinct(corrections)
            if _LIMBS in correction.asks
            for choice in correction.choices
            if not choice.applicable and _needs_words(choice)
        ),
    )


def _needs_words(choice: Choice) -> bool:
    """A change to existing lines that needs something a suggestion cannot know, such as the limb left out."""
    return any(edit.action == "change" for edit in choice.edits) and all(
        edit.action != "create" for edit in choice.edits
    )


def _suggestions(
    corrections: tuple[Correction, ...], diagnoses: tuple[DiagnosisCorrection, ...]
) -> tuple[Suggestion, ...]:
    fixed = _compatible(
        c.choices[0] for c in corrections if c.mode is Mode.FIX and c.choices and c.choices[0].applicable
    )
    base = _edits(choice.edits for choice in fixed)
    fixes: tuple[DiagnosisChange, ...] = _standing(
        tuple((d, d.choices[0]) for d in diagnoses if d.mode is Mode.FIX), base
    )
    suggestions = [Suggestion(base, fixes, recommended=True)] if base or fixes else []
    for correction in _distinct(corrections):
        if correction.mode is Mode.FIX:
            continue
        for choice in _default_first(correction.choices, correction.default):
            if choice.applicable:
                taken = {edit.order for edit in choice.edits if edit.action != "create"}
                rest = _edits(fix.edits for fix in fixed if taken.isdisjoint(_existing(fix.edits)))
                changed = tuple(edit for edit in choice.edits if edit.action != "keep")
                suggestions.append(Suggestion((*rest, *changed), _standing(fixes, changed)))
    for alike in _alike(diagnoses):
        for codes in _default_first(alike[0].choices, alike[0].default):
            asked = _standing(tuple((diagnosis, codes) for diagnosis in alike), base)
            if asked:
                suggestions.append(Suggestion(base, (*_beside(fixes, asked), *asked)))
    first: dict[tuple[tuple[Edit, ...], tuple[DiagnosisChange, ...]], Suggestion] = {}
    for suggestion in suggestions:
        first.setdefault((suggestion.edits, suggestion.diagnoses), suggestion)
    return tuple(first.values())


def _default_first(choices: tuple[_Choice, ...], default: int) -> tuple[_Choice, ...]:
    """What is usual comes first; only what is certain is recommended."""
    return choices if default < 0 else (choices[default], *choices[:default], *choices[default + 1 :])


def _compatible(choices: Iterable[Choice]) -> list[Choice]:
    """Choices that can be made together: where two would write an order differently, the later one waits."""
    written: dict[str, Edit] = {}
    together = []
    for choice in choices:
        own = {
            edit.order: edit
            for edit in choice.edits
            if edit.action in ("change", "remove") and not edit.stays
        }
        if all(written.get(order, edit) == edit for order, edit in own.items()):
            written.update(own)
            together.append(choice)
    return together


def _alike(diagnoses: tuple[DiagnosisCorrection, ...]) -> list[list[DiagnosisCorrection]]:
    """Questions about the same codes, on several orders or by several rows, are one question."""
    groups: dict[tuple[object, ...], dict[tuple[object, ...], DiagnosisCorrection]] = {}
    for diagnosis in diagnoses:
        if diagnosis.mode is Mode.ASK:
            same = groups.setdefault((diagnosis.from_, diagnosis.choices), {})
            same.setdefault((diagnosis.order, diagnosis.positions), diagnosis)
    return [list(group.values()) for group in groups.values()]


def _beside(
    fixes: tuple[DiagnosisChange, ...], asked: tuple[DiagnosisChange, ...]
) -> tuple[DiagnosisChange, ...]:
    """The certain changes about other codes: a choice states all that becomes of its own."""
    taken = {(correction.order, place) for correction, _ in asked for place in correction.positions}
    return tuple(
        fix for fix in fixes if taken.isdisjoint((fix[0].order, place) for place in fix[0].positions)
    )


def _standing(fixes: tuple[DiagnosisChange, ...], edits: Iterable[Edit]) -> tuple[DiagnosisChange, ...]:
    removed = {edit.order for edit in edits if edit.action == "remove"}
    return tuple(fix for fix in fixes if fix[0].order not in removed)


def _existing(edits: Iterable[Edit]) -> set[str]:
    """The orders that ``edits`` change or remove."""
    return {edit.order for edit in edits if edit.action in ("change", "remove")}


def _edits(groups: Iterable[tuple[Edit, ...]]) -> tuple[Edit, ...]:
    """Each change once; what leaves code and units alone is done in one edit with what changes them."""
    edits = dict.fromkeys(edit for edits in groups for edit in edits if edit.action != "keep")
    joining = [edit for edit in edits if edit.stays]
    if not joining:
        return tuple(edits)
    written = {edit.order: edit for edit in edits if not edit.stays and edit.action != "create"}
    for edit in joining:
        known = written.setdefault(edit.order, edit)
        if known.action == "remove":
            continue
        takes = tuple(dict.fromkeys((*known.takes, *edit.takes)))
        written[edit.order] = replace(
            known, date=known.date or edit.date, like=known.like or edit.like, takes=takes
        )
    created = (edit for edit in edits if edit.action == "create")
    return tuple(dict.fromkeys((*(written[e.order] for e in edits if e.action != "create"), *created)))


def _distinct(corrections: tuple[Correction, ...]) -> tuple[Correction, ...]:
    """Corrections without those that repeat another pattern's choices."""
    found: dict[tuple[tuple[Edit, ...], ...], Correction] = {}
    for correction in corrections:
        found.setdefault(tuple(choice.edits for choice in correction.choices), correction)
    return tuple(found.values())
