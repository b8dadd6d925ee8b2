"""Wording with holes: a deliberately small part of Jinja, with every value made inert.

A hole takes names, comparisons, ``if``, ``and``/``or``/``not`` and constants; calls, loops, arithmetic and
assignments are refused when the cards are loaded, and so are names the card may not use. Jinja reads the
wording; what is left of it is so small that plain functions fill it in.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

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
_LONGEST = 1000
_ENTITY = re.compile(r"&(?=#|\w+;)")
_MARKUP = re.compile(r"[\[\]`|@]")
_LINK = re.compile(r"\b(?:[a-z][a-z0-9+.-]*:(?=\S)|www\.)", re.IGNORECASE)
_INERT = re.compile(r"(?:[^\s&<>`|\[\]@:]+(?: [^\s&<>`|\[\]@:]+)*)?")

Values = Mapping[str, Any]
Filled = Callable[[Values], str]
_Expression = Callable[[Values], Any]


class Written(str):
    """What a template wrote: inert already, so that it may fill a hole of another as it is."""

    __slots__ = ()


def inert(value: object) -> str:
    """A value as plain characters: no markup, no link, no scheme, no line break, not endless."""
    if isinstance(value, Written):
        return value
    text = str(value)
    if len(text) <= _LONGEST and (
        text.isalnum() or (_INERT.fullmatch(text) and "www." not in text.casefold())
    ):
        return text
    text = " ".join(text.split())[:_LONGEST]
    text = _ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(_LINK.sub("", _MARKUP.sub("", text)).split())


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(autoescape=False, keep_trailing_newline=False)  # noqa: S701 - reads wording, never renders


def compile_text(text: str, names: Collection[str], where: str) -> Filled:
    """A function that fills the holes of ``text``; raises ContentError for what is not allowed."""
    if "{" not in text:
        return lambda _: text
    try:
        tree = _environment().parse(text)
    except TemplateSyntaxError as error:
        raise ContentError([f"{where}: {error.message}; correct the braces"]) from error
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.CondExpr) and node.expr2 is None):
            raise ContentError(
                [f"{where}: {type(node).__name__} is not allowed in wording; use names and if with else"]
            )
    unknown = sorted(meta.find_undeclared_variables(tree) - set(names))
    if unknown:
        raise ContentError(
            [f"{where}: {{{{ {unknown[0]} }}}} is not known here; use one of {', '.join(sorted(names))}"]
        )
    return _written(tree.body)


def _written(body: Sequence[nodes.Node]) -> Filled:
    """What a run of text, holes and ``if`` becomes."""
    parts: list[str | Filled] = []
    for node in body:
        if isinstance(node, nodes.If):
            parts.append(_choosing(node))
        elif isinstance(node, nodes.Output):
            parts += [
                each.data if isinstance(each, nodes.TemplateData) else _hole(each) for each in node.nodes
            ]
    if len(parts) == 1:
        (only,) = parts
        return (lambda _: only) if isinstance(only, str) else only
    return lambda values: "".join([part if isinstance(part, str) else part(values) for part in parts])


def _hole(node: nodes.Expr) -> Filled:
    if isinstance(node, nodes.Name):
        name = node.name
        return lambda values: inert(values[name])
    shown = _expression(node)
    return lambda values: inert(shown(values))


def _choosing(node: nodes.If) -> Filled:
    branches = [(_expression(branch.test), _written(branch.body)) for branch in (node, *node.elif_)]
    otherwise = _written(node.else_)

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
