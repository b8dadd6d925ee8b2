"""Orders whose billing code is still a choice: the first that needs no correction is taken as meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product

from cds_service.core.case import Case
from cds_service.core.finding import Evaluation
from cds_service.core.guideline import Knowledge
from cds_service.engine.evaluate import evaluate, lines_of

MOST_TRIED = 32


def settle(knowledge: Knowledge, case: Case) -> Case:
    """The case with billing options that agree; as it is when there is no choice or none agrees."""
    open_orders = frozenset([order.ref for order in case.orders if order.options])
    if not open_orders or not _is_corrected(evaluate(knowledge, case), open_orders):
        return case
    named = {line.ref for line in lines_of(knowledge, case)}
    for chosen in islice(_choices(case), MOST_TRIED):
        lines = lines_of(knowledge, chosen)
        is_whole = {line.ref for line in lines} == named
        if is_whole and not _is_corrected(evaluate(knowledge, chosen, lines), open_orders):
            return chosen
    return case


def _choices(case: Case) -> Iterator[Case]:
    """The case with every combination of options."""
    for codings in product(*[order.options or (order.codings,) for order in case.orders]):
        pairs = zip(case.orders, codings, strict=True)
        yield replace(case, orders=tuple([replace(order, codings=each) for order, each in pairs]))


def _is_corrected(evaluation: Evaluation, orders: frozenset[str]) -> bool:
    return any(not orders.isdisjoint(item.orders) for item in evaluation.corrections)
