"""Tests of what is stated: a fact of the chart, a reason of the order, an answer, the setting.

A group that a questionnaire item attests (``signs`` of the data) is also documented by that item.
"""

from __future__ import annotations

from cds_service.core.case import Fact
from cds_service.core.criteria import Test
from cds_service.core.finding import Verdict
from cds_service.engine.criteria.regions import is_near, regions_of
from cds_service.engine.criteria.sides import code_sides, fact_sides, on_side, same_limb
from cds_service.engine.criteria.view import Found, View, label, silent

_NO_FACTS: tuple[Fact, ...] = ()


def fact(test: Test, view: View) -> Found:
    """Any of the groups is present in the chart, attested, or (``reasons``) stated as reason."""
    if view.reasons:
        if not test.stated.isdisjoint(view.reasons):
            return silent(test)
        given = _given(test, view)
        if given is not None:
            return given
    charted = _counting(test, view)
    there = [entry for entry in charted if entry[1].present]
    if there:
        found = _charted(there, view)
        return found if test.presence is Verdict.MET else found._replace(verdict=test.presence)
    attested = _attested(test, view) if view.answers else None
    if attested is not None and attested.verdict is Verdict.MET:
        return attested
    denied = [entry for entry in charted if entry[0] in test.opposes]
    open_ = _not_denied(test, view, denied) if test.each else ()
    if open_:
        return silent(test)._replace(asks=open_)
    if denied:
        return _charted(denied, view)
    return silent(test) if attested is None else attested


def _given(test: Test, view: View) -> Found | None:
    for group in test.reasons:
        if group in view.reasons:
            return reason_given(group, view)
    return _by_code(test, view) if test.reason_stems else None


def _counting(test: Test, view: View) -> list[tuple[str, Fact]]:
    charted = [
        (group, each)
        for group in test.groups
        if group in view.facts
        for each in view.facts[group]
        if counts(test, each, view)
    ]
    if test.near and any(each.sites for _, each in charted):
        regions = regions_of(view)
        return [
            entry
            for entry in charted
            if ("present" if entry[1].present else "absent") not in test.near or is_near(entry[1], regions)
        ]
    return charted


def counts(test: Test, each: Fact, view: View) -> bool:
    """Whether one fact is of the kind, place and time that the test wants."""
    if test.kinds and each.kind not in test.kinds:
        return False
    if each.sites:
        if test.not_regions and all(site.region in test.not_regions for site in each.sites):
            return False
        if test.regions and not any(site.region in test.regions for site in each.sites):
            return False
        if test.same_limb and not same_limb(each, view):
            return False
        if test.of and not on_side(fact_sides(each, test.regions), test, view):
            return False
    if test.current and (not each.active or (each.end and each.end < view.case.as_of)):
        return False
    return not (test.past and each.start and each.start >= view.case.as_of)


def reason(test: Test, view: View) -> Found:
    """Any of the groups is a reason of the session's orders."""
    for group in test.groups:
        if group in view.reasons:
            return reason_given(group, view)
    if not test.stated.isdisjoint(view.reasons):
        return silent(test)._replace(asks=())
    return silent(test)


def reason_given(group: str, view: View) -> Found:
    """The orders state a group as their reason."""
    return Found(Verdict.MET, f"{label(view, group)} (reason of the order)", view.reasons[group])


def answer(test: Test, view: View) -> Found:
    """A yes/no item was answered as wanted."""
    given = view.answers.get(test.item)
    if not isinstance(given, bool):
        return silent(test)
    met = given is test.want
    return Found(
        Verdict.MET if met else Verdict.NOT_MET,
        "answered yes" if given else "answered no",
        (view.answered(test.item),),
        not met,
    )


def setting(test: Test, view: View) -> Found:
    """Where the patient is treated."""
    given = view.case.setting.upper()
    if given in test.inside:
        return Found(Verdict.MET, f"encounter class {given}", ("Encounter",))
    if given in test.outside:
        return Found(Verdict.NOT_MET, f"encounter class {given}", ("Encounter",), True)
    return Found(test.silence, "no encounter class that says so; taken as outpatient")


def _by_code(test: Test, view: View) -> Found | None:
    for concept in view.concepts:
        said = [group for group in test.groups if group in concept.groups]
        for diagnosis in concept.diagnoses if said else ():
            if diagnosis.code.replace(".", "").upper().startswith(test.reason_stems):
                sides = code_sides(view, diagnosis.groups, diagnosis.code)
                if not test.of or on_side(sides, test, view):
                    return reason_given(said[0], view)
    return None


def _attested(test: Test, view: View) -> Found | None:
    signs = view.criteria.signs
    items = {signs[group]: group for group in test.groups if group in signs}
    given = {item: view.answers[item] for item in items if item in view.answers}
    for item, value in given.items():
        if value is True:
            return Found(Verdict.MET, "answered yes", (view.answered(item),))
    for item, value in given.items():
        if value is False and items[item] in test.opposes:
            return Found(Verdict.NOT_MET, "answered no", (view.answered(item),), True)
    return None


def _not_denied(test: Test, view: View, denied: list[tuple[str, Fact]]) -> tuple[str, ...]:
    """The items of the groups that are neither charted absent nor answered no."""
    signs, charted = view.criteria.signs, {group for group, _ in denied}
    items = [signs[group] for group in test.groups if group in test.opposes - charted and group in signs]
    return tuple(item for item in items if view.answers.get(item) is not False)


_SAID_BY_PRESENCE = frozenset({"present", "absent", "positive", "negative", "normal", "abnormal"})


def _charted(found: list[tuple[str, Fact]], view: View) -> Found:
    if len(found) > 1:
        found.sort(key=_newest_first, reverse=True)
    group, first = found[0]
    words = label(view, group)
    if not first.present:
        words = f"{words} charted absent"
    if first.value and first.value not in _SAID_BY_PRESENCE:
        words = f"{words} {first.value}"
    if first.start:
        words = f"{words}, {first.start}"
    if first.by_text:
        words = f"{words} (by text)"
    evidence = (first.ref,) if len(found) == 1 else tuple(dict.fromkeys([each.ref for _, each in found]))
    return Found(
        Verdict.MET if first.present else Verdict.NOT_MET, words, evidence, explicit=not first.present
    )


def _newest_first(entry: tuple[str, Fact]) -> tuple[str, str, str, str]:
    group, each = entry
    return each.start, each.ref, group, each.value


def documented(test: Test, view: View) -> Found:
    """Anything at all is documented about the groups, positive or negative."""
    signs = view.criteria.signs
    if not test.supplied.isdisjoint(view.case.supplied):
        return Found(Verdict.MET, "supplied")
    for group in test.groups:
        for each in view.facts.get(group, _NO_FACTS):
            if counts(test, each, view):
                return Found(Verdict.MET, label(view, group), (each.ref,))
        item = signs.get(group)
        if item is not None and item in view.answers:
            return Found(Verdict.MET, label(view, group), (view.answered(item),))
    return silent(test)


TESTS = {"fact": fact, "documented": documented, "reason": reason, "answer": answer, "setting": setting}
