"""The kinds of test a guideline may use, by name; each stands in the schema too."""

from __future__ import annotations

from collections.abc import Callable

from cds_service.core.criteria import Test
from cds_service.engine.criteria import course, duration, ordered, presence
from cds_service.engine.criteria.view import Found, View

Run = Callable[[Test, View], Found]

KINDS: dict[str, Run] = {**presence.TESTS, **duration.TESTS, **course.TESTS, **ordered.TESTS}
