"""What one suggestion of a card does to the EHR's orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service.core.case import Gap
from cds_service.core.finding import Choice, Correction, DiagnosisCorrection, Edit, Evaluation, Mode


@dataclass(frozen=True, slots=True)
class Action:
    """``type``: ``update`` | ``create`` | ``delete``. ``resource``: the whole order (none for delete)."""

    type: str
    order: str
    edits: tuple[Edit, ...] = ()
    diagnoses: tuple[tuple[DiagnosisCorrection, tuple[str, ...]], ...] = ()
    resource: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One suggestion: its actions, in FHIR transaction order when applied. Without actions it can only be
    said.
    """

    actions: tuple[Action, ...]
    recommended: bool = False
    applicable: bool = True


@dataclass(frozen=True, slots=True)
class Topic:
    """One card about codes: the corrections it states, its offers, and choices only words can give."""

    orders: tuple[str, ...]
    corrections: tuple[Correction, ...]
    diagnoses: tuple[DiagnosisCorrection, ...]
    offers: tuple[Offer, ...]
    words: tuple[Choice, ...]
    mode: Mode


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything cards are made of.

    ``sent``: the code line of an order, by reference; ``numbers``: its place among the draft orders;
    ``places``: the same by the path of a resource in the request.
    """

    evaluation: Evaluation
    topics: tuple[Topic, ...]
    sent: Mapping[str, str]
    gaps: tuple[Gap, ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
