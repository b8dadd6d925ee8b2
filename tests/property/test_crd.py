"""Laws of the dialect crd on generated sessions, in every version and role, with any client's extension."""

from __future__ import annotations

import copy
import json
from typing import Any

import orjson
from exchange import ask as ask_in_spec
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Json, laws, requests, service

from cds_service import golden, pipeline, schemas
from cds_service.content import Roots
from cds_service.errors import Kind, RequestError
from cds_service.fhir import validate
from cds_service.hooks import envelope
from cds_service.hooks import services as hook_services
from tests.contract import coverage_rules
from tests.contract.crd_bodies import coverages
from tests.contract.response_rules import FINDING, drafts, faults

VERSIONS = ("2.0", "2.1", "2.2")
ROLES = ("advisor", "payer")
PAYERS = ("Anthem Test Plan", "Wellpoint Test", "Evergreen Test Mutual")
RESPONSE = schemas.load(hook_services.SCHEMAS / "cds-response.schema.json")
SERVICES = {known.hook: known for known in hook_services.load(Roots.default()).values()}

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 30) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
options = st.dictionaries(
    st.sampled_from(["coverage-info", "claim", "guideline", "off-guideline", "max-cards", "alt-drug"]),
    anything | st.booleans() | st.integers(0, 3),
    max_size=5,
)


def ask(request: Json, role: str = "advisor") -> Json:
    """The answer of the service in crd, as it travels."""
    body = json.loads(orjson.dumps(request))
    decision = pipeline.decide(
        service(),
        envelope.call_of(SERVICES[body["hook"]], body),
        today=golden.TODAY,
        new_id=golden.counted_ids(),
        dialect="crd",
        role=role,
        base_url="https://cds.example.org",
    )
    said: Json = json.loads(orjson.dumps(decision.response))
    assert ("systemActions" in said) is (body["hook"] == "order-sign")
    return said


def stated(request: Json, role: str = "advisor") -> list[Json]:
    """The system actions."""
    actions: list[Json] = ask(request, role).get("systemActions", [])
    return actions


def sent_by(request: Json, version: str, *payers: str) -> Json:
    """The request of a CRD client with these covers."""
    sent = copy.deepcopy(request)
    sent.setdefault("prefetch", {})["coverage"] = coverages(sent["context"]["patientId"], *payers)
    sent["extension"] = {"davinci-crd.requestedVersion": version}
    return sent


def as_exclusive(said: Json) -> Json:
    """Suggestions to be taken together, as the rules of cards know them: each card with one of them."""
    shown = copy.deepcopy(said)
    for card in shown["cards"]:
        if card.get("selectionBehavior") == "any":
            card["suggestions"], card["selectionBehavior"] = card["suggestions"][:1], "at-most-one"
    return shown


@given(requests(), st.sampled_from(VERSIONS), st.sampled_from(ROLES))
@settings(laws, max_examples=200)
def test_every_response_keeps_the_schema_and_the_rules(request: Json, version: str, role: str) -> None:
    sent = sent_by(request, version, PAYERS[0])
    said = ask(sent, role)
    assert RESPONSE.lines(said, file="response") == []
    assert faults(sent, as_exclusive(said)) == []


@given(requests(), st.sampled_from(VERSIONS), st.sampled_from(ROLES))
@settings(laws, max_examples=200)
def test_every_card_is_of_one_response_type(request: Json, version: str, role: str) -> None:
    sent = sent_by(request, version, PAYERS[0])
    for card in ask(sent, role)["cards"]:
        assert not ("links" in card and "suggestions" in card)
        kinds = [sorted(action["type"] for action in one["actions"]) for one in card.get("suggestions", [])]
        alternate = all(each in (["update"], ["create", "delete"]) for each in kinds)
        assert alternate or all(set(each) == {"create"} for each in kinds), kinds
        named = card["extension"].get("davinci-crd.associated-resource", [])
        refs = [each["reference"] for each in named] if version != "2.0" else named
        assert set(refs) == {ref for ref in card["extension"][FINDING]["orders"] if "#" not in ref}


@given(requests())
@settings(laws)
def test_the_same_is_said_as_in_spec(request: Json) -> None:
    def findings(cards: list[Json]) -> list[tuple[Any, Any]]:
        return [(card["extension"][FINDING], card["summary"]) for card in cards]

    assert findings(ask(request)["cards"]) == findings(ask_in_spec(request).response["cards"])


@given(requests(), st.sampled_from(VERSIONS), st.sampled_from(ROLES))
@settings(laws, max_examples=200)
def test_system_actions_only_add_one_statement_that_keeps_its_invariants(
    request: Json, version: str, role: str
) -> None:
    sent = sent_by(request, version, PAYERS[0])
    before = drafts(sent)
    actions = stated(sent, role)
    ids = set()
    for action in actions:
        after = action["resource"]
        name = f"{after['resourceType']}/{after['id']}"
        new = [each for each in after["extension"] if each not in before[name].get("extension", [])]
        (told,) = new
        assert told["url"] == coverage_rules.URL
        assert coverage_rules.faults(told, version) == []
        kept = [each for each in after["extension"] if each is not told]
        assert {**after, "extension": kept} == {"extension": [], **before[name]}
        assert not validate.adds_errors(before[name], after)
        ids.update(coverage_rules.values(told["extension"], "coverage-assertion-id"))
    assert len(ids) == len(actions)


@given(requests(), st.sampled_from(VERSIONS), st.sampled_from(ROLES))
@settings(laws)
def test_what_was_stated_is_not_stated_again(request: Json, version: str, role: str) -> None:
    sent = sent_by(request, version, PAYERS[0])
    first = {f"ServiceRequest/{each['resource']['id']}": each["resource"] for each in stated(sent, role)}
    for entry in sent["context"]["draftOrders"]["entry"]:
        ref = f"ServiceRequest/{entry['resource'].get('id')}"
        entry["resource"] = first.get(ref, entry["resource"])
    assert stated(sent, role) == []


@given(requests(), st.sampled_from(VERSIONS), st.lists(st.sampled_from(PAYERS), max_size=3))
@settings(laws)
def test_an_advisor_never_settles_coverage_and_a_payer_speaks_for_its_own_only(
    request: Json, version: str, payers: list[str]
) -> None:
    sent = sent_by(request, version, *payers)
    for action in stated(sent):
        text = json.dumps(action["resource"]["extension"])
        assert not any(word in text for word in ("no-auth", "satisfied", "not-covered", '"covered"}'))
    ours = [f"Coverage/cov-{number}" for number, payer in enumerate(payers, start=1) if payer != PAYERS[2]]
    try:
        actions = stated(sent, "payer")
    except RequestError as error:
        assert error.kind is Kind.COVERAGE
        assert version != "2.0"
        assert len(ours) != 1
        return
    assert not actions or len(ours) == 1
    assert all(f'"{ours[0]}"' in json.dumps(action) for action in actions)


@given(requests(), options | anything, st.sampled_from(ROLES))
@settings(laws)
def test_any_configuration_is_answered(request: Json, configuration: Any, role: str) -> None:
    sent = sent_by(request, "2.0", PAYERS[0])
    whole = ask(sent, role)
    sent["extension"]["davinci-crd.configuration"] = configuration
    said = ask(sent, role)
    shown = [card["extension"][FINDING] for card in said["cards"]]
    all_shown = [card["extension"][FINDING] for card in whole["cards"]]
    assert [each for each in all_shown if each in shown] == shown
    assert said.get("systemActions", []) in ([], whole.get("systemActions", []))
