"""Hook requests with orders in a clinician's words, and what is said about their codes, in short."""

from __future__ import annotations

from typing import Any

from exchange import ask, take

from cds_service.core.finding import Choice
from cds_service.pipeline import Decision

Json = dict[str, Any]

CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
SNOMED = "http://snomed.info/sct"
SITES = {
    "RUE": "6921000",
    "LUE": "80768000",
    "RLE": "62175007",
    "LLE": "32153003",
    "head": "69536005",
    "thorax": "51185008",
}


def order(
    name: str,
    code: str = "",
    *sites: str,
    units: int | None = None,
    text: str = "",
    note: str = "",
    modifiers: tuple[str, ...] = (),
    details: tuple[Json, ...] = (),
    codings: tuple[Json, ...] = (),
    reason: str = "",
    date: str = "2026-11-24",
) -> Json:
    """One draft order; a site that is no code word is free text."""
    system = HCPCS if code[:1] in ("S", "G") else CPT
    given: Json = {"coding": [*([{"system": system, "code": code}] if code else []), *codings]}
    detail = [*({"coding": [{"system": CPT, "code": each}]} for each in modifiers), *details]
    written = {
        "resourceType": "ServiceRequest",
        "id": name,
        "status": "draft",
        "intent": "order",
        "code": {**{key: value for key, value in given.items() if value}, **({"text": text} if text else {})},
        "subject": {"reference": "Patient/p"},
        "authoredOn": "2026-11-18",
        "occurrenceDateTime": date,
        "quantityQuantity": {"value": units} if units is not None else None,
        "bodySite": [site(each) for each in sites],
        "note": [{"text": note}] if note else [],
        "orderDetail": detail,
        "reasonCode": [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": reason}]}]
        if reason
        else [],
    }
    return {key: value for key, value in written.items() if value not in (None, [])}


def site(name: str) -> Json:
    return {"coding": [{"system": SNOMED, "code": SITES[name]}]} if name in SITES else {"text": name}


def house(name: str, title: str, *sites: str, **rest: Any) -> Json:
    """An order that has only the name and code of the house."""
    coding = {"system": "http://example.org/orderables", "code": "X1", "display": title}
    return order(name, "", *sites, codings=(coding,), **rest)


def answers(**given: Any) -> Json:
    """A response to our questionnaire; underscores stand for hyphens."""
    items = []
    for name, value in given.items():
        values = value if isinstance(value, tuple) else (value,)
        items.append({"linkId": name.replace("_", "-"), "answer": [_answer(each) for each in values]})
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "https://cds.example.org/fhir/Questionnaire/emg-ncs-order-facts",
        "status": "completed",
        "authored": "2026-11-17",
        "item": items,
    }


def _answer(value: object) -> Json:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    return {"valueInteger": value} if isinstance(value, int) else {"valueCoding": {"code": value}}


def request(*orders: Json, chart: tuple[Json, ...] = ()) -> Json:
    return {
        "hook": "order-sign",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {
            "userId": "Practitioner/n",
            "patientId": "p",
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": each} for each in orders]},
        },
        "prefetch": {f"x{number}": each for number, each in enumerate(chart)},
    }


def corrections(decision: Decision, *patterns: str) -> list[str]:
    """``C31 FIX a b: 95937 x 2`` per correction; of all patterns or of these."""
    return [
        f"{each.pattern} {each.mode} {' '.join(ref.rpartition('/')[2] for ref in each.orders)}: "
        + " | ".join(_choice(choice) for choice in each.choices)
        for each in decision.evaluation.corrections
        if not patterns or each.pattern in patterns
    ]


def _choice(choice: Choice) -> str:
    lines = [f"{code} x {units}" if units > 1 else code for code, units in choice.lines()]
    return " + ".join(lines) or "removed"


def first_taken(sent: Json) -> Json:
    """The orders after the first suggestion of the first card."""
    return take(sent, ask(sent).response["cards"][0]["suggestions"][0])


def resource(sent: Json, name: str) -> Json:
    found: Json = next(
        entry["resource"]
        for entry in sent["context"]["draftOrders"]["entry"]
        if entry["resource"]["id"] == name
    )
    return found
