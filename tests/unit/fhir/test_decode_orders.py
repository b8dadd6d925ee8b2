"""ServiceRequests become orders, field by field, whatever their shape."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.core.case import OPEN_END, Coding, Gap, Order, Site
from cds_service.fhir.decode import decode
from cds_service.fhir.decode_order import BILLING_OPTIONS, MOST_TEXT
from cds_service.fhir.decode_reasons import MOST_REASONS
from cds_service.fhir.search import search
from tests.fhir_samples import (
    CPT,
    HCPCS,
    ICD10CM,
    SNOMED,
    bundle,
    coded,
    condition,
    observation,
    order,
    read,
    request,
    vocabulary,
)

RIGHT_ARM, LEFT_ARM = Site("arm", "right"), Site("arm", "left")
RIGHT_LEG, LEFT_LEG = Site("leg", "right"), Site("leg", "left")


def one(**elements: Any) -> Order:
    (only,) = read({**order("a"), **elements}).orders
    return only


def test_codings_come_in_order_and_billing_options_after_them() -> None:
    code = {
        "coding": [{"system": HCPCS, "code": "S3900"}, {}, None, {"display": "no code"}],
        "extension": [{"url": BILLING_OPTIONS, "valueCodeableConcept": coded(CPT, "95886")}],
        "text": "Surface EMG",
    }
    found = one(code=code)
    assert found.codings == (Coding(HCPCS, "S3900"), Coding(CPT, "95886"))
    assert found.title == "surface emg | no code"
    assert found.options == ()


def test_several_billing_options_are_a_choice() -> None:
    options = [{"url": BILLING_OPTIONS, "valueCodeableConcept": coded(CPT, code)} for code in ("1", "2")]
    found = one(code={**coded(HCPCS, "S3900"), "extension": [*options, {"url": "urn:other"}]})
    own, first, second = Coding(HCPCS, "S3900"), Coding(CPT, "1"), Coding(CPT, "2")
    assert found.codings == (own, first, second)
    assert found.options == ((own, first), (own, second))


@pytest.mark.parametrize("code", [None, {}, [], {"coding": [{}]}, {"coding": {}}, {"coding": None}, "95886"])
def test_an_order_without_a_code_is_still_an_order(code: Any) -> None:
    assert one(code=code).codings == ()


def test_a_coding_may_stand_where_a_list_is_due() -> None:
    assert one(code={"coding": {"system": CPT, "code": "95910"}}).codings == (Coding(CPT, "95910"),)


@pytest.mark.parametrize(
    ("quantity", "units", "gaps"),
    [
        ({"value": 3}, 3, 0),
        ({"value": 2.0}, 2, 0),
        (None, None, 0),
        ({"value": 1.5}, None, 1),
        ({"value": 0}, None, 1),
        ({"value": -1}, None, 1),
        ({"value": "2"}, None, 1),
        ({"value": True}, None, 1),
        ({"value": 1e300}, None, 1),
        ({}, None, 1),
        ("4", None, 1),
    ],
)
def test_units(quantity: Any, units: int | None, gaps: int) -> None:
    case = read(order("a", quantityQuantity=quantity), chart=[])
    assert (case.orders[0].units, len(case.gaps)) == (units, gaps)


def test_a_range_of_units_is_a_gap() -> None:
    case = read(order("a", quantityRange={"low": {"value": 1}}), chart=[])
    assert [gap.path for gap in case.gaps] == ["context.draftOrders.entry[0].resource.quantityRange"]


@pytest.mark.parametrize(
    ("details", "modifiers"),
    [
        ([{"coding": [{"code": "50"}]}], ("50",)),
        ([{"text": "RT"}], ("RT",)),
        ([{"text": "rt, 59"}], ("RT", "59")),
        ([{"text": "with modifier 50"}], ("50",)),
        ([{"text": "needle in 50 muscles"}], ()),
        ([{"text": "52 weeks"}], ()),
        ({"text": "LT"}, ("LT",)),
        ([{"coding": [{"code": "complete"}]}], ()),
    ],
)
def test_modifiers(details: Any, modifiers: tuple[str, ...]) -> None:
    assert one(orderDetail=details).modifiers == modifiers


@pytest.mark.parametrize(
    ("site", "sites"),
    [
        ([coded(SNOMED, "6921000")], (RIGHT_ARM,)),
        ([coded(SNOMED, code) for code in ("78791008", "64262003", "368209003", "9736006")], (RIGHT_ARM,)),
        ([coded(SNOMED, "32153003"), coded(SNOMED, "62175007")], (LEFT_LEG, RIGHT_LEG)),
        ([coded(SNOMED, "53120007")], (Site("arm"),)),
        ([coded(SNOMED, "53120007", "bilateral")], (RIGHT_ARM, LEFT_ARM)),
        (
            [{"coding": [{"system": SNOMED, "code": "61685007"}, {"system": SNOMED, "code": "7771000"}]}],
            (LEFT_LEG,),
        ),
        (
            [
                {
                    **coded(SNOMED, "53120007"),
                    "extension": [{"valueCodeableConcept": coded(SNOMED, "51440002")}],
                }
            ],
            (RIGHT_ARM, LEFT_ARM),
        ),
        ([coded("urn:oid:2.16.840.1.113883.6.96", "6921000")], (RIGHT_ARM,)),
        ([coded(SNOMED, "421060004", "spine")], (Site("spine"),)),
        ([{**coded(SNOMED, "421060004"), "text": "lumbar paraspinals"}], (Site("lumbar"),)),
        ([{"text": "paraspinals"}], (Site("spine"),)),
        ([{"text": "paraspinals, lumbar"}], (Site("lumbar"),)),
        ([{"text": "right arm and paraspinals"}], (RIGHT_ARM, Site("spine"))),
        ([coded(SNOMED, "45048000")], (Site("cervical"),)),
        ([{"text": "RUE"}, {"text": "LLE"}], (RIGHT_ARM, LEFT_LEG)),
        ([{"text": "BLE"}], (RIGHT_LEG, LEFT_LEG)),
        ([{"text": "Both arms"}], (RIGHT_ARM, LEFT_ARM)),
        ([{"text": "all four limbs"}], (RIGHT_ARM, LEFT_ARM, RIGHT_LEG, LEFT_LEG)),
        ([{"text": "x4"}], (RIGHT_ARM, LEFT_ARM, RIGHT_LEG, LEFT_LEG)),
        ([{"text": "right hand and wrist"}], (RIGHT_ARM,)),
        ([{"text": "arm right, leg left"}], (RIGHT_ARM, LEFT_LEG)),
        ([{"text": "legs, bilateral"}], (RIGHT_LEG, LEFT_LEG)),
        ([{"text": "arm, right and left"}], (RIGHT_ARM, LEFT_ARM)),
        (
            [{"text": "Bilateral upper and lower extremities"}],
            (RIGHT_ARM, LEFT_ARM, RIGHT_LEG, LEFT_LEG),
        ),
        ([{"text": "right upper and lower extremity"}], (RIGHT_ARM, RIGHT_LEG)),
        ([{"text": "right upper/lower limb"}], (RIGHT_ARM, RIGHT_LEG)),
        (
            [{"text": "lower and upper extremities bilaterally"}],
            (RIGHT_ARM, LEFT_ARM, RIGHT_LEG, LEFT_LEG),
        ),
        ([{"text": "bilat UE"}], (RIGHT_ARM, LEFT_ARM)),
        ([{"text": "B/L legs"}], (RIGHT_LEG, LEFT_LEG)),
        ([{"text": "L leg"}], (LEFT_LEG,)),
        ([{"text": "four-limb EMG"}], (RIGHT_ARM, LEFT_ARM, RIGHT_LEG, LEFT_LEG)),
        ([{"text": "thoracic outlet, right arm"}], (RIGHT_ARM,)),
        ([{"text": "lumbar paraspinals and left leg"}], (Site("lumbar"), LEFT_LEG)),
        ([{"text": "intercostal muscles"}], (Site("trunk"),)),
        ([{"text": "rectus abdominis"}], (Site("trunk"),)),
        ([{"text": "T3-T11 paraspinals"}], (Site("thoracic"),)),
        ([{"text": "right lumbar paraspinals"}], (Site("lumbar"),)),
        ([{"text": "Chest wall"}], (Site("trunk"),)),
        ([{"text": "left side of face"}], (Site("head", "left"),)),
        ([{"text": "extraocular muscles"}], (Site("extraocular"),)),
        ([{"text": "somewhere else"}], ()),
        (coded(SNOMED, "6921000"), (RIGHT_ARM,)),
        ([None, 3, {}], ()),
    ],
)
def test_sites(site: Any, sites: tuple[Site, ...]) -> None:
    assert one(bodySite=site).sites == sites


def test_words_are_all_free_text_in_lower_case() -> None:
    found = one(
        code={"text": "EMG", "coding": [{"code": "95860", "display": "Needle"}]},
        orderDetail=[{"text": "Limited"}],
        note=[{"text": "Two muscles"}],
        patientInstruction="No lotion",
        bodySite=[{"text": "RUE"}],
    )
    assert found.words == "emg | needle | limited | two muscles | no lotion | rue"


def test_each_coding_of_a_reason_is_one_diagnosis_with_its_place() -> None:
    reasons = one(
        reasonCode=[
            {"coding": [{"system": ICD10CM, "code": "G56.01"}, {"system": SNOMED, "code": "57406009"}]},
            {"text": "Low back pain without radiculopathy"},
            coded(ICD10CM, "I10", "carpal tunnel"),
            coded("urn:local", "77", "Carpal tunnel syndrome"),
        ]
    ).reasons
    assert [(reason.code, reason.position, reason.by_text) for reason in reasons] == [
        ("G56.01", (0, 0), False),
        ("57406009", (0, 1), False),
        ("", None, True),
        ("I10", (2, 0), False),
        ("77", (3, 0), True),
    ]
    assert [sorted(reason.groups) for reason in reasons] == [
        ["arm-mononeuropathy", "carpal-tunnel"],
        ["arm-mononeuropathy", "carpal-tunnel"],
        ["back-pain"],
        [],
        ["carpal-tunnel"],
    ]


def test_a_reason_may_be_an_object_where_a_list_is_due() -> None:
    assert [reason.code for reason in one(reasonCode=coded(ICD10CM, "G56.01")).reasons] == ["G56.01"]


def test_a_reason_carries_what_its_text_and_displays_say() -> None:
    (reason,) = one(
        reasonCode=[
            {
                "coding": [{"system": ICD10CM, "code": "R51", "display": "Orthostatic Headache"}],
                "text": "Headache, CTS suspected",
            }
        ]
    ).reasons
    assert "orthostatic headache" in reason.words
    assert "cts suspected" in reason.words


@pytest.mark.parametrize(
    "reference",
    [
        "Condition/c1",
        "http://ehr.example/fhir/Condition/c1",
        "http://ehr.example/fhir/Condition/c1/_history/4",
        "urn:uuid:c1",
    ],
)
def test_a_reference_finds_its_condition(reference: str) -> None:
    case = read(order("a", reasonReference=[{"reference": reference}]), chart=[condition("c1", "G56.02")])
    (reason,) = case.orders[0].reasons
    assert (reason.code, reason.ref, reason.position) == ("G56.02", "Condition/c1", None)
    assert case.gaps == ()


def test_a_reference_finds_a_bundle_address_and_contained_and_draft_resources() -> None:
    urn = "urn:uuid:0b5a6bd0-39f9-4d63-8d6c-6f3f6a1d2c11"
    chart = bundle()
    chart["entry"] = [{"fullUrl": urn, "resource": {**condition("x", "G57.51"), "id": None}}]
    inner = {**condition("in", "R20.1"), "subject": PATIENT_ABSENT}
    drafted = condition("d", "M54.16")
    case = decode(
        request(
            order(
                "a",
                contained=[inner],
                reasonReference=[{"reference": urn}, {"reference": "#in"}, {"reference": "Condition/d"}],
            ),
            drafted,
            prefetch={"list": chart},
        ),
        vocabulary(),
        "2026-11-22",
    )
    assert [reason.code for reason in case.orders[0].reasons] == ["G57.51", "R20.1", "M54.16"]


PATIENT_ABSENT = {"display": "Test Patient One"}


def test_a_missing_target_is_a_gap_and_its_display_may_still_say_something() -> None:
    reference = {"reference": "Condition/none", "display": "Carpal tunnel syndrome, right"}
    case = read(order("a", reasonReference=[reference]), chart=[])
    assert [gap.path for gap in case.gaps] == [
        "context.draftOrders.entry[0].resource.reasonReference[0]",
    ]
    (reason,) = case.orders[0].reasons
    assert ("carpal-tunnel" in reason.groups, reason.by_text) == (True, True)


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
def test_a_condition_taken_back_gives_no_reason(status: str) -> None:
    taken_back = condition("c1", "G56.01", verificationStatus={"coding": [{"code": status}]})
    case = read(order("a", reasonReference=[{"reference": "Condition/c1"}]), chart=[taken_back])
    assert (case.orders[0].reasons, case.facts) == ((), ())


def test_a_finding_may_be_the_reason() -> None:
    finding = observation(coded(SNOMED, "26544005"), valueBoolean=True)
    case = read(order("a", reasonReference=[{"reference": "Observation/o"}]), chart=[finding])
    assert [reason.groups for reason in case.orders[0].reasons] == [{"weakness"}]


@pytest.mark.parametrize(
    ("elements", "first", "last"),
    [
        ({"occurrenceDateTime": "2026-11-25T08:00:00-05:00"}, "2026-11-25", "2026-11-25"),
        ({"occurrenceDateTime": "2026-11"}, "2026-11-01", "2026-11-30"),
        ({"occurrenceDateTime": "2026"}, "2026-01-01", "2026-12-31"),
        ({"occurrencePeriod": {"start": "2026-11-26", "end": "2026-12-02"}}, "2026-11-26", "2026-12-02"),
        ({"occurrencePeriod": {"start": "2026-11-26"}}, "2026-11-26", OPEN_END),
        ({"occurrencePeriod": {"start": "2026-11-26", "end": "2026-11-01"}}, "2026-11-26", "2026-11-26"),
        ({"occurrencePeriod": {"start": "2026-11", "end": "2026-12"}}, "2026-11-01", "2026-12-31"),
        ({"occurrencePeriod": {"end": "2026-11-26"}}, "", ""),
        ({"occurrenceTiming": {"event": ["2026-12-02", "2026-12-01"]}}, "2026-12-01", "2026-12-02"),
        (
            {"occurrenceTiming": {"repeat": {"boundsPeriod": {"start": "2026-12-03"}}}},
            "2026-12-03",
            OPEN_END,
        ),
        ({"occurrenceDateTime": "2026-02-30"}, "", ""),
        ({"occurrenceDateTime": "soon"}, "", ""),
        ({"occurrenceDateTime": 3}, "", ""),
        ({"occurrencePeriod": "soon"}, "", ""),
        ({}, "", ""),
    ],
)
def test_the_days_of_the_test(elements: dict[str, Any], first: str, last: str) -> None:
    found = one(**elements)
    assert (found.date, found.last_day) == (first, last)


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("1970-01-02T00:30:00Z", (1470, 0)),
        ("1970-01-01T19:30:00-05:00", (1470, -300)),
        ("1970-01-02T00:30:00.250+00:30", (1440, 30)),
        ("1970-01-02T00:30:00", None),
        ("1970-01-02", None),
        ("1970-01-02Tsoon", None),
    ],
)
def test_a_time_in_a_zone_is_an_instant(value: str, at: tuple[int, int] | None) -> None:
    assert one(occurrenceDateTime=value).at == at


def test_performers_and_patient_are_short_references() -> None:
    found = one(
        performer=[{"reference": "http://ehr.example/fhir/Practitioner/d1"}, {"display": "Someone"}],
        subject={"reference": "http://ehr.example/fhir/Patient/p1"},
    )
    assert (found.performers, found.patient) == ({"Practitioner/d1"}, "Patient/p1")


@pytest.mark.parametrize(
    "elements",
    [{"status": "completed"}, {"status": "revoked"}, {"status": "entered-in-error"}, {"doNotPerform": True}],
)
def test_orders_that_ask_for_nothing_are_left_out(elements: dict[str, Any]) -> None:
    assert read(order("a", **elements)).orders == ()


@pytest.mark.parametrize("status", ["active", "on-hold", "draft", "unknown", 3, None])
def test_any_other_status_is_read(status: Any) -> None:
    assert len(read(order("a", status=status)).orders) == 1


def test_selections_are_the_focus() -> None:
    case = read(order("a"), order("b"), selections=("http://ehr.example/fhir/ServiceRequest/b",))
    assert [each.focus for each in case.orders] == [False, True]
    assert all(each.focus for each in read(order("a"), order("b")).orders)


@pytest.mark.parametrize("name", ["urn:uuid:1", "http://ehr.example/fhir/ServiceRequest/7"])
@pytest.mark.parametrize("own", [{"id": "b"}, {"id": None}])
def test_a_selection_may_be_the_bundle_address_of_an_order(name: str, own: dict[str, Any]) -> None:
    urls = {"context.draftOrders.entry[1].resource": name}
    case = read(order("a"), {**order("b"), **own}, selections=(name,), draft_urls=urls)
    assert [each.focus for each in case.orders] == [False, True]


def test_a_reason_is_found_by_its_bundle_address_among_the_orders() -> None:
    urls = {"context.draftOrders.entry[1].resource": "urn:uuid:1"}
    reason = {"reasonReference": [{"reference": "urn:uuid:1"}]}
    case = read(order("a", **reason), {**condition("c", "G56.01"), "id": None}, draft_urls=urls)
    assert [each.code for each in case.orders[0].reasons] == ["G56.01"]
    assert case.gaps == read(order("a")).gaps


def refs(*orders: Any) -> list[str]:
    return [each.ref for each in read(*orders).orders]


def test_an_order_that_was_sent_twice_is_one_order() -> None:
    assert refs(order("a"), order("b"), order("a")) == ["ServiceRequest/a", "ServiceRequest/b"]
    assert read(order("a"), order("a")).gaps == read(order("a")).gaps


def test_orders_that_share_an_id_are_told_apart_and_named() -> None:
    sent = (order("a"), order("b"), order("a", "95909"), order("a"))
    assert refs(*sent) == ["ServiceRequest/a#0", "ServiceRequest/b", "ServiceRequest/a#2"]
    path = "context.draftOrders.entry"
    said = [Gap(f"{path}[{at}].resource.id", "is that of another order too") for at in (0, 2)]
    assert [gap for gap in read(*sent).gaps if gap.path.startswith(path)] == said


@pytest.mark.parametrize("own", [None, 17, "", "a#b", ["a"]])
def test_an_order_without_a_name_is_known_by_its_place(own: Any) -> None:
    assert refs(order("a"), {**order("b"), "id": own}) == ["ServiceRequest/a", "#1"]
    assert len(refs({**order("b"), "id": own}, {**order("b"), "id": own})) == 2


def test_running_orders_count_and_finished_ones_are_history() -> None:
    case = read(
        order("a", "95864"),
        chart=[
            order("b", "95910", status="active"),
            order("a", "95910", status="active"),
            order("c", "95886", status="completed"),
            order("d", "95910", status="completed"),
            order("e", "97110", status="completed"),
            order("f", "95910", status="active", subject={"reference": "Patient/other"}),
            order("g", "95910"),
        ],
    )
    assert [(each.ref, each.draft) for each in case.orders] == [
        ("ServiceRequest/a", True),
        ("ServiceRequest/b", False),
    ]
    assert [(fact.kind, fact.ref, sorted(fact.groups)) for fact in case.facts] == [
        ("order", "ServiceRequest/c", ["prior-electrodiagnostic-study"]),
        ("order", "ServiceRequest/d", ["prior-conduction-study"]),
    ]


def test_an_invalid_order_is_read_all_the_same() -> None:
    case = decode(
        request(order("a"), prefetch={"x": None, "conditions": None}),
        vocabulary(),
        "2026-11-22",
        order_problems=lambda _: [("subject", "is required"), ("", "is large")],
    )
    assert len(case.orders) == 1
    assert [(gap.path, gap.what) for gap in case.gaps] == [
        ("context.draftOrders.entry[0].resource.subject", "is required"),
        ("context.draftOrders.entry[0].resource", "is large"),
    ]


@pytest.mark.parametrize(
    ("written", "as_of", "expected"),
    [
        (["2026-11-18", "2026-11-20T23:00:00Z"], "", "2026-11-20"),
        (["2026-11"], "", "2026-11-01"),
        ([None, "yesterday"], "", "2026-11-22"),
        (["2026-11-18"], "2026-01-01", "2026-01-01"),
        ([], "", "2026-11-22"),
    ],
)
def test_the_date_of_evaluation(written: list[Any], as_of: str, expected: str) -> None:
    drafts = [order(str(at), authoredOn=each) for at, each in enumerate(written)]
    assert decode(request(*drafts), vocabulary(), "2026-11-22", as_of=as_of).as_of == expected


@pytest.mark.parametrize(
    ("elements", "where"),
    [
        ({"reasonCode": [coded(ICD10CM, "G56.01")] * 20_000}, ".reasonCode"),
        ({"reasonCode": [{"coding": [{"system": ICD10CM, "code": "G56.01"}] * 20_000}]}, ""),
        ({"reasonCode": [{"text": "carpal tunnel"}] * 20_000}, ".reasonCode"),
        (
            {"reasonReference": [{"reference": "#c"}] * 20_000, "contained": [condition("c", "G56.01")]},
            ".reasonReference",
        ),
        (
            {
                "reasonCode": [coded(ICD10CM, "G56.01")] * MOST_REASONS,
                "reasonReference": [{"reference": "#c"}],
                "contained": [condition("c", "G56.01")],
            },
            "",
        ),
    ],
    ids=["codes", "codings of one", "words", "references", "both"],
)
def test_so_many_reasons_are_read_and_the_rest_is_a_gap(elements: dict[str, Any], where: str) -> None:
    case = read({**order("a"), **elements})
    assert len(case.orders[0].reasons) == MOST_REASONS
    (gap,) = [gap for gap in case.gaps if "reasons" in gap.what]
    assert gap.path == f"{case.orders[0].path}{where}"
    assert gap.what == f"has more than {MOST_REASONS} reasons; the rest was not read"


def test_as_many_reasons_as_are_read_are_no_gap() -> None:
    case = read({**order("a"), "reasonCode": [coded(ICD10CM, "G56.01")] * MOST_REASONS})
    assert len(case.orders[0].reasons) == MOST_REASONS
    assert not [gap for gap in case.gaps if "reasons" in gap.what]


def test_reasons_that_cannot_be_read_are_so_many_gaps_at_most() -> None:
    case = read({**order("a"), "reasonReference": [{"reference": f"Condition/{n}"} for n in range(20_000)]})
    assert len([gap for gap in case.gaps if "reasonReference" in gap.path]) == MOST_REASONS + 1


class Counted(list[Any]):
    """A list that counts how often it is walked through."""

    walks = 0

    def __iter__(self) -> Any:
        self.walks += 1
        return super().__iter__()


def test_contained_resources_are_walked_through_once_for_all_references() -> None:
    contained = Counted([condition(f"c{n}", "G56.01") for n in range(50)])
    owner = {**order("a"), "contained": contained}
    finds = search(request(owner))
    before = contained.walks
    found = [finds.resolve({"reference": f"#c{n}"}, owner) for n in range(51)]
    assert [each.resource["id"] for each in found if each is not None] == [f"c{n}" for n in range(50)]
    assert found[50] is None
    assert contained.walks == before + 1


def test_of_two_contained_resources_with_one_id_the_first_counts() -> None:
    owner = {
        **order("a"),
        "contained": [{**condition("c", "G56.01"), "x": 1}, {**condition("c", "G56.01"), "x": 2}],
    }
    found = search(request(owner)).resolve({"reference": "#c"}, owner)
    assert found is not None
    assert found.resource["x"] == 1


@pytest.mark.parametrize(
    "elements",
    [
        {"note": [{"text": "SECRET " * 600_000}]},
        {"note": [{"text": "SECRET " * 300}] * 2000},
        {"code": {"text": "SECRET " * 600_000}},
        {"patientInstruction": " " * 4_000_000 + "SECRET"},
    ],
    ids=["note", "notes", "code", "spaces"],
)
def test_so_much_text_is_read_and_the_rest_is_a_gap(elements: dict[str, Any]) -> None:
    case = read({**order("a"), **elements})
    (found,) = case.orders
    assert len(found.words) == MOST_TEXT
    assert len(found.title) <= MOST_TEXT
    (gap,) = [gap for gap in case.gaps if "text" in gap.what]
    assert gap.path == found.path
    assert "secret" not in gap.what.lower()


def test_ordinary_text_is_read_whole() -> None:
    case = read({**order("a"), "note": [{"text": "x" * 10_000}]})
    assert case.orders[0].words.endswith("x" * 10_000)
    assert not [gap for gap in case.gaps if "text" in gap.what]
