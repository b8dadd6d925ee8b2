"""What a misspelt or decorated procedure code means: ``9586O``, ``CPT 95910``, ``95886-59``, ``95937x3``."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from cds_service.core.coding import Code, CodeTable

_LONGEST = 40
_LOOKALIKES = str.maketrans("OILSBZ", "011582")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_MARKS = dict.fromkeys(map(ord, "\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb[]{}+\u00ae\u2122"), " ")
_PREFIX = re.compile(
    r"^(?:(?:CPT|HCPCS)(?:\s*\(R\))?(?:[- ]?4|[- ]?II)?[\s:#/-]*)?(?:(?:PROCEDURE |PROC[. ]+)?CODE[\s:#-]*)?"
)
_TIMES = re.compile(r"[\s(]*[X\u00d7*]\s*(\d{1,2})\s*\)?$|^(\d{1,2})\s*[X\u00d7*]\s*(?=\S{5})")
_SEPARATOR = r"[\s/.,:;_^|-]"
_CODE = re.compile(rf"^([A-Z0-9]{{5}})((?:{_SEPARATOR}*[A-Z0-9]{{2}}(?:{_SEPARATOR}+[A-Z0-9]{{2}})*)?)$")
_DECIMALS = re.compile(r"\.0{1,2}$")
_AROUND = " \t.,;:#()*/|-"
_MODIFIER = re.compile(r"[A-Z0-9]{2}")
_BETWEEN = re.compile(r"[\s,._-]+")
_GROUPS = re.compile(r"(?<=[A-Z0-9])[,.\s](?=[0-9OIL]{3}(?![0-9A-Z]))")


class Read(NamedTuple):
    """The code that a text means. ``units``: those glued to it, 0 without. ``rest``: more is glued to it,
    which means nothing here or another test. ``flaws``: what is wrong with how it is written.
    """

    code: Code
    modifiers: tuple[str, ...] = ()
    units: int = 0
    rest: bool = False
    flaws: tuple[str, ...] = ()


def clean(sent: str, table: CodeTable) -> Read | None:
    """The code that ``sent`` means, and what is glued to it; ``None`` when it means none of ours."""
    if not 5 <= len(sent) <= _LONGEST:
        return None
    if is_plain(sent):
        code = table.codes.get(sent)
        return None if code is None else Read(code)
    upper = _plain_text(sent)
    text, units = _without_units(upper)
    named, tests = _without_tests(text, table)
    stripped = named.strip(_AROUND)
    bare = _PREFIX.sub("", stripped).strip(_AROUND)
    found = _code_in(_DECIMALS.sub("", bare), table)
    if found is None:
        return None
    code, glued = found
    modifiers = tuple([each for each in glued if each in table.modifiers])
    rest = len(modifiers) < len(glued)
    flaws = {
        "units": units > 0,
        "words": named != text or bare != stripped,
        "modifier": bool(modifiers),
        "rest": rest,
        "letters": code.code not in _BETWEEN.sub("", bare),
    }
    written = tuple([flaw for flaw, found in flaws.items() if found])
    if not written and sent != code.code:
        written = ("case",) if sent.upper() == code.code else ("signs",)
    return Read(code, modifiers, units, rest or not tests <= {code.kind, "both"}, written)


def is_plain(code: str) -> bool:
    """Five digits and nothing else."""
    return len(code) == 5 and code.isascii() and code.isdecimal()


def _plain_text(sent: str) -> str:
    """Wide digits, odd spaces, dashes and quotes as they are typed; signs that cannot be seen are gone."""
    if not sent.isascii():
        sent = "".join(
            [each for each in unicodedata.normalize("NFKC", sent) if unicodedata.category(each) != "Cf"]
        )
        sent = sent.translate(_DASHES)
    return sent.translate(_MARKS).strip().upper()


def _without_units(text: str) -> tuple[str, int]:
    match = _TIMES.search(text)
    if match is None:
        return text, 0
    return text[: match.start()] + text[match.end() :], int(match.group(1) or match.group(2))


def _without_tests(text: str, table: CodeTable) -> tuple[str, set[str]]:
    """The text without the names of tests in it, and the kinds of those tests."""
    lower = text.lower()
    if " " not in lower or table.tests.some.search(lower) is None:
        return text, set()
    return table.tests.some.sub(" ", lower).upper(), set(table.tests.named(lower))


def _code_in(text: str, table: CodeTable) -> tuple[Code, list[str]] | None:
    squeezed = _BETWEEN.sub("", text)
    if len(squeezed) == 5:
        code = _known(squeezed, table)
        return (code, []) if code is not None else None
    match = _CODE.match(_GROUPS.sub("", text))
    code = _known(match.group(1), table) if match is not None else None
    if match is None or code is None:
        return None
    glued = _MODIFIER.findall(match.group(2))
    if match.group(2)[:2] in glued and glued[0] not in table.modifiers:
        return None
    return code, glued


def _known(stem: str, table: CodeTable) -> Code | None:
    return table.codes.get(stem) or table.codes.get(stem.translate(_LOOKALIKES))
