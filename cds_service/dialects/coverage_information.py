"""The coverage-information extension of Da Vinci CRD: each order as it was sent, and the extension.

Nothing is stated without exactly one Coverage that is in force, and by a payer only for its own members.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.core.coverage import Coverage
from cds_service.core.finding import Determination, Verdict
from cds_service.core.scene import Scene
from cds_service.dialects.coverage_plan import OTHER, SATISFIED, Assertion, choose
from cds_service.dialects.crd_version import Version
from cds_service.dialects.wire import Json
from cds_service.errors import Kind, RequestError

URL = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information"
PAYER = "payer"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:emg-ncs-cds:coverage-assertion")
_REF = re.compile(r"ServiceRequest/[A-Za-z0-9.\-]{1,64}")


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said of one order: ``resource`` is the whole order with it, ``None`` when it stands already."""

    order: str
    resource: Json | None


@dataclass(frozen=True, slots=True)
class Teller:
    """What may be stated, by role; ``questionnaire``: the path of our form; ``join``: between questions."""

    advisor: tuple[Assertion, ...]
    payer: tuple[Assertion, ...]
    questionnaire: str
    join: str

    def statements(self, scene: Scene, version: Version) -> Iterator[Statement]:
        """The orders that carry our statement afterwards.

        Raises:
            RequestError: this version wants a payer to refuse without exactly one Coverage of its own.
        """
        orders = {
            ref: found for ref, order in scene.orders.items() if (found := _standing(scene, ref, order))
        }
        covers = covers_of(scene)
        if orders and version.one_coverage and scene.role == PAYER and len(covers) != 1:
            raise RequestError(
                Kind.COVERAGE,
                "is not exactly one Coverage in force of a payer that this service answers for",
                where="prefetch",
                remedy="send that Coverage",
            )
        for ref, determinations in orders.items():
            order = scene.orders[ref]
            cover = _cover_of(order, covers)
            if cover is not None:
                extension = self._extension(scene, version, ref, cover, determinations)
                place = _place(order, extension, cover.ref, whole=scene.role == PAYER)
                if place is not None:
                    yield Statement(ref, _annotated(order, extension, place))

    def _extension(
        self,
        scene: Scene,
        version: Version,
        ref: str,
        cover: Coverage,
        determinations: tuple[Determination, ...],
    ) -> Json:
        entries = self.payer if scene.role == PAYER else self.advisor
        results = [determination.result.value for determination in determinations]
        entry = choose(entries, results, _in_question(scene, ref), version.id)
        told = [each for each in determinations if each.result.value == (entry.result or each.result.value)]
        missing = (item.question for each in told for item in each.asked)
        unmet = (words for each in told for words in _unmet(each))
        text = entry.reason(
            {
                "guideline": scene.guideline.id,
                "unmet": "; ".join(dict.fromkeys(unmet)),
                "missing": self.join.join(dict.fromkeys(missing)),
            }
        )
        parts = [
            {"url": "coverage", "valueReference": {"reference": cover.ref}},
            _code("covered", entry.covered),
            *([_code("pa-needed", entry.pa_needed)] if entry.pa_needed else ()),
            *(_code("doc-needed", code) for code in entry.doc_needed),
            *(_code("doc-purpose", code) for code in entry.doc_purpose),
            *(_code("info-needed", code) for code in entry.info_needed),
            _reason(version, entry.reason_code, text),
        ]
        if version.detail_system and OTHER in entry.info_needed:
            parts.append(_detail(version, text))
        if entry.questionnaire and scene.base_url:
            form = scene.base_url + self.questionnaire
            parts.append({"url": "questionnaire", "valueCanonical": form})
        parts += [
            {"url": "date", "valueDate": scene.today},
            {"url": "coverage-assertion-id", "valueString": assertion_id(scene, ref, cover.ref)},
        ]
        return {"url": URL, "extension": parts}


def assertion_id(scene: Scene, order: str, coverage: str) -> str:
    """The same for the same order and Coverage, whoever asks and whenever.

    Drafts of several patients or servers may have the same id.
    """
    call = scene.call
    named = (call.fhir_server.rstrip("/"), call.patient_id, order, coverage)
    return str(uuid.uuid5(_NAMESPACE, json.dumps(named)))


def _standing(scene: Scene, ref: str, order: Mapping[str, Any]) -> tuple[Determination, ...]:
    """How an order that can be updated stands; empty when nothing is known of it."""
    if not _REF.fullmatch(ref) or ref != f"ServiceRequest/{order.get('id', '')}":
        return ()
    if not isinstance(order.get("extension", []), list):
        return ()
    return tuple(each for each in scene.evaluation.determinations if ref in each.orders)


def covers_of(scene: Scene) -> tuple[Coverage, ...]:
    """The covers about which something may be stated."""
    if scene.role != PAYER:
        return scene.coverages
    return tuple(each for each in scene.coverages if scene.payers.speak_for(each.payers))


def _cover_of(order: Mapping[str, Any], covers: tuple[Coverage, ...]) -> Coverage | None:
    """The one cover of an order: among those it names itself, if it names any."""
    insurance = order.get("insurance")
    named = {_type_and_id(each) for each in insurance} if isinstance(insurance, list) else set()
    if named:
        covers = tuple(each for each in covers if each.ref in named)
    return covers[0] if len(covers) == 1 else None


def _unmet(determination: Determination) -> list[str]:
    """What a refusal rests on: the criteria that are not met, else what speaks for a row of the guideline."""
    failed = [step for step in determination.steps if step.verdict is Verdict.NOT_MET]
    criteria = [step for step in failed if step.criterion and not step.depth]
    return [step.expected for step in criteria or failed if step.expected and (criteria or step.evidence)]


def _in_question(scene: Scene, ref: str) -> bool:
    return any(ref in each.orders and each.choices for each in scene.evaluation.corrections)


def _place(order: Mapping[str, Any], new: Json, coverage: str, *, whole: bool) -> int | None:
    """Where among the extensions of the order the new one goes; ``None``: nothing may be said.

    Our own earlier statement is replaced; ``whole``: so is that of another service about this Coverage. A
    granted authorization stands whoever stated it, and so do several statements, each for a part.
    """
    extensions = list(order.get("extension", ()))
    told = [index for index, each in enumerate(extensions) if _is_about(each, coverage)]
    if not told:
        return len(extensions)
    (place, *more), old = told, extensions[told[0]]
    is_ours = _part(old, "coverage-assertion-id") == _part(new, "coverage-assertion-id")
    if more or _is_granted(old) or not (is_ours or whole):
        return None
    return place


def _annotated(order: Mapping[str, Any], new: Json, place: int) -> Json | None:
    """The order with the extension; ``None`` when it says the same already."""
    extensions = list(order.get("extension", ()))
    if extensions[place:] and _content(extensions[place]) == _content(new):
        return None
    return {**order, "extension": [*extensions[:place], new, *extensions[place + 1 :]]}


def _is_granted(extension: Mapping[str, Any]) -> bool:
    return _part(extension, "pa-needed") == SATISFIED or _part(extension, "satisfied-pa-id") is not None


def _is_about(extension: object, coverage: str) -> bool:
    if not isinstance(extension, dict) or extension.get("url") != URL:
        return False
    return _type_and_id(_part(extension, "coverage")) == coverage


def _parts(extension: Mapping[str, Any]) -> list[Json]:
    parts = extension.get("extension")
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _part(extension: Mapping[str, Any], url: str) -> Any:
    """The value of one part."""
    for part in _parts(extension):
        if part.get("url") == url:
            return next((value for name, value in part.items() if name.startswith("value")), None)
    return None


def _content(extension: Mapping[str, Any]) -> list[str]:
    """What an extension says, in any order, whenever it was said."""
    return sorted(json.dumps(part, sort_keys=True) for part in _parts(extension) if part.get("url") != "date")


def _type_and_id(reference: object) -> str:
    literal = reference.get("reference") if isinstance(reference, dict) else None
    return "/".join(literal.split("/_history/")[0].split("/")[-2:]) if isinstance(literal, str) else ""


def _code(url: str, code: str) -> Json:
    return {"url": url, "valueCode": code}


def _reason(version: Version, code: str, text: str) -> Json:
    coding = {"coding": [{"system": version.reason_system, "code": code}]} if code else {}
    return {"url": "reason", "valueCodeableConcept": {**coding, "text": text}}


def _detail(version: Version, text: str) -> Json:
    """What a need without a code of its own is."""
    return {
        "url": "detail",
        "extension": [
            _code("category", "cat-other"),
            {
                "url": "code",
                "valueCodeableConcept": {
                    "coding": [{"system": version.detail_system, "code": "instructions"}]
                },
            },
            {"url": "value", "valueString": text},
        ],
    }
