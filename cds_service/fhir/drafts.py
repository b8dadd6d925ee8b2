"""Which draft orders there are, and what each is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cds_service.core.case import Gap
from cds_service.fhir.elements import JsonObject, as_text
from cds_service.fhir.search import Found


@dataclass(frozen=True, slots=True)
class Named:
    """One draft order. ``ref``: see :class:`~cds_service.core.case.Order`; ``id``: its own, ``""`` for none.

    ``gap``: that its id means other orders too.
    """

    ref: str
    id: str
    found: Found
    gap: Gap | None = None


def named(drafts: Iterable[Found]) -> Iterator[Named]:
    """The draft orders; one that was sent twice without a difference is one order."""
    by_id: dict[str, list[tuple[int, Found]]] = {}
    for index, found in enumerate(drafts):
        own = id_of(found.resource)
        known = by_id.setdefault(own, [])
        if not own or all(found.resource != other.resource for _, other in known):
            known.append((index, found))
    orders = [(index, found, own, len(known) > 1) for own, known in by_id.items() for index, found in known]
    for index, found, own, shared in sorted(orders, key=lambda order: order[0]):
        if not own:
            yield Named(f"#{index}", "", found)
        elif shared:
            gap = Gap(f"{found.path}.id", "is that of another order too")
            yield Named(f"ServiceRequest/{own}#{index}", own, found, gap)
        else:
            yield Named(f"ServiceRequest/{own}", own, found)


def id_of(order: JsonObject) -> str:
    """The id by which an order can be named; ``""``: it has none."""
    own = as_text(order.get("id"))
    return "" if "#" in own else own
