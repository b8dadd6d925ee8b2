"""What this check could not use, in the words of who reads the card."""

from __future__ import annotations

import re

from cds_service.core.case import Gap
from cds_service.core.offer import Draft
from cds_service.render.book import Book

MOST_SHOWN = 4
_CHART = "prefetch"
_ORDER = re.compile(r"(context\.draftOrders\.entry\[\d+\]\.resource)(?:\.([A-Za-z]+))?")
_KEY = re.compile(r"prefetch\.([^.\[]+)(.*)", re.DOTALL)


def line(book: Book, draft: Draft) -> str:
    """One line that names the first :data:`MOST_SHOWN` gaps; ``""`` when there is none to name."""
    named = list(dict.fromkeys(said for gap in draft.gaps if (said := _said(book, draft, gap))))
    if not named:
        return ""
    shown = book.labels["gaps"]["join"]({}).join(named[:MOST_SHOWN])
    if len(named) > MOST_SHOWN:
        shown += book.labels["more"]["options"]({"count": len(named) - MOST_SHOWN})
    return book.labels["detail"]["gaps"]({"gaps": shown})


def _said(book: Book, draft: Draft, gap: Gap) -> str:
    words = book.labels["gaps"]
    if order := _ORDER.match(gap.path):
        number = draft.places.get(order[1])
        place = book.labels["line"]["order"]({"number": number}) if number else words["orders"]({})
        if not order[2]:
            return words["whole"]({"place": place, "what": gap.what})
        element = book.labels["elements"].get(order[2])
        return words["part"]({"first": element({}), "place": place, "what": gap.what}) if element else ""
    place, inside = _chart(book, gap.path)
    if not place:
        return ""
    return words["entry" if inside else "whole"]({"place": place, "what": gap.what})


def _chart(book: Book, path: str) -> tuple[str, bool]:
    """What a place of the chart is called, and whether a part of it is meant; ``""``: nothing looks at it."""
    places = book.labels["places"]
    key = _KEY.match(path)
    if key is None:
        return (places["chart"] if path == _CHART else book.labels["gaps"]["orders"])({}), False
    known = {name.lower(): said for name, said in places.items()}
    return known.get(key[1].lower(), places["chart"])({}), bool(key[2])
