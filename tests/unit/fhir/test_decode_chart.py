"""Chart resources become facts: what is present, what was treated, what was worn."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.core.case import Gap, Site
from cds_service.core.coverage import Payer
from cds_service.fhir.decode import decode
from tests.fhir_samples import (
    CPT,
    HCPCS,
    ICD10CM,
    RXNORM,
    SNOMED,
    Resource,
    bundle,
    coded,
    condition,
    only_fact,
    order,
    read,
    request,
    resource,
    vocabulary,
)

RIGHT_ARM, LEFT_ARM = Site("arm", "right"), Site("arm", "left")


@pytest.mark.parametrize(
    ("code", "sites"),
    [
        ("M62.541", (RIGHT_ARM,)),
        ("M62.551", (Site("leg", "right"),)),
        ("M21.332", (LEFT_ARM,)),
        ("M21.371", (Site("leg", "right"),)),
        ("G56.03", (RIGHT_ARM, LEFT_ARM)),
        ("G57.50", (Site("leg"),)),
        ("R29.810", (Site("head"),)),
        ("S54.01XA", (RIGHT_ARM,)),
        ("S44.8X2A", (LEFT_ARM,)),
        ("S84.802D", (Site("leg", "left"),)),
        ("M79.605", (Site("leg", "left"),)),
        ("H49.02", (Site("head", "left"),)),
        ("M62.81", ()),
        ("M54.16", ()),
    ],
)
def test_a_code_may_say_where(code: str, sites: tuple[Site, ...]) -> None:
    assert only_fact(condition("c", code)).sites == sites


def test_words_say_where_only_if_no_code_does() -> None:
    by_words = condition("c", coded(SNOMED, "26544005", "Weakness of left hand"))
    assert only_fact(by_words).sites == (LEFT_ARM,)
    by_site = condition("c", "R20.1", bodySite=[coded(SNOMED, "78791008")])
    assert only_fact(by_site).sites == (RIGHT_ARM,)
    by_group = condition("c", {"text": "Carpal tunnel syndrome, right"})
    assert only_fact(by_group).sites == (RIGHT_ARM,)


@pytest.mark.parametrize(
    ("elements", "counts"),
    [
        ({}, True),
        ({"clinicalStatus": None}, True),
        ({"clinicalStatus": {"coding": [{"code": "recurrence"}]}}, True),
        ({"clinicalStatus": {"coding": [{"code": "relapse"}]}}, True),
        ({"clinicalStatus": {"coding": [{"code": "resolved"}]}}, False),
        ({"clinicalStatus": {"coding": [{"code": "inactive"}]}}, False),
        ({"clinicalStatus": {"coding": [{"code": "remission"}]}}, False),
        ({"clinicalStatus": {"text": "Resolved"}}, False),
        ({"clinicalStatus": "active"}, True),
        ({"clinicalStatus": {"coding": [{"system": "x", "code": "1"}, {"code": "active"}]}}, True),
        ({"clinicalStatus": {"coding": [{"system": "x", "code": "1"}, {"code": "resolved"}]}}, False),
        ({"clinicalStatus": {"coding": [{"system": "x", "code": "1"}], "text": "Active"}}, True),
        ({"clinicalStatus": {"coding": [{"system": "x", "code": "1"}]}}, False),
        ({"clinicalStatus": None, "abatementDateTime": "2026-01-01"}, False),
        ({"clinicalStatus": None, "abatementAge": {"value": 40, "code": "a"}}, False),
        ({"clinicalStatus": None, "abatementRange": {"low": {"value": 40}}}, False),
        ({"clinicalStatus": None, "abatementString": "in spring"}, False),
        ({"abatementAge": {"value": 40, "code": "a"}}, True),
        ({"verificationStatus": {"coding": [{"code": "confirmed"}]}}, True),
        ({"verificationStatus": {"coding": [{"code": "refuted"}]}}, False),
        ({"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}, False),
        ({"code": coded(ICD10CM, "I10")}, False),
        ({"code": {"text": "denies weakness"}}, False),
        ({"code": {"text": "Rule out carpal tunnel syndrome"}}, False),
        ({"code": {"text": "Carpal tunnel syndrome"}}, True),
    ],
)
def test_which_conditions_count(elements: Resource, counts: bool) -> None:
    case = read(chart=[{**condition("c", "M62.81"), **elements}])
    assert bool(case.facts) is counts


@pytest.mark.parametrize(
    ("elements", "start"),
    [
        ({"onsetDateTime": "2026-01-05T00:00:00Z"}, "2026-01-05"),
        ({"onsetPeriod": {"start": "2026-01-06"}}, "2026-01-06"),
        ({"recordedDate": "2026-01-07"}, "2026-01-07"),
        ({"onsetDateTime": "2026-02"}, "2026-02-28"),
        ({"onsetDateTime": "2025"}, "2025-12-31"),
        ({"onsetString": "last spring"}, ""),
        ({}, ""),
    ],
)
def test_when_a_condition_began(elements: Resource, start: str) -> None:
    assert only_fact(condition("c", "R20.1", **elements)).start == start


def medication(kind: str, name: Any, **elements: Any) -> Resource:
    concept = name if isinstance(name, dict) else {"text": name}
    return resource(kind, "m", status="active", medicationCodeableConcept=concept, **elements)


@pytest.mark.parametrize(
    ("name", "group", "value"),
    [
        (coded(RXNORM, "25480"), "neuropathic-agent", "gabapentin"),
        (coded(RXNORM, "310431", "gabapentin 300 MG Oral Capsule"), "neuropathic-agent", "gabapentin"),
        ("Cymbalta 30 mg", "neuropathic-agent", "duloxetine"),
        ("lidocaine 0.05 MG/MG Medicated Patch", "neuropathic-agent", "lidocaine"),
        ("methylPREDNISolone 4 MG Oral Tablet", "oral-steroid", "methylprednisolone"),
        ("Ibuprofen 200 MG Oral Tablet", "nsaid", "ibuprofen"),
        (coded(RXNORM, "1191"), "antiplatelet", "aspirin"),
        ("enoxaparin sodium 100 MG/ML", "anticoagulant", "enoxaparin"),
        ("Mestinon 60", "pyridostigmine", "pyridostigmine"),
    ],
)
def test_medicines_by_ingredient(name: Any, group: str, value: str) -> None:
    fact = only_fact(medication("MedicationRequest", name, intent="order", authoredOn="2026-01-01"))
    assert (fact.groups, fact.value, fact.start) == ({group}, value, "2026-01-01")


@pytest.mark.parametrize(
    "name",
    ["lidocaine 10 MG/ML Injection", "heparin lock flush", "prednisolone ophthalmic", "lisinopril", ""],
)
def test_medicines_that_do_not_count(name: str) -> None:
    assert read(chart=[medication("MedicationRequest", name, intent="order")]).facts == ()


@pytest.mark.parametrize(
    ("kind", "elements", "active"),
    [
        ("MedicationRequest", {"status": "active", "intent": "order"}, True),
        ("MedicationRequest", {"status": "stopped", "intent": "order"}, False),
        ("MedicationRequest", {"status": "completed", "intent": "order"}, False),
        ("MedicationRequest", {"status": "cancelled", "intent": "order"}, None),
        ("MedicationRequest", {"status": "draft", "intent": "order"}, None),
        ("MedicationRequest", {"status": "entered-in-error", "intent": "order"}, None),
        ("MedicationRequest", {"status": "active", "intent": "proposal"}, None),
        ("MedicationRequest", {"status": "active", "intent": "order", "doNotPerform": True}, None),
        ("MedicationStatement", {"status": "active"}, True),
        ("MedicationStatement", {"status": "active", "effectivePeriod": {"end": "2026-01-01"}}, False),
        ("MedicationStatement", {"status": "completed"}, False),
        ("MedicationStatement", {"status": "not-taken"}, None),
        ("MedicationStatement", {"status": "intended"}, None),
        (
            "MedicationDispense",
            {"status": "completed", "whenHandedOver": "2026-11-01", "daysSupply": {"value": 30}},
            True,
        ),
        (
            "MedicationDispense",
            {"status": "completed", "whenHandedOver": "2026-09-01", "daysSupply": {"value": 30}},
            False,
        ),
        ("MedicationDispense", {"status": "completed"}, False),
        ("MedicationDispense", {"status": "cancelled"}, None),
    ],
)
def test_which_medicines_are_taken(kind: str, elements: Resource, active: bool | None) -> None:
    facts = read(chart=[{**medication(kind, "warfarin"), **elements}]).facts
    assert ([fact.active for fact in facts] or [None]) == [active]


def test_a_medicine_may_be_a_resource_of_its_own() -> None:
    contained = resource(
        "MedicationRequest",
        "m",
        status="active",
        intent="order",
        medicationReference={"reference": "#med"},
        contained=[{"resourceType": "Medication", "id": "med", "code": coded(RXNORM, "187832")}],
    )
    assert only_fact(contained).value == "pregabalin"
    elsewhere = {**contained, "medicationReference": {"reference": "Medication/x"}, "contained": []}
    medicine = {
        "resourceType": "Medication",
        "id": "x",
        "ingredient": [{"itemCodeableConcept": coded(RXNORM, "8640")}],
    }
    assert only_fact(elsewhere, medicine).value == "prednisone"


def splint(**elements: Any) -> Resource:
    return resource("DeviceUseStatement", "d", status="active", **elements)


def device(**elements: Any) -> Resource:
    return {"resourceType": "Device", "id": "x", **elements}


@pytest.mark.parametrize(
    ("named", "elements", "sites"),
    [
        ({"type": {"text": "Wrist splint, right"}}, {}, (RIGHT_ARM,)),
        ({"type": coded(HCPCS, "L3908")}, {"bodySite": coded(SNOMED, "5951000")}, (LEFT_ARM,)),
        ({"type": coded(HCPCS, "L3908", "left")}, {}, (LEFT_ARM,)),
        (
            {"deviceName": [{"name": "Cock-up splint right"}]},
            {"bodySite": coded(SNOMED, "8205005")},
            (RIGHT_ARM,),
        ),
        ({"type": {"text": "wrist orthosis"}}, {}, (Site("arm"),)),
    ],
)
def test_a_wrist_splint(named: Resource, elements: Resource, sites: tuple[Site, ...]) -> None:
    worn = splint(
        device={"reference": "Device/x"},
        timingPeriod={"start": "2026-10-01", "end": "2026-11-10"},
        **elements,
    )
    fact = only_fact(worn, device(**named))
    assert (fact.kind, fact.groups, fact.sites) == ("device-use", {"wrist-splint"}, sites)
    assert (fact.start, fact.end, fact.active) == ("2026-10-01", "2026-11-10", False)


def test_a_splint_named_only_by_the_reference() -> None:
    worn = splint(device={"display": "Left wrist brace"}, recordedOn="2026-11-01")
    fact = only_fact(worn)
    assert (fact.sites, fact.start, fact.by_text, fact.active) == ((LEFT_ARM,), "2026-11-01", True, True)


@pytest.mark.parametrize(
    "chart",
    [
        [{**splint(device={"display": "Wrist splint"}), "status": "entered-in-error"}],
        [{**splint(device={"display": "Wrist splint"}), "status": "intended"}],
        [resource("DeviceRequest", "r", status="active", codeCodeableConcept={"text": "Wrist splint"})],
        [splint(device={"display": "Insulin pump"})],
    ],
)
def test_a_splint_that_was_not_worn_is_no_fact(chart: list[Any]) -> None:
    assert read(chart=chart).facts == ()


@pytest.mark.parametrize(
    ("code", "status", "groups"),
    [
        (coded(CPT, "97110"), "completed", {"physical-therapy"}),
        (coded(SNOMED, "91251008"), "in-progress", {"physical-therapy"}),
        (coded(CPT, "97110"), "not-done", None),
        (coded(CPT, "97110"), "preparation", None),
        (coded(CPT, "29125"), "completed", {"splint-applied"}),
        (coded(HCPCS, "L3908"), "completed", {"splint-applied"}),
        (coded(CPT, "20526"), "completed", {"injection"}),
        (coded(CPT, "36821"), "completed", {"dialysis-access"}),
        (coded(CPT, "95886"), "completed", {"prior-electrodiagnostic-study"}),
        ({"text": "Hemodialysis"}, "completed", {"haemodialysis"}),
        ({"text": "Physical therapy"}, "completed", {"physical-therapy"}),
        ({"text": "Appendectomy"}, "completed", None),
    ],
)
def test_procedures(code: Resource, status: str, groups: set[str] | None) -> None:
    done = resource("Procedure", "p", status=status, code=code, performedPeriod={"start": "2026-09-01"})
    facts = read(chart=[done]).facts
    assert [set(fact.groups) for fact in facts] == ([] if groups is None else [groups])
    assert all(fact.start == "2026-09-01" for fact in facts)


@pytest.mark.parametrize(
    ("elements", "counts"),
    [
        ({"title": "Dialysis planning"}, True),
        ({"description": "Nephrology: preparation for dialysis within a year"}, True),
        ({"category": [{"text": "Renal replacement therapy"}]}, True),
        ({"activity": [{"detail": {"status": "scheduled", "description": "Start hemodialysis"}}]}, True),
        ({"activity": [{"detail": {"status": "cancelled", "description": "Start hemodialysis"}}]}, False),
        ({"title": "Dialysis planning", "status": "revoked"}, False),
        ({"title": "Conservative care, no hemodialysis"}, False),
        ({"title": "Patient declines hemodialysis"}, False),
        ({"title": "Diabetes education"}, False),
    ],
)
def test_a_care_plan_for_dialysis(elements: Resource, counts: bool) -> None:
    facts = read(
        chart=[resource("CarePlan", "p", **{"status": "active", "intent": "plan", **elements})]
    ).facts
    assert [(fact.kind, set(fact.groups)) for fact in facts] == [("plan", {"dialysis-planned"})] * counts


def test_a_report_of_an_earlier_study() -> None:
    report = resource(
        "DiagnosticReport",
        "r",
        status="final",
        code=coded("http://loinc.org", "18749-2"),
        effectiveDateTime="2026-02-03",
    )
    fact = only_fact(report)
    assert (fact.kind, fact.groups, fact.start) == (
        "report",
        {"prior-electrodiagnostic-study"},
        "2026-02-03",
    )


def test_the_same_resource_under_two_keys_is_one_fact() -> None:
    weak = condition("c", "M62.81")
    other = condition("c", "R20.1")
    prefetch = {"problems": bundle(weak), "conditions": bundle(weak, other)}
    facts = decode(request(prefetch=prefetch), vocabulary(), "2026-11-22").facts
    assert [fact.code for fact in facts] == ["M62.81", "R20.1"]


def test_resources_are_found_anywhere() -> None:
    weak, numb, thin = condition("a", "M62.81"), condition("b", "R20.1"), condition("c", "M62.50")
    prefetch = {"one": weak, "list": [bundle(bundle(numb))]}
    case = decode(
        request(order("o", contained=[thin]), condition("d", "R25.3"), prefetch=prefetch),
        vocabulary(),
        "2026-11-22",
    )
    assert {fact.code for fact in case.facts} == {"M62.81", "R20.1", "M62.50", "R25.3"}
    assert {fact.ref for fact in case.facts if "#" in fact.ref} == {"ServiceRequest/o#c"}
    assert case.supplied == {"Condition", "ServiceRequest"}


NOT_SUPPLIED = Gap("prefetch.conditions", "not supplied")


@pytest.mark.parametrize(
    ("prefetch", "gaps"),
    [
        (None, [Gap("prefetch", "not supplied"), NOT_SUPPLIED]),
        ({"patient": None}, [NOT_SUPPLIED]),
        ({"conditions": None}, []),
        ({"conditions": {"resourceType": "Bundle"}}, []),
        ({"problemList": bundle()}, []),
        ({"x": bundle(condition("c", "I10"))}, []),
        ({"x": bundle(link=[{"relation": "self", "url": "http://ehr.example/Condition?patient=p1"}])}, []),
        (
            {"conditions": {"resourceType": "OperationOutcome", "issue": []}},
            [Gap("prefetch.conditions", "the EHR reported an error")],
        ),
        (
            {"conditions": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]}},
            [],
        ),
        (
            {"conditions": {"resourceType": "OperationOutcome", "issue": [{"severity": "information"}, {}]}},
            [Gap("prefetch.conditions", "the EHR reported an error")],
        ),
        (
            {"conditions": bundle(condition("c", "I10"), total=2)},
            [Gap("prefetch.conditions", "only a first page was supplied")],
        ),
        ({"conditions": bundle(condition("c", "I10"), total=1)}, []),
        ({"conditions": bundle(condition("c", "I10"), total=0)}, []),
        ({"conditions": bundle(condition("c", "I10"), total="7")}, []),
        (
            {"conditions": {"resourceType": "Bundle", "type": "searchset", "total": 3}},
            [Gap("prefetch.conditions", "only a first page was supplied")],
        ),
        (
            {"conditions": bundle(total=3, link=[{"relation": "next", "url": "http://ehr.example/2"}])},
            [Gap("prefetch.conditions", "only a first page was supplied")],
        ),
        ({"conditions": bundle({"resourceType": "CareTeam"}), "own": {"resourceType": "Nonsense"}}, []),
        (
            {"conditions": bundle(link=[{"relation": "next", "url": "http://ehr.example/2"}])},
            [Gap("prefetch.conditions", "only a first page was supplied")],
        ),
        (
            {"conditions": bundle({"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]})},
            [],
        ),
        (
            {"conditions": bundle({"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]})},
            [Gap("prefetch.conditions", "the EHR reported an error")],
        ),
        (
            {"conditions": {**bundle(), "entry": [None, {}, {"resource": None}]}},
            [Gap("prefetch.conditions.entry[0]", "not a Bundle entry; set aside")],
        ),
        ({"conditions": "none"}, [Gap("prefetch.conditions", "not a FHIR resource; set aside")]),
        (
            {"conditions": bundle(condition("c", "M62.81", subject={"reference": "Patient/p2"}))},
            [Gap("prefetch.conditions.entry[0].resource", "about another patient; set aside")],
        ),
    ],
)
def test_what_the_prefetch_leaves_open(prefetch: Any, gaps: list[Gap]) -> None:
    assert list(decode(request(prefetch=prefetch), vocabulary(), "2026-11-22").gaps) == gaps


def test_another_patient_is_named_however_often_the_code_was_met() -> None:
    known = vocabulary()
    own, foreign = condition("c", "I10"), condition("c", "I10", subject={"reference": "Patient/p2"})
    for _ in range(2):
        decode(request(prefetch={"conditions": bundle(own)}), known, "2026-11-22")
        gaps = decode(request(prefetch={"conditions": bundle(foreign)}), known, "2026-11-22").gaps
        assert gaps == (Gap("prefetch.conditions.entry[0].resource", "about another patient; set aside"),)


def test_an_empty_search_that_says_so_is_no_failure() -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}
    empty = {**bundle(), "entry": [{"search": {"mode": "outcome"}, "resource": outcome}]}
    assert decode(request(prefetch={"conditions": empty}), vocabulary(), "2026-11-22").gaps == ()


def test_an_invalid_chart_resource_is_set_aside() -> None:
    bad, good = condition("bad", "M62.81"), condition("good", "R20.1")
    case = decode(
        request(prefetch={"conditions": bundle(bad, good)}),
        vocabulary(),
        "2026-11-22",
        are_valid=lambda given: all(each is not bad for each in given),
    )
    assert [fact.ref for fact in case.facts] == ["Condition/good"]
    assert case.gaps == (Gap("prefetch.conditions.entry[0].resource", "not valid FHIR R4; set aside"),)


def test_payers_by_name() -> None:
    plan = {"resourceType": "Organization", "id": "org", "name": "Example Plan"}
    covers = [
        {"resourceType": "Coverage", "id": "1", "status": "active", "payor": [{"display": "Example Health"}]},
        {"resourceType": "Coverage", "id": "2", "status": "active", "payor": [{"reference": "#org"}]},
        {"resourceType": "Coverage", "id": "3", "status": "cancelled", "payor": [{"display": "Old Plan"}]},
    ]
    covers[1]["contained"] = [plan]
    assert read(chart=covers).payers == (Payer("Example Health"), Payer("Example Plan"))
