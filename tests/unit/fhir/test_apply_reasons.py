"""Corrected reasons written into an order: what changes, what moves, and what is left as it was sent."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cds_service.core.finding import DiagnosisCorrection, Mode
from cds_service.fhir.apply_reasons import with_diagnoses
from tests.diagnosis_orders import coded, corrected, icd10, only, order

Json = dict[str, Any]

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
EXTENSION = [{"url": "urn:x:kept", "valueString": "kept"}]


def icd(code: str, **rest: Any) -> Json:
    return {"system": ICD, "code": code, **rest}


def labelled(code: str, **rest: Any) -> Json:
    return {**rest, **icd(code, display=icd10().label(code))}


def snomed(code: str, display: str) -> Json:
    return {"system": SNOMED, "code": code, "display": display}


def concept(*codings: Json, **rest: Any) -> Json:
    return {"coding": list(codings), **rest}


def taken(*reasons: Json, choice: int = 0) -> list[Json]:
    """The reasons after a choice of the one correction that the engine finds for them."""
    places = [
        (code["code"], (reason, coding))
        for reason, each in enumerate(reasons)
        for coding, code in enumerate(each["coding"])
        if code["system"] == ICD
    ]
    sent = order("a", [coded(code, place[0], place[1]) for code, place in places])
    found = only(corrected(sent)[0])
    return written(reasons, found, found.choices[choice])


def written(reasons: Any, found: DiagnosisCorrection, codes: tuple[str, ...]) -> list[Json]:
    original = {"reasonCode": list(reasons), "id": "a"}
    before = copy.deepcopy(original)
    after = with_diagnoses(original, [(found, codes)], icd10())
    assert original == before
    assert after is not None
    result: list[Json] = after["reasonCode"]
    return result


def of_one(sent: str, becomes: str) -> DiagnosisCorrection:
    return DiagnosisCorrection("x", Mode.FIX, "a", (sent,), ((becomes,),), ((0, 0),), places=((0,),))


KEPT = concept(
    icd("M51.16", extension=EXTENSION, userSelected=True),
    snomed("202735001", "Lumbar disc prolapse with radiculopathy"),
    id="kept",
    extension=EXTENSION,
    text="L4/5 disc herniation, right",
)
NAMED = concept(snomed("128196005", "Lumbar radiculopathy"), icd("M54.16"), text="Lumbar radiculopathy")


@pytest.mark.parametrize("dropped_first", [True, False])
def test_what_is_kept_stays_untouched_and_what_is_dropped_goes(dropped_first: bool) -> None:
    dropped = concept(icd("M54.16"), text="Lumbar radiculopathy", extension=EXTENSION)
    reasons = (dropped, KEPT) if dropped_first else (KEPT, dropped)
    assert taken(*reasons) == [KEPT]


def test_what_is_coded_beside_a_dropped_code_stays() -> None:
    left = concept(snomed("128196005", "Lumbar radiculopathy"), text="Lumbar radiculopathy")
    assert taken(NAMED, KEPT) == [left, KEPT]


@pytest.mark.parametrize(("dropped", "keep"), [("R53.1", "M62.81"), ("G63", "E11.42"), ("Z21", "B20")])
def test_reasons_between_stay_where_they_are(dropped: str, keep: str) -> None:
    kept = concept(icd(keep, id="k"), text="as the clinician put it")
    between = concept(icd("M79.2"), text="Nerve pain")
    assert taken(concept(icd(dropped), text="old"), between, kept) == [between, kept]


def test_the_other_choice_keeps_the_other_concept() -> None:
    status, disease = concept(icd("Z21"), text="HIV positive"), concept(icd("B20"), text="HIV disease")
    assert taken(status, disease) == [disease]
    assert taken(status, disease, choice=1) == [status]


def test_a_combination_code_takes_the_place_of_the_diabetes_code() -> None:
    nerve = concept(icd("G63"), snomed("42345000", "Polyneuropathy"), text="Numb feet")
    diabetes = concept(
        icd("E11.9", id="d", version="2024"), snomed("44054006", "Diabetes"), text="Known since 2004"
    )
    assert taken(nerve, diabetes) == [
        concept(snomed("42345000", "Polyneuropathy"), text="Numb feet"),
        concept(labelled("E11.42", id="d"), snomed("44054006", "Diabetes"), text="Known since 2004"),
    ]


def test_a_diabetes_code_that_says_more_stays() -> None:
    nerve, diabetes = concept(icd("G63"), text="Numb feet"), concept(icd("E11.65"), text="Diabetes")
    assert taken(nerve, diabetes) == [concept(labelled("E11.42"), text="Numb feet"), diabetes]


def test_the_whole_concept_of_the_cause_moves_before_its_manifestation() -> None:
    nerve = concept(
        snomed("42345000", "Polyneuropathy"), icd("G63", id="n"), text="Polyneuropathy in amyloidosis"
    )
    other = concept(icd("M79.2"))
    cause = concept(icd("E85.4"), snomed("17602002", "Amyloidosis"), text="Amyloidosis", extension=EXTENSION)
    assert taken(nerve, other, cause) == [cause, nerve, other]


def test_within_one_concept_whole_codings_change_places() -> None:
    nerve, cause = icd("G63", display="as sent", id="n"), icd("E85.4", extension=EXTENSION)
    between = snomed("17602002", "Amyloidosis")
    assert taken(concept(nerve, between, cause, text="Amyloid")) == [
        concept(cause, between, nerve, text="Amyloid")
    ]


@pytest.mark.parametrize("choice", [0, 1])
def test_of_two_causes_the_chosen_one_comes_first(choice: int) -> None:
    nerve, vitamin, amyloid = concept(icd("G63")), concept(icd("E53.8")), concept(icd("E85.4"))
    expected = [[vitamin, nerve, amyloid], [amyloid, nerve, vitamin]]
    assert taken(nerve, vitamin, amyloid, choice=choice) == expected[choice]


RIGHT = icd10().label("G56.01")
HEADER = icd10().label("G56.0")


@pytest.mark.parametrize(
    ("sent", "becomes", "display", "text", "stays"),
    [
        ("G56.00", "G56.01", "", icd10().label("G56.00"), False),
        ("G56.00", "G56.01", "", icd10().label("G56.00").upper(), False),
        ("G56.00", "G56.01", "CTS, side?", "cts, side?", False),
        ("G56.00", "G56.01", "", "G56.00 hand numb at night", False),
        ("G56.02", "G56.01", "", icd10().label("G56.02"), False),
        ("G56.0", "G56.01", "", HEADER, False),
        ("g560", "G56.01", "", HEADER, False),
        ("G56.00", "G56.01", "", "Hand numb at night", True),
        ("G56.00", "G56.01", "", RIGHT, True),
        ("g5601", "G56.01", RIGHT, RIGHT, True),
    ],
)
def test_a_text_that_tells_the_old_code_goes(
    sent: str, becomes: str, display: str, text: str, stays: bool
) -> None:
    coding = icd(sent, display=display) if display else icd(sent)
    (after,) = written([concept(coding, text=text)], of_one(sent, becomes), (becomes,))
    assert after == concept(labelled(becomes), **({"text": text} if stays else {}))


def test_a_code_that_needs_a_place_of_its_own_comes_last() -> None:
    both = DiagnosisCorrection(
        "x", Mode.FIX, "a", ("M62.54",), (("M62.541", "M62.542"),), ((0, 0),), places=((0, -1),)
    )
    other = concept(icd("M79.2"))
    assert written([concept(icd("M62.54")), other], both, both.choices[0]) == [
        concept(labelled("M62.541")),
        other,
        concept(labelled("M62.542")),
    ]


@pytest.mark.parametrize(
    "reasons", [None, {}, [], [{}], [{"coding": {}}], [{"coding": ["G56.0"]}], [{"text": "G56.0"}], ["G56.0"]]
)
def test_a_reason_that_is_not_where_it_was_read_is_left_to_words(reasons: object) -> None:
    assert (
        with_diagnoses({"reasonCode": reasons}, [(of_one("G56.0", "G56.01"), ("G56.01",))], icd10()) is None
    )
