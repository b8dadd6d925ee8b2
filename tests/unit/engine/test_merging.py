"""Lines that become one order: which order takes over what of which."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.core.finding import Edit
from cds_service.engine.coding.merging import absorb, merge
from cds_service.engine.lines import Line, read_line
from tests.code_orders import knowledge, order

CODES = knowledge().coding.table.codes


def line(name: str, written: str, *reasons: str, notes: tuple[str, ...] = ()) -> Line:
    systems = knowledge().vocabulary.systems
    found = read_line(replace(order(name, written, *reasons), notes=notes), knowledge().coding.table, systems)
    assert found is not None
    return found


def merged(*lines: Line, code: str = "95861", units: int = 1) -> list[tuple[str, str, tuple[str, ...]]]:
    return [told(edit) for edit in merge(lines, CODES[code], units)]


def told(edit: Edit) -> tuple[str, str, tuple[str, ...]]:
    return edit.action, edit.order[-1], tuple(ref[-1] for ref in edit.takes)


def test_the_first_line_takes_over_the_reason_of_the_other() -> None:
    assert merged(line("a", "95860 RUE", "x"), line("b", "95860 RLE", "y")) == [
        ("change", "a", ("b",)),
        ("remove", "b", ()),
    ]


def test_a_dated_line_stays() -> None:
    found = merged(line("a", "95860 RUE", "x"), line("b", "95860 RLE @2026-11-24", "x"))
    assert found == [("change", "b", ("a",)), ("remove", "a", ())]


@pytest.mark.parametrize(
    ("other", "takes"),
    [
        (line("b", "95909", "x"), ()),
        (line("b", "95909", "y"), ("b",)),
        (line("b", "95909", "x", notes=("right arm",)), ()),
        (line("b", "95909 RUE", "x"), ("b",)),
        (line("b", "95909"), ()),
    ],
    ids=["nothing new", "a reason", "a note", "a site", "no reason at all"],
)
def test_a_line_that_stays_as_it_is_changes_only_for_something_new(
    other: Line, takes: tuple[str, ...]
) -> None:
    action = "change" if takes else "keep"
    assert merged(line("a", "95909", "x"), other, code="95909") == [
        (action, "a", takes),
        ("remove", "b", ()),
    ]


def test_notes_come_along_where_the_line_changes() -> None:
    noted = line("b", "95860 RLE", "x", notes=("right leg",))
    assert merged(line("a", "95860 RLE", "x"), noted) == [("change", "a", ("b",)), ("remove", "b", ())]


def test_sites_of_all_lines_stay_together() -> None:
    edit, *_ = merge((line("a", "95860 RUE"), line("b", "95860 lumbar LLE")), CODES["95861"])
    assert [(site.region, site.side) for site in edit.sites or ()] == [
        ("arm", "right"),
        ("leg", "left"),
        ("lumbar", ""),
    ]


@pytest.mark.parametrize(
    ("modifiers", "code", "left"),
    [
        (("/RT", "/LT"), "95861", ()),
        (("/RT", "/RT"), "95860", None),
        (("/RT", "/LT"), "95860", ()),
        (("/RT", ""), "95909", ()),
        (("/RT", "/RT"), "95868", ()),
        (("/59 /50", "/50"), "95861", ("59",)),
    ],
)
def test_a_side_that_is_not_shared_is_no_side_of_the_whole(
    modifiers: tuple[str, str], code: str, left: tuple[str, ...] | None
) -> None:
    one, two = (line(name, f"95860 {each}".strip()) for name, each in zip("ab", modifiers, strict=True))
    edit, *_ = merge((one, two), CODES[code])
    assert edit.modifiers == left


def test_what_is_inside_another_line_leaves_its_reason_there() -> None:
    limited, arm = line("a", "95870 RUE", "x", notes=("3 muscles",)), line("b", "95860 RUE", "y")
    assert [told(edit) for edit in absorb((limited,), (arm,))] == [
        ("remove", "a", ()),
        ("change", "b", ("a",)),
    ]
    assert [told(edit) for edit in absorb((limited,), (arm, line("c", "95861", "x")))] == [
        ("remove", "a", ())
    ]


def test_a_signed_order_takes_over_nothing() -> None:
    assert [
        told(edit) for edit in absorb((line("a", "95870 RUE", "x"),), (line("b", "!95860 RUE", "y"),))
    ] == [("remove", "a", ())]
