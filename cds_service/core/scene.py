"""What a dialect may know beside the cards: who asked, about which orders, and how they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service.core.card import Card
from cds_service.core.coverage import NO_PAYERS, Coverage, Payers
from cds_service.core.finding import Evaluation
from cds_service.core.guideline import Guideline
from cds_service.core.hook_call import HookCall


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """``orders``: the draft orders by reference, as sent. ``today``: ISO date. ``new_id`` makes uuids.

    ``role``: ``advisor`` (asserts no coverage) or ``payer``. ``base_url``: under which clients know us.
    ``coverages``: those in force; ``payers``: who uses the guideline. ``numbers``: the place of an order on
    the list of draft orders, from one. ``label_of``: our words for a code, ``""`` for one that is not ours.
    ``foresee``: what would be said of another call in place of this one.
    """

    guideline: Guideline
    call: HookCall
    orders: Mapping[str, Mapping[str, Any]]
    evaluation: Evaluation
    new_id: Callable[[], str]
    today: str
    role: str = "advisor"
    base_url: str = ""
    coverages: tuple[Coverage, ...] = ()
    payers: Payers = NO_PAYERS
    numbers: Mapping[str, int] = field(default_factory=dict)
    label_of: Callable[[str], str] = lambda _: ""
    foresee: Callable[[HookCall], tuple[tuple[Card, ...], Scene] | None] = lambda _: None
