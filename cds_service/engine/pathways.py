"""Which lines of a session are judged by which pathway."""

from __future__ import annotations

from cds_service.core.criteria import Pathway
from cds_service.core.finding import Verdict
from cds_service.engine.candidates import Bench
from cds_service.engine.criteria.view import View

_MAY_JOIN = ("needle", "conduction")


def pathway_lines(bench: Bench) -> dict[str, tuple[str, ...]]:
    """References of the order lines by pathway id, in the order of the session; each line once.

    A line that is out of scope where it belongs does not join another pathway.
    """
    view = bench.view
    kinds = view.session.kinds
    ours = [(order.ref, kind) for order in view.session.orders if (kind := kinds.get(order.ref))]
    takers = view.criteria.takers.get(frozenset([kind for _, kind in ours]), {})
    joined = [each for each in view.criteria.pathways if not each.joins.isdisjoint(view.reasons)]
    if joined:
        scopes = {each.scope for each in view.criteria.pathways if each.scope}
        if any(bench.judged(scope).verdict is Verdict.NOT_MET for scope in scopes):
            joined = []
    lines: dict[str, tuple[str, ...]] = {}
    for ref, kind in ours:
        home = takers.get(kind, "")
        if joined and kind in _MAY_JOIN:
            home = next((each.id for each in joined if _joins(each, ref, view)), home)
        lines[home] = (*lines.get(home, ()), ref)
    return lines


def _joins(pathway: Pathway, ref: str, view: View) -> bool:
    """By the line's own reasons, or, where it has none, by those of the session."""
    own = [concept for concept in view.concepts if concept.order == ref]
    return not own or any(not pathway.joins.isdisjoint(concept.groups) for concept in own)
