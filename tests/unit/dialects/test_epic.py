"""Dialect epic: single creates and deletes from a site's preference list, or words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cds_service.content import Roots
from cds_service.core.card import Card
from cds_service.dialects import epic, speakers, text
from cds_service.dialects.wire import Json
from cds_service.errors import ContentError
from tests.unit.dialects.scenes import CPT, LINK, add, card, change, offer, reason, remove, scene

ROOTS = Roots.default()
WORDS = text.load(ROOTS)
TABLE = replace(
    epic.load(ROOTS),
    site=epic.Site({"95886": "ITEM-86", "95910": "ITEM-10"}, frozenset({"asIntended", "notApplicable"})),
)
ITEMS = "urn:com.epic.cdshooks.action.code.system.preference-list-item"
HERE = scene(a="95908", b="95909")


def said(one: Card, table: epic.Table = TABLE) -> Json:
    (written,) = epic.build(table, WORDS)([one], HERE)["cards"]
    return dict(written)


def actions(written: Json) -> list[Any]:
    return [
        (each["type"], each.get("resourceId")) for one in written["suggestions"] for each in one["actions"]
    ]


SPOKEN: dict[str, tuple[Card, list[tuple[str, str | None]]]] = {
    "an order is removed": (card(offer(remove("b", "95909"))), [("delete", "ServiceRequest/b")]),
    "an order is added": (card(offer(add("a", "95910"))), [("create", None)]),
    "another code is a new order and the old one removed": (
        card(offer(change("a", "95908", "95910"))),
        [("create", None), ("delete", "ServiceRequest/a")],
    ),
    "orders are joined": (
        card(offer(remove("b", "95909"), change("a", "95908", "95910"))),
        [("delete", "ServiceRequest/b"), ("create", None), ("delete", "ServiceRequest/a")],
    ),
}


@pytest.mark.parametrize(("one", "expected"), SPOKEN.values(), ids=SPOKEN)
def test_a_correction_in_single_actions(one: Card, expected: list[tuple[str, str | None]]) -> None:
    written = said(one)
    assert actions(written) == expected
    assert written["selectionBehavior"] == "any"
    assert all(len(each["actions"]) == 1 and "isRecommended" not in each for each in written["suggestions"])
    assert written["detail"] == "Detail"


IN_WORDS: dict[str, Card] = {
    "choices that exclude each other": card(
        offer(change("a", "95908", "95910")), offer(change("a", "95908", "95886"))
    ),
    "removals that exclude each other": card(offer(remove("a", "95908")), offer(remove("b", "95909"))),
    "a code that the site has not mapped": card(offer(change("a", "95908", "95911"))),
    "one of two codes is not mapped": card(offer(add("a", "95911"), change("a", "95908", "95910"))),
    "the code stays, only units change": card(offer(change("a", "95886", "95886", units=2))),
    "only the reason changes": card(offer(reason("a", "M54.1", "M54.16"))),
    "an order changes its reason beside one that changes its code": card(
        offer(change("a", "95908", "95910"), reason("b", "M54.1", "M54.16"))
    ),
}


@pytest.mark.parametrize("one", IN_WORDS.values(), ids=IN_WORDS)
def test_what_cannot_be_clicked_is_said_in_words(one: Card) -> None:
    written = said(one)
    assert not {"suggestions", "selectionBehavior"} & written.keys()
    assert written["detail"] == text.with_instructions(WORDS, one, HERE)
    assert "To type in" in written["detail"]


def test_each_description_stands_alone_and_says_that_all_belong_together() -> None:
    written = said(card(offer(remove("b", "95909"), change("a", "95908", "95910", units=1))))
    together = " Goes together with the other changes of this card: take all 3 or none."
    assert [each["actions"][0]["description"] for each in written["suggestions"]] == [
        f"Remove ServiceRequest/b (95909).{together}",
        (
            "New order in place of ServiceRequest/a (95908), everything not named here as there: "
            f"code 95910 instead of 95908, units 1.{together}"
        ),
        f"Remove ServiceRequest/a (95908).{together}",
    ]
    assert [each["label"] for each in written["suggestions"]] == [
        "Remove 95909 (ServiceRequest/b)",
        "Add 95910 (for ServiceRequest/a)",
        "Remove 95908 (ServiceRequest/a)",
    ]


def test_two_are_taken_both_and_one_needs_no_word_of_it() -> None:
    two = said(card(offer(change("a", "95908", "95910"))))["suggestions"]
    assert all("take both or none" in each["actions"][0]["description"] for each in two)
    (one,) = said(card(offer(remove("b", "95909"))))["suggestions"]
    assert one["actions"][0]["description"] == "Remove ServiceRequest/b (95909)."


def test_a_new_order_is_named_by_its_item_and_leaves_behind_what_is_the_old_ones() -> None:
    first, _ = said(card(offer(change("a", "95908", "95910"))))["suggestions"]
    resource = first["actions"][0]["resource"]
    assert resource["code"]["coding"] == [
        {"system": ITEMS, "code": "ITEM-10"},
        {"system": CPT, "code": "95910"},
    ]
    assert resource["priority"] == "urgent"
    assert not {"id", "meta", "identifier", "text"} & resource.keys()


def test_only_reasons_that_the_site_has_mapped_are_offered() -> None:
    assert [each["code"] for each in said(card())["overrideReasons"]] == ["asIntended", "notApplicable"]
    nobody = replace(TABLE, site=epic.Site({}, frozenset()))
    assert "overrideReasons" not in said(card(), nobody)


def test_the_topic_is_alphanumeric_and_the_same_for_the_same_advice() -> None:
    one, two = said(card(offer(remove("b", "95909")))), said(card(offer(change("a", "95908", "95911"))))
    assert one["source"]["topic"]["code"] == two["source"]["topic"]["code"] == "codingC3test1"


def test_links_stay() -> None:
    assert [link["url"] for link in said(card(links=(LINK,)))["links"]] == [LINK.url]


def test_as_shipped_no_site_is_in_use() -> None:
    assert epic.load(ROOTS).site == epic.Site({}, frozenset())


def test_the_example_table_is_synthetic() -> None:
    example = epic.load(ROOTS, "example").site
    assert example.items
    assert all(item.startswith("EXAMPLE-") for item in example.items.values())


def test_a_site_without_table_is_refused() -> None:
    with pytest.raises(ContentError, match="nowhere is no site"):
        speakers.load(ROOTS, epic_site="nowhere")


WRONG: dict[str, tuple[str, str, str]] = {
    "an unknown hole": ("{{ order }}", "{{ colour }}", "colour"),
    "an unknown key": ('site = ""', 'sites_of = ""', "sites_of"),
    "a reason that no client could map": ('"asIntended"', '"as intended"', "reasons"),
}


@pytest.mark.parametrize(("right", "wrong", "named"), WRONG.values(), ids=WRONG)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, right: str, wrong: str, named: str) -> None:
    (tmp_path / "cards" / "dialects").mkdir(parents=True)
    (tmp_path / "cards" / "schema").symlink_to(ROOTS.cards / "schema")
    good = (ROOTS.cards / "dialects" / "epic.toml").read_text(encoding="utf-8")
    assert right in good
    (tmp_path / "cards" / "dialects" / "epic.toml").write_text(good.replace(right, wrong), encoding="utf-8")
    with pytest.raises(ContentError, match=named):
        epic.load(Roots.at(tmp_path))
