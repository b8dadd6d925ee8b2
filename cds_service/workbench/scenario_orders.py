"""The draft orders as rows of a form, and what was changed in the rows written back into the JSON."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.core.case import Site
from cds_service.core.guideline import Knowledge
from cds_service.core.vocabulary import ICD10CM
from cds_service.workbench.request_tree import (
    Json,
    draft_entries,
    free_id,
    member,
    objects,
    reference,
    text,
)

LIMBS: Mapping[str, tuple[Site, str]] = {
    "RUE": (Site("arm", "right"), "Right arm"),
    "LUE": (Site("arm", "left"), "Left arm"),
    "RLE": (Site("leg", "right"), "Right leg"),
    "LLE": (Site("leg", "left"), "Left leg"),
}
MOST_UNITS = 999
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\- ]{0,18}")


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order as the form shows it; ``field`` begins the names of its inputs."""

    field: str
    ref: str
    code: str
    label: str
    units: str
    limbs: tuple[str, ...]
    other_sites: int
    reasons: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """How codes and limbs are written: the knowledge, and a code and name for each limb."""

    knowledge: Knowledge
    limb_codes: Mapping[Site, tuple[str, str]]

    def limb(self, site: object) -> str:
        """The limb a CodeableConcept of bodySite stands for, ``""`` when it is none of the four."""
        for coding in objects(site, "coding"):
            sites = self.knowledge.vocabulary.sites.get(text(coding, "code"), ())
            for name, (known, _) in LIMBS.items():
                if sites == (known,) or text(coding, "code") == self.limb_codes.get(known, ("",))[0]:
                    return name
        return ""


def read(request: object, catalogue: Catalogue) -> tuple[OrderRow, ...]:
    """The rows, in the order sent."""
    rows = []
    for index, entry in enumerate(draft_entries(request)):
        order = entry["resource"]
        code = _code(order)
        limbs = [catalogue.limb(site) for site in objects(order, "bodySite")]
        rows.append(
            OrderRow(
                field=f"order-{index}",
                ref=reference(order) or f"order {index + 1}",
                code=code,
                label=catalogue.knowledge.coding.table.label_of(code),
                units=_units(order),
                limbs=tuple(dict.fromkeys(name for name in limbs if name)),
                other_sites=sum(1 for name in limbs if not name),
                reasons=", ".join(_reason(each) for each in objects(order, "reasonCode") if _reason(each)),
            )
        )
    return tuple(rows)


def write(request: Json, form: Mapping[str, list[str]], catalogue: Catalogue) -> list[str]:
    """Write into ``request`` what the form says otherwise than it; sentences about what could not be."""
    problems: list[str] = []
    for row, entry in zip(read(request, catalogue), draft_entries(request), strict=True):
        if f"{row.field}-code" not in form:
            continue
        order = entry["resource"]
        given = {name: _one(form, f"{row.field}-{name}") for name in ("code", "units", "reasons")}
        if given["code"] != row.code:
            if _CODE.fullmatch(given["code"]):
                _set_code(order, given["code"], catalogue)
            else:
                problems.append(f"{row.ref}: give a code of letters and digits")
        if given["units"] != row.units:
            if given["units"].isdecimal() and 1 <= int(given["units"]) <= MOST_UNITS:
                _set_units(order, int(given["units"]))
            else:
                problems.append(f"{row.ref}: units are a whole number from 1 to {MOST_UNITS}")
        limbs = {name for name in form.get(f"{row.field}-limbs", []) if name in LIMBS}
        if limbs != set(row.limbs):
            _set_limbs(order, limbs, catalogue)
        wanted = codes_of(given["reasons"])
        if wanted != codes_of(row.reasons):
            _set_reasons(order, wanted)
    return problems


def add(request: Json, code: str, catalogue: Catalogue) -> str:
    """Add an order like the first one but for its code; a sentence when that cannot be."""
    if not _CODE.fullmatch(code):
        return "Give the code of the order to add, in letters and digits."
    context = request.get("context")
    if not isinstance(context, dict):
        return "The request has no context to add an order to."
    model: Json = next((entry["resource"] for entry in draft_entries(request)), {})
    kept = ("category", "subject", "encounter", "authoredOn", "occurrenceDateTime", "requester", "reasonCode")
    order: Json = {
        "resourceType": "ServiceRequest",
        "id": free_id(request, "added"),
        "status": "draft",
        "intent": "order",
        **{name: copy.deepcopy(model[name]) for name in kept if name in model},
    }
    order.setdefault("subject", {"reference": f"Patient/{text(context, 'patientId')}"})
    _set_code(order, code, catalogue)
    bundle = context.get("draftOrders")
    if not isinstance(bundle, dict):
        bundle = context["draftOrders"] = {"resourceType": "Bundle", "type": "collection"}
    entries = bundle.get("entry")
    bundle["entry"] = [*(entries if isinstance(entries, list) else []), {"resource": order}]
    return ""


def remove(request: Json, index: int) -> str:
    """Take the order of one row out; a sentence when there is none."""
    entries = draft_entries(request)
    if not 0 <= index < len(entries):
        return "There is no such order any more."
    bundle = request["context"]["draftOrders"]
    bundle["entry"] = [entry for entry in bundle["entry"] if entry is not entries[index]]
    return ""


def codes_of(typed: str) -> list[str]:
    """Codes as typed, between commas, semicolons or lines."""
    return [code for part in re.split(r"[,;\n]", typed) if (code := part.strip())]


def _one(form: Mapping[str, list[str]], name: str) -> str:
    return next(iter(form.get(name, [])), "").strip()


def _code(order: Json) -> str:
    codings = objects(order.get("code"), "coding")
    return next((text(coding, "code") for coding in codings if text(coding, "code")), "")


def _units(order: Json) -> str:
    value = member(order, "quantityQuantity").get("value", 1)
    return f"{value:g}" if isinstance(value, int | float) else "1"


def _reason(concept: Json) -> str:
    return next((text(coding, "code") for coding in objects(concept, "coding") if text(coding, "code")), "")


def _set_code(order: Json, code: str, catalogue: Catalogue) -> None:
    concept = order.setdefault("code", {}) if isinstance(order.get("code", {}), dict) else {}
    coding: Json = next((each for each in objects(concept, "coding") if text(each, "code")), {})
    known = catalogue.knowledge.coding.table.codes.get(code)
    if not coding:
        concept["coding"] = [coding, *objects(concept, "coding")]
    if known is not None or not text(coding, "system"):
        coding["system"] = catalogue.knowledge.coding.table.system_of(code)
    coding["code"] = code
    # Words for the code that stood here would contradict the new one.
    coding.pop("display", None)
    concept.pop("text", None)
    order["code"] = concept


def _set_units(order: Json, units: int) -> None:
    quantity: dict[str, Any] = {**member(order, "quantityQuantity"), "value": units}
    if units == 1 and set(quantity) == {"value"}:
        order.pop("quantityQuantity", None)
    else:
        order["quantityQuantity"] = quantity


def _set_limbs(order: Json, limbs: set[str], catalogue: Catalogue) -> None:
    sites = objects(order, "bodySite")
    kept = [site for site in sites if catalogue.limb(site) in limbs or not catalogue.limb(site)]
    there = {catalogue.limb(site) for site in kept}
    for name in LIMBS:
        if name in limbs and name not in there:
            code, display = catalogue.limb_codes[LIMBS[name][0]]
            system = catalogue.knowledge.vocabulary.system("http://snomed.info/sct")
            kept.append({"coding": [{"system": system, "code": code, "display": display}]})
    if kept:
        order["bodySite"] = kept
    else:
        order.pop("bodySite", None)


def _set_reasons(order: Json, wanted: list[str]) -> None:
    there = {_reason(each): each for each in reversed(objects(order, "reasonCode"))}
    uncoded = [each for each in objects(order, "reasonCode") if not _reason(each)]
    reasons = [there.get(code) or {"coding": [{"system": ICD10CM, "code": code}]} for code in wanted]
    if reasons or uncoded:
        order["reasonCode"] = [*reasons, *uncoded]
    else:
        order.pop("reasonCode", None)
