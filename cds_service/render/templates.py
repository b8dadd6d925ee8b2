"""Wording with holes: a deliberately small part of Jinja, with every value made inert.

A hole takes names, attributes, comparisons, ``if``, ``and``/``or``/``not`` and string constants; calls,
loops,
arithmetic and assignments are refused when the cards are loaded, and so are names the card may not use.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cds_service.errors import ContentError

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Compare,
    nodes.Operand,
    nodes.If,
    nodes.CondExpr,
    nodes.And,
    nodes.Or,
    nodes.Not,
)
_LONGEST = 300
_ENTITY = re.compile(r"&(?=#|\w+;)")
_LINK = re.compile(r"[\[\]`<>|]|(?:\b[a-z][a-z0-9+.-]*:(?=\S))", re.IGNORECASE)

Filled = Callable[[Mapping[str, Any]], str]


def inert(value: object) -> str:
    """A value as plain characters: no markup, no link, no scheme, no line break, not endless."""
    text = " ".join(str(value).split())[:_LONGEST]
    text = _ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    return _LINK.sub("", text)


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, finalize=inert, autoescape=False, keep_trailing_newline=False
    )


def compile_text(text: str, names: Collection[str], where: str) -> Filled:
    """A function that fills the holes of ``text``; raises ContentError for what is not allowed."""
    if "{" not in text:
        return lambda _: text
    environment = _environment()
    try:
        tree = environment.parse(text)
    except TemplateSyntaxError as error:
        raise ContentError([f"{where}: {error.message}; correct the braces"]) from error
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            raise ContentError(
                [f"{where}: {type(node).__name__} is not allowed in wording; use names and if"]
            )
    unknown = sorted(meta.find_undeclared_variables(tree) - set(names))
    if unknown:
        raise ContentError(
            [f"{where}: {{{{ {unknown[0]} }}}} is not known here; use one of {', '.join(sorted(names))}"]
        )
    return environment.from_string(text).render
