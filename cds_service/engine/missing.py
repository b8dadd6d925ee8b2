"""Which questions would settle what is still unknown, those of the shortest way first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds_service.core.case import Fact
from cds_service.core.criteria import Pathway, Test
from cds_service.core.finding import Missing, Verdict
from cds_service.engine.candidates import Bench, Standing
from cds_service.engine.criteria.judge import Judged, Trail, asks_of, route
from cds_service.engine.criteria.regions import is_near, regions_of
from cds_service.engine.criteria.sides import NO_SIDES, side_word, symptomatic
from cds_service.engine.criteria.view import View, charted_as

Items = dict[str, Test | None]


class First(NamedTuple):
    """The items that are needed whichever criterion it is: about the reason, and the pathway's own."""

    reason: tuple[str, ...]
    own: tuple[str, ...]


def first_of(bench: Bench, pathway: Pathway, gate: Judged | None, *, ask: bool) -> First:
    """The items that are needed before any criterion can be looked at; the pathway's own where it asks."""
    return First(
        tuple(_reason_first(bench, pathway, ask=ask)),
        tuple(_asked_here(pathway, gate, bench.view)) if ask else (),
    )


def missing_of(
    view: View,
    first: First,
    gate: Judged | None,
    open_: list[Judged],
    rows: list[Standing],
    from_chart: str,
    *,
    by_rows: bool,
    again: bool,
) -> tuple[Missing, ...]:
    """Unanswered items, those of open criteria before the gate's; ``again``: if none is left, the gate's."""
    items: Items = dict.fromkeys(first.reason)
    for standing in rows:
        if standing.verdict is Verdict.UNKNOWN:
            _collect(items, standing.trail, view)
    if not (by_rows and items):
        for judged in sorted(open_, key=lambda each: (each.criterion.capped, _effort(each, gate))):
            if not judged.leaning:
                _collect(items, judged.trail, view)
    for item in first.own:
        items.setdefault(item, None)
    signs = gate.trail[0][0].asks if gate is not None and gate.verdict is Verdict.UNKNOWN else ()
    if not (by_rows and items):
        for item in signs:
            if not _is_known(item, view):
                items.setdefault(item, None)
    asked = [item for item in items if item not in view.answers] or (signs if again else ())
    shown = _shown(rows, from_chart, view)
    return tuple([_ask(item, items.get(item), view, shown) for item in asked])


def _reason_first(bench: Bench, pathway: Pathway, *, ask: bool) -> list[str]:
    view = bench.view
    if not view.concepts or (ask and pathway.asks and not bench.understood):
        return [view.criteria.reason_item]
    return []


def _asked_here(pathway: Pathway, gate: Judged | None, view: View) -> list[str]:
    """The pathway's items, each after a yes to the one before; without any, what says more of the reason."""
    for item in pathway.asks:
        if not _is_known(item, view):
            return [item]
        if not _is_affirmed(item, view):
            return []
    if pathway.asks:
        return []
    criteria = view.criteria
    found = frozenset(criteria.signs.values()) if gate and gate.verdict is Verdict.MET else frozenset()
    return [item for item in criteria.vague_asks if item not in found and not _is_known(item, view)]


def _is_known(item: str, view: View) -> bool:
    """Whether an item was answered, or what it attests is charted where it counts."""
    if item in view.answers:
        return True
    facts = list(_attested_by(item, view))
    return any(fact.present for fact in facts) or any(is_near(fact, regions_of(view)) for fact in facts)


def _is_affirmed(item: str, view: View) -> bool:
    return view.answers.get(item) is True or any(fact.present for fact in _attested_by(item, view))


def _attested_by(item: str, view: View) -> Iterator[Fact]:
    for group, attested in view.criteria.signs.items():
        if attested == item:
            yield from view.facts.get(group, ())


def _effort(judged: Judged, gate: Judged | None) -> int:
    """How many answers the shortest way to meet a criterion, and the gate with it, takes."""
    items = route(judged.criterion.when, judged.trail)
    if items is None:
        return len(judged.trail) + 1
    if gate is None or gate.verdict is Verdict.MET or not set(items).isdisjoint(gate.trail[0][0].asks):
        return len(items)
    return len(items) + 1


def _collect(items: Items, trail: Trail, view: View) -> None:
    """What the unknown tests ask; a sign that is charted absent only where nothing else is left to ask."""
    for test, found in trail:
        if found.verdict is Verdict.UNKNOWN:
            asks = asks_of(test, found)
            if test.kind == "fact" and not test.opposes:
                asks = tuple([item for item in asks if not _is_known(item, view)]) or asks
            for item in asks:
                items.setdefault(item, test)


def _shown(rows: list[Standing], from_chart: str, view: View) -> str:
    """What the chart shows that may be the reason: a sign that lifted a row, or a disease."""
    for standing in rows:
        if standing.verdict is Verdict.MET:
            for test, found in standing.trail:
                for group in test.groups if found.verdict is Verdict.MET else ():
                    if any(fact.present and fact.ref in found.evidence for fact in view.facts.get(group, ())):
                        return charted_as(group, view)
    return charted_as(from_chart, view) if from_chart else ""


def _ask(item: str, test: Test | None, view: View, shown: str) -> Missing:
    criteria = view.criteria
    if shown and item == criteria.reason_item:
        return Missing(item, criteria.charted.format(found=shown))
    plain = criteria.plain.get(item)
    if plain is not None:
        return plain
    sides = symptomatic(view, test.of, test.regions) if test is not None else NO_SIDES
    side = side_word(view, sides)
    where = test.where.format(side=side) if test is not None else ""
    weeks = test.weeks if test is not None else 0
    return Missing(item, criteria.questions[item].format(side=side, where=where, weeks=weeks))
