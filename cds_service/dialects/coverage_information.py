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
from cds_service.core.finding import Determination
from cds_service.core.scene import Scene
from cds_service.dialects.coverage_plan import OTHER, Assertion, choose
from cds_service.dialects.crd_version import Version
from cds_service.dialects.wire import Json
from cds_service.errors import Kind, RequestError

URL = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information"
PAYER = "payer"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:emg-ncs-cds:coverage-assertion")
_REF = re.compile(r"ServiceRequest/[A-Za-z0-9.\-]{1,64}")


@dataclass(frozen=True, slots=True)
class Statement:
    """One order to be annotated: ``resource`` is the whole order with the extension."""

    order: str
    resource: Json


@dataclass(frozen=True, slots=True)
class Teller:
    """What may be stated, by role; ``questionnaire``: the path of our form; ``join``: between questions."""

    advisor: tuple[Assertion, ...]
    payer: tuple[Assertion, ...]
    questionnaire: str
    join: str

    def statements(self, scene: Scene, version: Version) -> Iterator[Statement]:
        """The orders that get the extension, or get it changed.

        Raises:
            RequestError: this version wants a payer to refuse without exactly one Coverage of its own.
        """
        orders = {
            ref: found for ref, order in scene.orders.items() if (found := _standing(scene, ref, order))
        }
        covers = _covers(scene)
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
                annotated = _annotated(order, extension, cover.ref, whole=scene.role == PAYER)
                if annotated is not None:
                    yield Statement(ref, annotated)

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
        missing = (item.question for each in told for item in each.missing)
        text = entry.reason(
            {
                "guideline": scene.guideline.id,
                "rows": ", ".join(dict.fromkeys(row for each in told for row in each.rows)),
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
            {"url": "coverage-assertion-id", "valueString": assertion_id(ref, cover.ref)},
        ]
        return {"url": URL, "extension": parts}


def assertion_id(order: str, coverage: str) -> str:
    """The same for the same order and Coverage, whoever asks and whenever."""
    return str(uuid.uuid5(_NAMESPACE, f"{order} {coverage}"))


def _standing(scene: Scene, ref: str, order: Mapping[str, Any]) -> tuple[Determination, ...]:
    """How an order that can be updated stands; empty when nothing is known of it."""
    if not _REF.fullmatch(ref) or ref != f"ServiceRequest/{order.get('id', '')}":
        return ()
    if not isinstance(order.get("extension", []), list):
        return ()
    return tuple(each for each in scene.evaluation.determinations if ref in each.orders)


def _covers(scene: Scene) -> tuple[Coverage, ...]:
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


def _in_question(scene: Scene, ref: str) -> bool:
    return any(ref in each.orders and each.choices for each in scene.evaluation.corrections)


def _annotated(order: Mapping[str, Any], new: Json, coverage: str, *, whole: bool) -> Json | None:
    """The order with the extension; ``None`` when there is nothing new to say.

    Our own earlier statement is replaced. ``whole``: so is any other about this Coverage; without it, one
    that another service made stands, and nothing is added.
    """
    extensions = list(order.get("extension", ()))
    told = [each for each in extensions if _is_about(each, coverage)]
    if not told:
        return {**order, "extension": [*extensions, new]}
    ours = [
        each for each in told if _part(each, "coverage-assertion-id") == _part(new, "coverage-assertion-id")
    ]
    if (not whole and len(ours) != len(told)) or (len(told) == 1 and _content(told[0]) == _content(new)):
        return None
    place = next(index for index, each in enumerate(extensions) if each is told[0])
    kept = [each for each in extensions if not any(each is old for old in told)]
    return {**order, "extension": [*kept[:place], new, *kept[place:]]}


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
    return "/".join(literal.split("/")[-2:]) if isinstance(literal, str) else ""


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
