"""Observations become signs, present or charted absent, with a rendering that quotes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.core.case import Site
from tests.fhir_samples import ICD10CM, SNOMED, Resource, coded, observation, only_fact, read

WEAK = coded(SNOMED, "26544005")
NUMB = coded(SNOMED, "44077006")


def says(code: str) -> Resource:
    return {"valueCodeableConcept": coded(SNOMED, code)}


def flagged(code: str) -> Resource:
    return {"interpretation": [{"coding": [{"code": code}]}]}


@pytest.mark.parametrize(
    ("name", "result", "groups", "present", "value"),
    [
        # the code is the finding
        (WEAK, {"valueBoolean": True}, {"weakness"}, True, "present"),
        (WEAK, {"valueBoolean": False}, {"weakness"}, False, "absent"),
        (WEAK, says("52101004"), {"weakness"}, True, "present"),
        (WEAK, says("2667000"), {"weakness"}, False, "absent"),
        (WEAK, says("260385009"), {"weakness"}, False, "negative"),
        (WEAK, says("10828004"), {"weakness"}, True, "positive"),
        (WEAK, {"valueString": "4/5"}, {"weakness"}, True, "4/5"),
        (WEAK, {"valueString": "no weakness found"}, {"weakness"}, False, "absent"),
        (NUMB, flagged("A"), {"sensory-loss"}, True, "abnormal"),
        (NUMB, flagged("N"), {"sensory-loss"}, False, "normal"),
        (coded(SNOMED, "88092000"), flagged("POS"), {"atrophy"}, True, "abnormal"),
        (coded(SNOMED, "397974008"), flagged("NEG"), {"sensory-loss"}, False, "normal"),
        (coded(ICD10CM, "R20.1"), {"valueBoolean": True}, {"sensory-loss"}, True, "present"),
        # strength
        ("Muscle strength", {"valueString": "5/5"}, {"weakness"}, False, "5/5"),
        ("Muscle strength", {"valueString": "4+/5"}, {"weakness"}, True, "4+/5"),
        ("Muscle strength", {"valueString": "5-/5"}, {"weakness"}, True, "5-/5"),
        ("Strength", {"valueString": "5/5 right, 4/5 left, 3/5 both"}, {"weakness"}, True, "3/5"),
        ("Strength", {"valueString": "4"}, {"weakness"}, True, "4/5"),
        ("Strength", {"valueInteger": 5}, {"weakness"}, False, "5/5"),
        ("Strength", {"valueQuantity": {"value": 4, "unit": "/5"}}, {"weakness"}, True, "4/5"),
        (
            "Strength",
            {"valueRatio": {"numerator": {"value": 4}, "denominator": {"value": 5}}},
            {"weakness"},
            True,
            "4/5",
        ),
        ("Motor exam", {"valueString": "normal"}, {"weakness"}, False, "normal"),
        ("Motor exam", {"valueString": "full power, not reduced"}, {"weakness"}, False, "normal"),
        ("Left great toe extension", {"valueString": "4/5"}, {"weakness"}, True, "4/5"),
        # a grade wherever it stands; the lowest one counts, of a range its lower end
        *[
            ("Muscle strength", {"valueString": text}, {"weakness"}, True, value)
            for text, value in (
                ("4/5.", "4/5"),
                ("Full except APB 4/5.", "4/5"),
                ("5/5 except thumb abduction 4-/5.", "4-/5"),
                ("Strength 4/5. Reflexes normal.", "4/5"),
                ("APB 5/5. FDI 4/5.", "4/5"),
                ("4-5/5", "4/5"),
                ("4\u20135/5", "4/5"),
                ("4 to 5/5", "4/5"),
                ("4 to 4+/5", "4/5"),
                ("between 4 and 5/5", "4/5"),
                ("4+ to 5-/5", "4+/5"),
                ("4/5-5/5", "4/5"),
                ("4.5/5", "4.5/5"),
                ("4 out of 5", "4/5"),
                ("4+ of 5", "4+/5"),
                ("MRC grade 4", "4/5"),
                ("MRC: 4-5", "4/5"),
                ("Grade 4", "4/5"),
                ("M4", "4/5"),
                ("M4/5", "4/5"),
                ("4/5 right, left not tested", "4/5"),
            )
        ],
        *[
            ("Muscle strength", {"valueString": text}, {"weakness"}, False, "5/5")
            for text in ("5 out of 5", "M5", "MRC grade 5", "5/5.", "5/5, no weakness", "L4/5 myotome 5/5")
        ],
        *[
            ("Strength", {"valueQuantity": {"value": 4.5, "unit": unit}}, {"weakness"}, True, "4.5/5")
            for unit in ("of 5", "out of 5", "MRC grade", "/5")
        ],
        # what speaks of another examination is left to it
        ("Strength", {"valueString": "Motor: 5/5. Sensory: reduced"}, {"weakness"}, False, "5/5"),
        ("Strength", {"valueString": "5/5; light touch reduced"}, {"weakness"}, False, "5/5"),
        # negated, and not
        (WEAK, {"valueString": "No."}, {"weakness"}, False, "absent"),
        (WEAK, {"valueString": "patient denies"}, {"weakness"}, False, "absent"),
        (WEAK, {"valueString": "not present"}, {"weakness"}, False, "absent"),
        (WEAK, {"valueString": "weakness: none"}, {"weakness"}, False, "absent"),
        (WEAK, {"valueString": "weakness, no improvement"}, {"weakness"}, True, "present"),
        (WEAK, {"valueString": "no improvement in weakness"}, {"weakness"}, True, "present"),
        ("Strength", {"valueString": "no weakness noted"}, {"weakness"}, False, "absent"),
        ("Strength", {"valueString": "No objective evidence of weakness"}, {"weakness"}, False, "absent"),
        ("Strength", {"valueString": "no weakness, wasting or cramps"}, {"weakness"}, False, "absent"),
        ("Strength", {"valueString": "no pain, reduced grip"}, {"weakness"}, True, "reduced"),
        ("Strength", {"valueString": "No pain. Weak grip"}, {"weakness"}, True, "reduced"),
        ("Strength", {"valueString": "negative for weakness"}, {"weakness"}, False, "absent"),
        ("Ptosis", {"valueString": "no ptosis"}, {"cranial-sign", "nmj-symptom"}, False, "absent"),
        ("Sensation", {"valueString": "no deficit except thumb numb"}, {"sensory-loss"}, True, "reduced"),
        # sensation: what is absent there is a loss
        ("Vibration sense", {"valueString": "absent to the ankles"}, {"sensory-loss"}, True, "absent"),
        ("Vibration sense", says("2667000"), {"sensory-loss"}, True, "absent"),
        ("Light touch", {"valueString": "reduced, digits 1-3"}, {"sensory-loss"}, True, "reduced"),
        ("Light touch", {"valueString": "intact"}, {"sensory-loss"}, False, "normal"),
        ("Pinprick", says("17621005"), {"sensory-loss"}, False, "normal"),
        ("Pinprick", says("263654008"), {"sensory-loss"}, True, "abnormal"),
        ("Sensation", {"valueString": "normal left, diminished right"}, {"sensory-loss"}, True, "reduced"),
        ("Sensation", {"valueString": "no deficit"}, {"sensory-loss"}, False, "absent"),
        ("Reduced light touch", {"valueBoolean": True}, {"sensory-loss"}, True, "present"),
        ("L5 sensory loss", {"valueBoolean": True}, {"sensory-loss", "radicular-sign"}, True, "present"),
        # atrophy: what is absent there is well
        ("Thenar atrophy", {"valueString": "absent"}, {"atrophy"}, False, "absent"),
        ("Thenar atrophy", {"valueString": "moderate"}, {"atrophy"}, True, "present"),
        ("Atrophy", {"valueBoolean": True}, {"atrophy"}, True, "present"),
        ("Atrophy of thenar eminence", {"valueString": "present"}, {"atrophy"}, True, "present"),
        ("Thenar muscle wasting", {"valueBoolean": True}, {"atrophy"}, True, "present"),
        ("Muscle bulk", {"valueString": "normal"}, {"atrophy"}, False, "normal"),
        # reflexes and tests
        ("Ankle jerk", {"valueString": "0"}, {"reflex-change", "radicular-sign"}, True, "absent"),
        ("Reflexes", {"valueString": "2+"}, {"reflex-change", "radicular-sign"}, False, "normal"),
        ("Achilles reflex", {"valueString": "1+"}, {"reflex-change", "radicular-sign"}, True, "reduced"),
        (
            "Ankle jerk",
            {"valueString": "1+ left, 2+ right"},
            {"reflex-change", "radicular-sign"},
            True,
            "reduced",
        ),
        ("Knee jerk", {"valueString": "2/4"}, {"reflex-change", "radicular-sign"}, False, "normal"),
        ("Straight-leg raise", {"valueString": "negative"}, {"radicular-sign"}, False, "negative"),
        ("Straight leg raise", flagged("POS"), {"radicular-sign"}, True, "abnormal"),
        ("Spurling's test", {"valueBoolean": False}, {"radicular-sign"}, False, "absent"),
        ("Cranial nerves", {"valueString": "II-XII intact"}, {"cranial-sign"}, False, "normal"),
        ("Ptosis", {"valueBoolean": True}, {"cranial-sign", "nmj-symptom"}, True, "present"),
        ("Fatigable deltoid weakness", {"valueBoolean": True}, {"weakness", "nmj-symptom"}, True, "present"),
        # blood and scores
        ("Acetylcholine receptor antibody", flagged("H"), {"nmj-antibody"}, True, "abnormal"),
        ("AChR antibody", {"valueString": "Negative"}, {"nmj-antibody"}, False, "negative"),
        ("CTS-6 score", {"valueQuantity": {"value": 14.5}}, {"cts6-score"}, True, "14.5"),
        # several examinations charted normal at once
        (
            "Strength, reflexes and sensation",
            {"valueString": "normal"},
            {"weakness", "sensory-loss", "reflex-change", "radicular-sign"},
            False,
            "normal",
        ),
    ],
)
def test_signs(name: Any, result: Resource, groups: set[str], present: bool, value: str) -> None:
    fact = only_fact(observation(name, **result))
    assert (set(fact.groups), fact.present, fact.value) == (groups, present, value)


@pytest.mark.parametrize("status", ["registered", "preliminary", "cancelled", "entered-in-error", "", None])
def test_an_unsettled_observation_says_nothing(status: Any) -> None:
    case = read(chart=[observation(WEAK, valueBoolean=True, status=status)])
    assert (case.facts, case.gaps) == ((), ())


@pytest.mark.parametrize(
    ("name", "result"),
    [
        (WEAK, {}),
        (WEAK, {"valueString": "see note"}),
        ("Muscle strength", {"valueBoolean": True}),
        ("Grip strength", {"valueQuantity": {"value": 4, "unit": "kg"}}),
        ("Light touch", {"valueBoolean": True}),
        ("CTS-6", {"valueString": "high"}),
        # a negator alone proves nothing, nor does what nobody looked at
        *[
            (name, {"valueString": text})
            for name in (WEAK, "Sensory loss", "Straight leg raise", "Muscle strength", "Cranial nerves")
            for text in (
                "not tested",
                "Not assessed.",
                "no data",
                "no improvement",
                "not performed",
                "no change",
            )
        ],
        (WEAK, {"valueString": "weakness not assessed"}),
        (WEAK, {"valueString": "unable to test"}),
        ("Straight leg raise", {"valueCodeableConcept": {"text": "Not performed"}}),
        ("Straight leg raise", {"valueString": "deferred"}),
        ("Straight leg raise", {"interpretation": [{"text": "not tested"}]}),
        # one part says that nobody looked, or two contradict one another
        ("Strength", {"valueString": "5/5 right, left not tested"}),
        ("Strength", {"valueString": "5/5, reduced effort"}),
        # how much of a function says nothing about whether it is well
        ("Strength", {"valueString": "severe"}),
        ("Ankle jerk", {"valueString": "3+ left, 2+ right"}),
        ("Strength", {"valueString": "12/5/2026"}),
    ],
)
def test_an_unreadable_result_is_a_gap(name: Any, result: Resource) -> None:
    case = read(chart=[observation(name, **result)])
    assert (case.facts, len(case.gaps)) == ((), 1)


def test_an_unknown_observation_is_passed_over() -> None:
    names = ["Glucose", "", "TSH with reflex to free T4", "MRC breathlessness scale", "Cerebral atrophy"]
    case = read(chart=[observation(name, valueString="abnormal") for name in names])
    assert (case.facts, case.gaps) == ((), ())


@pytest.mark.parametrize(
    ("name", "elements", "sites"),
    [
        ("Right abductor pollicis brevis strength", {}, (Site("arm", "right"),)),
        ("Ankle dorsiflexion strength", {}, (Site("leg"),)),
        ("Thenar atrophy", {"bodySite": coded(SNOMED, "85151006")}, (Site("arm", "left"),)),
        ("Strength", {}, ()),
        # a test of roots is where their limb is
        ("SLR", {}, (Site("leg"),)),
        ("Lasegue sign, left", {}, (Site("leg", "left"),)),
        ("Spurling test", {}, (Site("cervical"),)),
        ("L5 sensory loss", {}, (Site("leg"),)),
        ("C6 sensation", {}, (Site("arm"),)),
    ],
)
def test_where_a_sign_is(name: str, elements: Resource, sites: tuple[Site, ...]) -> None:
    assert only_fact(observation(name, valueString="abnormal", **elements)).sites == sites


def test_components_are_read_with_the_date_of_the_whole() -> None:
    panel = observation(
        "Examination of the hand",
        effectiveDateTime="2026-11-01",
        component=[
            {"code": {"text": "Strength"}, "valueString": "4/5"},
            {"code": {"text": "Pinprick"}, "valueString": "normal"},
            {"code": {"text": "Temperature"}, "valueString": "warm"},
        ],
    )
    facts = read(chart=[panel]).facts
    assert [(fact.present, fact.start, fact.path.rsplit(".", 1)[1]) for fact in facts] == [
        (True, "2026-11-01", "component[0]"),
        (False, "2026-11-01", "component[1]"),
    ]


def test_the_text_sent_never_reaches_the_case() -> None:
    fact = only_fact(observation("Light touch", valueString="reduced, so Test Patient One says"))
    assert "Patient" not in repr(fact)
