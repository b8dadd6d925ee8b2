"""Which questions would settle what is still unknown."""

from __future__ import annotations

from cds_service.core.criteria import Pathway, Test
from cds_service.core.finding import Missing, Verdict
from cds_service.engine.candidates import Standing
from cds_service.engine.criteria.judge import Judged, Trail
from cds_service.engine.criteria.sides import NO_SIDES, side_word, symptomatic
from cds_service.engine.criteria.view import View


def missing_of(
    view: View,
    pathway: Pathway,
    gate: Judged | None,
    open_: list[Judged],
    rows: list[Standing],
    *,
    ask: bool,
    by_rows: bool,
) -> tuple[Missing, ...]:
    """Unanswered items, those of open criteria before the gate's; when all are answered, the same again."""
    criteria = view.criteria
    items: dict[str, Test | None] = {}
    if not view.concepts:
        items[criteria.reason_item] = None
    for standing in rows:
        if standing.verdict is Verdict.UNKNOWN:
            _collect(items, standing.trail)
    if not (by_rows and items):
        for judged in open_:
            if not judged.leaning:
                _collect(items, judged.trail)
    if ask:
        found = frozenset(criteria.signs.values()) if gate and gate.verdict is Verdict.MET else frozenset()
        items.update(dict.fromkeys(item for item in pathway.asks or criteria.vague_asks if item not in found))
    if gate is not None and gate.verdict is Verdict.UNKNOWN and not (by_rows and items):
        _collect(items, gate.trail)
    unanswered = [item for item in items if item not in view.answers]
    return tuple([_ask(item, items[item], view) for item in unanswered or items])


def _collect(items: dict[str, Test | None], trail: Trail) -> None:
    for test, found in trail:
        if found.verdict is Verdict.UNKNOWN:
            for item in test.asks:
                items.setdefault(item, test)


def _ask(item: str, test: Test | None, view: View) -> Missing:
    plain = view.criteria.plain.get(item)
    if plain is not None:
        return plain
    sides = symptomatic(view, test.of, test.regions) if test is not None else NO_SIDES
    return Missing(item, view.criteria.questions[item].format(side=side_word(view, sides)))
