"""Orders of one request in shorthand, and what is said about their codes.

``"95886 x2 RUE LUE /50 @2026-11-24 ~free text"``: code, units, sites (limbs by their letters, other regions
by name, ``arm`` without a side), modifiers, date or ``first..last`` of a period, and words. A leading ``!``
is an order of the chart, signed already. Orders are called a, b, c, ... in sequence.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from cds_service.core.case import Answer, Case, Coding, Diagnosis, Order, Site
from cds_service.core.finding import Correction, Evaluation
from cds_service.core.guideline import Knowledge
from cds_service.engine.evaluate import evaluate
from tests import loaded

LIMBS = {
    "RUE": Site("arm", "right"),
    "LUE": Site("arm", "left"),
    "RLE": Site("leg", "right"),
    "LLE": Site("leg", "left"),
}
REASON = "unexplained-neuropathy"
RADICULAR = "radiculopathy"
WRITTEN = "2026-11-18"


@cache
def knowledge() -> Knowledge:
    return loaded.service().knowledge


def order(name: str, written: str, *reasons: str) -> Order:
    """One order from its shorthand."""
    text, _, words = written.partition(" ~")
    draft = not text.startswith("!")
    code, *parts = text.lstrip("!").split()
    units = next((int(part[1:]) for part in parts if part[0] == "x" and part[1:].isdigit()), None)
    stated = next((part[1:] for part in parts if part[0] == "@"), "")
    date, _, until = stated.partition("..")
    sites = [part for part in parts if part[0] not in "/@" and not part[1:].isdigit()]
    return Order(
        f"ServiceRequest/{name}",
        (Coding("http://www.ama-assn.org/go/cpt", code),),
        units=units,
        modifiers=tuple(part[1:] for part in parts if part[0] == "/"),
        sites=tuple(LIMBS.get(site) or Site(site) for site in sites),
        words=words.lower(),
        title=words.lower(),
        date=date,
        until=until,
        reasons=tuple(Diagnosis("", group, frozenset({group})) for group in reasons),
        draft=draft,
    )


def looked_at(
    *written: str, reason: str | tuple[str, ...] = REASON, answers: Mapping[str, Answer] | None = None
) -> Evaluation:
    """The evaluation of the orders; ``reason``: of all orders, or one of each."""
    reasons = reason if isinstance(reason, tuple) else (reason,) * len(written)
    orders = tuple(
        order(name, text, group) for name, text, group in zip("abcdefgh", written, reasons, strict=False)
    )
    return evaluate(knowledge(), Case(WRITTEN, orders, answers=answers or {}, setting="AMB"))


def said(
    *written: str, reason: str | tuple[str, ...] = REASON, answers: Mapping[str, Answer] | None = None
) -> list[str]:
    """Every correction with choices as ``C04 FIX a: 95886``; a choice in words only stands in brackets."""
    found = looked_at(*written, reason=reason, answers=answers).corrections
    return [stated(each) for each in found if each.choices]


def stated(found: Correction) -> str:
    names = "".join(ref.rpartition("/")[2] for ref in found.orders) or "-"
    choices = []
    for choice in found.choices:
        days = {edit.code: f" @{edit.date}" for edit in choice.edits if edit.date}
        lines = [
            f"{code}{f' x{units}' if units > 1 else ''}{days.get(code, '')}"
            for code, units in found.becomes(choice)
        ]
        text = " + ".join(lines) or "removed"
        choices.append(text if choice.applicable else f"({text})")
    return f"{found.pattern} {found.mode} {names}: {' | '.join(choices)}"
