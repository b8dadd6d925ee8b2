"""Seeded order-sign requests as an EHR would send them: 3 orders, 20 Conditions, 15 other resources.

``clean``: everything is in order, no card. ``correction``: one code to correct and open questions.
``choices``: codes, sides and reasons to correct, with every choice written out.
"""

from __future__ import annotations

from random import Random
from typing import Any

from tests.contract.bodies import body, bundle

Json = dict[str, Any]

EHR = "https://ehr.example.org/fhir"
HL7 = "http://terminology.hl7.org/CodeSystem"
CPT = "http://www.ama-assn.org/go/cpt"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
CONDITIONS = 20
VARIANTS = ("clean", "correction", "choices")

# The orders: (code, side).
CODES = {
    "clean": (("95886", "right"), ("95909", "right"), ("97110", "right")),
    "correction": (("95860", "right"), ("95909", "right"), ("97110", "right")),
    "choices": (("95860", "right"), ("95909", "right"), ("95860", "left")),
}
REASON = {"clean": "G56.01", "correction": "G56.01", "choices": "G56.0"}
ARMS = {"right": ("6921000", "Right upper limb"), "left": ("80768000", "Left upper limb")}
PROBLEMS = (
    ("I10", "59621000", "Essential hypertension"),
    ("E78.5", "55822004", "Hyperlipidemia, unspecified"),
    ("J45.909", "195967001", "Asthma, uncomplicated"),
    ("K21.9", "235595009", "Reflux disease without esophagitis"),
    ("F41.1", "21897009", "Generalized anxiety disorder"),
    ("E03.9", "40930008", "Hypothyroidism, unspecified"),
    ("H52.13", "57190000", "Myopia, both eyes"),
    ("N39.0", "68566005", "Urinary tract infection"),
    ("M17.11", "239873007", "Osteoarthritis of right knee"),
    ("L70.0", "11381005", "Acne"),
    ("Z87.891", "8517006", "Former smoker"),
    ("D50.9", "87522002", "Iron deficiency anemia"),
    ("R20.2", "91019004", "Paresthesia of skin"),
    ("M79.641", "53057004", "Pain in right hand"),
)
MEDICINES = (
    ("29046", "lisinopril 10 MG Oral Tablet"),
    ("310965", "ibuprofen 200 MG Oral Tablet"),
    ("617314", "atorvastatin 20 MG Oral Tablet"),
    ("966247", "levothyroxine 50 MCG Oral Tablet"),
)
PROCEDURES = (("99213", "Office visit"), ("80053", "Metabolic panel"), ("97110", "Therapeutic exercise"))


def request(seed: int = 0, *, variant: str = "correction", times: int = 1) -> Json:
    """One request; ``times`` repeats Conditions, Observations, Procedures and medicines."""
    draw = Random(seed)  # noqa: S311 - the same request every time is the point
    patient = f"p{draw.randrange(10**6)}"
    reason = REASON[variant]
    orders = [
        _order(patient, number, code, side, reason) for number, (code, side) in enumerate(CODES[variant])
    ]
    conditions = [_condition(patient, 0, "G56.01", "57406009", "Carpal tunnel syndrome, right")]
    conditions += [
        _condition(patient, number, *draw.choice(PROBLEMS)) for number in range(1, CONDITIONS * times)
    ]
    observations = [
        _observation(patient, draw, number, signs=variant == "clean") for number in range(3 * times)
    ]
    procedures = [_procedure(patient, number, *draw.choice(PROCEDURES)) for number in range(3 * times)]
    medicines = [_medicine(patient, number, *draw.choice(MEDICINES)) for number in range(4 * times)]
    return body(
        fhirServer=EHR,
        context={"patientId": patient, "encounterId": "enc-1", "draftOrders": _bundle("collection", orders)},
        prefetch={
            "patient": _patient(patient),
            "encounter": _encounter(patient),
            "conditions": _bundle("searchset", conditions),
            "observations": _bundle("searchset", observations),
            "procedures": _bundle("searchset", procedures),
            "medications": _bundle("searchset", medicines),
            "deviceUse": _bundle("searchset", [_splint(patient, weeks=7 if variant == "clean" else 2)]),
            "carePlans": bundle(),
            "serviceRequests": bundle(),
            "coverage": _bundle("searchset", [_coverage(patient)]),
            "questionnaireResponses": _bundle("searchset", [_answers(patient, variant)]),
        },
    )


def resources(request: Json) -> int:
    """How many resources a request holds."""
    bundles = [request["context"]["draftOrders"], *request["prefetch"].values()]
    return sum(len(each["entry"]) if "entry" in each else 1 for each in bundles)


def _bundle(kind: str, given: list[Json]) -> Json:
    entries: list[Json] = [
        {"fullUrl": f"{EHR}/{each['resourceType']}/{each['id']}", "resource": each} for each in given
    ]
    if kind == "searchset":
        for entry in entries:
            entry["search"] = {"mode": "match"}
        return {"resourceType": "Bundle", "type": kind, "total": len(given), "entry": entries}
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def _resource(kind: str, name: str, patient: str, **elements: Any) -> Json:
    """What an EHR puts into every resource, and ``elements``."""
    return {
        "resourceType": kind,
        "id": name,
        "meta": {"versionId": "3", "lastUpdated": "2026-11-18T09:12:44.120Z"},
        "identifier": [{"system": f"{EHR}/ids/{kind.lower()}", "value": f"{kind[0]}-{name}-77120"}],
        "subject": {"reference": f"Patient/{patient}", "display": "Test Patient One"},
        **elements,
    }


def _concept(*codings: tuple[str, str, str], text: str = "") -> Json:
    concept: Json = {
        "coding": [{"system": system, "code": code, "display": display} for system, code, display in codings]
    }
    return {**concept, "text": text} if text else concept


def _status(name: str, code: str) -> Json:
    return _concept((f"{HL7}/{name}", code, code.title()), text=code.title())


def _order(patient: str, number: int, code: str, side: str, reason: str) -> Json:
    return _resource(
        "ServiceRequest",
        f"order-{number}",
        patient,
        status="draft",
        intent="order",
        priority="routine",
        category=[_concept((SNOMED, "103693007", "Diagnostic procedure"))],
        code={"coding": [{"system": CPT, "code": code}]},
        encounter={"reference": "Encounter/enc-1"},
        occurrenceDateTime="2026-11-27",
        authoredOn="2026-11-20T10:15:00-05:00",
        requester={"reference": "Practitioner/pr-1", "display": "Ordering Clinician"},
        reasonCode=[{"coding": [{"system": ICD10CM, "code": reason}]}],
        bodySite=[_concept((SNOMED, *ARMS[side]))],
    )


def _condition(patient: str, number: int, icd: str, snomed: str, words: str) -> Json:
    return _resource(
        "Condition",
        f"condition-{number}",
        patient,
        clinicalStatus=_status("condition-clinical", "active"),
        verificationStatus=_status("condition-ver-status", "confirmed"),
        category=[_concept((f"{HL7}/condition-category", "problem-list-item", "Problem List Item"))],
        code=_concept((ICD10CM, icd, words), (SNOMED, snomed, words), text=words),
        encounter={"reference": "Encounter/enc-0"},
        onsetDateTime="2026-08-15",
        recordedDate="2026-08-16T08:30:00Z",
        recorder={"reference": "Practitioner/pr-1", "display": "Ordering Clinician"},
    )


def _observation(patient: str, draw: Random, number: int, *, signs: bool) -> Json:
    """First a sign of the examination where the request has one, then vital signs and laboratory values."""
    shared: Json = {"status": "final", "effectiveDateTime": "2026-11-20T10:05:00Z"}
    if signs and number == 0:
        return _resource(
            "Observation",
            "observation-0",
            patient,
            **shared,
            category=[_concept((f"{HL7}/observation-category", "exam", "Exam"))],
            code=_concept((SNOMED, "397974008", "Reduced sensation"), text="Reduced sensation, right digits"),
            valueCodeableConcept=_concept((SNOMED, "52101004", "Present")),
            bodySite=_concept((SNOMED, "78791008", "Right hand")),
        )
    return _resource(
        "Observation",
        f"observation-{number}",
        patient,
        **shared,
        category=[_concept((f"{HL7}/observation-category", "vital-signs", "Vital Signs"))],
        code=_concept((LOINC, "8867-4", "Heart rate"), text="Pulse"),
        valueQuantity={
            "value": draw.randint(55, 95),
            "unit": "/min",
            "system": "http://unitsofmeasure.org",
            "code": "/min",
        },
    )


def _procedure(patient: str, number: int, code: str, words: str) -> Json:
    return _resource(
        "Procedure",
        f"procedure-{number}",
        patient,
        status="completed",
        code=_concept((CPT, code, words), text=words),
        performedDateTime="2026-06-01T14:00:00Z",
        performer=[{"actor": {"reference": "Practitioner/pr-2", "display": "Treating Clinician"}}],
    )


def _medicine(patient: str, number: int, code: str, words: str) -> Json:
    return _resource(
        "MedicationRequest",
        f"medication-{number}",
        patient,
        status="active",
        intent="order",
        medicationCodeableConcept=_concept((RXNORM, code, words), text=words),
        authoredOn="2026-05-01",
        requester={"reference": "Practitioner/pr-1", "display": "Ordering Clinician"},
        dosageInstruction=[
            {"text": "one a day", "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
        ],
    )


def _splint(patient: str, weeks: int) -> Json:
    started = {7: "2026-10-02", 2: "2026-11-06"}[weeks]
    return _resource(
        "DeviceUseStatement",
        "splint",
        patient,
        contained=[{"resourceType": "Device", "id": "worn", "type": {"text": "Wrist splint"}}],
        status="active",
        timingPeriod={"start": started},
        recordedOn="2026-11-20",
        device={"reference": "#worn"},
        bodySite=_concept((SNOMED, "9736006", "Right wrist")),
    )


def _patient(patient: str) -> Json:
    return {
        "resourceType": "Patient",
        "id": patient,
        "meta": {"versionId": "3", "lastUpdated": "2026-11-18T09:12:44.120Z"},
        "identifier": [{"use": "usual", "system": f"{EHR}/ids/mrn", "value": "0077120"}],
        "active": True,
        "name": [{"use": "official", "family": "Patient", "given": ["Test", "One"]}],
        "telecom": [{"system": "phone", "value": "555-0100", "use": "home"}],
        "gender": "female",
        "birthDate": "1978-02-02",
        "address": [{"use": "home", "line": ["1 Example Street"], "city": "Exampleton", "state": "NY"}],
    }


def _encounter(patient: str) -> Json:
    return _resource(
        "Encounter",
        "enc-1",
        patient,
        status="in-progress",
        **{"class": {"system": f"{HL7}/v3-ActCode", "code": "AMB", "display": "ambulatory"}},
        period={"start": "2026-11-20T09:30:00Z"},
    )


def _coverage(patient: str) -> Json:
    coverage = _resource("Coverage", "coverage-1", patient, status="active")
    coverage["beneficiary"] = coverage.pop("subject")
    coverage["payor"] = [{"display": "Example Health Plan"}]
    return coverage


def _answers(patient: str, variant: str) -> Json:
    given = [{"linkId": "activity-modification", "answer": [{"valueBoolean": True}]}]
    answers = _resource(
        "QuestionnaireResponse",
        "answers-1",
        patient,
        questionnaire=f"{EHR}/Questionnaire/emg-ncs-order-facts|1.1.0",
        status="completed",
        authored="2026-11-20T09:30:00Z",
        item=given,
    )
    answers["identifier"] = answers["identifier"][0]
    if variant != "clean":
        del answers["item"]
    return answers
