"""A request as indented JSON in which every resource can be pointed at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cds_service.workbench.request_tree import reference, text

INDENT = "  "


class Piece(NamedTuple):
    """``kind``: ``text``, ``open`` (``value`` is the anchor of a resource) or ``close``."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The pieces in sequence; ``anchors``: where each ``Type/id`` is; a bare type where it is alone."""

    pieces: tuple[Piece, ...]
    anchors: Mapping[str, str]


@dataclass(slots=True)
class _Writer:
    anchors: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, list[str]] = field(default_factory=dict)

    def anchor(self, value: Mapping[str, object]) -> str:
        """A new anchor for a resource that was not met yet, else ``""``."""
        ref = reference(value)
        if not ref or ref in self.anchors or text(value, "resourceType") == "Bundle":
            return ""
        slug = re.sub(r"[^A-Za-z0-9]+", "-", ref).strip("-")
        name = f"json-{slug}"
        if name in self.anchors.values():
            name = f"{name}-{len(self.anchors)}"
        self.anchors[ref] = name
        self.kinds.setdefault(text(value, "resourceType"), []).append(name)
        return name

    def write(self, value: object, depth: int) -> Iterator[Piece]:
        if isinstance(value, dict) and value:
            yield from self._object(value, depth)
        elif isinstance(value, list) and value:
            yield Piece("text", "[")
            for index, each in enumerate(value):
                yield Piece("text", f"{',' if index else ''}\n{INDENT * (depth + 1)}")
                yield from self.write(each, depth + 1)
            yield Piece("text", f"\n{INDENT * depth}]")
        else:
            yield Piece("text", json.dumps(value, ensure_ascii=False))

    def _object(self, value: dict[str, object], depth: int) -> Iterator[Piece]:
        anchor = self.anchor(value)
        if anchor:
            yield Piece("open", anchor)
        yield Piece("text", "{")
        for index, (name, each) in enumerate(value.items()):
            lead = f"{',' if index else ''}\n{INDENT * (depth + 1)}{json.dumps(name, ensure_ascii=False)}: "
            yield Piece("text", lead)
            yield from self.write(each, depth + 1)
        yield Piece("text", f"\n{INDENT * depth}}}")
        if anchor:
            yield Piece("close", "")


def show(request: object) -> Shown:
    """The request, ready to be pointed into."""
    writer = _Writer()
    pieces = tuple(_joined(writer.write(request, 0)))
    alone = {kind: names[0] for kind, names in writer.kinds.items() if len(names) == 1}
    return Shown(pieces, {**alone, **writer.anchors})


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    waiting = ""
    for piece in pieces:
        if piece.kind == "text":
            waiting += piece.value
            continue
        if waiting:
            yield Piece("text", waiting)
            waiting = ""
        yield piece
    if waiting:
        yield Piece("text", waiting)
