"""Modifiers in orderDetail, read and taken out: as codes, alone in a text, or after the word "modifier"."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import Any

from cds_service.fhir.elements import JsonObject, codings, words_of

_TOKEN = re.compile(r"\w+")
_WORDS = frozenset({"MODIFIER", "MODIFIERS"})
_AROUND = " \t,;:/+&-"


def modifiers_of(detail: JsonObject, known: Container[str]) -> tuple[str, ...]:
    """The modifiers one orderDetail names, each once."""
    found = [code for coding in codings(detail) if (code := coding.code.strip().upper()) in known]
    for text in words_of(detail):
        found += [text[start:end].upper() for start, end in _named(text, known)]
    return tuple(dict.fromkeys(found))


def without(detail: JsonObject, gone: Container[str], known: Container[str]) -> JsonObject | None:
    """The detail without the modifiers ``gone``; ``None`` when it says nothing else."""
    rest: dict[str, Any] = dict(detail)
    given = detail.get("coding")
    if isinstance(given, list):
        kept = [coding for coding in given if not _is(coding, gone)]
        kept = [_with_display(coding, gone, known) for coding in kept]
        rest = {name: value for name, value in rest.items() if name != "coding"} | (
            {"coding": kept} if kept else {}
        )
    if isinstance(detail.get("text"), str):
        text = _text_without(detail["text"], gone, known)
        rest = {name: value for name, value in rest.items() if name != "text"} | (
            {"text": text} if text else {}
        )
    return rest if rest.get("coding") or rest.get("text") else None


def _is(coding: object, modifiers: Container[str]) -> bool:
    code = coding.get("code") if isinstance(coding, dict) else None
    return isinstance(code, str) and code.strip().upper() in modifiers


def _with_display(coding: Any, gone: Container[str], known: Container[str]) -> Any:
    display = coding.get("display") if isinstance(coding, dict) else None
    if not isinstance(display, str):
        return coding
    text = _text_without(display, gone, known)
    rest = {name: value for name, value in coding.items() if name != "display"}
    return {**rest, "display": text} if text else rest


def _text_without(text: str, gone: Container[str], known: Container[str]) -> str:
    """The text without the modifiers and, where none is left, the word that announced them."""
    named = list(_named(text, known))
    leaving = [span for span in named if text[slice(*span)].upper() in gone]
    if not leaving:
        return text
    if len(leaving) == len(named):
        leaving += [match.span() for match in _TOKEN.finditer(text) if match.group().upper() in _WORDS]
    for start, end in sorted(leaving, reverse=True):
        text = f"{text[:start].rstrip(_AROUND)} {text[end:].lstrip(_AROUND)}".strip()
    return text if _TOKEN.search(text) else ""


def _named(text: str, known: Container[str]) -> Iterator[tuple[int, int]]:
    """Where modifiers stand in a text."""
    tokens = list(_TOKEN.finditer(text))
    first = next((i for i, token in enumerate(tokens) if token.group().upper() in _WORDS), None)
    if first is not None:
        tokens = tokens[first + 1 :]
    elif not all(token.group().upper() in known for token in tokens):
        return
    for token in tokens:
        if token.group().upper() in known:
            yield token.span()
