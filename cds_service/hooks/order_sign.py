"""order-sign: all draft orders are asked about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HOOK = "order-sign"


def selections(context: Mapping[str, Any]) -> tuple[str, ...] | None:  # noqa: ARG001 - same shape for every hook
    """None: the hook selects nothing, so every draft order is asked about."""
    return None
