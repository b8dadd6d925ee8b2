"""Which answers settle a determination: alternatives, each of facts that are needed together.

A card offers these; the trace shows every fact that bears on what is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import product

from cds_service.core.criteria import Condition, Test
from cds_service.core.finding import Need, Verdict, Way
from cds_service.engine.candidates import Standing
from cds_service.engine.criteria.judge import Judged, Trail, asks_of
from cds_service.engine.criteria.view import Found, View

Needs = tuple[Need, ...]

# A condition with more alternatives than this is told by the first of them.
_MOST = 12


def ways_of(
    view: View,
    gate: Judged | None,
    judged: Iterable[Judged],
    rows: list[Standing],
    first: Iterable[str],
    asked: Collection[str],
    *,
    by_rows: bool,
) -> tuple[Way, ...]:
    """The ways, the shortest first, made of the ``asked`` items.

    ``first``: items that come before any criterion.
    """
    usable = [item for item in asked if suits(item, view)]
    signs = _usable(gate.trail[0][0].asks, usable) if gate and gate.verdict is Verdict.UNKNOWN else ()
    base = _base(first, gate, rows, usable)
    if by_rows and base:
        return (Way(base),)
    found = [
        (each, _with_signs(_distinct((*base, *needs)), signs))
        for each in judged
        for needs in _ways(each.criterion.when, dict(_asked(each.trail)), usable)
    ]
    told = [entry for entry in found if not entry[0].criterion.capped] or found
    ways = _undominated(sorted(told, key=lambda entry: len(entry[1])))
    if not ways:
        needs = _with_signs(base, signs)
        return (Way(needs),) if needs else ()
    return tuple(ways)


def suits(item: str, view: View) -> bool:
    """Whether a question is one for these orders: it is not where something places them elsewhere alone."""
    known = view.criteria.items.get(item)
    if known is None or not (known.codes or known.regions or known.reasons):
        return True
    places = {site.region for order in view.session.orders for site in order.sites}
    if places - known.regions:
        return True
    return not (
        places
        or not known.codes.isdisjoint(view.session.codes.values())
        or not known.reasons.isdisjoint(view.reasons)
    )


def _base(first: Iterable[str], gate: Judged | None, rows: list[Standing], usable: list[str]) -> Needs:
    """What is needed whichever criterion it is: items of the pathway, and what lifts the rows."""
    together = gate.trail[0][0].asks if gate is not None else ()
    needs = [
        Need(_usable(together, usable) if item in together else (item,)) for item in first if item in usable
    ]
    for standing in rows:
        if standing.verdict is Verdict.UNKNOWN and standing.row.evidence is not None:
            ways = _ways(standing.row.evidence, dict(_asked(standing.trail)), usable)
            needs += ways[0] if ways else ()
    return _distinct(needs)


def _asked(trail: Trail) -> list[tuple[str, Found]]:
    return [(test.id, found) for test, found in trail]


def _usable(items: Iterable[str], usable: list[str]) -> tuple[str, ...]:
    return tuple([item for item in items if item in usable])


def _ways(condition: Condition, found: dict[str, Found], usable: list[str]) -> list[Needs]:
    """Each way to meet a condition; none when no answer does."""
    if isinstance(condition, Test):
        return _of_test(condition, found.get(condition.id), usable)
    if condition.op == "none":
        lifted = all(
            each.verdict is Verdict.NOT_MET
            for part in condition.parts
            if isinstance(part, Test) and (each := found.get(part.id)) is not None
        )
        return [()] if lifted else []
    parts = [_ways(part, found, usable) for part in condition.parts]
    if condition.op == "all":
        return [_distinct(need for needs in chosen for need in needs) for chosen in product(*parts)][:_MOST]
    ways = [way for part in parts for way in part]
    if () in ways:
        return [()]
    alone = [way[0] for way in ways if len(way) == 1]
    merged: list[Needs] = [(_either(alone),)] if alone else []
    return [*merged, *(way for way in ways if len(way) > 1)][:_MOST]


def _of_test(test: Test, found: Found | None, usable: list[str]) -> list[Needs]:
    if found is None or found.verdict is Verdict.MET:
        return [()]
    if found.verdict is Verdict.NOT_MET:
        return []
    asks = _usable(asks_of(test, found), usable)
    if not asks:
        return []
    # A yes or no decides; what else the test asks for explains it.
    need = Need(asks[:1], asks[1:]) if test.kind == "answer" else Need(asks)
    return [(need,)]


def _either(needs: list[Need]) -> Need:
    return Need(
        tuple(dict.fromkeys(item for need in needs for item in need.any_of)),
        tuple(dict.fromkeys(item for need in needs for item in need.along)),
    )


def _distinct(needs: Iterable[Need]) -> Needs:
    """Each once; of two of which one settles the other, the stricter."""
    kept: list[Need] = []
    for need in needs:
        if any(set(other.any_of) <= set(need.any_of) for other in kept):
            continue
        kept = [other for other in kept if not set(need.any_of) <= set(other.any_of)]
        kept.append(need)
    return tuple(kept)


def _with_signs(needs: Needs, signs: tuple[str, ...]) -> Needs:
    return _distinct((*needs, Need(signs))) if signs else needs


def _implies(more: Needs, less: Needs) -> bool:
    """Whether the facts of ``more`` settle ``less`` too."""
    return all(any(set(one.any_of) <= set(need.any_of) for one in more) for need in less)


def _undominated(found: list[tuple[Judged, Needs]]) -> list[Way]:
    """Ways that another one makes needless go, unless it may fail: then they say what they need beyond it."""
    alone: list[tuple[Judged, Needs]] = []
    fallbacks: dict[str, list[Way]] = {}
    for judged, needs in found:
        shorter = next((one for one in alone if _implies(needs, one[1])), None)
        if shorter is None:
            alone.append((judged, needs))
        elif shorter[0].criterion.fails and judged.criterion is not shorter[0].criterion:
            beyond = tuple(need for need in needs if not _implies((need,), shorter[1]))
            if beyond:
                fallbacks.setdefault(shorter[0].criterion.id, []).append(
                    Way(beyond, shorter[0].criterion.fails)
                )
    ways = [Way(needs) for needs in _merged([needs for _, needs in alone])]
    for further in fallbacks.values():
        ways += further[:1]
    return ways


def _merged(ways: list[Needs]) -> list[Needs]:
    """Ways of one need each are one need."""
    short = [needs[0] for needs in ways if len(needs) == 1]
    if len(short) < 2:
        return ways
    return [(_either(short),), *(needs for needs in ways if len(needs) > 1)]
