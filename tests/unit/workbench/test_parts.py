"""The smaller parts: Markdown, changes, the list and the tour, vendored files."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.core.finding import Correction, Determination, Evaluation, Mode, Notice, Result
from cds_service.workbench import markdown, scenario_change, scenario_list, vendor
from cds_service.workbench.scenario_cards import chosen, key_of, override
from cds_service.workbench.scenario_orders import OrderRow
from tests import loaded

CHECKOUT = Path(__file__).resolve().parents[3]
CARDS = [
    {"summary": "one", "suggestions": [{"label": "a"}, {"label": "b"}], "overrideReasons": [{"code": "r"}]},
    {"summary": "two", "suggestions": [{"label": "a"}]},
]


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("a **b**", "<p>a <strong>b</strong></p>"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](data:text/html,x)", "<p>[x](data:text/html,x)</p>"),
        ("[x](https://example.org)", '<p><a href="https://example.org">x</a></p>'),
        ("![x](https://example.org/x.png)", '<p>!<a href="https://example.org/x.png">x</a></p>'),
    ],
)
def test_markdown_becomes_safe_html(source: str, html: str) -> None:
    assert str(markdown.to_html(source)).strip() == html


def test_a_table_of_markdown_is_a_table() -> None:
    assert "<table>" in markdown.to_html("| a |\n| --- |\n| b |")


def test_a_key_names_its_suggestion_only_while_it_says_the_same() -> None:
    key = key_of(CARDS, 0, 1)
    assert chosen(CARDS, key) == (0, 1)
    assert chosen([{**CARDS[0], "summary": "else"}], key) is None
    assert chosen(CARDS[:0], key) is None
    assert chosen(CARDS, key_of(CARDS, 1, 0).replace("1:", "0:", 1)) is None


def test_an_override_reason_is_sent_as_the_card_offered_it() -> None:
    assert override(CARDS[0], "0") == {"code": "r"}
    assert override(CARDS[0], "1") is None


def evaluation(*corrections: tuple[str, Mode], result: Result = Result.MET) -> Evaluation:
    return Evaluation(
        as_of="2026-11-20",
        determinations=(Determination("emg", ("a",), result),),
        corrections=tuple(Correction(name, mode, ("a",), ()) for name, mode in corrections),
        notices=(Notice("D1", ("a",)),),
    )


def row(ref: str, code: str, limbs: tuple[str, ...] = (), field: str = "order-0") -> OrderRow:
    return OrderRow(field, ref, code, "", "1", limbs, 0, "")


def test_a_change_says_what_is_gone_what_is_new_and_what_moved() -> None:
    before = evaluation(("C01", Mode.FIX), ("C15", Mode.ASK), result=Result.NEED_INFO)
    after = evaluation(("C15", Mode.FIX), ("C20", Mode.ASK))
    change = scenario_change.change("t", ({"a": 1}, {"a": 2}), ((), ()), (before, after))
    assert (change.gone, change.new) == (("C01",), ("C20",))
    assert change.moved == ("emg: NEED-INFO became MET", "C15: ASK became FIX")
    assert [(line.mark, line.text) for line in change.lines] == [
        ("same", "{"), ("removed", '  "a": 1'), ("added", '  "a": 2'), ("same", "}"),
    ]  # fmt: skip


def test_orders_that_only_moved_up_the_list_are_not_said_to_have_changed() -> None:
    before = (row("x", "1"), row("y", "2", field="order-1"), row("z", "3", ("RUE",), field="order-2"))
    after = (row("y", "2"), row("z", "3", ("LUE",), field="order-1"), row("n", "4", field="order-2"))
    assert scenario_change.orders(before, after) == (
        "x is removed (it was 1)",
        "z: right arm became left arm",
        "n is new: 4",
    )


def test_the_tour_leads_to_scenarios_that_are_there_and_every_scenario_has_a_heading() -> None:
    listed = [scenario_list.listed(each) for each in loaded.scenarios().values()]
    tour = scenario_list.tour()
    assert {first.scenario for first in tour.firsts} <= {each.name for each in listed}
    headed = scenario_list.headed(listed, tour)
    assert sorted(each.name for _, group in headed for each in group) == sorted(each.name for each in listed)


def test_a_search_wants_every_word_and_finds_codes_and_ids() -> None:
    listed = [scenario_list.listed(each) for each in loaded.scenarios().values()]
    names = {each.name for each in scenario_list.found(listed, "95864 c01")}
    assert "c01-four-limbs-with-conduction" in names
    assert names < {each.name for each in scenario_list.found(listed, "95864")}
    assert len(scenario_list.found(listed, "")) == len(listed)


@pytest.mark.parametrize("root", [vendor.SHIPPED, CHECKOUT / "tests" / "browser" / "vendor"])
def test_vendored_files_are_what_was_taken_in(root: Path) -> None:
    assert vendor.problems(root) == []


def test_a_vendored_file_that_was_touched_or_added_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "thing"
    folder.mkdir()
    assert vendor.problems(tmp_path) == ["thing: VENDOR.toml is missing; write where the files come from"]
    (folder / "VENDOR.toml").write_text(
        'name = "thing"\nversion = "1"\nlicence = "MIT"\n[sha256]\n"x.js" = "0"\n'
    )
    (folder / "y.js").write_text("")
    (folder / "x.js").write_text("")
    assert [line.partition(" (")[0] for line in vendor.problems(tmp_path)] == [
        "thing: npm is missing; add it",
        "thing: its licence is missing; copy it from the package",
        "thing: y.js is not listed; list it or remove it",
        "thing: x.js is not what was taken in",
    ]
