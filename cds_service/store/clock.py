"""The wall clock of the store, in UTC; tests put their own in its place."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time now, with its zone."""
    return datetime.fromtimestamp(time.time(), UTC)
