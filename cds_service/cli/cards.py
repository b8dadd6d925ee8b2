"""Cards as a clinician would read them: coloured in a terminal, plain text in a pipe."""

from __future__ import annotations

import html
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

Card = Mapping[str, Any]

NO_CARDS = "No card: there is nothing to say about these orders."
COLOURS = {"info": "blue", "warning": "yellow", "critical": "red"}


def show(cards: Sequence[Card]) -> None:
    """Print the cards to standard output."""
    if not cards:
        click.echo(NO_CARDS)
    elif sys.stdout.isatty():
        _rich(cards)
    else:
        click.echo("\n\n".join("\n".join(plain(card)) for card in cards))


def plain(card: Card) -> Iterator[str]:
    """One card as lines of text."""
    yield f"[{card['indicator'].upper()}] {card['summary']}"
    for line in html.unescape(card.get("detail", "")).splitlines():
        yield f"  {line}".rstrip()
    for suggestion in card.get("suggestions", ()):
        yield f"  -> {_label(suggestion)}"
        for action in suggestion.get("actions", ()):
            yield f"       {action['description']}"
    for link in card.get("links", ()):
        yield f"  See {link['label']}: {link['url']}"
    yield f"  Source: {card['source']['label']}"


def _rich(cards: Sequence[Card]) -> None:
    from rich.console import Console

    console = Console()
    for card in cards:
        console.print(_panel(card))


def _panel(card: Card) -> Any:
    from rich.console import Group
    from rich.markdown import Markdown
    from rich.panel import Panel
    from rich.text import Text

    colour = COLOURS.get(card["indicator"], "white")
    parts: list[Any] = [Text(card["summary"], style="bold")]
    if card.get("detail"):
        parts += [Text(""), Markdown(card["detail"])]
    for suggestion in card.get("suggestions", ()):
        parts.append(Text(f"\n→ {_label(suggestion)}", style="green"))
        parts += [Text(f"  {action['description']}") for action in suggestion.get("actions", ())]
    parts += [Text(f"\n{link['label']}: {link['url']}", style="dim") for link in card.get("links", ())]
    return Panel(
        Group(*parts),
        title=Text(card["indicator"], style=f"bold {colour}"),
        title_align="left",
        subtitle=Text(card["source"]["label"], style="dim"),
        subtitle_align="right",
        border_style=colour,
    )


def _label(suggestion: Card) -> str:
    return (
        f"{suggestion['label']} (recommended)"
        if suggestion.get("isRecommended")
        else str(suggestion["label"])
    )
