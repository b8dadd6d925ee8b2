"""order-select: the selected orders are asked about, the other drafts are context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HOOK = "order-select"


def selections(context: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The selected references; None when the client sent none, which means all drafts."""
    selected = context.get("selections")
    return None if selected is None else tuple(selected)
