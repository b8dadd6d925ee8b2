"""The envelope: what of a request body reaches the rest of the program."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service import schemas
from cds_service.content import Roots
from cds_service.core.case import Gap
from cds_service.core.hook_call import FhirAccess, HookCall
from cds_service.errors import Fault, Kind, RequestError
from cds_service.hooks import envelope, services
from tests.contract.bodies import SELECT, SIGN, body, bundle

SERVICES = services.load(Roots.default())
DEPTH = schemas.DepthLimit.of(64)
ORDER = {"resourceType": "ServiceRequest", "id": "a"}


def call(request: Any, service: str = SIGN) -> HookCall:
    return envelope.call_of(SERVICES[service], request)


def test_every_member_arrives() -> None:
    found = call(
        body(
            "order-select",
            fhirServer="https://ehr.example.org/fhir",
            prefetch={"patient": None},
            extension={"a": 1},
            context={"encounterId": "e1", "selections": ["ServiceRequest/a"], "draftOrders": bundle(ORDER)},
        ),
        SELECT,
    )
    assert (found.service, found.hook) == (SELECT, "order-select")
    assert found.hook_instance == "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
    assert (found.patient_id, found.encounter_id, found.user_id) == ("p1", "e1", "Practitioner/example")
    assert found.fhir_server == "https://ehr.example.org/fhir"
    assert found.prefetch == {"patient": None}
    assert found.extension == {"a": 1}
    assert found.selections == ("ServiceRequest/a",)
    assert found.draft_orders == (("context.draftOrders.entry[0].resource", ORDER),)
    assert found.gaps == ()


def test_bundle_addresses_arrive_with_the_paths_of_their_orders() -> None:
    drafts = bundle(ORDER, ORDER, ORDER)
    for entry, url in zip(drafts["entry"], ("urn:uuid:1", 5, None), strict=True):
        entry["fullUrl"] = url
    found = call(body(context={"draftOrders": drafts}))
    assert found.draft_urls == {"context.draftOrders.entry[0].resource": "urn:uuid:1"}


def test_what_is_absent_is_empty() -> None:
    found = call(body(context={"draftOrders": ...}))
    assert (found.prefetch, found.extension, found.draft_orders) == ({}, {}, ())
    assert (found.encounter_id, found.fhir_server, found.selections) == ("", "", None)


def test_order_sign_has_no_selections_even_when_sent() -> None:
    assert call(body(context={"selections": ["ServiceRequest/a"]})).selections is None


@pytest.mark.parametrize(("sent", "selections"), [(..., None), (None, None), ([], ()), (["A/1"], ("A/1",))])
def test_missing_selections_are_all_drafts_and_empty_ones_are_none(sent: Any, selections: Any) -> None:
    assert call(body("order-select", context={"selections": sent}), SELECT).selections == selections


def test_typed_ids_are_bared() -> None:
    found = call(body(context={"patientId": "Patient/p1", "encounterId": "Encounter/e1"}))
    assert (found.patient_id, found.encounter_id) == ("p1", "e1")


def test_unreadable_entries_are_gaps_and_the_others_keep_their_places() -> None:
    drafts = bundle(ORDER, None, "x", {"id": "b"}, {**ORDER, "id": "c"})
    drafts["entry"] += [None, {"fullUrl": "urn:uuid:1"}]
    found = call(body(context={"draftOrders": drafts}))
    path = "context.draftOrders.entry"
    assert [where for where, _ in found.draft_orders] == [f"{path}[0].resource", f"{path}[4].resource"]
    assert found.gaps == (
        Gap(f"{path}[1].resource", "not supplied"),
        Gap(f"{path}[2].resource", "is not a resource"),
        Gap(f"{path}[3].resource.resourceType", "not supplied"),
        Gap(f"{path}[5]", "is not a Bundle entry"),
        Gap(f"{path}[6].resource", "not supplied"),
    )


TOKEN = "canary.token-~+/="  # noqa: S105
SERVER = "https://ehr.example.org/fhir"


@pytest.mark.parametrize(
    ("sent", "access"),
    [
        (..., None),
        (None, None),
        ({}, FhirAccess()),
        (
            {
                "access_token": TOKEN,
                "token_type": "Bearer",
                "scope": "patient/*.read",
                "patient": "Patient/p1",
                "expires_in": 300,
                "subject": "our-client",
                "more": [1],
            },
            FhirAccess(TOKEN, "Bearer", "patient/*.read", "p1", 300, "our-client"),
        ),
        ({"access_token": TOKEN}, FhirAccess(TOKEN)),
        ({"access_token": TOKEN, "token_type": "bearer"}, FhirAccess(TOKEN, "bearer")),
        ({"access_token": TOKEN, "token_type": "DPoP"}, FhirAccess("", "DPoP")),
        ({"access_token": "", "token_type": "Bearer"}, FhirAccess("", "Bearer")),
        ({"access_token": "a\r\nX-Y: z"}, FhirAccess()),
        ({"access_token": "a b"}, FhirAccess()),
        ({"access_token": "é"}, FhirAccess()),
        ({"access_token": ["a"], "scope": {}, "patient": 7, "subject": None}, FhirAccess()),
        ({"access_token": TOKEN, "expires_in": "300"}, FhirAccess(TOKEN)),
        ({"access_token": TOKEN, "expires_in": -1}, FhirAccess(TOKEN)),
    ],
)
def test_access_to_the_fhir_server_is_read_leniently(sent: Any, access: FhirAccess | None) -> None:
    assert call(body(fhirAuthorization=sent, fhirServer=SERVER)).fhir_access == access


def test_the_token_is_in_no_representation() -> None:
    found = call(body(fhirAuthorization={"access_token": TOKEN, "patient": "canary-p"}, fhirServer=SERVER))
    assert found.fhir_access is not None
    assert found.fhir_access.token == TOKEN
    assert "canary" not in repr(found) + str(found.fhir_access)


@pytest.mark.parametrize(
    ("request_body", "kind", "where"),
    [
        ([], Kind.ENVELOPE, ""),
        ({}, Kind.ENVELOPE, "hook"),
        (body(hook="order-select"), Kind.HOOK_MISMATCH, "hook"),
        (body(hookInstance=...), Kind.ENVELOPE, "hookInstance"),
        (body(fhirAuthorization={}), Kind.ENVELOPE, "fhirServer"),
        (body(fhirAuthorization={}, fhirServer=""), Kind.ENVELOPE, "fhirServer"),
        (body(context={"patientId": "a/b"}), Kind.ENVELOPE, "context.patientId"),
    ],
)
def test_refusals_say_where(request_body: Any, kind: Kind, where: str) -> None:
    with pytest.raises(RequestError) as caught:
        call(request_body)
    assert (caught.value.kind, caught.value.where) == (kind, where)
    assert caught.value.remedy


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = ["hook", "hookInstance", "fhirServer", "fhirAuthorization", "context", "prefetch", "extension"]
CONTEXT = ["userId", "patientId", "encounterId", "draftOrders", "selections"]


@given(
    members=st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=2),
    context=st.dictionaries(st.sampled_from(CONTEXT), JSON, max_size=2),
    service=st.sampled_from(sorted(SERVICES)),
)
def test_any_json_is_a_call_or_a_refusal(
    members: dict[str, Any], context: dict[str, Any], service: str
) -> None:
    request = body(SERVICES[service].hook, context=context)
    try:
        assert isinstance(call({**request, **members}, service), HookCall)
    except RequestError as error:
        assert error.remedy


@given(JSON)
def test_any_json_text_is_parsed_to_its_value(value: Any) -> None:
    assert envelope.parse(json.dumps(value).encode(), DEPTH) == value


@pytest.mark.parametrize(
    ("request_body", "fault"),
    [
        ([], Fault.TYPE),
        ({}, Fault.MISSING),
        (body(fhirAuthorization={}, fhirServer=""), Fault.MISSING),
        (body(fhirAuthorization={}, fhirServer=5), Fault.TYPE),
        (body(context={"patientId": "a/b"}), Fault.VALUE),
        (body(context={"patientId": ""}), Fault.VALUE),
        (body(context={"patientId": 5}), Fault.TYPE),
        (body(context={"patientId": ...}), Fault.MISSING),
    ],
)
def test_refusals_say_of_what_kind_the_fault_is(request_body: Any, fault: Fault) -> None:
    with pytest.raises(RequestError) as caught:
        call(request_body)
    assert caught.value.fault is fault


MENDED = {
    "a byte order mark": (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
    "a high half alone": (rb'["a\ud800b"]', ["a\ufffdb"]),
    "a low half alone": (rb'["\uDC00"]', ["\ufffd"]),
    "two high halves": (rb'["\ud800\ud801"]', ["\ufffd\ufffd"]),
    "a high half before a pair": (rb'["\ud800\ud83d\ude00"]', ["\ufffd\U0001f600"]),
    "a low half behind a pair": (rb'["\ud83d\ude00\ude00"]', ["\U0001f600\ufffd"]),
    "halves apart": (rb'["\ud83d", "\ude00"]', ["\ufffd", "\ufffd"]),
    "a backslash before half a pair": (rb'["\\\ud800"]', ["\\\ufffd"]),
    "halves with a backslash between": (rb'["\ud83d\\\ude00"]', ["\ufffd\\\ufffd"]),
    "what only looks like one stays": (rb'["\\ud800\udc00"]', ["\\ud800\ufffd"]),
    "half a pair in a name": (rb'{"\ud800": 1}', {"\ufffd": 1}),
}


@pytest.mark.parametrize(("raw", "value"), MENDED.values(), ids=MENDED)
def test_slips_of_a_writer_are_read_past(raw: bytes, value: Any) -> None:
    assert envelope.parse(raw, DEPTH) == value


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"\xef\xbb\xbf", Kind.JSON),
        (rb'["\ud800", NaN]', Kind.JSON),
        (rb'["\ud800", Infinity]', Kind.JSON),
        (rb'["\ud800", 1e400]', Kind.JSON),
        (rb'["\ud800"', Kind.JSON),
        (b'["\xed\xa0\x80"]', Kind.JSON),
        (b"\xef\xbb\xbf" + b"[" * 100 + b"]" * 100, Kind.DEPTH),
        (b"\xef\xbb\xbf" + b"[" * 500_000 + b"]" * 500_000, Kind.DEPTH),
        (b'["' + rb"\ud800" * 20_000 + b'"]', Kind.JSON),
        (b'["' + b"\\" * 1_000_000, Kind.JSON),
    ],
    ids=lambda each: f"{each[:20]!r}" if isinstance(each, bytes) else each,
)
def test_what_is_more_than_a_slip_stays_refused(raw: bytes, kind: Kind) -> None:
    with pytest.raises(RequestError) as caught:
        envelope.parse(raw, DEPTH)
    assert caught.value.kind is kind


@given(st.text(st.characters(exclude_categories=())), st.booleans())
def test_any_text_however_escaped_is_read(written: str, marked: bool) -> None:
    raw = json.dumps([written]).encode()
    (read,) = envelope.parse(b"\xef\xbb\xbf" * marked + raw, DEPTH)
    assert read == json.loads(raw)[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@given(st.binary(max_size=20))
def test_any_bytes_are_parsed_or_refused(raw: bytes) -> None:
    try:
        envelope.parse(raw, DEPTH)
    except RequestError as error:
        assert error.kind is Kind.JSON
