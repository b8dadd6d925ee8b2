"""One picture per group of connected orders, and suggestions that never undo each other."""

from __future__ import annotations

from dataclasses import replace

from cds_service.core.finding import Choice, Correction, DiagnosisCorrection, Edit, Mode
from cds_service.engine.picture import Picture, pictures

FIX, ASK = Mode.FIX, Mode.ASK


def change(order: str, code: str, units: int = 1, *, date: str = "") -> Edit:
    return Edit("change", order, code, units, date=date, replaces="old", stays=bool(date))


def remove(order: str) -> Edit:
    return Edit("remove", order, replaces="old")


def keep(order: str) -> Edit:
    return Edit("keep", order, "old", replaces="old")


def correction(pattern: str, mode: Mode, *choices: tuple[Edit, ...], default: int = -1) -> Correction:
    orders = tuple(dict.fromkeys(e.order for edits in choices for e in edits if e.action != "create"))
    written = tuple(
        Choice(edits, applicable=any(edit.action != "keep" for edit in edits)) for edits in choices
    )
    return Correction(pattern, mode, orders, written, about=orders, default=0 if mode is FIX else default)


def reason(row: str, mode: Mode, order: str, *codes: str, default: int = -1) -> DiagnosisCorrection:
    return DiagnosisCorrection(
        row, mode, order, ("old",), tuple((code,) for code in codes), ((0, 0),), default=default
    )


def drawn(*items: Correction | DiagnosisCorrection, orders: str = "abcd") -> tuple[Picture, ...]:
    codes = [item for item in items if isinstance(item, Correction)]
    reasons = [item for item in items if isinstance(item, DiagnosisCorrection)]
    return pictures(codes, reasons, tuple(orders))


def said(picture: Picture) -> list[tuple[set[tuple[str, str, str]], bool]]:
    """Per suggestion: what it does to which order, and whether it is recommended."""
    return [
        (
            {(edit.action, edit.order, edit.code) for edit in suggestion.edits}
            | {("reason", change[0].order, "+".join(change[1])) for change in suggestion.diagnoses},
            suggestion.recommended,
        )
        for suggestion in picture.suggestions
    ]


def test_corrections_of_unconnected_orders_are_two_pictures() -> None:
    one, two = drawn(correction("B", FIX, (change("b", "2"),)), correction("A", FIX, (change("a", "1"),)))
    assert (one.orders, two.orders) == (("a",), ("b",))


def test_orders_that_are_not_on_the_list_come_last() -> None:
    (picture,) = drawn(correction("A", ASK, (change("x", "1"), change("y", "2"), change("a", "3"))))
    assert picture.orders == ("a", "x", "y")


def test_corrections_that_share_an_order_are_one_picture() -> None:
    (picture,) = drawn(
        correction("A", FIX, (change("a", "1"),)),
        correction("B", FIX, (change("b", "2"),)),
        correction("AB", ASK, (change("a", "1"), keep("b"))),
    )
    assert picture.orders == ("a", "b")
    assert picture.mode is ASK


def test_the_same_row_about_two_orders_is_one_picture() -> None:
    (picture,) = drawn(reason("R", FIX, "a", "new"), reason("R", FIX, "b", "new"))
    assert said(picture) == [({("reason", "a", "new"), ("reason", "b", "new")}, True)]
    assert picture.mode is FIX


def test_all_that_is_certain_is_one_recommended_suggestion() -> None:
    (picture,) = drawn(correction("A", FIX, (change("a", "1"), remove("b"))), reason("R", FIX, "a", "new"))
    assert said(picture) == [({("change", "a", "1"), ("remove", "b", ""), ("reason", "a", "new")}, True)]


def test_one_question_by_several_rows_is_asked_once() -> None:
    (picture,) = drawn(reason("R", ASK, "a", "1", "2"), reason("S", ASK, "a", "1", "2"))
    assert [len(suggestion.diagnoses) for suggestion in picture.suggestions] == [1, 1]
    assert said(picture) == [({("reason", "a", "1")}, False), ({("reason", "a", "2")}, False)]


def test_a_choice_states_all_that_becomes_of_its_codes() -> None:
    """A certain change of the same reason waits, one of another reason comes along."""
    other = replace(reason("T", FIX, "a", "else"), positions=((1, 0),))
    (picture,) = drawn(reason("R", FIX, "a", "certain"), other, reason("S", ASK, "a", "1"))
    assert said(picture) == [
        ({("reason", "a", "certain"), ("reason", "a", "else")}, True),
        ({("reason", "a", "1"), ("reason", "a", "else")}, False),
    ]


def test_a_question_carries_what_is_certain_about_other_orders() -> None:
    (picture,) = drawn(
        correction("A", FIX, (change("a", "1"),)),
        correction("AB", ASK, (keep("a"), change("b", "2")), (keep("a"), change("b", "3"))),
    )
    (certain, _), (two, _), (three, _) = said(picture)
    assert certain == {("change", "a", "1")}
    assert two == {("change", "b", "2")} or two == {("change", "a", "1"), ("change", "b", "2")}
    assert ("change", "b", "3") in three


def test_a_correction_of_two_orders_is_made_whole_or_not_at_all() -> None:
    (picture,) = drawn(
        correction("SUM", FIX, (change("a", "sum"), remove("b"))),
        correction("ASK", ASK, (change("a", "other"),)),
    )
    assert [edits for edits, _ in said(picture)] == [
        {("change", "a", "sum"), ("remove", "b", "")},
        {("change", "a", "other")},
    ]


def test_two_certain_corrections_never_write_one_order_twice() -> None:
    (picture,) = drawn(
        correction("FIRST", FIX, (change("a", "1"),)),
        correction("SECOND", FIX, (change("a", "2"), remove("b"))),
    )
    assert [edits for edits, _ in said(picture)] == [{("change", "a", "1")}]


def test_patterns_that_hold_together_are_suggested_once() -> None:
    (picture,) = drawn(
        correction("A", ASK, (change("a", "1"),), (change("a", "2"),)),
        correction("B", ASK, (change("a", "1"),), (change("a", "2"),)),
    )
    assert [edits for edits, _ in said(picture)] == [{("change", "a", "1")}, {("change", "a", "2")}]


def test_a_move_to_another_day_joins_the_change_of_the_order() -> None:
    (picture,) = drawn(
        correction("A", FIX, (change("a", "1"),)), correction("MOVE", FIX, (change("a", "old", date="day"),))
    )
    (suggestion,) = picture.suggestions
    assert suggestion.edits == (replace(change("a", "1"), date="day"),)


def test_reasons_that_an_order_takes_over_join_its_change() -> None:
    taking = Edit("change", "b", "old", replaces="old", takes=("a",), stays=True)
    (picture,) = drawn(correction("A", FIX, (remove("a"), taking)), correction("B", FIX, (change("b", "1"),)))
    (suggestion,) = picture.suggestions
    assert suggestion.edits == (remove("a"), replace(change("b", "1"), takes=("a",)))


def test_nothing_is_taken_over_by_an_order_that_goes_itself() -> None:
    taking = Edit("change", "b", "old", replaces="old", takes=("a",), stays=True)
    (picture,) = drawn(correction("A", FIX, (remove("a"), taking)), correction("B", FIX, (remove("b"),)))
    assert said(picture) == [({("remove", "a", ""), ("remove", "b", "")}, True)]


def test_reasons_of_an_order_that_goes_are_not_corrected() -> None:
    (picture,) = drawn(
        correction("A", FIX, (change("a", "1"), remove("b"))),
        reason("R", FIX, "b", "new"),
        reason("Q", ASK, "b", "x", "y"),
    )
    assert said(picture) == [({("change", "a", "1"), ("remove", "b", "")}, True)]


def test_the_same_question_about_two_orders_is_answered_at_once() -> None:
    (picture,) = drawn(reason("Q", ASK, "a", "x", "y", default=0), reason("Q", ASK, "b", "x", "y", default=0))
    assert said(picture) == [
        ({("reason", "a", "x"), ("reason", "b", "x")}, False),
        ({("reason", "a", "y"), ("reason", "b", "y")}, False),
    ]


def test_only_what_is_certain_is_recommended() -> None:
    (picture,) = drawn(
        correction("A", FIX, (change("a", "1"),)),
        correction("AB", ASK, (keep("a"), change("b", "2")), default=0),
        reason("Q", ASK, "b", "x", default=0),
    )
    assert [recommended for _, recommended in said(picture)] == [True, False, False]


def test_a_choice_that_changes_nothing_is_no_suggestion() -> None:
    (picture,) = drawn(correction("A", ASK, (keep("a"),), (change("a", "1"),)))
    assert [edits for edits, _ in said(picture)] == [{("change", "a", "1")}]
