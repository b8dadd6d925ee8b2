"""Dialect epic: single creates and deletes from a site's preference list, or words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cds_service.content import Roots
from cds_service.core.card import Card
from cds_service.core.case import Site
from cds_service.core.finding import Determination, Evaluation, Result, Step, Verdict
from cds_service.core.hook_call import HookCall
from cds_service.core.scene import Scene
from cds_service.dialects import epic, speakers, text
from cds_service.dialects.wire import Json
from cds_service.errors import ContentError
from tests.unit.dialects.scenes import (
    CPT,
    LINK,
    add,
    as_the_service_goes_on,
    card,
    change,
    offer,
    order,
    reason,
    remove,
    scene,
    stage,
)

ROOTS = Roots.default()
WORDS = text.load(ROOTS)
TABLE = replace(
    epic.load(ROOTS),
    site=epic.Site({"95886": "ITEM-86", "95910": "ITEM-10"}, frozenset({"asIntended", "notApplicable"})),
)
ITEMS = "urn:com.epic.cdshooks.action.code.system.preference-list-item"
HERE = scene(a="95908", b="95909", c="95860")


def said(one: Card, table: epic.Table = TABLE, here: Scene | None = None) -> Json:
    (written,) = epic.build(table, WORDS)([one], here or as_the_service_goes_on(one, HERE))["cards"]
    return dict(written)


def offered(written: Json) -> tuple[str, str | None]:
    """The one action that can be clicked."""
    assert written["selectionBehavior"] == "any"
    (suggestion,) = written["suggestions"]
    assert "isRecommended" not in suggestion
    (action,) = suggestion["actions"]
    return action["type"], action.get("resourceId")


SPOKEN: dict[str, tuple[Card, tuple[str, str | None], str]] = {
    "an order is removed": (
        card(offer(remove("b", "95909"))),
        ("delete", "ServiceRequest/b"),
        "Remove order 2 (95909).",
    ),
    "an order is added": (
        card(offer(add("a", "95910"))),
        ("create", None),
        "date and reasons as in order 1 (95908). Why",
    ),
    "another code is a new order first, the old one is removed when the new one stands": (
        card(offer(change("a", "95908", "95910"))),
        ("create", None),
        "Then sign again to remove order 1 (95908).",
    ),
    "orders are joined in a new one, and removed when it stands": (
        card(offer(remove("b", "95909"), change("a", "95908", "95910"))),
        ("create", None),
        "Then sign again to remove order 1 (95908); remove order 2 (95909).",
    ),
}


@pytest.mark.parametrize(("one", "expected", "told"), SPOKEN.values(), ids=SPOKEN)
def test_a_card_offers_the_next_click_and_tells_the_rest(
    one: Card, expected: tuple[str, str | None], told: str
) -> None:
    written = said(one)
    assert offered(written) == expected
    assert told in written["suggestions"][0]["actions"][0]["description"]
    assert written["detail"] == "Detail"


SWAP = card(offer(change("a", "95908", "95910")))
STANDS: dict[str, tuple[Scene, tuple[str, str | None]]] = {
    "nothing yet": (stage(order("a", "95908")), ("create", None)),
    "another code": (stage(order("a", "95908"), order("n", "95909")), ("create", None)),
    "the new order": (stage(order("a", "95908"), order("n", "95910")), ("delete", "ServiceRequest/a")),
}


@pytest.mark.parametrize(("here", "expected"), STANDS.values(), ids=STANDS)
def test_an_order_that_stands_is_not_made_again(here: Scene, expected: tuple[str, str | None]) -> None:
    assert offered(said(SWAP, here=as_the_service_goes_on(SWAP, here))) == expected


def test_an_order_that_is_already_what_is_wanted_is_not_the_one_removed() -> None:
    joined = card(offer(change("a", "95908", "95910"), remove("n", "95910")))
    here = stage(order("a", "95908"), order("n", "95910"))
    assert offered(said(joined, here=as_the_service_goes_on(joined, here))) == ("delete", "ServiceRequest/a")


def test_what_a_preference_list_left_out_of_a_new_order_is_told_and_not_clicked_again() -> None:
    one = card(offer(change("a", "95908", "95886", units=2)))
    bare = stage(order("a", "95908"), order("n", "95886"))
    written = said(one, here=as_the_service_goes_on(one, bare))
    assert "suggestions" not in written
    assert written["detail"].splitlines()[-2:] == [
        "- In order 2 (95886, complete limb EMG): units 2.",
        "- Remove order 1 (95908).",
    ]


def foresees(*cards: Card) -> Scene:
    """Whatever is clicked, these are the cards of the next answer."""
    return replace(HERE, foresee=lambda call: (cards, replace(HERE, call=call)))


IN_WORDS: dict[str, tuple[Card, Scene | None]] = {
    "choices that exclude each other": (
        card(offer(change("a", "95908", "95910")), offer(change("a", "95908", "95886"))),
        None,
    ),
    "removals that exclude each other": (
        card(offer(remove("a", "95908")), offer(remove("b", "95909"))),
        None,
    ),
    "a code that the site has not mapped": (card(offer(change("a", "95908", "95911"))), None),
    "one of two codes is not mapped": (
        card(offer(add("a", "95911"), change("a", "95908", "95910"))),
        None,
    ),
    "the code stays, only units change": (card(offer(change("a", "95886", "95886", units=2))), None),
    "only the reason changes": (card(offer(reason("a", "M54.1", "M54.16"))), None),
    "an order changes its reason beside one that changes its code": (
        card(offer(change("a", "95908", "95910"), reason("b", "M54.1", "M54.16"))),
        None,
    ),
    "the only order we speak of would go": (card(offer(remove("a", "95908"))), None),
    "another order has the code and other details": (
        SWAP,
        stage(order("a", "95908"), order("n", "95910", quantityQuantity={"value": 3})),
    ),
    "the next answer would not go on": (SWAP, foresees()),
    "the next answer would go on with something else": (SWAP, foresees(card(offer(remove("b", "95909"))))),
    "the next answer is not known": (SWAP, HERE),
    "the old code would be asked for again": (
        card(offer(remove("b", "95910"))),
        replace(
            stage(order("a", "95908"), order("b", "95910")),
            foresee=lambda call: ((card(offer(add("a", "95910"))),), replace(scene(a="95908"), call=call)),
        ),
    ),
    "five clicks": (
        card(offer(change("a", "95908", "95910"), *(remove(name, "95909") for name in "bcde"))),
        stage(order("a", "95908"), *(order(name, "95909") for name in "bcde")),
    ),
    "more orders than can be foreseen in time": (
        SWAP,
        stage(order("a", "95908"), *(order(f"x{number}", "95999") for number in range(20))),
    ),
}
_KNOWN_ANSWERS = {
    "another order has the code and other details",
    "five clicks",
    "more orders than can be foreseen in time",
}


@pytest.mark.parametrize("name", IN_WORDS)
def test_what_cannot_be_clicked_is_said_in_words(name: str) -> None:
    one, here = IN_WORDS[name]
    here = here or HERE
    if IN_WORDS[name][1] is None or name in _KNOWN_ANSWERS:
        here = as_the_service_goes_on(one, here)
    written = said(one, here=here)
    assert not {"suggestions", "selectionBehavior"} & written.keys()
    assert written["detail"] == text.with_instructions(WORDS, one, here)
    assert "To type in" in written["detail"]


def test_no_more_is_foreseen_than_there_is_time_for() -> None:
    asked: list[HookCall] = []
    here = as_the_service_goes_on(SWAP, HERE)

    def foresee(call: HookCall) -> Any:
        asked.append(call)
        return here.foresee(call)

    written = epic.build(TABLE, WORDS)([SWAP] * 10, replace(here, foresee=foresee))["cards"]
    assert ["suggestions" in each for each in written] == [True] * 6 + [False] * 4
    assert len(asked) == 12


def test_each_description_stands_alone_and_promises_only_what_epic_does() -> None:
    written = said(card(offer(change("a", "95908", "95886", units=4, sites=(Site("leg", "left"),)))))
    (suggestion,) = written["suggestions"]
    assert suggestion["label"] == "Add 95886 x 4"
    assert suggestion["actions"][0]["description"] == (
        "New order 95886 (complete limb EMG): opens from the preference list with its own defaults. "
        "Enter by hand: units 4, limbs left leg; date and reasons as in order 1 (95908). "
        "Then sign again to remove order 1 (95908). Why: Summary"
    )
    (suggestion,) = said(card(offer(remove("b", "95909"))))["suggestions"]
    assert suggestion["label"] == "Remove order 2 (95909)"
    assert suggestion["actions"][0]["description"] == "Remove order 2 (95909). Why: Summary"


def test_text_of_the_order_is_made_inert_once() -> None:
    sent = "<b>95908</b> & **x** < y"
    here = stage(order("a", sent), order("b", "95909"))
    one = card(offer(remove("a", sent), add("b", "95910")))
    (suggestion,) = said(one, here=as_the_service_goes_on(one, here))["suggestions"]
    assert "remove order 1 (95908 & x y)." in suggestion["actions"][0]["description"]


COVERED = {"url": "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information"}
LEFT_BEHIND: Json = {
    "extension": [COVERED],
    "modifierExtension": [COVERED],
    "note": [{"text": "see me"}],
    "basedOn": [{"reference": "CarePlan/1"}],
    "replaces": [{"reference": "ServiceRequest/0"}],
    "text": {"status": "generated"},
    "status": "on-hold",
}


def test_a_new_order_is_named_by_its_item_and_leaves_behind_what_is_the_old_ones() -> None:
    swap = change("a", "95908", "95910")
    resource = {**(swap.resource or {}), **LEFT_BEHIND, "reasonCode": [{"text": "weakness"}], "_priority": {}}
    resource["code"] = {
        "coding": [
            {"system": "urn:oid:1.2.840.114350", "code": "61001", "display": "NEEDLE EMG 4 EXTREM"},
            {"system": CPT, "code": "95910", "display": "7-8 studies", "userSelected": True},
        ],
        "text": "NEEDLE EMG 4 EXTREM",
    }
    written = said(card(offer(replace(swap, resource=resource))))
    assert written["suggestions"][0]["actions"][0]["resource"] == {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "code": {
            "coding": [
                {"system": ITEMS, "code": "ITEM-10"},
                {"system": CPT, "code": "95910", "display": "7-8 studies"},
            ]
        },
        "priority": "urgent",
        "_priority": {},
        "reasonCode": [{"text": "weakness"}],
    }


def test_a_new_order_carries_the_contained_resources_it_points_to() -> None:
    swap = change("a", "95908", "95910")
    reason, other = ({"resourceType": "Condition", "id": own} for own in ("c", "d"))
    carried = {"reasonReference": [{"reference": "#c"}], "contained": [reason, other]}
    written = said(card(offer(replace(swap, resource={**(swap.resource or {}), **carried}))))
    resource = written["suggestions"][0]["actions"][0]["resource"]
    assert resource["contained"] == [reason]


def test_only_reasons_that_the_site_has_mapped_are_offered() -> None:
    assert [each["code"] for each in said(card())["overrideReasons"]] == ["asIntended", "notApplicable"]
    nobody = replace(TABLE, site=epic.Site({}, frozenset()))
    assert "overrideReasons" not in said(card(), nobody)


def topic(here: Scene = HERE, **changed: Any) -> str:
    return str(said(replace(card(), **changed), here=here)["source"]["topic"]["code"])


def test_the_topic_is_alphanumeric_and_the_same_for_the_same_advice() -> None:
    assert topic() == "codingC3test195908"
    other_day = replace(HERE, today="2027-01-01")
    assert topic(other_day, summary="Otherwise said") == topic()


OTHER_ADVICE: dict[str, dict[str, Any]] = {
    "another finding": {"finding": "coding:C4"},
    "another pattern beside the first": {"facts": {"patterns": ["C3", "C54"]}},
    "another row": {"facts": {"rows": ["X2"]}},
    "another question": {"facts": {"questions": ["onset"]}},
    "another code ordered": {"orders": ("ServiceRequest/b",)},
    "another code to change to": {"suggestions": (offer(change("a", "95908", "95911")),)},
    "and yet another": {"suggestions": (offer(change("a", "95908", "95912")),)},
    "another reason": {"suggestions": (offer(reason("a", "M54.1", "M54.16")),)},
    "more than fits, but for the last": {"facts": {"questions": ["q" * 110, "one"]}},
    "more than fits, and another last": {"facts": {"questions": ["q" * 110, "two"]}},
}


def test_a_determination_is_told_apart_by_what_decided_it() -> None:
    def decided(by: str, *grounds: str) -> str:
        steps = tuple(
            Step(name, Verdict.MET, "A", "", "seen", ("Condition/1",), criterion=False) for name in grounds
        )
        found = Determination("ncs", ("ServiceRequest/a",), Result.REVIEW, steps, satisfied=(by,))
        here = replace(HERE, evaluation=Evaluation("2026-11-20", (found,)))
        return topic(here, facts={"determination": "REVIEW"})

    topics = {decided("M1"), decided("M2"), decided("M1", "N0.bleeding"), decided("M1", "N0.entrapment")}
    assert len(topics) == 4


def test_other_advice_has_another_topic() -> None:
    topics = {name: topic(**changed) for name, changed in OTHER_ADVICE.items()} | {"": topic()}
    assert len(set(topics.values())) == len(topics), topics
    assert all(each.isascii() and each.isalnum() and len(each) <= 100 for each in topics.values())


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
