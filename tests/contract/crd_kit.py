"""The server groups of the Inferno CRD kit (CRD 2.0.1) without its Java validator: one function per check.

A check yields a sentence per fault; ``Skip`` says that there was nothing to check. Where the kit asks for
conformance to a profile, the elements that the profile requires are asked for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Json = Mapping[str, Any]

COVERAGE_INFORMATION = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information"
REQUESTS = {
    "DeviceRequest",
    "MedicationRequest",
    "NutritionOrder",
    "ServiceRequest",
    "VisionPrescription",
    "Appointment",
    "CommunicationRequest",
}
REQUIRED_OF_ORDERS = ("status", "intent", "subject", "authoredOn", "requester")
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
SYSTEM_ACTIONS = {"appointment-book", "order-sign", "order-dispatch"}


class Skip(Exception):  # noqa: N818 - no error
    """Nothing to check."""


@dataclass(frozen=True)
class Exchange:
    """One posted request and its answer; ``said`` is ``None`` when it is no JSON."""

    sent: Json
    status: int
    said: Any


@dataclass(frozen=True)
class Evidence:
    """What a run of the kit collects."""

    discovery_status: int
    discovery: Any
    exchanges: Mapping[str, tuple[Exchange, ...]]

    def of(self, hook: str) -> Evidence:
        """Only what was posted for a hook."""
        return Evidence(self.discovery_status, self.discovery, {hook: self.exchanges[hook]})

    def all(self) -> Iterator[Exchange]:
        for exchanges in self.exchanges.values():
            yield from exchanges

    def cards(self) -> Iterator[tuple[Exchange, Json]]:
        for exchange in self.all():
            for card in exchange.said["cards"]:
                yield exchange, card

    def system_actions(self) -> Iterator[tuple[Exchange, Json]]:
        for exchange in self.all():
            for action in exchange.said.get("systemActions", []):
                yield exchange, action


Rule = Callable[[Evidence], Iterator[str]]


def discovery_endpoint(evidence: Evidence) -> Iterator[str]:
    if evidence.discovery_status != 200 or not isinstance(evidence.discovery, dict):
        yield f"discovery answers {evidence.discovery_status}"


def discovery_services(evidence: Evidence) -> Iterator[str]:
    for service in evidence.discovery["services"]:
        yield from (
            f"{service.get('id')}: {name} is no text"
            for name in ("hook", "description", "id")
            if not isinstance(service.get(name), str)
        )


def service_call(evidence: Evidence) -> Iterator[str]:
    for exchange in evidence.all():
        if exchange.status != 200 or not isinstance(exchange.said, dict):
            yield f"{exchange.sent['hook']} answers {exchange.status}"


def request_required(evidence: Evidence) -> Iterator[str]:
    for exchange in evidence.all():
        sent = exchange.sent
        if not isinstance(sent.get("hook"), str) or not isinstance(sent.get("context"), dict):
            yield "hook or context is missing"
        if not UUID.fullmatch(sent.get("hookInstance", "")):
            yield "hookInstance is no UUID"
        if "fhirAuthorization" in sent and "fhirServer" not in sent:
            yield "fhirAuthorization stands without fhirServer"


def request_context(evidence: Evidence) -> Iterator[str]:
    for exchange in evidence.all():
        context = exchange.sent["context"]
        if not isinstance(context.get("userId"), str) or "/" in context.get("patientId", "/"):
            yield "userId or patientId is wrong"
        orders = [entry["resource"] for entry in context["draftOrders"]["entry"]]
        if not any(order["resourceType"] in REQUESTS for order in orders):
            yield "no request resource"
        yield from (fault for order in orders for fault in _profile(order))
        if exchange.sent["hook"] == "order-select" and not context.get("selections"):
            yield "selections is missing"


def request_optional(evidence: Evidence) -> Iterator[str]:
    for exchange in evidence.all():
        sent = exchange.sent
        authorization = sent.get("fhirAuthorization", {"token_type": "Bearer"})
        if authorization.get("token_type") != "Bearer":
            yield "the token is no Bearer token"
        if not isinstance(sent.get("fhirServer", ""), str) or not isinstance(sent.get("prefetch", {}), dict):
            yield "fhirServer or prefetch is of a wrong type"


def response_required(evidence: Evidence) -> Iterator[str]:
    for exchange in evidence.all():
        said = exchange.said
        if not isinstance(said.get("cards"), list):
            yield "cards is no list"
        if exchange.sent["hook"] in SYSTEM_ACTIONS and not isinstance(said.get("systemActions"), list):
            yield "systemActions is no list"
    for _, card in evidence.cards():
        if not 0 < len(card.get("summary", "")) < 140:
            yield "summary is missing or too long"
        if card.get("indicator") not in ("info", "warning", "critical"):
            yield "indicator is none"
        source = card.get("source", {})
        if not source.get("label") or not all(
            source.get("topic", {}).get(name) for name in ("code", "system")
        ):
            yield "source has no label, or a topic without code and system"
    for _, action in evidence.system_actions():
        yield from _action(action)


def card_optional(evidence: Evidence) -> Iterator[str]:
    for _, card in evidence.cards():
        yield from (
            f"{name} is no text" for name in ("uuid", "detail") if not isinstance(card.get(name, "x"), str)
        )
        yield from (
            f"{name} is no list, or empty"
            for name in ("suggestions", "overrideReasons", "links")
            if name in card and not (isinstance(card[name], list) and card[name])
        )
        if "suggestions" in card and card.get("selectionBehavior") not in ("at-most-one", "any"):
            yield "selectionBehavior is none"
        for reason in card.get("overrideReasons", []):
            if not all(reason.get(name) for name in ("code", "system", "display")):
                yield "an override reason is incomplete"
        for link in card.get("links", []):
            yield from _link(link)
        for suggestion in card.get("suggestions", []):
            yield from _suggestion(suggestion)


def external_reference(evidence: Evidence) -> Iterator[str]:
    if not any(
        card.get("links") and all(link["type"] == "absolute" for link in card["links"])
        for _, card in evidence.cards()
    ):
        yield "no card has absolute links only"


def launch_smart(evidence: Evidence) -> Iterator[str]:
    links = [link for _, card in evidence.cards() for link in card.get("links", [])]
    if not any(link["type"] == "smart" for link in links):
        raise Skip("no card launches an app")
    yield "a card launches an app"


def instructions(evidence: Evidence) -> Iterator[str]:
    if not any("links" not in card and "suggestions" not in card for _, card in evidence.cards()):
        yield "no card is without links and suggestions"


def coverage_received(evidence: Evidence) -> Iterator[str]:
    if not any(_coverage_of(action) for _, action in evidence.system_actions()):
        yield "no system action has coverage information"


def coverage_valid(evidence: Evidence) -> Iterator[str]:
    told = [(exchange, action) for exchange, action in evidence.system_actions() if _coverage_of(action)]
    if not told:
        raise Skip("no coverage information")
    for exchange, action in told:
        resource = action["resource"]
        if action["type"] != "update":
            yield "the action is no update"
        yield from _profile(resource)
        ids: dict[str, set[str]] = defaultdict(set)
        for extension in _coverage_of(action):
            parts = {part["url"]: part for part in extension["extension"]}
            for name in ("coverage", "covered", "date", "coverage-assertion-id"):
                if name not in parts:
                    yield f"coverage information without {name}"
            ids[parts["coverage"]["valueReference"]["reference"]].add(
                parts["coverage-assertion-id"]["valueString"]
            )
        if any(len(each) > 1 for each in ids.values()):
            yield "one Coverage has several assertion ids"
        if len(set().union(*ids.values())) < len(ids):
            yield "several Coverages share an assertion id"
        if reference(resource) not in drafts(exchange.sent):
            yield "the order is no draft order"


def alternate_request(evidence: Evidence) -> Iterator[str]:
    found = False
    for exchange, card in evidence.cards():
        orders = drafts(exchange.sent)
        for suggestion in card.get("suggestions", []):
            kinds = sorted(action["type"] for action in suggestion["actions"])
            if "update" not in kinds and kinds != ["create", "delete"]:
                continue
            found = True
            for action in suggestion["actions"]:
                target = action.get("resourceId") or reference(action["resource"])
                if action["type"] != "create" and target not in orders:
                    yield f"{action['type']} of an order that is no draft order"
                if "resource" in action:
                    yield from _profile(action["resource"])
    if not found:
        raise Skip("no card proposes another request")


def additional_orders(evidence: Evidence) -> Iterator[str]:
    found = [
        action["resource"]
        for _, card in evidence.cards()
        for suggestion in card.get("suggestions", [])
        if all(action["type"] == "create" for action in suggestion["actions"])
        for action in suggestion["actions"]
    ]
    if not found:
        raise Skip("no card adds orders")
    for resource in found:
        yield from _profile(resource)


def form_completion(evidence: Evidence) -> Iterator[str]:
    yield from _of_type(evidence, "Task", "no card asks for a form by a Task")


def update_coverage(evidence: Evidence) -> Iterator[str]:
    yield from _of_type(evidence, "Coverage", "no card changes a Coverage")


def tls(evidence: Evidence) -> Iterator[str]:
    raise Skip("TLS ends at the proxy in front of the service")


GROUP: tuple[tuple[str, Rule, bool], ...] = (
    ("crd_service_call_test", service_call, True),
    ("crd_service_request_required_fields_validation", request_required, True),
    ("crd_service_request_context_validation", request_context, True),
    ("crd_service_request_optional_fields_validation", request_optional, False),
    ("crd_service_response_validation", response_required, True),
    ("crd_card_optional_fields_validation", card_optional, False),
    ("crd_external_reference_card_validation", external_reference, False),
    ("crd_launch_smart_app_card_validation", launch_smart, False),
    ("crd_valid_instructions_card_received", instructions, False),
    ("crd_coverage_info_system_action_received", coverage_received, True),
    ("crd_coverage_info_system_action_validation", coverage_valid, True),
    ("crd_propose_alternate_request_card_validation", alternate_request, False),
    ("crd_additional_orders_card_validation", additional_orders, False),
    ("crd_form_completion_response_validation", form_completion, False),
    ("crd_create_or_update_coverage_info_response_validation", update_coverage, False),
)
OPTIONAL_WHEN_SELECTING = {
    "crd_coverage_info_system_action_received",
    "crd_coverage_info_system_action_validation",
}


@dataclass(frozen=True)
class Check:
    """One test of the kit, by its number and name. ``hook``: whose exchanges it looks at; ``""``: all."""

    number: str
    name: str
    rule: Rule
    required: bool
    hook: str = ""

    def faults(self, evidence: Evidence) -> list[str]:
        """Every fault; raises Skip."""
        return list(dict.fromkeys(self.rule(evidence.of(self.hook) if self.hook else evidence)))


def _checks() -> Iterator[Check]:
    yield Check("1.01", "crd_server_tls_version_stu2", tls, required=True)
    yield Check("1.02", "crd_discovery_endpoint_test", discovery_endpoint, required=True)
    yield Check("1.03", "crd_discovery_services_validation", discovery_services, required=True)
    by_name = {name: rule for name, rule, _ in GROUP}
    demonstrated = [GROUP[0][0], GROUP[1][0], GROUP[2][0], GROUP[4][0]]
    for index, name in enumerate(demonstrated, start=1):
        yield Check(f"2.{index:02}", name, by_name[name], required=True, hook="order-sign")
    for group, hook in (("3.4", "order-select"), ("3.6", "order-sign")):
        for index, (name, rule, required) in enumerate(GROUP, start=1):
            optional = hook == "order-select" and name in OPTIONAL_WHEN_SELECTING
            yield Check(f"{group}.{index:02}", name, rule, required and not optional, hook)
    yield Check("3.7.01", "external reference in any hook", external_reference, required=True)
    yield Check("3.7.02", "instructions in any hook", instructions, required=True)
    yield Check("3.7.03", "coverage information in any hook", coverage_valid, required=True)


CHECKS = tuple(_checks())


def drafts(sent: Json) -> set[str]:
    return {reference(entry["resource"]) for entry in sent["context"]["draftOrders"]["entry"]}


def reference(resource: Json) -> str:
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def _coverage_of(action: Json) -> list[Json]:
    resource = action.get("resource", {})
    if resource.get("resourceType") not in REQUESTS:
        return []
    return [each for each in resource.get("extension", []) if each.get("url") == COVERAGE_INFORMATION]


def _profile(order: Json) -> Iterator[str]:
    """What the profile of a request requires, beyond what FHIR does."""
    for name in REQUIRED_OF_ORDERS:
        if not order.get(name):
            yield f"{order['resourceType']} has no {name}"
    if order["resourceType"] == "ServiceRequest" and not order.get("code"):
        yield "ServiceRequest has no code"


def _suggestion(suggestion: Json) -> Iterator[str]:
    if not suggestion.get("label") or suggestion.get("actions", [1]) == []:
        yield "a suggestion has no label, or no action"
    for action in suggestion.get("actions", []):
        yield from _action(action)


def _action(action: Json) -> Iterator[str]:
    if action.get("type") not in ("create", "update", "delete") or not action.get("description"):
        yield "an action has no type or no description"
    if action.get("type") == "delete":
        if not re.fullmatch(r"[A-Za-z]+/[A-Za-z0-9.\-]{1,64}", action.get("resourceId", "")):
            yield "a delete has no resourceId"
    elif "resourceType" not in action.get("resource", {}):
        yield "an action has no resource"


def _link(link: Json) -> Iterator[str]:
    parts = urlsplit(link.get("url", ""))
    if not link.get("label") or parts.scheme not in ("http", "https") or not parts.netloc:
        yield "a link has no label or no URL"
    if link.get("type") not in ("absolute", "smart") or (link["type"] == "absolute" and "appContext" in link):
        yield "a link has no type, or is absolute with an appContext"


def _of_type(evidence: Evidence, kind: str, words: str) -> Iterator[str]:
    actions = [action for _, action in evidence.system_actions()] + [
        action
        for _, card in evidence.cards()
        for suggestion in card.get("suggestions", [])
        for action in suggestion["actions"]
    ]
    if not any(action.get("resource", {}).get("resourceType") == kind for action in actions):
        raise Skip(words)
    yield f"{kind} in an action"
