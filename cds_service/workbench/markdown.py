"""Markdown of a card to HTML: CommonMark and tables, no raw HTML, no images, links to the web only."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markupsafe import Markup

_WEB = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)


def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable("image")
    renderer.validateLink = is_web  # type: ignore[method-assign]
    return renderer


def is_web(url: str) -> bool:
    """Whether a link leads to a web page, and to nothing that runs."""
    return _WEB.fullmatch(url) is not None


_RENDERER = _renderer()


def to_html(source: str) -> Markup:
    """Safe HTML: the renderer escapes everything it is given."""
    return Markup(_RENDERER.render(source))  # noqa: S704
