"""Lets an object made before a fork set itself right in every child, for as long as the object lives."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable


def after_fork(method: Callable[[], None]) -> None:
    """Run the bound method in every child right after it was forked."""
    reference = weakref.WeakMethod(method)

    def run() -> None:
        if alive := reference():
            alive()

    os.register_at_fork(after_in_child=run)
