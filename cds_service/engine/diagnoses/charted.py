"""What the chart says of the other side."""

from __future__ import annotations

from cds_service.core.case import Case, Diagnosis
from cds_service.core.icd10 import BOTH, DiagnosisRules, Place
from cds_service.core.session import Session
from cds_service.engine.diagnoses.context import ONE_SIDE, listed_sides

_EXAMINED = frozenset({"condition", "observation"})


def charted_both(rules: DiagnosisRules, case: Case, reason: Diagnosis, place: Place) -> bool:
    """Whether the chart names both sides of the disease, or symptoms and signs of both limbs of its kind."""
    return _of_disease(rules, case, reason, place) or _of_symptoms(rules, case, place)


def symptoms_on_both_sides(rules: DiagnosisRules, case: Case, session: Session) -> bool:
    """The same for a session whose reasons name one side, where both limbs of the kind are to be studied."""
    sites = [site for order in session.orders for site in order.sites]
    if not case.facts or not {site.side for site in sites} >= ONE_SIDE:
        return False
    return any(
        charted_both(rules, case, reason, place)
        for reason in {reason.code: reason for order in session.orders for reason in order.reasons}.values()
        if reason.code in rules.entries
        for place in rules.entries[reason.code].places
        if place.side in ONE_SIDE and listed_sides(sites, place.regions) == ONE_SIDE
    )


def _of_disease(rules: DiagnosisRules, case: Case, reason: Diagnosis, place: Place) -> bool:
    groups = reason.groups
    sides = {place.side}
    for fact in case.facts_of(*groups) if groups else case.facts:
        if fact.kind != "condition" or not fact.present or not fact.active:
            continue
        entry = rules.entries.get(fact.code)
        if entry is not None:
            sides.update(other.side for other in entry.places if other.stem == place.stem)
        elif groups and groups <= fact.groups:
            sides.update(listed_sides(fact.sites, place.regions))
    return BOTH in sides or sides >= ONE_SIDE


def _of_symptoms(rules: DiagnosisRules, case: Case, place: Place) -> bool:
    sites = [
        site
        for fact in case.facts_of(*rules.symptoms)
        if fact.present and fact.active and fact.kind in _EXAMINED
        for site in fact.sites
    ]
    return listed_sides(sites, place.regions) == ONE_SIDE
