"""Wording with holes: a deliberately small part of Jinja, with every value made inert.

A hole takes names, comparisons, ``if``, ``and``/``or``/``not`` and constants; calls, loops, arithmetic and
assignments are refused when the cards are loaded, and so are names the card may not use. Jinja reads the
wording; what is left of it is so small that plain functions fill it in.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

from cds_service import inert
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
_COMPARISONS: Mapping[str, Callable[[Any, Any], object]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
    "in": lambda one, other: one in other,
    "notin": lambda one, other: one not in other,
}
Values = Mapping[str, Any]
Filled = Callable[[Values], str]
# A value -> it as inert characters.
Made = Callable[[object], str]
_Expression = Callable[[Values], Any]


class Texts:
    """Compiles the texts of one file; what is wrong with any of them is gathered in ``problems``."""

    def __init__(self, file: str, problems: list[str] | None = None) -> None:
        self.file = file
        self.problems: list[str] = [] if problems is None else problems

    def __call__(self, text: str, names: Collection[str], path: str, *, plain: bool = False) -> Filled:
        """See :func:`compile_text`; a text that is wrong fills nothing."""
        try:
            return compile_text(text, names, f"{self.file}::{path}", plain=plain)
        except ContentError as error:
            self.problems.extend(error.problems)
            return lambda _: text

    def wrong(self, path: str, what: str) -> None:
        """Note what is wrong at a place of the file."""
        self.problems.append(f"{self.file}::{path}: {what}")

    def check(self) -> None:
        """Raise a ContentError when anything was wrong."""
        if self.problems:
            raise ContentError(self.problems)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(autoescape=False, keep_trailing_newline=False)  # noqa: S701 - reads wording, never renders


def compile_text(text: str, names: Collection[str], where: str, *, plain: bool = False) -> Filled:
    """A function that fills the holes of ``text``; raises ContentError for what is not allowed.

    ``plain``: what is written is plain text (a summary, a label, a description), else Markdown.
    """
    if "{" not in text:
        return lambda _: text
    try:
        filled, used = _compiled(text, plain)
    except ValueError as error:
        raise ContentError([f"{where}: {error}"]) from error
    unknown = sorted(used - set(names))
    if unknown:
        raise ContentError([f"{where}: {{{{ {unknown[0]} }}}} is not known here; {_choice(names)}"])
    return filled


@lru_cache(maxsize=2048)  # all cards, which one command may load more than once
def _compiled(text: str, plain: bool) -> tuple[Filled, frozenset[str]]:
    """What fills the holes, and the names they take; raises ValueError for what is not allowed anywhere."""
    try:
        tree = _environment().parse(text)
    except TemplateSyntaxError as error:
        raise ValueError(f"{error.message}; correct the braces") from error
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.CondExpr) and node.expr2 is None):
            raise ValueError(f"{type(node).__name__} is not allowed in wording; use names and if with else")
    filled = _written(tree.body, inert.in_plain_text if plain else inert.in_markdown)
    return filled, frozenset(meta.find_undeclared_variables(tree))


def _choice(names: Collection[str]) -> str:
    return f"use one of {', '.join(sorted(names))}" if names else "write it in words, without a hole"


def _written(body: Sequence[nodes.Node], made: Made) -> Filled:
    """What a run of text, holes and ``if`` becomes."""
    parts: list[str | Filled] = []
    for node in body:
        if isinstance(node, nodes.If):
            parts.append(_choosing(node, made))
        elif isinstance(node, nodes.Output):
            parts += [
                each.data if isinstance(each, nodes.TemplateData) else _hole(each, made)
                for each in node.nodes
            ]
    if len(parts) == 1:
        (only,) = parts
        return (lambda _: only) if isinstance(only, str) else only
    return lambda values: "".join([part if isinstance(part, str) else part(values) for part in parts])


def _hole(node: nodes.Expr, made: Made) -> Filled:
    if isinstance(node, nodes.Name):
        name = node.name
        return lambda values: made(values[name])
    shown = _expression(node)
    return lambda values: made(shown(values))


def _choosing(node: nodes.If, made: Made) -> Filled:
    branches = [(_expression(branch.test), _written(branch.body, made)) for branch in (node, *node.elif_)]
    otherwise = _written(node.else_, made)

    def chosen(values: Values) -> str:
        for test, written in branches:
            if test(values):
                return written(values)
        return otherwise(values)

    return chosen


def _expression(node: nodes.Node) -> _Expression:
    match node:
        case nodes.Name(name=name):
            return operator.itemgetter(name)
        case nodes.Const(value=value):
            return lambda _: value
        case nodes.Not(node=inner):
            negated = _expression(inner)
            return lambda values: not negated(values)
        case nodes.And(left=left, right=right):
            one, other = _expression(left), _expression(right)
            return lambda values: one(values) and other(values)
        case nodes.Or(left=left, right=right):
            one, other = _expression(left), _expression(right)
            return lambda values: one(values) or other(values)
        case nodes.CondExpr(test=test, expr1=then, expr2=otherwise) if otherwise is not None:
            asked, met, unmet = _expression(test), _expression(then), _expression(otherwise)
            return lambda values: met(values) if asked(values) else unmet(values)
        case nodes.Compare(expr=first, ops=operands):
            return _comparison(_expression(first), operands)
    raise TypeError(type(node).__name__)


def _comparison(first: _Expression, operands: list[nodes.Operand]) -> _Expression:
    """A chain, as in ``a < b < c``."""
    chain = [(_COMPARISONS[operand.op], _expression(operand.expr)) for operand in operands]

    def compared(values: Values) -> bool:
        one = first(values)
        for holds, expression in chain:
            other = expression(values)
            if not holds(one, other):
                return False
            one = other
        return True

    return compared
