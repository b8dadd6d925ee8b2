"""The phrases of codes.toml (already checked by schema) -> patterns, each compiled once.

A space in a phrase stands for any space, and for none beside a digit, a sign or a ``{part}``. ``{part}``
stands for each phrase of that part, ``{n}`` for any number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cds_service.core.order_text import Asides, Roster, Words

_PIECE = re.compile(r"\{\w+\}|[a-z]+| |.")
_PART = re.compile(r"\{(\w+)\}")
_BY_NAME = ("apart", "near", "known")
_NUMBER = r"\d+(?:\.\d+)?"
_SENTENCE = r"[^|;\n]*"
_CLAUSE = r"[^|;\n,]*"

Table = Mapping[str, Any]


def load_words(tables: Table) -> dict[str, Words]:
    """The word lists by name."""
    return {name: _words(tables, row) for name, row in tables["words"].items()}


def load_asides(tables: Table) -> Asides:
    """What is left aside in the text of an order."""
    asides = tables["asides"]
    denied = _either(tables, asides["denied"])
    left_out = _either(tables, asides["left_out"])
    unless = f"(?!{_either(tables, asides['unless'])})"
    taken_back = f"{unless}(?:{denied}{_CLAUSE}|{left_out}{_SENTENCE})"
    past = unless + _either(tables, asides["past"])
    finding = _either(tables, asides["finding"])
    return Asides(
        some=_pattern(
            tables, [each for kind, phrases in asides.items() if kind != "unless" for each in phrases]
        ),
        past=re.compile(past),
        finding=re.compile(finding),
        taken_back=re.compile(taken_back),
    )


def load_roster(tables: Table, name: str) -> Roster:
    """One list of things: ``nerves``, ``muscles``, ``tests`` ..."""
    row = tables["roster"][name]
    aliases = sorted(
        ((alias, meaning) for meaning, alias in _aliases(tables, row["names"])),
        key=lambda pair: (-len(pair[0]), pair),
    )
    grouped = [f"(?P<a{index}>{_phrase(tables, alias)})" for index, (alias, _) in enumerate(aliases)]
    known = [phrase for each in row["known"] for phrase in _phrases(tables["words"][each])]
    return Roster(
        some=_pattern(tables, [alias for alias, _ in aliases]),
        names=re.compile(rf"(?<![\w-])(?:{'|'.join(grouped)})(?!\w)"),
        meaning={f"a{index}": meaning for index, (_, meaning) in enumerate(aliases)},
        known=re.compile(_either(tables, known)),
        noun=_pattern(tables, row["noun"]) if "noun" in row else None,
        by_noun=row.get("by_noun", False),
        apart=_of_lists(tables, row["apart"]) if "apart" in row else None,
    )


def problems(tables: Table) -> list[str]:
    """Lists and parts that are named and do not exist, as ``file::path: what, and what to do``."""
    missing = [
        f"codes.toml::{path}: there is no word list {name}; write it under words"
        for path, name in _named_lists(tables)
        if name not in tables["words"]
    ]
    phrases = [*_all_phrases([tables[name] for name in ("words", "parts", "asides", "roster")])]
    parts = dict.fromkeys(part for phrase in phrases for part in _PART.findall(phrase))
    missing += [
        f"codes.toml::parts: there is no part {name}; write it there"
        for name in parts
        if name != "n" and name not in tables["parts"]
    ]
    return missing


def _named_lists(tables: Table) -> Iterator[tuple[str, str]]:
    for index, row in enumerate(tables["code"]):
        yield from ((f"code[{index}].named_by", name) for name in row.get("named_by", ()))
    yield from (("general_words", name) for name in tables["general_words"])
    for kind in ("words", "roster"):
        for name, row in tables[kind].items():
            if isinstance(row, Mapping):
                yield from ((f"{kind}.{name}.{key}", each) for key in _BY_NAME for each in row.get(key, ()))
                names = row.get("names")
                if isinstance(names, Mapping):
                    lists = (each for each in names.values() if isinstance(each, str))
                    yield from ((f"{kind}.{name}.names", each) for each in lists)


def _all_phrases(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _all_phrases(each)


def _words(tables: Table, row: Sequence[str] | Table) -> Words:
    if not isinstance(row, Mapping):
        return Words(_pattern(tables, row))
    stop = f"(?!\\s*{_either(tables, row['not_before'])})" if "not_before" in row else ""
    return Words(
        phrases=re.compile(_either(tables, row["phrases"]) + stop),
        apart=_of_lists(tables, row["apart"]) if "apart" in row else None,
        doubtful=_pattern(tables, row["doubtful"]) if "doubtful" in row else None,
        near=_of_lists(tables, row["near"]) if "near" in row else None,
    )


def _of_lists(tables: Table, names: Iterable[str]) -> re.Pattern[str]:
    return _pattern(tables, [phrase for name in names for phrase in _phrases(tables["words"][name])])


def _phrases(row: Sequence[str] | Table) -> Iterator[str]:
    if isinstance(row, Mapping):
        yield from row["phrases"]
        yield from row.get("doubtful", ())
    else:
        yield from row


def _aliases(tables: Table, names: Sequence[str] | Table) -> Iterator[tuple[str, str]]:
    """(thing, name it goes by): a plain list names things by themselves, a table by several names or by the
    word lists of the same name.
    """
    if not isinstance(names, Mapping):
        for name in names:
            yield name, name
        return
    for thing, also in names.items():
        for alias in also if not isinstance(also, str) else _phrases(tables["words"][also]):
            yield thing, alias


def _pattern(tables: Table, phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(_either(tables, phrases))


def _either(tables: Table, phrases: Iterable[str]) -> str:
    """One pattern for all phrases on word boundaries: by first letter if there is one, the longest first."""
    longest_first = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    by_letter: dict[str, list[str]] = {}
    for phrase in longest_first:
        letter = phrase[0] if phrase[0].isalpha() else ""
        by_letter.setdefault(letter, []).append(_phrase(tables, phrase))
    open_ended = by_letter.pop("", [])
    groups = [f"{letter}(?:{'|'.join(each[1:] for each in same)})" for letter, same in by_letter.items()]
    return rf"(?<![\w-])(?:{'|'.join((*groups, *open_ended))})(?!\w)"


def _phrase(tables: Table, phrase: str) -> str:
    pieces = _PIECE.findall(phrase)
    written = []
    for index, piece in enumerate(pieces):
        if piece == " ":
            loose = not (pieces[index - 1].isalpha() and pieces[index + 1].isalpha())
            written.append(r"\s*" if loose else r"\s+")
        elif piece == "{n}":
            written.append(_NUMBER)
        elif piece.startswith("{"):
            part = sorted(tables["parts"][piece[1:-1]], key=len, reverse=True)
            written.append(f"(?:{'|'.join(_phrase(tables, each) for each in part)})")
        else:
            written.append(re.escape(piece))
    return "".join(written)
