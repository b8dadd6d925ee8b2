"""The dialects by name, built from their data files, and the choice among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cds_service.content import Roots
from cds_service.core.card import Card
from cds_service.core.hook_call import HookCall
from cds_service.core.scene import Scene
from cds_service.dialects import spec

DEFAULT = "spec"

# cards and scene -> the response body
Speak = Callable[[Sequence[Card], Scene], dict[str, Any]]


def load(roots: Roots) -> dict[str, Speak]:  # noqa: ARG001
    """Every dialect, ready to speak.

    Raises:
        ContentError: a data file under cards/dialects/ is wrong.
    """
    return {"spec": spec.speak}


def choose(known: Mapping[str, Speak], call: HookCall, named: str = "") -> str:
    """The dialect that is named for the caller, else the one the request shows, else ``spec``."""
    if named in known:
        return named
    return next((name for name in known if _shows(call, name)), DEFAULT)


def _shows(call: HookCall, name: str) -> bool:
    """Whether the request carries an extension of the clients that speak this dialect."""
    marks = {"crd": "davinci-crd.", "epic": "com.epic.cdshooks."}
    mark = marks.get(name)
    return mark is not None and any(key.startswith(mark) for key in call.extension)
