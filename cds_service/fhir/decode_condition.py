"""Condition, Procedure and DiagnosticReport -> Facts."""

from __future__ import annotations

from cds_service.core.case import Fact
from cds_service.fhir.chart import Chart
from cds_service.fhir.elements import JsonObject, as_text, day, span, states, words_of

REFUTED = frozenset({"refuted", "entered-in-error"})
CURRENT = frozenset({"active", "recurrence", "relapse"})
PAST = frozenset({"inactive", "remission", "resolved"})
DONE = frozenset({"completed", "in-progress", "stopped"})
REPORTED = frozenset({"final", "amended", "corrected", "appended"})


def is_refuted(condition: JsonObject) -> bool:
    """Whether the chart takes the Condition back."""
    return not REFUTED.isdisjoint(states(condition.get("verificationStatus")))


def read_condition(chart: Chart, resource: JsonObject, ref: str, path: str) -> bool:
    """A present diagnosis, symptom or sign."""
    groups, code, by_text, sites = chart.meaning("condition", resource.get("code"))
    if not groups:
        return False
    if is_refuted(resource) or not _is_current(resource):
        return True
    end, last = span(resource, "abatement")
    start, _ = span(resource, "onset")
    chart.facts.append(
        Fact(
            kind="condition",
            groups=groups,
            ref=ref,
            path=path,
            start=start or day(resource.get("recordedDate")),
            end=last or end,
            sites=chart.body_sites(resource) or sites,
            code=code,
            by_text=by_text,
        )
    )
    return True


def _is_current(condition: JsonObject) -> bool:
    """By its clinical status, whatever a site codes beside it; without one, while it has not abated."""
    status = condition.get("clinicalStatus")
    if not status:
        return not any(name.startswith("abatement") for name in condition)
    said = states(status)
    if said <= CURRENT:
        return True
    said.update(map(str.lower, words_of(status)))
    return said.isdisjoint(PAST) and not said.isdisjoint(CURRENT)


def read_procedure(chart: Chart, resource: JsonObject, ref: str, path: str) -> bool:
    """Care given, or an earlier study."""
    groups, code, by_text, sites = chart.meaning("procedure", resource.get("code"))
    if not groups:
        return False
    status = as_text(resource.get("status"))
    if status not in DONE:
        return True
    start, end = span(resource, "performed")
    chart.facts.append(
        Fact(
            kind="procedure",
            groups=groups,
            ref=ref,
            path=path,
            start=start,
            end=end,
            active=status == "in-progress",
            sites=chart.body_sites(resource) or sites,
            code=code,
            by_text=by_text,
        )
    )
    return True


def read_report(chart: Chart, resource: JsonObject, ref: str, path: str) -> bool:
    """An earlier study, by its report."""
    groups, code, by_text, _ = chart.meaning("report", resource.get("code"))
    if groups and as_text(resource.get("status")) in REPORTED:
        start, end = span(resource, "effective")
        chart.facts.append(
            Fact(
                kind="report",
                groups=groups,
                ref=ref,
                path=path,
                start=start or day(resource.get("issued")),
                end=end,
                code=code,
                by_text=by_text,
            )
        )
    return bool(groups)
