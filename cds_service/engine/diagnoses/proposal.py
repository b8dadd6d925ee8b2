"""A proposal: what one code, taken by itself, should become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_service.core.finding import Mode


@dataclass(frozen=True, slots=True)
class Proposal:
    """``optional``: the code as it is may also be right, so a rule about two codes may ignore this one.

    ``together``: the choices are one choice, all of them to be sent. ``said``: words for the card's
    sentences.
    """

    row: str
    mode: Mode
    choices: tuple[str, ...]
    why: str
    default: int = -1
    asks: tuple[str, ...] = ()
    side: str = ""
    optional: bool = False
    together: bool = False
    said: Mapping[str, str] = field(default_factory=dict, hash=False)
