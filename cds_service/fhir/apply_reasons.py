"""Corrected reasons, written into the order as it was sent; what they leave alone is shared with it.

A code that stays is left as it stands, with all its concept says beside it. Where a choice puts codes into
another sequence, whole concepts move; within one concept, whole codings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from cds_service.core.finding import DiagnosisCorrection
from cds_service.core.icd10 import Icd10
from cds_service.core.vocabulary import ICD10CM, dotted

Json = dict[str, Any]
DiagnosisChange = tuple[DiagnosisCorrection, tuple[str, ...]]
Position = tuple[int, int]


def with_diagnoses(order: Mapping[str, Any], changes: Iterable[DiagnosisChange], icd10: Icd10) -> Json | None:
    """The order with its reasons corrected; ``None`` when a reason to edit is not where it was read."""
    given = order.get("reasonCode")
    if not isinstance(given, list):
        return None
    reasons = _Reasons(given, icd10)
    for correction, codes in changes:
        if not reasons.change(correction, codes):
            return None
    written = reasons.written()
    if not written:
        return None
    result: Json = {**order, "reasonCode": written}
    drop_narrative(result)
    return result


def kept(coding: Json) -> Json:
    """What a corrected coding keeps: its id, extensions and userSelected, not the version of the old
    system.
    """
    return {name: value for name, value in coding.items() if name in ("id", "extension", "userSelected")}


def quotes(text: object, code: str) -> bool:
    """A text that quotes the old code describes the old code."""
    return isinstance(text, str) and bool(code) and code in text


def drop_narrative(order: Json) -> None:
    """A generated narrative would go on telling the old order."""
    text = order.get("text")
    if isinstance(text, dict) and text.get("status") in ("generated", "extensions"):
        del order["text"]


class _Reasons:
    """The reasons of one order while they change; positions are those of the order as sent."""

    def __init__(self, given: list[Any], icd10: Icd10) -> None:
        self._given = given
        self._icd10 = icd10
        self._sequence = list(range(len(given)))
        self._codings: dict[int, dict[int, Json | None]] = {}
        self._places: dict[int, list[int]] = {}
        self._untrue: set[int] = set()
        self._added: list[Json] = []

    def change(self, correction: DiagnosisCorrection, codes: tuple[str, ...]) -> bool:
        """Whether every position was found."""
        if any(self._sent(position) is None for position in correction.positions):
            return False
        placed = correction.placed(codes)
        taken = [position for _, position in placed if position is not None]
        for gone in set(correction.positions).difference(taken):
            self._put(gone, None)
        for code, position in placed:
            if position is None:
                self._added.append({"coding": [self._coding(code)]})
            elif self._sent(position, "code") != code:
                self._put(position, code)
        for earlier, later in reversed(tuple(pairwise(taken))):
            self._move_before(earlier, later)
        return True

    def written(self) -> list[Any]:
        """The reasons as they have become."""
        reasons = [self._concept(reason) for reason in self._sequence]
        return [*(reason for reason in reasons if reason is not None), *self._added]

    def _sent(self, position: Position, member: str = "") -> Any:
        """The coding (or a member of it) that was sent there, ``None`` if there is none."""
        reason, coding = position
        try:
            found = self._given[reason]["coding"][coding]
        except (IndexError, KeyError, TypeError):
            return None
        if not isinstance(found, dict):
            return None
        return found.get(member) if member else found

    def _put(self, position: Position, code: str | None) -> None:
        reason, coding = position
        sent: Json = self._sent(position)
        new = None if code is None else {**kept(sent), **self._coding(code)}
        self._codings.setdefault(reason, {})[coding] = new
        if self._tells(self._given[reason].get("text"), sent, code):
            self._untrue.add(reason)

    def _tells(self, text: object, sent: Json, code: str | None) -> bool:
        """Whether a text tells the coding that goes, and not also the one that comes."""
        if not isinstance(text, str):
            return False
        old = sent.get("code")
        said = text.strip().casefold()
        names = {str(sent.get("display", "")).strip().casefold(), self._label(old)} - {""}
        return quotes(text, str(old or "")) or (said in names and said != self._label(code))

    def _label(self, code: object) -> str:
        return self._icd10.label(dotted(code)).casefold() if isinstance(code, str) else ""

    def _move_before(self, earlier: Position, later: Position) -> None:
        (one, place), (other, before) = earlier, later
        if one != other:
            sequence = self._sequence
            if sequence.index(one) > sequence.index(other):
                sequence.remove(one)
                sequence.insert(sequence.index(other), one)
            return
        places = self._places.setdefault(one, list(range(len(self._given[one]["coding"]))))
        here, there = places.index(place), places.index(before)
        if here > there:
            places[here], places[there] = places[there], places[here]

    def _concept(self, reason: int) -> Any:
        """The concept as it has become, ``None`` once nothing is coded in it."""
        concept = self._given[reason]
        changed = self._codings.get(reason, {})
        if not changed and reason not in self._places:
            return concept
        sent = concept["coding"]
        codings = [
            coding
            for place in self._places.get(reason, range(len(sent)))
            if (coding := changed.get(place, sent[place])) is not None
        ]
        if not codings:
            return None
        left_out = {"text"} if reason in self._untrue else set()
        return {**{name: value for name, value in concept.items() if name not in left_out}, "coding": codings}

    def _coding(self, code: str) -> Json:
        label = self._icd10.label(code)
        coding = {"system": ICD10CM, "code": code}
        return {**coding, "display": label} if label else coding
