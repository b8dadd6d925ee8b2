"""Which code an order means: spelling, decoration, code systems, units and limbs, as tables."""

from __future__ import annotations

from functools import cache

import pytest

from cds_service.core.case import Coding, Order, Site
from cds_service.core.coding import CodeTable
from cds_service.engine.lines import Line, clean, read_line
from cds_service.guidelines.load_coding import load_coding
from tests.builders import HEAD, LEFT_ARM, LEFT_LEG, RIGHT_ARM, table

CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
SNOMED = "http://snomed.info/sct"
OWN = "http://example.org/orderables"
EMG = Coding(SNOMED, "42803009")


@cache
def codes() -> CodeTable:
    return load_coding(table("codes"), table("patterns"), table("maxima")).table


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
]
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
    "X" * 41,
]


@pytest.mark.parametrize(("sent", "code", "modifiers"), CLEANED, ids=[sent for sent, _, _ in CLEANED])
def test_a_misspelt_or_decorated_code_means_what_it_means(
    sent: str, code: str, modifiers: tuple[str, ...]
) -> None:
    found = clean(sent, codes())
    assert found is not None
    assert (found[0].code, found[1]) == (code, modifiers)


@pytest.mark.parametrize("sent", MEANINGLESS)
def test_text_that_could_mean_several_things_means_nothing(sent: str) -> None:
    assert clean(sent, codes()) is None


def test_every_code_of_the_table_means_itself() -> None:
    for code in codes().codes:
        found = clean(code, codes())
        assert found is not None
        assert found == (codes().codes[code], ())


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
    assert line.glued == ("59",)
