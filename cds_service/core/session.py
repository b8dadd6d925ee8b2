"""A session: the orders of one patient that would be carried out at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_service.core.case import Order


@dataclass(frozen=True, slots=True)
class Session:
    """``kinds`` maps ``order.ref`` to what the line is, ``codes`` to the procedure code it stands for.

    Kinds: ``needle``, ``conduction`` (retired conduction codes too), ``nmj``, ``other``, ``""`` (not ours).
    """

    orders: tuple[Order, ...]
    kinds: Mapping[str, str]
    codes: Mapping[str, str] = field(default_factory=dict)
    date: str = ""
