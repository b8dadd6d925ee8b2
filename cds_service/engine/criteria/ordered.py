"""Tests of the orders themselves and of who pays for them."""

from __future__ import annotations

from cds_service.core.criteria import Test
from cds_service.core.finding import Verdict
from cds_service.engine.criteria.view import Found, View, silent


def ordered(test: Test, view: View) -> Found:
    """A line of the session is of one of the kinds, has one of the codes, or says one of the words."""
    session = view.session
    found = tuple(
        order.ref
        for order in session.orders
        if session.kinds.get(order.ref, "") in test.lines
        or session.codes.get(order.ref, "") in test.codes
        or any(coding.code in test.codes for coding in order.codings)
        or (test.words and order.words and any(word in order.words for word in test.words))
    )
    return Found(Verdict.MET, "ordered", found) if found else silent(test)


def payer(test: Test, view: View) -> Found:
    """A payer is named, and one of them by one of the words."""
    payers = view.case.payers
    if not payers:
        return silent(test)
    if any(word in name.lower() for name in payers for word in test.words):
        return Found(Verdict.MET, "named", ("Coverage",))
    return Found(Verdict.NOT_MET, "another payer is named", ("Coverage",), True)


TESTS = {"ordered": ordered, "payer": payer}
