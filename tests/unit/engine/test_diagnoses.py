"""Every row of code hygiene and every rule about sides: what is sent, where it aims, what is offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cds_service.core.case import Case, Diagnosis, Fact, Site
from cds_service.core.finding import Mode
from cds_service.core.vocabulary import ICD10CM
from cds_service.engine.diagnoses import informs, pairs
from cds_service.engine.diagnoses.context import Context
from cds_service.engine.diagnoses.reading import read_line
from tests.builders import LEFT_ARM, LEFT_LEG, RIGHT_ARM, RIGHT_LEG
from tests.diagnosis_orders import Codes, applied, coded, corrected, each, icd10, only, order, rules

ARM = Site("arm")
LEG = Site("leg")
ICD9 = "http://hl7.org/fhir/sid/icd-9-cm"


def below(*headers: str) -> tuple[Codes, ...]:
    return tuple((leaf,) for header in headers for leaf in icd10().children[header])


HEADERS = [
    ("M54.5", (), "ASK", each("M54.50", "M54.51", "M54.59"), 0),
    ("G56.0", (), "ASK", each("G56.01", "G56.02", "G56.03", "G56.00"), -1),
    ("G56.0", (RIGHT_ARM,), "FIX", each("G56.01"), 0),
    ("G56.0", (LEFT_ARM,), "FIX", each("G56.02"), 0),
    ("G56.0", (RIGHT_ARM, LEFT_ARM), "ASK", each("G56.01", "G56.02", "G56.03", "G56.00"), -1),
    ("G56.0", (ARM,), "ASK", each("G56.01", "G56.02", "G56.03", "G56.00"), -1),
    ("G56.2", (LEFT_ARM,), "FIX", each("G56.22"), 0),
    ("G56.2", (), "ASK", each("G56.21", "G56.22", "G56.23", "G56.20"), -1),
    ("G57.3", (RIGHT_LEG,), "FIX", each("G57.31"), 0),
    ("G57.5", (LEFT_LEG,), "FIX", each("G57.52"), 0),
    (
        "G56",
        (RIGHT_ARM,),
        "ASK",
        each("G56.01", "G56.11", "G56.21", "G56.31", "G56.41", "G56.81", "G56.91"),
        -1,
    ),
    ("G62", (), "ASK", each("G62.0", "G62.1", "G62.2", "G62.81", "G62.82", "G62.89", "G62.9"), -1),
    ("G61.8", (), "ASK", each("G61.81", "G61.82", "G61.89"), -1),
    ("G51.3", (), "ASK", each("G51.31", "G51.32", "G51.33", "G51.39"), -1),
    ("G51.3", (Site("head", "left"),), "FIX", each("G51.32"), 0),
    ("G51.3", (RIGHT_ARM,), "ASK", each("G51.31", "G51.32", "G51.33", "G51.39"), -1),
    ("G70.0", (), "ASK", each("G70.00", "G70.01"), -1),
    ("G12.2", (), "ASK", below("G12.2"), -1),
    ("G71.0", (), "ASK", below("G71.0"), -1),
    ("G71.03", (), "ASK", below("G71.03"), -1),
    ("G71.2", (), "ASK", each("G71.20", "G71.21", "G71.220", "G71.228", "G71.29"), -1),
    ("G72.4", (), "ASK", each("G72.41", "G72.49"), -1),
    ("G72.8", (), "ASK", each("G72.81", "G72.89"), -1),
    ("M54.1", (), "ASK", below("M54.1"), -1),
    ("M50.1", (), "ASK", below("M50.1"), -1),
    ("M50.12", (), "ASK", each("M50.120", "M50.121", "M50.122", "M50.123"), -1),
    ("M51.1", (), "ASK", each("M51.14", "M51.15", "M51.16", "M51.17"), -1),
    ("M47.2", (), "ASK", below("M47.2"), -1),
    ("M51.36", (), "ASK", each("M51.360", "M51.361", "M51.362", "M51.369"), -1),
    ("M51.37", (), "ASK", each("M51.370", "M51.371", "M51.372", "M51.379"), -1),
    ("R51", (), "FIX", each("R51.9"), 0),
    ("E11.4", (), "ASK", each("E11.40", "E11.41", "E11.42", "E11.43", "E11.44", "E11.49"), -1),
    ("N18.3", (), "ASK", each("N18.30", "N18.31", "N18.32"), -1),
    ("M79.1", (), "ASK", each("M79.10", "M79.11", "M79.12", "M79.18"), -1),
    ("M79.6", (RIGHT_ARM,), "ASK", each("M79.601", "M79.621", "M79.631", "M79.641", "M79.644"), -1),
    ("M79.60", (LEFT_LEG,), "FIX", each("M79.605"), 0),
    ("M79.60", (ARM,), "ASK", each("M79.601", "M79.602", "M79.603", "M79.609"), -1),
    ("M62.5", (LEFT_LEG,), "ASK", each("M62.552", "M62.562", "M62.572"), -1),
    ("M62.5", (), "ASK", below("M62.5"), -1),
    ("M62.54", (RIGHT_ARM,), "FIX", each("M62.541"), 0),
    ("R20", (), "ASK", below("R20"), -1),
    ("R29.8", (), "ASK", below("R29.8"), -1),
    ("M33.2", (), "ASK", below("M33.2"), -1),
    ("M48.06", (), "ASK", each("M48.061", "M48.062"), -1),
    ("M54.4", (LEFT_LEG,), "FIX", each("M54.42"), 0),
    ("G83.2", (RIGHT_ARM,), "ASK", each("G83.21", "G83.23"), -1),
    ("M21.37", (LEFT_LEG,), "FIX", each("M21.372"), 0),
    ("M54", (), "ASK", None, -1),
    ("M79", (), "ASK", (), -1),
    ("E11", (), "ASK", (), -1),
]


@pytest.mark.parametrize(("code", "sites", "mode", "choices", "default"), HEADERS)
def test_header(
    code: str, sites: tuple[Site, ...], mode: str, choices: tuple[Codes, ...] | None, default: int
) -> None:
    found = only(corrected(order("a", [code], *sites))[0])
    assert (found.row, found.mode, found.from_, found.default) == (code, mode, (code,), default)
    assert set(found.choices) == set(below(code)) if choices is None else found.choices == choices


@pytest.mark.parametrize(("category", "leaves"), [("G56", 28), ("G57", 40), ("M79.6", 31), ("G71.0", 15)])
def test_header_without_site_offers_every_code_below(category: str, leaves: int) -> None:
    found = only(corrected(order("a", [category]))[0])
    assert len(found.choices) == len(set(found.choices)) == leaves
    assert set(found.choices) == set(below(category))


@pytest.mark.parametrize(
    ("code", "site", "first"),
    [
        ("M54.1", RIGHT_ARM, ("M54.12", "M54.13")),
        ("M54.1", Site("cervical"), ("M54.12", "M54.13")),
        ("M54.1", LEFT_LEG, ("M54.16", "M54.17")),
        ("M54.1", Site("lumbar"), ("M54.16", "M54.17")),
        ("M54.1", Site("trunk"), ("M54.14",)),
        ("M51.1", LEFT_LEG, ("M51.16", "M51.17")),
        ("M47.2", LEFT_ARM, ("M47.22", "M47.23")),
    ],
)
def test_region_of_the_spine_from_the_body_site(code: str, site: Site, first: Codes) -> None:
    found = only(corrected(order("a", [code], site))[0])
    assert found.mode is Mode.ASK
    assert found.default == 0
    assert found.choices[: len(first)] == each(*first)
    assert sorted(found.choices) == sorted(below(code))


def test_two_regions_suggest_none() -> None:
    found = only(corrected(order("a", ["M54.1"], RIGHT_ARM, LEFT_LEG))[0])
    assert (found.default, found.choices) == (-1, below("M54.1"))


@pytest.mark.parametrize(
    ("words", "own"),
    [("orthostatic headache", ""), ("", "orthostatic headache"), ("emg", "headache | postural")],
)
def test_headache_that_depends_on_posture(words: str, own: str) -> None:
    found = only(corrected(order("a", [replace(coded("R51", 0), words=own)], words=words))[0])
    assert (found.row, found.mode, found.choices) == ("R51", Mode.ASK, each("R51.0", "R51.9"))
    assert found.default == 0


FORM = [
    ("g5601", "format", "FIX", each("G56.01")),
    (" G56.01 ", "format", "FIX", each("G56.01")),
    ("G56 .01", "format", "FIX", each("G56.01")),
    ("m54.50", "format", "FIX", each("M54.50")),
    ("G56.O1", "format", "FIX", each("G56.01")),
    ("s54.01xa", "format", "FIX", each("S54.01XA")),
    ("S54.01", "S54.01", "ASK", each("S54.01XA", "S54.01XD", "S54.01XS")),
    ("s5401", "S54.01", "ASK", each("S54.01XA", "S54.01XD", "S54.01XS")),
    ("S14.3", "S14.3", "ASK", each("S14.3XXA", "S14.3XXD", "S14.3XXS")),
    ("S14.3XX", "S14.3", "ASK", each("S14.3XXA", "S14.3XXD", "S14.3XXS")),
    ("S54.01A", "S54.01A", "FIX", each("S54.01XA")),
    ("S14.3A", "S14.3A", "FIX", each("S14.3XXA")),
    ("S14.3XD", "S14.3XD", "FIX", each("S14.3XXD")),
    ("S44.81A", "S44.81A", "FIX", each("S44.8X1A")),
    ("s4481d", "s4481d", "FIX", each("S44.8X1D")),
    ("S94.81XA", "S94.81XA", "FIX", each("S94.8X1A")),
    ("T60.01A", "T60.01A", "FIX", each("T60.0X1A")),
    ("S44.81", "S44.8X1", "ASK", each("S44.8X1A", "S44.8X1D", "S44.8X1S")),
    ("S44.8X1", "S44.8X1", "ASK", each("S44.8X1A", "S44.8X1D", "S44.8X1S")),
    ("354.0", "ICD-9", "ASK", each("G56.01", "G56.02", "G56.03", "G56.00")),
    ("3540", "ICD-9", "ASK", each("G56.01", "G56.02", "G56.03", "G56.00")),
    ("724.4", "ICD-9", "ASK", each("M54.16", "M54.17", "M54.14", "M54.15")),
    ("357.2", "ICD-9", "ASK", each("E11.42", "E10.42", "E08.42", "E09.42", "E13.42")),
    ("250.60", "ICD-9", "ASK", ()),
]


@pytest.mark.parametrize(("code", "row", "mode", "choices"), FORM)
def test_form(code: str, row: str, mode: str, choices: tuple[Codes, ...]) -> None:
    found = only(corrected(order("a", [code]))[0])
    assert (found.row, found.mode, found.from_, found.choices) == (row, mode, (code,), choices)


def test_missing_7th_character_recommends_active_treatment() -> None:
    assert only(corrected(order("a", ["S54.01"]))[0]).default == 0


def test_one_correction_for_form_and_side() -> None:
    found = only(corrected(order("a", ["g560"], RIGHT_ARM))[0])
    assert (found.row, found.mode, found.from_, found.choices) == (
        "G56.0",
        Mode.FIX,
        ("g560",),
        each("G56.01"),
    )
    assert found.values["from"] == "g560"
    assert found.values["to"] == "G56.01"
    assert found.values["side"] == "right"
    assert found.values["label"] == icd10().label("G56.01")
    assert found.values["why"]


def test_retired_code_with_a_known_side() -> None:
    found = only(corrected(order("a", [coded("354.0", 0, system=ICD9)], RIGHT_ARM))[0])
    assert (found.row, found.mode, found.choices) == ("ICD-9", Mode.ASK, each("G56.01"))


def test_retired_code_beside_its_translation_is_history() -> None:
    translated = Diagnosis(ICD9, "354.0", frozenset(), position=(0, 1))
    assert corrected(order("a", [coded("G56.01", 0), translated], RIGHT_ARM)) == ((), ())


PAIRS = [
    (("E11.42", "G63"), "E11.42+G63", "FIX", each("E11.42")),
    (("G63", "E10.42"), "E11.42+G63", "FIX", each("E10.42")),
    (("M54.16", "M51.16"), "M54.1-+M51.1-", "FIX", each("M51.16")),
    (("M51.17", "M54.16"), "M54.1-+M51.1-", "FIX", each("M51.17")),
    (("M54.12", "M50.122"), "M54.1-+M50.1-", "FIX", each("M50.122")),
    (("M54.12", "M47.22"), "M54.1-+M47.2-", "FIX", each("M47.22")),
    (("M54.16", "M47.26"), "M54.1-+M47.2-", "FIX", each("M47.26")),
    (("M54.50", "M54.41"), "M54.5-+M54.4-", "ASK", each("M54.41", "M54.50")),
    (("M54.50", "M51.26"), "M54.5-+M51.2-", "ASK", each("M51.26", "M54.50")),
    (("M54.50", "M51.360"), "M54.5-+M51.360", "ASK", each("M51.360", "M54.50")),
    (("M54.31", "M54.41"), "M54.3-+M54.4-", "FIX", each("M54.41")),
    (("M54.31", "M54.42"), "M54.3-+M54.4-", "ASK", each("M54.42", "M54.31")),
    (("M54.32", "M51.16"), "M54.3-+M51.1-", "FIX", each("M51.16")),
    (("G56.21", "S54.01XA"), "G56.-+S", "ASK", each("S54.01XA", "G56.21")),
    (("G57.32", "S84.12XD"), "G57.-+S", "ASK", each("S84.12XD", "G57.32")),
    (("G54.0", "S14.3XXA"), "G54.-+S", "ASK", each("S14.3XXA", "G54.0")),
    (("G54.2", "M50.122"), "G54.2-G54.4+M50/M51/M47", "ASK", each("M50.122", "G54.2")),
    (("G54.4", "M51.16"), "G54.2-G54.4+M50/M51/M47", "ASK", each("M51.16", "G54.4")),
    (("G54.2", "M47.22"), "G54.2-G54.4+M50/M51/M47", "ASK", each("M47.22", "G54.2")),
    (("Z21", "B20"), "Z21+B20", "ASK", each("B20", "Z21")),
    (("R53.1", "M62.81"), "R53.1+M62.81", "FIX", each("M62.81")),
    (("G70.00", "A05.1"), "G70.0-+A05.1/A48.5-", "ASK", each("A05.1", "G70.00")),
    (("G70.01", "A48.52"), "G70.0-+A05.1/A48.5-", "ASK", each("A48.52", "G70.01")),
    (("G56.01", "G56.02"), "4.5.4", "FIX", each("G56.03")),
    (("G57.52", "G57.51"), "4.5.4", "FIX", each("G57.53")),
    (("H02.401", "H02.402"), "4.5.4", "FIX", each("H02.403")),
    (("g5601", "G5602"), "4.5.4", "FIX", each("G56.03")),
    (("M54.16", "M51.1"), "M54.1-+M51.1-", "ASK", each("M51.14", "M51.15", "M51.16", "M51.17")),
    (("m54.16", "M51.16"), "M54.1-+M51.1-", "FIX", each("M51.16")),
    (("G63", "E11.9"), "manifestation", "FIX", each("E11.42")),
    (("E11.9", "G63"), "manifestation", "FIX", each("E11.42")),
    (("G63", "E10.40"), "manifestation", "FIX", each("E10.42")),
    (("G59", "E11.9"), "manifestation", "FIX", each("E11.41")),
    (("G99.0", "E11.9"), "manifestation", "FIX", each("E11.43")),
    (("G63", "E85.4"), "manifestation", "ASK", (("E85.4", "G63"),)),
    (("G53", "E11.9"), "manifestation", "FIX", each("E11.41")),
    (("G63", "A69.22"), "G63+A69.22", "FIX", each("A69.22")),
    (("B02.23", "G63"), "G63+B02.23", "FIX", each("B02.23")),
    (("G63", "B26.84"), "G63+B26.84", "FIX", each("B26.84")),
    (("G63", "B27.01"), "G63+B27.-1", "FIX", each("B27.01")),
    (("B27.91", "G63"), "G63+B27.-1", "FIX", each("B27.91")),
    (("G63", "M05.572"), "G63+M05.5-", "FIX", each("M05.572")),
    (("M32.19", "G63"), "G63+M32.19", "FIX", each("M32.19")),
    (("G63", "M34.83"), "G63+M34.83", "FIX", each("M34.83")),
    (("G63", "M35.06"), "G63+M35.06", "FIX", each("M35.06")),
    (("G73.1", "C34.90"), "manifestation", "ASK", (("C34.90", "G73.1"),)),
    (("G65.0", "M62.81"), "manifestation", "ASK", (("M62.81", "G65.0"),)),
]


@pytest.mark.parametrize(("codes", "row", "mode", "choices"), PAIRS)
def test_pair(codes: Codes, row: str, mode: str, choices: tuple[Codes, ...]) -> None:
    found = only(corrected(order("a", codes))[0])
    assert (found.row, found.mode, found.from_, found.choices) == (row, mode, codes, choices)
    assert found.positions == ((0, 0), (1, 0))


@pytest.mark.parametrize("code", ["G63", "G59", "G55", "G53", "G73.3", "G73.7", "G65.1", "G13.0", "G99.0"])
def test_manifestation_alone_asks_for_its_cause(code: str) -> None:
    found = only(corrected(order("a", [code]))[0])
    assert (found.row, found.mode, found.choices) == ("manifestation", Mode.ASK, ())


def test_manifestation_with_diabetes_on_the_problem_list_is_a_question() -> None:
    diabetes = Fact("condition", frozenset({"diabetes"}), "Condition/d", code="E11.9")
    found = only(corrected(order("a", ["G63"]), facts=(diabetes,))[0])
    assert (found.row, found.mode, found.from_, found.choices) == (
        "manifestation",
        Mode.ASK,
        ("G63",),
        each("E11.42"),
    )


def test_a_diabetes_code_that_says_more_stays() -> None:
    found = only(corrected(order("a", ["E11.65", "G63"]))[0])
    assert (found.mode, found.from_, found.choices) == (Mode.FIX, ("G63",), each("E11.42"))


@pytest.mark.parametrize(
    ("codes", "mode", "choices"),
    [
        (("G63", "E78.5"), "ASK", ()),
        (("G63", "D50.9"), "ASK", ()),
        (("G63", "K21.9"), "ASK", ()),
        (("G63", "B35.1"), "ASK", ()),
        (("G63", "I10"), "ASK", ()),
        (("G59", "I10"), "ASK", ()),
        (("G65.0", "I10"), "ASK", ()),
        (("G65.0", "G56.01"), "ASK", ()),
        (("G99.0", "E78.5"), "ASK", ()),
        (("G73.7", "B35.1"), "ASK", ()),
        (("G63", "N18.6"), "ASK", (("N18.6", "G63"),)),
        (("G63", "E03.9"), "ASK", (("E03.9", "G63"),)),
        (("G63", "E78.5", "E53.8"), "ASK", (("E53.8", "G63"),)),
        (("G63", "E53.8", "E85.4"), "ASK", (("E53.8", "G63", "E85.4"), ("E85.4", "G63", "E53.8"))),
        (("G63", "E11.9", "E53.8"), "ASK", (("E11.42", "E53.8"), ("E53.8", "G63", "E11.9"))),
        (("G63", "E11.9", "E10.9"), "ASK", (("E11.9", "E10.42"), ("E11.42", "E10.9"))),
        (("G63", "G63", "E11.9"), "FIX", (("E11.42",),)),
        (("G99.0", "M10.9"), "ASK", (("M10.9", "G99.0"),)),
        (("G73.7", "E20.9"), "ASK", (("E20.9", "G73.7"),)),
        (("G53", "C50.911"), "ASK", (("C50.911", "G53"),)),
        (("G65.0", "R26.2"), "ASK", (("R26.2", "G65.0"),)),
    ],
)
def test_only_a_plausible_cause_is_offered(codes: Codes, mode: str, choices: tuple[Codes, ...]) -> None:
    found = only(corrected(order("a", codes))[0])
    assert (found.row, found.mode, found.choices) == ("manifestation", mode, choices)


@pytest.mark.parametrize(
    "codes", [("E53.8", "G63", "E11.9"), ("E53.8", "G63", "E85.4"), ("E85.4", "G63", "E53.8")]
)
def test_a_cause_that_is_coded_first_leaves_nothing_to_ask(codes: Codes) -> None:
    assert corrected(order("a", codes)) == ((), ())


def test_lambert_eaton_without_neoplasm() -> None:
    found = only(corrected(order("a", ["G73.1"]))[0])
    assert (found.row, found.mode, found.choices) == ("G73.1", Mode.ASK, each("G70.80", "G70.81"))


def test_lambert_eaton_with_neoplasm_on_record_asks_for_the_order_of_codes() -> None:
    neoplasm = Fact("condition", frozenset({"neoplasm"}), "Condition/n", code="C34.90")
    found = only(corrected(order("a", ["G73.1"]), facts=(neoplasm,))[0])
    assert found.row == "manifestation"


@pytest.mark.parametrize(
    "codes",
    [
        ("G56.01", "M54.12"),
        ("G56.01", "G57.31"),
        ("G56.01", "G56.22"),
        ("E85.4", "G63"),
        ("B20", "G63"),
        ("C34.90", "G73.1"),
        ("R20.2", "G63"),
        ("M54.12", "M51.16"),
        ("M54.12", "M47.26"),
        ("G56.21", "S54.01XS"),
        ("G56.21", "S54.02XA"),
        ("G56.01", "S54.01XA"),
        ("G54.2", "M51.16"),
        ("M62.541", "M62.542"),
        ("S54.01XA", "S54.02XA"),
        ("M54.50", "M51.16"),
        ("G51.0",),
        ("I10",),
        ("S42.001A",),
        ("nonsense",),
        ("",),
    ],
)
def test_nothing_to_correct(codes: Codes) -> None:
    assert corrected(order("a", codes)) == ((), ())


@pytest.mark.parametrize(
    ("codes", "words", "groups", "row"),
    [
        (("E11.42", "G62.9"), "", (), "E11.42+G62.9"),
        (("G56.01",), "suspected carpal tunnel", (), "suspected"),
        (("G56.01",), "r/o cts", (), "suspected"),
        (("G56.01",), "possible cts, please schedule as soon as possible", (), "suspected"),
        (("G56.01", "Z33.1"), "", (), "G56.-/G57.-+pregnancy"),
        (("G57.11", "O99.351"), "", (), "G56.-/G57.-+pregnancy"),
        (("G56.01",), "", ("pregnancy",), "G56.-/G57.-+pregnancy"),
        (("G56.01", "M79.2"), "", (), "G5x+M79.2"),
        (("M62.81", "R25.2"), "", (), "M62.81+R25.2"),
    ],
)
def test_informs_and_corrects_nothing(codes: Codes, words: str, groups: Codes, row: str) -> None:
    facts = (Fact("condition", frozenset(groups), "Condition/p"),) if groups else ()
    found, notices = corrected(order("a", codes, words=words), facts=facts)
    assert found == ()
    assert [(notice.id, notice.orders) for notice in notices] == [(row, ("a",))]


@pytest.mark.parametrize(
    "words", ["please schedule as soon as possible", "right arm if possible", "standing is impossible"]
)
def test_words_that_suppose_nothing(words: str) -> None:
    assert corrected(order("a", ["G56.01"], words=words)) == ((), ())


def test_the_words_of_the_reason_itself_are_read() -> None:
    supposed = replace(coded("G56.01", 0), words="suspected carpal tunnel syndrome")
    other = replace(coded("M54.12", 1), words="possible radiculopathy")
    _, notices = corrected(order("a", [supposed]), order("b", ["G56.01"]))
    assert [(notice.id, notice.orders) for notice in notices] == [("suspected", ("a",))]
    assert corrected(order("a", ["G56.01", other])) == ((), ())


def test_what_outpatient_coding_says_is_not_said_of_an_inpatient() -> None:
    sent = order("a", ["G56.01", "Z33.1"], words="suspected cts")
    _, notices = corrected(sent, inpatient=True)
    assert [notice.id for notice in notices] == ["G56.-/G57.-+pregnancy"]


def test_a_line_without_site_inherits_from_the_line_with_the_same_reason() -> None:
    found, _ = corrected(order("a", ["G56.0"]), order("b", ["G56.0"], RIGHT_ARM))
    assert [(item.order, item.mode, item.choices) for item in found] == [
        ("a", Mode.FIX, each("G56.01")),
        ("b", Mode.FIX, each("G56.01")),
    ]


def test_an_active_line_lends_its_side_and_is_not_corrected() -> None:
    found, _ = corrected(order("a", ["G56.0"]), order("b", ["G56.0"], RIGHT_ARM, draft=False))
    assert only(found).order == "a"
    assert only(found).choices == each("G56.01")


def test_a_line_with_another_reason_lends_nothing() -> None:
    found, _ = corrected(order("a", ["G56.0"]), order("b", ["M54.12"], RIGHT_ARM))
    assert only(found).mode is Mode.ASK


def test_comparison_limb_on_another_line() -> None:
    assert corrected(order("a", ["G56.01"], RIGHT_ARM), order("b", ["G56.01"], LEFT_ARM)) == ((), ())


def test_two_lines_of_opposite_sides_ask_about_the_header() -> None:
    found, _ = corrected(order("a", ["G56.0"], RIGHT_ARM), order("b", ["G56.0"], LEFT_ARM))
    assert [item.mode for item in found] == [Mode.ASK, Mode.ASK]


def test_a_header_beside_its_own_code_goes_into_it() -> None:
    found = only(corrected(order("a", ["G56.0", "G56.01"], RIGHT_ARM))[0])
    assert (found.mode, found.from_, found.choices) == (Mode.FIX, ("G56.0", "G56.01"), each("G56.01"))


def test_only_what_stands_on_a_draft_of_this_guideline_is_corrected() -> None:
    assert corrected(order("a", ["G56.0"], draft=False)) == ((), ())
    assert corrected(order("a", ["G56.0"]), kinds={"a": ""}) == ((), ())
    assert corrected(order("a", [coded("G56.0", 0, referenced=True)])) == ((), ())
    assert corrected(order("a", [coded("M54.16", 0), coded("M51.16", 1, referenced=True)])) == ((), ())
    assert corrected(order("a", [coded("G56.0", 0, system="http://snomed.info/sct")])) == ((), ())


def test_pairs_on_two_orders_stay() -> None:
    assert corrected(order("a", ["M54.16"]), order("b", ["M51.16"])) == ((), ())
    assert corrected(order("a", ["M62.541"]), order("b", ["M62.542"])) == ((), ())


def test_several_corrections_on_one_order() -> None:
    found, _ = corrected(order("a", ["M54.16", "M51.16", "M47.26", "G56.0", "R51", "G63", "E11.9"]))
    assert [item.row for item in found] == [
        "M54.1-+M51.1-",
        "M54.1-+M47.2-",
        "G56.0",
        "R51",
        "manifestation",
    ]


def test_positions_within_a_concept() -> None:
    snomed = Diagnosis("http://snomed.info/sct", "57406009", frozenset(), position=(0, 0))
    header = Diagnosis(ICD10CM, "G56.0", frozenset(), position=(0, 1))
    sent = order("a", [snomed, header], RIGHT_ARM)
    found = only(corrected(sent)[0])
    assert found.positions == ((0, 1),)
    assert [reason.code for reason in applied(sent, found, 0).reasons] == ["57406009", "G56.01"]


def test_an_alias_of_the_code_system_is_understood() -> None:
    alias = replace(coded("G56.0", 0), system="urn:oid:2.16.840.1.113883.6.90")
    assert only(corrected(order("a", [alias], RIGHT_ARM))[0]).choices == each("G56.01")


def test_copies_of_a_code_are_not_compared_with_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    honest: Callable[..., Any] = getattr(pairs, "_mode")  # noqa: B009 - a private name

    def counted(*arguments: Any) -> Any:
        asked.append("_mode")
        return honest(*arguments)

    monkeypatch.setattr(pairs, "_mode", counted)
    found, _ = corrected(order("a", ["M54.16"] * 50 + ["M51.16"] * 50))
    assert len(asked) == 1
    assert only(found).choices == each("M51.16")
    assert len(only(found).positions) == 100


def test_whether_a_notice_holds_is_asked_once_for_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many codes of the line the notice is about."""
    asked: list[object] = []
    honest: Callable[..., str | None] = getattr(informs, "_holds")  # noqa: B009 - a private name

    def counted(context: Any, rule: Any, *rest: Any) -> str | None:
        asked.append(rule)
        return honest(context, rule, *rest)

    monkeypatch.setattr(informs, "_holds", counted)
    code = next(code for code, entry in rules().entries.items() if entry.informs)
    corrected(order("a", [code] * 100))
    assert len(asked) == len(rules().entries[code].informs)


class Walked(tuple[Any, ...]):
    """A tuple that counts how often it is walked through."""

    walks: int = 0

    def __iter__(self) -> Any:
        self.walks += 1
        return super().__iter__()


def test_the_sites_of_all_lines_are_gathered_once() -> None:
    """A line lends its sites to its code, to headers above it, to codes below it, and to the other side."""
    lines = Walked(
        [
            read_line(rules(), order("a", ["G56.01"], Site("arm", "right"))),
            read_line(rules(), order("b", ["M54.1"], Site("lumbar"))),
            read_line(rules(), order("c", ["G57.0"])),
        ]
    )
    context = Context(rules(), icd10(), Case("2026-11-20", ()), lines, "")
    lent = {
        code: set(context.sites(read_line(rules(), order("x", [code])).readings[0]))
        for code in ("G56.01", "G56.0", "G56.02", "G56.1", "M54.16", "G57.0")
    }
    arm, back = {Site("arm", "right")}, {Site("lumbar")}
    assert lent == {
        "G56.01": arm,
        "G56.0": arm,
        "G56.02": arm,
        "G56.1": set(),
        "M54.16": back,
        "G57.0": set(),
    }
    assert lines.walks == 1


def test_what_is_too_long_to_be_a_code_is_none() -> None:
    assert corrected(order("a", ["G56.0" + " " * 100_000, "3" * 100_000])) == ((), ())


FLAWS = [
    ("g56.01", "format", "case"),
    ("G5601", "format", "dot"),
    ("g5601", "format", "case dot"),
    ("G56. 01", "format", "spaces"),
    ("G56.O1", "format", "letters"),
    ("S54.01A", "placeholder", ""),
]


@pytest.mark.parametrize(("sent", "form", "flaws"), FLAWS)
def test_what_is_wrong_with_the_form_of_a_code_is_named(sent: str, form: str, flaws: str) -> None:
    correction = only(corrected(order("a", [sent]))[0])
    assert (correction.values["form"], correction.values["flaws"]) == (form, flaws)


@pytest.mark.parametrize(
    ("sent", "plausible"), [("G63", "amyloidosis"), ("G59", "diabetes"), ("G73.7", "glycogen")]
)
def test_a_manifestation_without_a_cause_names_plausible_ones(sent: str, plausible: str) -> None:
    correction = only(corrected(order("a", [sent]))[0])
    assert plausible in correction.values["plausible"]


def test_a_manifestation_with_its_cause_on_the_order_asks_for_none() -> None:
    correction = only(corrected(order("a", ["G63", "E85.4"]))[0])
    assert "plausible" not in correction.values
