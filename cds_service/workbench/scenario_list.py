"""The scenarios as a list one can search: by words of the story, ids it shows and codes it orders."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cds_service.workbench.desk import Story
from cds_service.workbench.request_tree import draft_entries, objects, text

TOUR = Path(__file__).resolve().parent / "tour.toml"


@dataclass(frozen=True, slots=True)
class Listed:
    """One scenario of the list. ``raises``: ids it is expected to raise. ``haystack``: what is searched."""

    name: str
    title: str
    story: str
    shows: tuple[str, ...]
    codes: tuple[str, ...]
    raises: tuple[str, ...]
    haystack: str


@dataclass(frozen=True, slots=True)
class First:
    """A beginning for newcomers. ``looks``: what to look at, in turn. ``codes``: other codes, by order id."""

    scenario: str
    title: str
    tells: str
    looks: tuple[str, ...]
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tour:
    """Where to begin, and under which headings scenarios stand, by the beginnings of their names."""

    firsts: tuple[First, ...]
    headings: tuple[tuple[str, str], ...]


def tour(path: Path = TOUR) -> Tour:
    """The tour that comes with the pages."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Tour(
        firsts=tuple(
            First(each["scenario"], each["title"], each["tells"], tuple(each["looks"]), each.get("codes", {}))
            for each in table["first"]
        ),
        headings=tuple((each["begins"], each["title"]) for each in table["heading"]),
    )


def listed(story: Story) -> Listed:
    """One scenario as the list shows and searches it."""
    request: Any = json.loads(story.request())
    orders = [entry["resource"] for entry in draft_entries(request)]
    codes = dict.fromkeys(
        code
        for order in orders
        for coding in objects(order.get("code"), "coding")
        if (code := text(coding, "code"))
    )
    reasons = [
        text(coding, "code")
        for order in orders
        for reason in objects(order, "reasonCode")
        for coding in objects(reason, "coding")
    ]
    words = (story.name, story.title, story.story, *story.shows, *codes, *reasons)
    return Listed(
        name=story.name,
        title=story.title,
        story=" ".join(story.story.split()),
        shows=tuple(story.shows),
        codes=tuple(codes),
        raises=tuple(_raised(story.expect)),
        haystack=" ".join(words).lower(),
    )


def _raised(expect: Mapping[str, Any]) -> Iterator[str]:
    yield from (each["pattern"] for each in expect.get("corrections", ()))
    yield from (each["row"] for each in expect.get("diagnosis_corrections", ()))
    yield from expect.get("notices", ())
    for each in expect.get("determinations", ()):
        yield from each.get("rows", ())
        yield from (name for name, verdict in each.get("criteria", {}).items() if verdict == "met")


def found(stories: Sequence[Listed], query: str) -> tuple[Listed, ...]:
    """The scenarios that hold every word of the query."""
    words = query.lower().split()
    return tuple(each for each in stories if all(word in each.haystack for word in words))


def headed(stories: Sequence[Listed], tour: Tour) -> tuple[tuple[str, tuple[Listed, ...]], ...]:
    """The scenarios under their headings, in the sequence of the tour; empty headings are left out."""
    under: dict[str, list[Listed]] = {title: [] for _, title in tour.headings}
    for story in stories:
        # The longest beginning wins; the empty one takes what is left.
        _, title = max(
            (pair for pair in tour.headings if story.name.startswith(pair[0])),
            key=lambda pair: len(pair[0]),
        )
        under[title].append(story)
    return tuple((title, tuple(stories)) for title, stories in under.items() if stories)
