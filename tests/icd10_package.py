"""The package that the ICD-10-CM extract is made from. Its import takes seconds: only who asks waits."""

from __future__ import annotations

from functools import cache
from types import ModuleType


@cache
def package() -> ModuleType:
    import simple_icd_10_cm

    return simple_icd_10_cm
