"""Whatever the data do to the program, an author is told in a line."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from cds_service.errors import ContentError


def caught(file: str, check: Callable[[], Iterable[str] | None], *, tell: bool = True) -> list[str]:
    """The lines of a check of ``file``, or how it broke off where that is to be told."""
    try:
        return list(check() or ())
    except ContentError as error:
        return list(error.problems)
    except Exception as error:  # data that no check foresaw
        if not tell:
            return []
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).name}, line {frame.lineno}"
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        return [f"{file}::$: cannot be used ({what} in {place}); undo the last change to it, or report this"]
