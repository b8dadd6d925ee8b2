"""ServiceRequest -> Order, field by field: what cannot be read becomes a gap and spoils nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.core.case import Coding, Fact, Gap, Order, Site
from cds_service.core.vocabulary import NO_GROUPS, Vocabulary
from cds_service.fhir.body_site import read_sites
from cds_service.fhir.chart import Chart
from cds_service.fhir.decode_reasons import read_reasons
from cds_service.fhir.decode_when import read_when
from cds_service.fhir.elements import (
    JsonObject,
    as_text,
    codings,
    day,
    objects,
    reference,
    span,
    text_of,
    type_and_id,
    words_of,
)
from cds_service.fhir.modifiers import modifiers_of
from cds_service.fhir.search import Found

BILLING_OPTIONS = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-billing-options"

# Not to be done (any more); "ended" and "stopped" come from other FHIR releases.
CLOSED = frozenset({"completed", "entered-in-error", "revoked", "ended", "stopped", "cancelled"})
RUNNING = frozenset({"active", "on-hold"})
MOST_UNITS = 10_000
# Far more than anybody writes into an order; every pattern of the guideline looks through all of it.
MOST_TEXT = 20_000


def is_open(resource: JsonObject) -> bool:
    """Whether the order still asks for something to be done."""
    status = resource.get("status")
    return not (isinstance(status, str) and status in CLOSED) and resource.get("doNotPerform") is not True


def read_order(chart: Chart, found: Found, ref: str, *, patient: str, focus: bool) -> Order:
    """One open ServiceRequest."""
    resource, path = found.resource, found.path
    code = resource.get("code")
    details = resource.get("orderDetail")
    title = " | ".join(words_of(code)).lower()
    words = _words(resource, title)
    when = read_when(resource)
    if len(words) > MOST_TEXT:
        chart.gaps.append(Gap(path, f"holds more than {MOST_TEXT} characters of text; the rest was not read"))
        title, words = title[:MOST_TEXT], words[:MOST_TEXT]
    return Order(
        ref=ref,
        codings=tuple(_codings(code)),
        units=_units(chart, resource, path),
        modifiers=_modifiers(chart.vocabulary, details) if details else (),
        sites=_sites(chart.vocabulary, resource, title),
        words=words,
        reasons=tuple(read_reasons(chart, found)),
        date=when.first,
        until=when.last,
        at=when.at,
        performers=frozenset(
            type_and_id(literal)
            for performer in objects(resource.get("performer"))
            if (literal := reference(performer))
        ),
        patient=type_and_id(reference(resource.get("subject") or resource.get("patient"))) or patient,
        draft=found.draft,
        focus=focus,
        path=path,
        title=title,
        options=_options(code),
        notes=tuple(as_text(note.get("text")) for note in objects(resource["note"]))
        if "note" in resource
        else (),
    )


def _codings(code: object) -> Iterator[Coding]:
    """The order's own codings, then the billing codes named as options beside them."""
    for concept in objects(code):
        yield from codings(concept)
        for option in _billing_options(concept):
            yield from option


def _options(code: object) -> tuple[tuple[Coding, ...], ...]:
    """The order's own codings with each of its billing options, where there are several."""
    (concept, *_) = objects(code) or ({},)
    options = list(_billing_options(concept))
    if len(options) < 2:
        return ()
    own = codings(concept)
    return tuple([(*own, *option) for option in options])


def _billing_options(concept: JsonObject) -> Iterator[list[Coding]]:
    for extension in objects(concept.get("extension")):
        if extension.get("url") == BILLING_OPTIONS:
            yield codings(extension.get("valueCodeableConcept"))


def _units(chart: Chart, resource: JsonObject, path: str) -> int | None:
    for name in ("quantityRatio", "quantityRange"):
        if name in resource:
            chart.gaps.append(Gap(f"{path}.{name}", "is no whole number of units; counted as 1"))
    quantity = resource.get("quantityQuantity")
    if quantity is None:
        return None
    value = quantity.get("value") if isinstance(quantity, dict) else None
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 1 <= value <= MOST_UNITS
        and value == int(value)
    ):
        return int(value)
    chart.gaps.append(Gap(f"{path}.quantityQuantity", "is no whole number of units; counted as 1"))
    return None


def _modifiers(vocabulary: Vocabulary, details: object) -> tuple[str, ...]:
    found = [each for detail in objects(details) for each in modifiers_of(detail, vocabulary.modifiers)]
    return tuple(dict.fromkeys(found))


def _sites(vocabulary: Vocabulary, resource: JsonObject, title: str) -> tuple[Site, ...]:
    """bodySite; without one, the sided limbs that the order's own name or detail says ("EMG both arms")."""
    body_site = resource.get("bodySite")
    if body_site:
        return read_sites(vocabulary, body_site)
    detail = text_of(resource.get("orderDetail"))
    named = vocabulary.places.sites_in(f"{title} | {detail}") if title or detail else ()
    return tuple(site for site in named if site.is_limb and site.side)


def _words(resource: JsonObject, title: str) -> str:
    parts = [title]
    if "orderDetail" in resource:
        parts.append(text_of(resource["orderDetail"]))
    if "note" in resource:
        parts += [as_text(note.get("text")) for note in objects(resource["note"])]
    if "patientInstruction" in resource:
        parts.append(as_text(resource["patientInstruction"]))
    if "bodySite" in resource:
        parts.append(text_of(resource["bodySite"]))
    return " | ".join(filter(None, parts)).lower()


def read_finished_order(chart: Chart, resource: JsonObject, ref: str, path: str) -> None:
    """An earlier study, by the order that asked for it."""
    if resource.get("status") != "completed" or resource.get("doNotPerform") is True:
        return
    groups, code = NO_GROUPS, ""
    for coding in _codings(resource.get("code")):
        found = chart.vocabulary.groups_of(coding.system, coding.code)
        if found:
            groups, code = groups | found, code or coding.code
    # Only groups that name finished orders: most groups speak of care given, which an order does not show.
    groups = frozenset(group for group in groups if "order" in chart.vocabulary.kinds.get(group, ()))
    if groups:
        start, end = span(resource, "occurrence")
        chart.facts.append(
            Fact(
                kind="order",
                groups=groups,
                ref=ref,
                path=path,
                start=start or day(resource.get("authoredOn")),
                end=end,
                active=False,
                code=code,
            )
        )
