"""Tests of the orders themselves and of who pays for them."""

from __future__ import annotations

from cds_service.core.case import Order
from cds_service.core.criteria import Test
from cds_service.core.finding import Verdict
from cds_service.engine.criteria.view import Found, View, silent


def ordered(test: Test, view: View) -> Found:
    """A line of the session is of one of the kinds, has one of the codes, or says one of the words."""
    session = view.session
    found = []
    for order in session.orders:
        ref = order.ref
        if (
            session.kinds.get(ref, "") in test.lines
            or (test.codes and (session.codes.get(ref, "") in test.codes or _names_one(order, test.codes)))
            or (test.words and order.words and any(word in order.words for word in test.words))
        ):
            found.append(ref)
    return Found(Verdict.MET, "ordered", tuple(found)) if found else silent(test)


def _names_one(order: Order, codes: frozenset[str]) -> bool:
    return any(coding.code in codes for coding in order.codings)


def payer(test: Test, view: View) -> Found:
    """A payer is named, and one of them uses this guideline."""
    payers = view.case.payers
    if not test.payers.tells(payers):
        return silent(test)
    if test.payers.use(payers):
        return Found(Verdict.MET, "named", ("Coverage",))
    return Found(Verdict.NOT_MET, "another payer is named", ("Coverage",), True)


TESTS = {"ordered": ordered, "payer": payer}
