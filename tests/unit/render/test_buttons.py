"""What a button says of the change behind it, as a table; and what it says where there is no room."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from cds_service import pipeline
from cds_service.content import Roots
from cds_service.core.finding import Choice, Correction, DiagnosisCorrection, Edit, Evaluation, Mode
from cds_service.core.offer import Action, Draft, Offer, Topic
from cds_service.render.book import Book
from cds_service.render.buttons import LONGEST, buttons


@cache
def book() -> Book:
    return pipeline.load(Roots.default()).book


def change(order: str, old: str, new: str, units: int = 1) -> Edit:
    return Edit("change", order, new, units, replaces=old, meant=old)


def remove(order: str) -> Edit:
    return Edit("remove", order)


def create(code: str) -> Edit:
    return Edit("create", "a", code)


def reason(*old: str, to: tuple[str, ...]) -> DiagnosisCorrection:
    return DiagnosisCorrection("row", Mode.FIX, "a", old, (to,))


TYPES = {"change": "update", "remove": "delete", "create": "create"}


def said(
    sent: Mapping[str, str],
    edits: tuple[Edit, ...] = (),
    reasons: tuple[DiagnosisCorrection, ...] = (),
    *,
    choices: tuple[tuple[Edit, ...], ...] = (),
    labels: Mapping[str, str] | None = None,
) -> str:
    """The button of one offer; ``choices``: what corrections of the card may come to, one unless told."""
    ways = choices or ((edits,) if edits else ())
    orders = tuple(dict.fromkeys(edit.order for way in ways for edit in way))
    corrections = tuple(Correction("C", Mode.FIX, orders, (Choice(way),)) for way in ways)
    actions = [Action(TYPES[edit.action], edit.order, (edit,)) for edit in edits]
    if reasons:
        actions.append(Action("update", "a", (), tuple((each, each.choices[0]) for each in reasons)))
    topic = Topic(orders or ("a",), corrections, reasons, (), (), Mode.FIX)
    draft = Draft(Evaluation("2026-11-22"), (topic,), sent)
    (text,) = buttons(
        book(), topic, [Offer(tuple(actions))], draft, lambda code: (labels or {}).get(code, "")
    )
    return text


TWO = {"a": "95909", "b": "95910"}
CODES = [
    ({"a": "95860"}, (change("a", "95860", "95886", 2),), "Change to 95886 x 2"),
    ({"a": "95937 x 2"}, (change("a", "95937", "95937"),), "Change to 95937 x 1"),
    (
        {"a": "95864"},
        (change("a", "95864", "95886", 4), create("95909")),
        "Change to 95886 x 4 and add 95909",
    ),
    (TWO, (change("a", "95909", "95912"), remove("b")), "Merge 95909 + 95910 into 95912"),
    ({"a": "95909"}, (create("95886"),), "Add 95886"),
    (TWO, (remove("b"),), "Remove 95910"),
    ({"a": "95860", "b": "95860"}, (remove("b"),), "Remove one 95860, keep the other"),
    ({"a": "95860", "b": "95860", "c": "95860"}, (remove("b"), remove("c")), "Remove 95860"),
]


@pytest.mark.parametrize(("sent", "edits", "text"), CODES)
def test_a_button_says_what_becomes_of_codes(
    sent: dict[str, str], edits: tuple[Edit, ...], text: str
) -> None:
    assert said(sent, edits) == text


def test_two_corrections_are_not_called_a_merger() -> None:
    one, two = change("a", "95860", "95886"), remove("b")
    sent = {"a": "95860", "b": "95870"}
    assert said(sent, (one, two), choices=((one,), (two,))) == "Change 95860 to 95886; remove 95870"


def test_many_merged_lines_are_said_short() -> None:
    sent = {name: f"CPT 9590{number}-59 x 4" for number, name in enumerate("abcdefgh")}
    edits = (change("a", "95904", "95913"), *map(remove, "bcdefgh"))
    assert said(sent, edits) == "One line: 95913, remove the rest"


REASONS = [
    ((reason("G12.2", to=("G12.21",)),), "Change reason G12.2 to G12.21 ALS"),
    ((reason("M54.16", "M51.16", to=("M51.16",)),), "Keep reason M51.16, remove M54.16"),
    ((reason("G63", "E85.4", to=("E85.4", "G63")),), "Change reason G63 + E85.4 to E85.4 + G63"),
    ((reason("R53.1", to=()),), "Remove reason R53.1"),
    ((reason("G12.2", to=("G12.2x",)),), "Change reason G12.2 to G12.2x"),
]


@pytest.mark.parametrize(("reasons", "text"), REASONS)
def test_a_button_says_what_becomes_of_reasons(reasons: tuple[DiagnosisCorrection, ...], text: str) -> None:
    assert said({"a": "95886"}, reasons=reasons, labels={"G12.21": "ALS", "E85.4": "amyloidosis"}) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (100, "Change reason M51.36 to M51.369 "),
        (115, "M51.36 → M51.369 "),
        (135, "Change reason M51.36 to M51.369"),
    ],
)
def test_a_label_stands_on_the_button_while_it_has_room(length: int, text: str) -> None:
    label = "x" * length
    button = said({"a": "95886"}, reasons=(reason("M51.36", to=("M51.369",)),), labels={"M51.369": label})
    assert button == text + (label if text.endswith(" ") else "")
    assert len(button) <= LONGEST


def test_codes_and_reasons_are_joined_in_one_line() -> None:
    edits = (change("a", "95860", "95886"),)
    button = said({"a": "95860"}, edits, (reason("G56.0", to=("G56.01",)),), labels={"G56.01": "right"})
    assert button == "Change to 95886; change reason G56.0 to G56.01 right"


def test_procedure_codes_are_named_where_there_is_something_to_choose() -> None:
    ways = ((change("a", "95870", "95885"),), (change("a", "95870", "95887"),))
    corrections = (Correction("C", Mode.ASK, ("a",), tuple(map(Choice, ways))),)
    topic = Topic(("a",), corrections, (), (), (), Mode.ASK)
    draft = Draft(Evaluation("2026-11-22"), (topic,), {"a": "95870"})
    offers = [Offer((Action("update", "a", way),)) for way in ways]
    named = {"95885": "limb", "95887": "trunk"}
    assert buttons(book(), topic, offers, draft, named.__getitem__) == [
        "Change to 95885 (limb)",
        "Change to 95887 (trunk)",
    ]
    assert buttons(book(), topic, offers[:1], draft, named.__getitem__) == ["Change to 95885"]
    assert buttons(book(), topic, offers, draft, lambda code: code * 30)[0] == "Change to 95885"
