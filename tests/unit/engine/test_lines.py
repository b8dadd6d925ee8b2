"""Which code an order means: spelling, decoration, code systems, units and limbs, as tables."""

from __future__ import annotations

from functools import cache

import pytest

from cds_service.core.case import Coding, Order, Site
from cds_service.core.coding import CodeTable
from cds_service.engine.code_text import Read, clean
from cds_service.engine.lines import Line, read_line
from cds_service.guidelines.load_coding import load_coding
from tests.builders import HEAD, LEFT_ARM, LEFT_LEG, RIGHT_ARM, table

CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
SNOMED = "http://snomed.info/sct"
OWN = "http://example.org/orderables"
EMG = Coding(SNOMED, "42803009")


@cache
def codes() -> CodeTable:
    modifiers = table("vocabulary")["modifiers"]
    return load_coding(table("codes"), table("patterns"), table("maxima"), modifiers).table


@cache
def systems() -> dict[str, str]:
    return {also: system for system, aliases in table("vocabulary")["systems"].items() for also in aliases}


def read(*codings: Coding, units: int | None = None, title: str = "", **rest: object) -> Line | None:
    order = Order("ServiceRequest/a", codings, units=units, title=title, words=title, **rest)  # type: ignore[arg-type]
    return read_line(order, codes(), systems())


CLEANED = [
    ("95886", "95886", ()),
    ("9586O", "95860", ()),
    ("9S886", "95886", ()),
    ("958B6", "95886", ()),
    ("95,864", "95864", ()),
    ("95.864", "95864", ()),
    ("95 864", "95864", ()),
    (" 95864 ", "95864", ()),
    ("CPT 95910", "95910", ()),
    ("CPT-95910", "95910", ()),
    ("cpt:95910", "95910", ()),
    ("CPT4 95910", "95910", ()),
    ("CPT-4: 95910", "95910", ()),
    ("HCPCS S3900", "S3900", ()),
    ("s3900", "S3900", ()),
    ("95886-59", "95886", ("59",)),
    ("95886-RT", "95886", ("RT",)),
    ("95886 RT LT", "95886", ("RT", "LT")),
    ("95886-59-RT", "95886", ("59", "RT")),
    ("95886.50", "95886", ("50",)),
    ("95900", "95900", ()),
    ("CPT 9586O-50", "95860", ("50",)),
    ("95910_26", "95910", ("26",)),
    ("95910:26", "95910", ("26",)),
    ("9591026", "95910", ("26",)),
    ("95886–59", "95886", ("59",)),
    ("95886—59", "95886", ("59",)),
    ("+95886", "95886", ()),
    ("95886+", "95886", ()),
    ("95885-", "95885", ()),
    ("[95910]", "95910", ()),
    ('"95910"', "95910", ()),
    ("‘95886’", "95886", ()),
    ("95910*", "95910", ()),
    ("95-910", "95910", ()),
    ("9 5 9 1 0", "95910", ()),
    ("9588 6", "95886", ()),
    ("95910.0", "95910", ()),
    ("Code 95910", "95910", ()),
    ("CPT code 95864", "95864", ()),
    ("CPT(R) 95910", "95910", ()),
    ("CPT® 95910", "95910", ()),
    ("CPT/95910", "95910", ()),
    ("95910 NCS", "95910", ()),
    ("NCS 95910", "95910", ()),
    ("95886 EMG", "95886", ()),
    ("95910 EMG/NCS", "95910", ()),
    ("95910\u00a0", "95910", ()),
    ("95910\u200b", "95910", ()),
    ("\ufeff95910", "95910", ()),
    ("９５９１０", "95910", ()),
]
GLUED_UNITS = [
    ("95886x2", "95886", 2),
    ("95937x3", "95937", 3),
    ("95886 x2", "95886", 2),
    ("95886 × 2", "95886", 2),
    ("95886 (x2)", "95886", 2),
    ("95886*2", "95886", 2),
    ("2 x 95886", "95886", 2),
    ("95910 x 1", "95910", 1),
]
MORE_THAN_UNDERSTOOD = ["95886-01", "95886 ZZ", "EMG 95910", "NCS 95886"]
MEANINGLESS = [
    "",
    "958",
    "9588",
    "95886x",
    "958866",
    "99213",
    "EMGNC",
    "95886 and 95910",
    "95886/95910",
    "EMG upper limb",
    "95886-five",
    "12345-6789",
    "95910 or 95911",
    "95910,95911",
    "958861",
    "95886zz",
    "urn:95910",
    "X" * 41,
]


@pytest.mark.parametrize(("sent", "code", "modifiers"), CLEANED, ids=[sent for sent, _, _ in CLEANED])
def test_a_misspelt_or_decorated_code_means_what_it_means(
    sent: str, code: str, modifiers: tuple[str, ...]
) -> None:
    found = clean(sent, codes())
    assert found is not None
    assert (found.code.code, found.modifiers, found.rest) == (code, modifiers, False)


@pytest.mark.parametrize(("sent", "code", "units"), GLUED_UNITS, ids=[sent for sent, _, _ in GLUED_UNITS])
def test_units_glued_to_a_code_are_units_and_no_modifier(sent: str, code: str, units: int) -> None:
    found = clean(sent, codes())
    assert found is not None
    assert (found.code.code, found.modifiers, found.units) == (code, (), units)


@pytest.mark.parametrize("sent", MORE_THAN_UNDERSTOOD)
def test_what_is_no_modifier_leaves_the_code_in_doubt(sent: str) -> None:
    found = clean(sent, codes())
    assert found is not None
    assert (found.modifiers, found.rest) == ((), True)


@pytest.mark.parametrize(
    ("glued", "given", "counted", "other"),
    [("95886x2", None, 2, 0), ("95886x2", 2, 2, 0), ("95886x2", 3, 3, 2), ("95886", 3, 3, 0)],
)
def test_units_of_the_order_count_before_those_glued_to_its_code(
    glued: str, given: int | None, counted: int, other: int
) -> None:
    line = read(Coding(CPT, glued), units=given)
    assert line is not None
    assert (line.units, line.glued_units) == (counted, other)


@pytest.mark.parametrize("sent", MEANINGLESS)
def test_text_that_could_mean_several_things_means_nothing(sent: str) -> None:
    assert clean(sent, codes()) is None


FLAWS = [
    ("95886", ()),
    ("S3900", ()),
    ("9586O", ("letters",)),
    ("958B6", ("letters",)),
    ("95,864", ("signs",)),
    ("+95911", ("signs",)),
    ("95886 RT", ("modifier",)),
    ("95886-59", ("modifier",)),
    ("CPT 9586O", ("words", "letters")),
    ("cpt:95910", ("words",)),
    ("EMG 95886", ("words",)),
    ("95937x3", ("units",)),
    ("CPT 95886-59 x 2", ("units", "words", "modifier")),
    ("95886-ZZ", ("rest",)),
    ("s3900", ("case",)),
]


@pytest.mark.parametrize(("sent", "flaws"), FLAWS)
def test_what_is_wrong_with_a_code_is_named(sent: str, flaws: tuple[str, ...]) -> None:
    found = clean(sent, codes())
    assert (found.flaws if found is not None else ()) == flaws


@pytest.mark.parametrize(
    ("coding", "flaws"),
    [
        (Coding(CPT, "95886"), ()),
        (Coding(OWN, "95886"), ("system",)),
        (Coding(OWN, "95886-59"), ("modifier", "system")),
        (Coding(CPT, "9588"), ("unknown",)),
    ],
)
def test_a_wrong_system_is_a_flaw_of_its_own(coding: Coding, flaws: tuple[str, ...]) -> None:
    line = read(coding, title="needle emg")
    assert line is not None
    assert line.flaws == flaws


def test_every_code_of_the_table_means_itself() -> None:
    for code in codes().codes:
        found = clean(code, codes())
        assert found is not None
        assert found == Read(codes().codes[code])


@pytest.mark.parametrize(
    ("codings", "code", "decorated"),
    [
        ((Coding(CPT, "95886"),), "95886", False),
        ((Coding(HCPCS, "S3900"),), "S3900", False),
        ((Coding(OWN, "LOCAL"), Coding(CPT, "95886")), "95886", False),
        ((EMG, Coding(CPT, "95886")), "95886", False),
        ((Coding("urn:oid:2.16.840.1.113883.6.12", "95886"),), "95886", False),
        ((Coding(OWN, "95886"),), "95886", True),
        ((Coding("", "95886"),), "95886", True),
        ((Coding(CPT, "95886-59"),), "95886", True),
        ((Coding(CPT, "99999"), Coding(CPT, "95886")), "95886", False),
    ],
    ids=[
        "CPT",
        "HCPCS",
        "after a local code",
        "CPT before SNOMED",
        "CPT by OID",
        "wrong system",
        "no system",
        "glued",
        "second",
    ],
)
def test_the_code_of_an_order(codings: tuple[Coding, ...], code: str, decorated: bool) -> None:
    line = read(*codings)
    assert line is not None
    assert line.code is not None
    assert (line.code.code, line.decorated) == (code, decorated)


@pytest.mark.parametrize(
    ("codings", "title"),
    [
        ((Coding(CPT, "99213"),), ""),
        ((Coding(CPT, "93000"),), "emg"),
        ((Coding(OWN, "LOCAL"),), "office visit"),
        ((), ""),
        ((Coding("http://loinc.org", "24627-2"),), "ct chest"),
    ],
    ids=["another CPT code", "another CPT code named EMG", "local", "nothing", "another test"],
)
def test_orders_of_other_things_are_none_of_our_business(codings: tuple[Coding, ...], title: str) -> None:
    assert read(*codings, title=title) is None


@pytest.mark.parametrize(
    ("codings", "title", "concept"),
    [
        ((EMG,), "", "needle"),
        ((EMG,), "emg/ncs", "both"),
        ((EMG,), "emg with nerve conduction", "both"),
        ((Coding("http://loinc.org", "18749-2"),), "", "needle"),
        ((Coding(OWN, "LOCAL"),), "emg/ncs right arm", "both"),
        ((), "electromyography", "needle"),
        ((), "nerve conduction study", "conduction"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_an_order_without_a_code_may_name_the_test(
    codings: tuple[Coding, ...], title: str, concept: str
) -> None:
    line = read(*codings, title=title)
    assert line is not None
    assert line.code is None
    assert line.concept == concept
    assert line.replaced == ""


NAMES = {
    "emg right arm": "needle",
    "needle emg, left lower extremity": "needle",
    "electromyography (emg), right lower extremity": "needle",
    "emg 2 extremities": "needle",
    "emg four extremities": "needle",
    "ncs 5-6 studies": "conduction",
    "nerve conduction velocity study, both legs": "conduction",
    "emg/ncs bilateral upper extremities": "both",
    "emg and nerve conduction, right upper limb": "both",
    "emg w/ ncs, both legs": "both",
    "single fiber emg": "single-fibre",
    "sfemg right arm": "single-fibre",
    "surface emg": "",
    "emg guidance for botulinum toxin": "",
    "sphincter emg": "",
    "emg biofeedback": "",
    "mri lumbar spine after emg": "",
    "polysomnography with leg emg": "",
    "av node conduction study": "",
    "emg report request": "",
    "repetitive nerve stimulation": "",
}


@pytest.mark.parametrize(("title", "concept"), NAMES.items(), ids=NAMES)
def test_an_order_of_the_house_is_ours_when_its_whole_name_is_the_test(title: str, concept: str) -> None:
    line = read(Coding(OWN, "LOCAL"), title=title)
    assert (line.concept if line is not None else "") == concept


@pytest.mark.parametrize(("units", "counted"), [(None, 1), (1, 1), (4, 4), (0, 1)])
def test_units_that_are_not_given_count_as_one(units: int | None, counted: int) -> None:
    line = read(Coding(CPT, "95886"), units=units)
    assert line is not None
    assert line.units == counted


@pytest.mark.parametrize(
    ("sites", "limbs", "axial"),
    [
        ((), (), ()),
        ((RIGHT_ARM,), (RIGHT_ARM,), ()),
        ((RIGHT_ARM, RIGHT_ARM), (RIGHT_ARM,), ()),
        ((RIGHT_ARM, LEFT_LEG), (RIGHT_ARM, LEFT_LEG), ()),
        ((RIGHT_ARM, Site("leg")), (), ()),
        ((HEAD, LEFT_ARM), (LEFT_ARM,), (HEAD,)),
    ],
    ids=["none", "one", "twice the same", "two", "one without side", "limb and head"],
)
def test_limbs_count_only_when_all_have_a_side(
    sites: tuple[Site, ...], limbs: tuple[Site, ...], axial: tuple[Site, ...]
) -> None:
    line = read(Coding(CPT, "95886"), sites=sites)
    assert line is not None
    assert (set(line.limbs), line.axial) == (set(limbs), axial)


def test_modifiers_of_detail_and_code_stand_once() -> None:
    line = read(Coding(CPT, "95886-59"), modifiers=("RT", "59"))
    assert line is not None
    assert line.modifiers == ("RT", "59")
