"""A suggestion's edits, written into the order as it was sent: everything not named by the edit survives.

In: the original ServiceRequest JSON and edits. Out: a new JSON value, or ``None`` where the very element
to edit
is missing or broken, so that only words can help. Never edits its input; what an edit leaves alone is shared
with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cds_service.core.case import Site
from cds_service.core.coding import CodeTable
from cds_service.core.finding import Edit
from cds_service.core.icd10 import Icd10
from cds_service.fhir.apply_merge import concepts_for, take_over
from cds_service.fhir.apply_new import complete
from cds_service.fhir.apply_reasons import DiagnosisChange, Json, drop_narrative, kept, quotes, with_diagnoses
from cds_service.fhir.modifiers import modifiers_of, without

Orders = Mapping[str, Mapping[str, Any]]

_CARRIED = (
    "category",
    "priority",
    "subject",
    "encounter",
    "authoredOn",
    "requester",
    "performer",
    "performerType",
    "locationCode",
    "locationReference",
    "reasonCode",
    "reasonReference",
    "insurance",
    "supportingInfo",
    "requisition",
)
_OCCURRENCE = ("occurrenceDateTime", "occurrencePeriod", "occurrenceTiming")


@dataclass(frozen=True, slots=True)
class Writer:
    """What is needed to write codes down: labels, systems, limb codes, and how body sites are read.

    ``systems``: other names of code systems.
    """

    table: CodeTable
    icd10: Icd10
    limb_codes: Mapping[Site, tuple[str, str]]
    snomed_system: str
    fold_site: Callable[[object], tuple[Site, ...]]
    systems: Mapping[str, str]

    def changed(
        self, original: Mapping[str, Any], edits: Sequence[Edit], orders: Orders | None = None
    ) -> Json | None:
        """The order after ``edits`` (each ``change``); ``None`` when an element to edit cannot be edited.

        ``orders``: those it may take over from, by reference.
        """
        order: Json = dict(original)
        for edit in edits:
            others = [each for ref in edit.takes if orders and (each := orders.get(ref)) is not None]
            if not self._change(order, edit, others):
                return None
            _change_date(order, edit, orders or {})
            take_over(order, others, notes=not edit.stays)
        drop_narrative(order)
        return order

    def created(self, model: Mapping[str, Any], edit: Edit) -> Json:
        """A complete new order for ``edit.code``, modelled on ``model``."""
        order: Json = {
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": model.get("intent", "order"),
        }
        order["code"] = {"coding": [self._coding(edit.code)]}
        for name in (*_CARRIED, *_OCCURRENCE):
            if name in model:
                order[name] = model[name]
            if f"_{name}" in model:
                order[f"_{name}"] = model[f"_{name}"]
        if edit.units > 1:
            order["quantityQuantity"] = {"value": edit.units}
        if edit.sites:
            order["bodySite"] = [self._body_site(site) for site in edit.sites if site in self.limb_codes]
        return complete(order, model)

    def _change(self, order: Json, edit: Edit, others: Sequence[Mapping[str, Any]]) -> bool:
        if not self._change_code(order, edit):
            return False
        return (
            _change_units(order, edit.units)
            and self._change_sites(order, edit.sites, others)
            and self._change_modifiers(order, edit.modifiers)
        )

    def _change_code(self, order: Json, edit: Edit) -> bool:
        concept = order.get("code")
        if not isinstance(concept, dict):
            return False
        codings = concept.get("coding")
        if edit.replaces:
            if not isinstance(codings, list):
                return False
            found, *twins = self._positions(codings, edit.replaces) or (None,)
            if found is None:
                return False
            same = codings[found].get("code") == edit.code
            if same and codings[found].get("system") == self.table.system_of(edit.code):
                return True
            order["code"] = {**concept, "coding": self._corrected(codings, found, twins, edit.code)}
            if not self._still_fits(concept.get("text"), edit):
                order["code"].pop("text", None)
            return True
        if codings is not None and not isinstance(codings, list):
            return False
        others = (coding for coding in codings or () if coding)
        order["code"] = {**concept, "coding": [self._coding(edit.code), *others]}
        return True

    def _positions(self, codings: list[Any], code: str) -> list[int]:
        """Where a procedure code stands: the coding to correct first, then those that say it once more.

        A coding of another system that happens to look alike is none of them, unless nothing else is.
        """
        alike = [
            index
            for index, coding in enumerate(codings)
            if isinstance(coding, dict) and coding.get("code") == code
        ]
        ours = (self.table.cpt_system, self.table.hcpcs_system)
        named = {index: str(codings[index].get("system", "")) for index in alike}
        meant = {index: self.systems.get(name, name) for index, name in named.items()}
        known = [index for index in alike if meant[index] in ours]
        return sorted(known, key=lambda at: (ours.index(meant[at]), named[at] != meant[at])) or alike[:1]

    def _corrected(self, codings: list[Any], found: int, twins: Sequence[int], code: str) -> list[Any]:
        """The codings with the new code; one that says it under another name of the system keeps the name."""
        coding = self._coding(code)
        written = {found: {**kept(codings[found]), **coding}}
        systems = {coding["system"]}
        for index in twins:
            system = codings[index].get("system")
            if system not in systems:
                systems.add(system)
                written[index] = {**kept(codings[index]), **coding, "system": system}
        return [
            written.get(index, each)
            for index, each in enumerate(codings)
            if index in written or index not in twins
        ]

    def _still_fits(self, text: object, edit: Edit) -> bool:
        """The text does not describe the old code: that was only misspelt, or the text names the new test."""
        if not isinstance(text, str) or quotes(text, edit.replaces):
            return False
        if not edit.meant or edit.meant == edit.code:
            return True
        return self.table.still_named(text.lower(), edit.code, edit.meant)

    def _coding(self, code: str) -> Json:
        coding = {"system": self.table.system_of(code), "code": code}
        label = self.table.label_of(code)
        return {**coding, "display": label} if label else coding

    def _change_sites(
        self, order: Json, sites: tuple[Site, ...] | None, others: Sequence[Mapping[str, Any]]
    ) -> bool:
        if sites is None:
            return True
        present = order.get("bodySite", [])
        if not isinstance(present, list):
            return False
        wanted = list(dict.fromkeys(sites))
        kept = []
        for concept in present:
            folded = self.fold_site(concept)
            if not folded or set(folded) <= set(sites):
                kept.append(concept)
                wanted = [site for site in wanted if site not in folded]
        taken = concepts_for(wanted, others, self.fold_site)
        added = [self._body_site(site) for site in wanted if site in self.limb_codes]
        if len(added) < len(wanted):
            return False
        order["bodySite"] = [*kept, *taken, *added]
        return True

    def _body_site(self, site: Site) -> Json:
        code, label = self.limb_codes[site]
        return {"coding": [{"system": self.snomed_system, "code": code, "display": label}]}

    def _change_modifiers(self, order: Json, modifiers: tuple[str, ...] | None) -> bool:
        """orderDetail holds exactly ``modifiers`` (beside whatever else it says)."""
        if modifiers is None:
            return True
        details = order.get("orderDetail", [])
        if not isinstance(details, list):
            return False
        known = self.table.modifiers
        gone = known - set(modifiers)
        present: set[str] = set()
        kept = []
        for detail in details:
            named = modifiers_of(detail, known) if isinstance(detail, dict) else ()
            present.update(named)
            if not gone.isdisjoint(named):
                detail = without(detail, gone, known)
            if detail is not None:
                kept.append(detail)
        added = [
            {"coding": [{"system": self.table.cpt_system, "code": modifier}]}
            for modifier in modifiers
            if modifier not in present
        ]
        if kept or added:
            order["orderDetail"] = [*kept, *added]
        else:
            order.pop("orderDetail", None)
        return True

    def with_diagnoses(self, order: Mapping[str, Any], changes: Iterable[DiagnosisChange]) -> Json | None:
        """The order with its reasons corrected; see :func:`apply_reasons.with_diagnoses`."""
        return with_diagnoses(order, changes, self.icd10)


def _change_units(order: Json, units: int) -> bool:
    quantity = order.get("quantityQuantity")
    if quantity is None:
        if units > 1:
            order["quantityQuantity"] = {"value": units}
        return True
    if not isinstance(quantity, dict):
        return False
    if quantity.get("value") != units:
        order["quantityQuantity"] = {**quantity, "value": units}
    return True


def _change_date(order: Json, edit: Edit, orders: Orders) -> None:
    if not edit.date:
        return
    names = [name for each in _OCCURRENCE for name in (each, f"_{each}")]
    for name in names:
        order.pop(name, None)
    like = orders.get(edit.like) or {"occurrenceDateTime": edit.date}
    order.update({name: like[name] for name in names if name in like})
