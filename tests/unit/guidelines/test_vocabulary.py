"""The code groups as shipped: every ICD-10-CM entry exists, and codes fall into the groups they should."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire

from cds_service.core.vocabulary import Vocabulary
from cds_service.guidelines.load_vocabulary import load_vocabulary, problems
from tests.builders import GUIDELINE, table
from tests.fhir_samples import CPT, HCPCS, ICD10CM, RXNORM, SNOMED, vocabulary
from tests.icd10_package import package


@cache
def bare() -> Vocabulary:
    """The vocabulary without the list of ICD-10-CM headers."""
    return load_vocabulary({name: table(name) for name in ("vocabulary", "sites", "observations")}, {})


def icd10_entries() -> list[tuple[str, str]]:
    groups = [
        (row["id"], code)
        for row in table("vocabulary")["group"]
        for code in (*row.get("icd10", ()), *row.get("not_icd10", ()))
    ]
    return groups + [(row["region"], code) for row in table("sites")["coded"] for code in row["icd10"]]


def test_every_icd10_entry_exists() -> None:
    stems = {code[:length] for code in package().get_all_codes() for length in range(1, len(code))}
    wrong = []
    for name, code in icd10_entries():
        if code.endswith("-"):
            if code.removesuffix("-").removesuffix(".") not in stems:
                wrong.append((name, code))
        elif not (package().is_valid_item(code) and package().is_leaf(code)):
            wrong.append((name, code))
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "groups"),
    [
        ("G56.01", {"carpal-tunnel", "arm-mononeuropathy"}),
        ("G56.22", {"ulnar", "arm-mononeuropathy"}),
        ("G56.31", {"mononeuropathy", "arm-mononeuropathy"}),
        ("G57.51", {"tarsal-tunnel", "other-entrapment", "leg-mononeuropathy"}),
        ("G57.31", {"fibular", "other-entrapment", "leg-mononeuropathy"}),
        ("G51.0", {"mononeuropathy", "cranial-nerve"}),
        ("G51.1", {"cranial-nerve"}),
        ("G54.0", {"other-entrapment", "plexus", "thoracic-outlet", "root-perhaps"}),
        ("M54.16", {"radiculopathy", "other-entrapment"}),
        ("M51.16", {"radiculopathy", "other-entrapment"}),
        ("M54.31", {"sciatica"}),
        ("M48.061", {"stenosis", "other-entrapment", "back-pain"}),
        ("M51.362", {"disc-leg-pain", "root-perhaps"}),
        ("M54.50", {"back-pain"}),
        ("G43.709", {"headache"}),
        ("M54.81", {"occipital-neuralgia"}),
        ("Z13.858", {"screening"}),
        ("E11.9", {"diabetes", "disease-without-neuropathy"}),
        ("E11.42", {"diabetes", "diabetic-neuropathy", "explained-neuropathy", "polyneuropathy"}),
        ("Z21", {"hiv", "disease-without-neuropathy"}),
        ("N18.5", {"kidney-failure-stage-5"}),
        ("N18.6", {"dialysis"}),
        (
            "G61.0",
            {"known-neuropathy-cause", "explained-neuropathy", "inflammatory-neuropathy", "polyneuropathy"},
        ),
        ("G62.9", {"unexplained-neuropathy", "polyneuropathy"}),
        ("G60.1", {"known-neuropathy-cause", "polyneuropathy"}),
        ("G60.2", {"known-neuropathy-cause", "polyneuropathy"}),
        ("G65.0", {"known-neuropathy-cause", "polyneuropathy"}),
        ("G55", {"plexus"}),
        ("G12.21", {"motor-neuron"}),
        ("G72.81", {"myopathy"}),
        ("G70.00", {"nmj-disease"}),
        ("H53.2", {"nmj-symptom", "cranial-sign"}),
        ("H49.02", {"cranial-sign"}),
        ("R20.2", {"paraesthesia", "unexplained-neuropathy"}),
        ("R20.1", {"sensory-loss", "unexplained-neuropathy"}),
        ("R29.810", {"weakness", "cranial-sign"}),
        ("M62.541", {"atrophy"}),
        ("R29.2", {"reflex-change", "radicular-sign"}),
        ("S54.01XA", {"nerve-injury"}),
        ("S54.01XD", {"nerve-injury"}),
        ("S54.01XS", {"nerve-injury-late"}),
        ("S54.01A", {"nerve-injury"}),
        ("S52.501A", {"limb-injury"}),
        ("S60.011A", set()),
        ("Z79.01", {"anticoagulant"}),
        ("Z79.02", {"antiplatelet"}),
        ("O26.821", {"pregnancy"}),
        ("C34.90", {"neoplasm"}),
        ("D47.2", {"neoplasm", "known-neuropathy-cause"}),
        ("I10", set()),
        ("g5601", {"carpal-tunnel", "arm-mononeuropathy"}),
        (" G56.01 ", {"carpal-tunnel", "arm-mononeuropathy"}),
        ("G56.01" * 1_000, set()),
        ("", set()),
    ],
)
def test_groups_of_icd10_codes(code: str, groups: set[str]) -> None:
    assert vocabulary().groups_of(ICD10CM, code) == groups


@pytest.mark.parametrize(
    ("header", "groups"),
    [
        ("G56.0", {"carpal-tunnel", "arm-mononeuropathy"}),
        ("G56", {"arm-mononeuropathy"}),
        ("E11.4", {"diabetes", "diabetic-neuropathy", "explained-neuropathy"}),
        ("G60", {"polyneuropathy", "neuropathy-kind-open"}),
        ("G62", {"polyneuropathy", "neuropathy-kind-open"}),
        ("G62.8", {"polyneuropathy", "neuropathy-kind-open"}),
        (
            "G61",
            {"polyneuropathy", "known-neuropathy-cause", "explained-neuropathy", "inflammatory-neuropathy"},
        ),
        ("G65", {"polyneuropathy", "known-neuropathy-cause"}),
        ("M54.5", {"back-pain"}),
        ("M48.06", {"stenosis", "other-entrapment"}),
        ("M51.36", set()),
        ("R51", {"headache"}),
        ("R20", {"unexplained-neuropathy"}),
        ("S54.01", {"nerve-injury"}),
        ("S54", {"nerve-injury"}),
    ],
)
def test_a_header_has_the_groups_common_to_all_below_it(header: str, groups: set[str]) -> None:
    assert vocabulary().groups_of(ICD10CM, header) == groups


def test_without_the_list_of_headers_stems_still_count() -> None:
    assert bare().groups_of(ICD10CM, "G56.0") == {"carpal-tunnel", "arm-mononeuropathy"}
    assert bare().groups_of(ICD10CM, "M51.36") == set()


@pytest.mark.parametrize(
    ("system", "code", "group"),
    [
        (SNOMED, "57406009", "carpal-tunnel"),
        ("urn:oid:2.16.840.1.113883.6.96", "57406009", "carpal-tunnel"),
        ("urn:oid:2.16.840.1.113883.6.90", "G56.01", "carpal-tunnel"),
        ("urn:oid:2.16.840.1.113883.6.12", "97110", "physical-therapy"),
        (HCPCS, "L3908", "wrist-splint"),
        ("https://bluebutton.cms.gov/resources/codesystem/hcpcs", "L3908", "wrist-splint"),
        (RXNORM, "25480", "neuropathic-agent"),
        (CPT, "95886", "prior-electrodiagnostic-study"),
    ],
)
def test_codes_of_other_systems(system: str, code: str, group: str) -> None:
    assert group in vocabulary().groups_of(system, code)


@pytest.mark.parametrize(
    ("system", "code"), [(SNOMED, "G56.01"), ("", "G56.01"), ("http://hl7.org/fhir/sid/icd-9-cm", "354.0")]
)
def test_a_code_counts_only_in_its_system(system: str, code: str) -> None:
    assert vocabulary().groups_of(system, code) == set()


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("Bell's palsy", {"mononeuropathy", "cranial-nerve"}),
        ("low back pain without radiculopathy", {"back-pain"}),
        ("no carpal tunnel syndrome", set()),
        ("radiculopathy ruled out", set()),
        ("family history of ALS and myopathy", set()),
        ("diabetic neuropathy", {"diabetes", "diabetic-neuropathy", "explained-neuropathy"}),
        ("muscle atrophy, not elsewhere classified", {"atrophy"}),
        ("r/o carpal tunnel", {"carpal-tunnel"}),
        ("neuropathyless", set()),
        ("", set()),
    ],
)
def test_groups_of_text(text: str, groups: set[str]) -> None:
    assert vocabulary().groups_of_text("condition", text) == groups


def test_limb_codes_give_one_site_each() -> None:
    assert all(len(sites) <= 1 for sites in vocabulary().sites.values())


def test_the_data_has_no_mistake_a_schema_cannot_see() -> None:
    tables = {name: table(name) for name in ("vocabulary", "sites", "observations")}
    assert problems(**tables) == []


def test_mistakes_are_named_with_file_and_place() -> None:
    tables: dict[str, Any] = {name: table(name) for name in ("vocabulary", "sites", "observations")}
    tables["vocabulary"]["group"].append(tables["vocabulary"]["group"][0])
    tables["vocabulary"]["ingredient"][0]["groups"] = ["no-such"]
    tables["observations"]["readings"]["finding"]["yes"].append("loud")
    tables["sites"]["site"].append(tables["sites"]["site"][0])
    found = problems(**tables)
    assert "vocabulary.toml::ingredient[0].groups: no-such is not in vocabulary.toml; add it there" in found
    assert {line.split("::")[0] for line in found} == {"vocabulary.toml", "observations.toml", "sites.toml"}


LINK_IDS = {
    "activity-modification": "boolean",
    "splint-weeks": "integer",
    "splint-side": "choice",
    "symptoms-persistent": "boolean",
    "symptoms-progressive": "boolean",
    "conservative-treatment-failed": "boolean",
    "treatments-tried": "text",
    "exam-weakness": "boolean",
    "exam-sensory-loss": "boolean",
    "exam-atrophy": "boolean",
    "deficit-significant": "boolean",
    "radicular-signs": "boolean",
    "cranial-nerve-signs": "boolean",
    "nmj-suspected": "boolean",
    "dialysis-considered": "boolean",
    "result-changes-management": "boolean",
    "needle-contraindicated": "boolean",
    "needle-contraindication": "text",
    "studies-planned": "integer",
    "limbs-planned": "choice",
    "muscles-per-limb": "choice",
    "nerves-stimulated": "integer",
    "same-session": "boolean",
    "symptomatic-sides": "choice",
}


def test_the_questionnaire_asks_what_it_promises() -> None:
    document = json.loads((GUIDELINE / "questionnaire.json").read_text(encoding="utf-8"))
    Questionnaire.model_validate(document)
    items = vocabulary().items
    assert {name: item.type for name, item in items.items()} == LINK_IDS
    assert {name for name, item in items.items() if item.repeats} == {"treatments-tried", "limbs-planned"}
    assert items["limbs-planned"].options == {"RUE", "LUE", "RLE", "LLE"}
    assert items["muscles-per-limb"].options == {"under-5", "5-or-more"}
    assert items["splint-side"].options == items["symptomatic-sides"].options == {"right", "left", "both"}
