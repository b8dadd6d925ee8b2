"""Which side is symptomatic: what was answered, else what the reason's code says, else the order's sites."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.core.case import Fact, Site
from cds_service.core.criteria import Laterality, Test
from cds_service.engine.criteria.view import View

NO_SIDES: frozenset[str] = frozenset()
RIGHT: frozenset[str] = frozenset({"right"})
LEFT: frozenset[str] = frozenset({"left"})
BOTH: frozenset[str] = frozenset({"right", "left"})

_BY_WORD = {"right": RIGHT, "left": LEFT, "both": BOTH}


def symptomatic(view: View, groups: frozenset[str], regions: frozenset[str]) -> frozenset[str]:
    """The sides affected by a disease of ``groups`` in ``regions``; empty when nothing says so."""
    return (
        answered(view, view.criteria.side_item)
        or _of_reasons(view, groups)
        or _of_sites((site for order in view.session.orders for site in order.sites), regions)
        or _of_chart(view, groups, regions)
    )


def answered(view: View, item: str) -> frozenset[str]:
    """The sides an answer names."""
    given = view.answers.get(item)
    return _BY_WORD.get(given, NO_SIDES) if isinstance(given, str) else NO_SIDES


def fact_sides(fact: Fact, regions: frozenset[str]) -> frozenset[str]:
    """The sides a fact was located at."""
    return _of_sites(fact.sites, regions)


def code_sides(view: View, groups: frozenset[str], code: str) -> frozenset[str]:
    """The sides a code of ``groups`` names."""
    return _of_code(view.criteria.laterality, groups, code)


def on_side(sides: frozenset[str], test: Test, view: View) -> bool:
    """Whether ``sides`` do not contradict the symptomatic ones of the disease the test is about."""
    if not sides:
        return True
    known = symptomatic(view, test.of, test.regions)
    return not known or not known.isdisjoint(sides)


def side_word(view: View, sides: frozenset[str]) -> str:
    """``right``, ``left``, both or unknown, in the words of the data."""
    name = next(iter(sides)) if len(sides) == 1 else ("both" if sides else "unknown")
    return view.criteria.side_words[name]


def same_limb(fact: Fact, view: View) -> bool:
    """Whether a fact's sites do not contradict the sites of the session's orders."""
    asked = [site for order in view.session.orders for site in order.sites if site.is_limb]
    placed = [site for site in fact.sites if site.is_limb]
    if not asked or not placed:
        return True
    return any(
        one.region == other.region and (not one.side or not other.side or one.side == other.side)
        for one in asked
        for other in placed
    )


def _of_reasons(view: View, groups: frozenset[str]) -> frozenset[str]:
    codes = {
        diagnosis.code: diagnosis.groups
        for concept in view.concepts
        if not groups.isdisjoint(concept.groups)
        for diagnosis in concept.diagnoses
    }
    if len(codes) == 1:
        ((code, stated),) = codes.items()
        return _of_code(view.criteria.laterality, stated, code)
    return NO_SIDES.union(
        *(_of_code(view.criteria.laterality, stated, code) for code, stated in codes.items())
    )


def _of_chart(view: View, groups: frozenset[str], regions: frozenset[str]) -> frozenset[str]:
    found = NO_SIDES
    for group in sorted(groups):
        for fact in view.facts.get(group, ()):
            if fact.present:
                found = found | _of_code(view.criteria.laterality, fact.groups, fact.code)
                found = found | fact_sides(fact, regions)
    return found


def _of_code(rules: tuple[Laterality, ...], groups: frozenset[str], code: str) -> frozenset[str]:
    bare = code.replace(".", "").strip()
    for rule in rules:
        if len(bare) > rule.place and not rule.groups.isdisjoint(groups):
            return rule.sides.get(bare[rule.place], NO_SIDES)
    return NO_SIDES


def _of_sites(sites: Iterable[Site], regions: frozenset[str]) -> frozenset[str]:
    return frozenset([site.side for site in sites if site.side and (not regions or site.region in regions)])
