"""Tests of the course in time: seen twice, treated in sequence, recent, injured before the symptoms."""

from __future__ import annotations

from datetime import timedelta

from cds_service.core.case import Fact
from cds_service.core.criteria import Test
from cds_service.core.finding import Verdict
from cds_service.engine.criteria.duration import day
from cds_service.engine.criteria.presence import counts
from cds_service.engine.criteria.sides import same_limb
from cds_service.engine.criteria.view import Found, View, label, silent


def repeated(test: Test, view: View) -> Found:
    """One of the groups is present on ``at_least`` different dates."""
    for group in test.groups:
        found = [fact for fact in view.facts.get(group, ()) if fact.present and fact.start]
        dates = sorted({fact.start for fact in found})
        if len(dates) >= test.at_least:
            return Found(
                Verdict.MET,
                f"{label(view, group)} on {dates[0]} and {dates[-1]}",
                tuple(sorted({fact.ref for fact in found})),
            )
    return silent(test)


def sequence(test: Test, view: View) -> Found:
    """``at_least`` different treatments in turn, and a finding of ``after`` (or the reason) still there."""
    starts: dict[str, Fact] = {}
    for group in test.groups:
        for fact in view.facts.get(group, ()):
            if fact.present and fact.start and fact.start < view.case.as_of:
                what = fact.value or fact.code
                if what not in starts or (fact.start, fact.ref) < (starts[what].start, starts[what].ref):
                    starts[what] = fact
    tried = sorted(starts.values(), key=lambda fact: (fact.start, fact.ref))
    if len(tried) < test.at_least or tried[0].start == tried[-1].start:
        return silent(test)
    evidence = tuple(fact.ref for fact in tried)
    for group in test.reasons:
        if group in view.reasons:
            return Found(Verdict.MET, f"{len(tried)} treatments since {tried[0].start}", evidence)
    last = tried[-1].start
    since = [
        fact
        for group in test.after
        for fact in view.facts.get(group, ())
        if fact.present and fact.start > last
    ]
    if not since:
        return silent(test)
    newest = max(since, key=lambda fact: (fact.start, fact.ref))
    words = f"{len(tried)} treatments since {tried[0].start}, finding of {newest.start}"
    return Found(Verdict.MET, words, (*evidence, newest.ref))


def recent(test: Test, view: View) -> Found:
    """One of the groups began less than ``days`` ago."""
    as_of = day(view.case.as_of)
    if as_of is None:
        return silent(test)
    earliest = (as_of - timedelta(days=test.days)).isoformat()
    found = [
        fact
        for group in test.groups
        for fact in view.facts.get(group, ())
        if fact.present and earliest < fact.start <= view.case.as_of and counts(test, fact, view)
    ]
    if not found:
        return silent(test)
    newest = max(found, key=lambda fact: (fact.start, fact.ref))
    began = day(newest.start)
    days = str((as_of - began).days) if began is not None else ""
    what = next(label(view, group) for group in test.groups if group in newest.groups)
    values = {"days": days, "within_days": str(test.days), "within_weeks": str(test.weeks)}
    return Found(Verdict.MET, f"{what}, began {newest.start}", (newest.ref,), False, values)


def injury(test: Test, view: View) -> Found:
    """One of the groups, located in a limb the orders name, began before the first finding of ``after``."""
    findings = [
        fact.start
        for group in test.after
        for fact in view.facts.get(group, ())
        if fact.present and fact.start
    ]
    first = min(findings, default=view.case.as_of)
    found = [
        fact
        for group in test.groups
        for fact in view.facts.get(group, ())
        if fact.present and fact.start and fact.start <= first and _placed(fact, view)
    ]
    if not found:
        return silent(test)
    earliest = min(found, key=lambda fact: (fact.start, fact.ref))
    return Found(Verdict.MET, f"injury of the same limb, {earliest.start}", (earliest.ref,))


def _placed(fact: Fact, view: View) -> bool:
    named = any(site.is_limb for order in view.session.orders for site in order.sites)
    return named and any(site.is_limb for site in fact.sites) and same_limb(fact, view)


TESTS = {"repeated": repeated, "sequence": sequence, "recent": recent, "injury": injury}
