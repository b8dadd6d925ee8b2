"""Our advertised prefetch templates and a hook call in, the FHIR queries they stand for out. Pure.

No other query is ever asked, and an id that is no FHIR id never gets into one.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from cds_service.core.hook_call import HookCall

_TOKEN = re.compile(r"\{\{([^{}]*)\}\}")
_ID = re.compile(r"(?!\.+\Z)[A-Za-z0-9.-]{1,64}")
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
_USERS = {
    "userPractitionerId": "Practitioner",
    "userPractitionerRoleId": "PractitionerRole",
    "userPatientId": "Patient",
    "userRelatedPersonId": "RelatedPerson",
}


def type_of(template: str) -> str:
    """The resource type a template reads or searches for."""
    return re.split(r"[/?]", template, maxsplit=1)[0]


def is_search(template: str) -> bool:
    """Whether a template searches; if not, it reads one resource."""
    return "?" in template


def expand(template: str, call: HookCall) -> str:
    """The query, relative to the FHIR base; ``""`` when an id it needs is absent or is no FHIR id."""
    values = [_value(name.strip(), call) for name in _TOKEN.findall(template)]
    if not all(values):
        return ""
    filled = iter(values)
    return _TOKEN.sub(lambda _: next(filled), template)


def _value(name: str, call: HookCall) -> str:
    if name == "context.patientId":
        return _id(call.patient_id)
    if name == "context.encounterId":
        return _id(call.encounter_id)
    kind, _, own = call.user_id.partition("/")
    if name == "context.userId":
        return f"{kind}/{_id(own)}" if _TYPE.fullmatch(kind) and _id(own) else ""
    return _id(own) if _USERS.get(name) == kind else ""


def _id(value: str) -> str:
    return quote(value, safe="") if _ID.fullmatch(value) else ""
