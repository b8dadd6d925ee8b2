"""Which lines of a session are judged by which pathway."""

from __future__ import annotations

from cds_service.core.criteria import Pathway
from cds_service.engine.criteria.view import View


def pathway_lines(pathways: tuple[Pathway, ...], view: View) -> dict[str, tuple[str, ...]]:
    """References of the order lines by pathway id, in the order of the session; each line once."""
    kinds = view.session.kinds
    free = {order.ref: kind for order in view.session.orders if (kind := kinds.get(order.ref, ""))}
    present = set(free.values())
    # Of the pathways that find all their kinds in the session, the first takes the line.
    takers = {kind: pathway.id for pathway in reversed(pathways) if pathway.takes <= present for kind in pathway.takes}
    joining = [pathway for pathway in pathways if not pathway.joins.isdisjoint(view.reasons)]
    lines: dict[str, tuple[str, ...]] = {}
    for ref, kind in free.items():
        home = next((each.id for each in joining if _joins(each, ref, view)), takers.get(kind, ""))
        lines[home] = (*lines.get(home, ()), ref)
    return lines


def _joins(pathway: Pathway, ref: str, view: View) -> bool:
    """By the line's own reasons, or, where it has none, by those of the session."""
    if view.session.kinds[ref] not in ("needle", "conduction"):
        return False
    own = [concept for concept in view.concepts if concept.order == ref]
    return not own or any(not pathway.joins.isdisjoint(concept.groups) for concept in own)
