"""What one hook request hands to decoding: orders and chart as sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """``draft_orders`` are (path, resource) of every entry of context.draftOrders, of any type, in order.

    ``draft_urls``: their Bundle addresses (fullUrl), by path.
    ``selections`` is ``None`` when every draft order is asked about. Ids are bare; ``""``: not given.
    """

    draft_orders: tuple[tuple[str, object], ...] = ()
    prefetch: Mapping[str, object] = field(default_factory=dict)
    selections: tuple[str, ...] | None = None
    patient_id: str = ""
    encounter_id: str = ""
    draft_urls: Mapping[str, str] = field(default_factory=dict)
