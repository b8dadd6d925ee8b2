"""Tests of the orders themselves and of who pays for them."""

from __future__ import annotations

from cds_service.core.case import Order
from cds_service.core.criteria import Test
from cds_service.core.finding import Verdict
from cds_service.engine.criteria.view import NO_VALUES, Found, View, silent


def ordered(test: Test, view: View) -> Found:
    """A line of the session is of one of the kinds, has one of the codes, or says one of the words."""
    session = view.session
    found = []
    codes: set[str] = set()
    for order in session.orders:
        ref = order.ref
        if (
            session.kinds.get(ref, "") in test.lines
            or (
                test.codes
                and (session.codes.get(ref, "") in test.codes or not test.codes.isdisjoint(_codes(order)))
            )
            or (test.words and order.words and any(word in order.words for word in test.words))
        ):
            found.append(ref)
            codes |= test.codes & {session.codes.get(ref, ""), *_codes(order)}
    if not found:
        return silent(test)
    values = {"codes": ", ".join(sorted(codes))} if codes else NO_VALUES
    return Found(Verdict.MET, "ordered", tuple(found), values=values)


def _codes(order: Order) -> list[str]:
    return [coding.code for coding in order.codings]


def payer(test: Test, view: View) -> Found:
    """A payer is named, and one of them uses this guideline."""
    payers = view.case.payers
    if not test.payers.tells(payers):
        return silent(test)
    if test.payers.use(payers):
        return Found(Verdict.MET, "named", ("Coverage",))
    return Found(Verdict.NOT_MET, "another payer is named", ("Coverage",), True)


TESTS = {"ordered": ordered, "payer": payer}
