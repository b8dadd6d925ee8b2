"""Text that may come from a request as plain characters: no markup, no link, no control of a screen, no end.

``quoted`` makes what a request says fit to be quoted; the other two are what every hole of wording is filled
through, so that nothing depends on somebody having quoted.
"""

from __future__ import annotations

import re

_LONGEST = 1000
LONGEST_QUOTE = 60
CUT = "…"
# Controls, and what changes the direction or hides characters; white space among them ends up as a space.
_HIDDEN = re.compile(
    "[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_ENTITY = re.compile(r"&(?=#|\w+;)")
_TAG = re.compile(r"</?[a-z!][^<>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"[\[\]`|@]")
_EMPHASIS = re.compile(r"[*#~\\^{}<>]|(?<![^\W_])_+|_+(?![^\W_])")
_LINK = re.compile(r"(?<![a-z0-9])(?:[a-z][a-z0-9+.-]*:(?=\S)|www\.)", re.IGNORECASE)
_DOMAIN = re.compile(r"(?<=\w)\.(?=[^\W\d_])")
_INERT = re.compile(r"(?:[^\s&<>`|\[\]@:]+(?: [^\s&<>`|\[\]@:]+)*)?")
_CODE = re.compile(r"[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*|[A-Za-z][A-Za-z0-9]{2}\.[A-Za-z0-9]{1,4}")


class Written(str):
    """What a template wrote: inert already, so that it may fill a hole of another as it is."""

    __slots__ = ()


def visible(text: str) -> str:
    """The text without characters that control a screen or are not seen; on one line if it was."""
    return text if text.isprintable() else _HIDDEN.sub("", text)


def quoted(text: str) -> str:
    """What a request says, in at most :data:`LONGEST_QUOTE` plain characters, perhaps none."""
    if len(text) <= LONGEST_QUOTE and (text.isalnum() or _CODE.fullmatch(text)):
        return text
    text = " ".join(_HIDDEN.sub("", text[:_LONGEST]).split())
    text = _EMPHASIS.sub("", _MARKUP.sub("", _TAG.sub("", _ENTITY.sub("", text))))
    text = " ".join(_DOMAIN.sub(" ", _LINK.sub("", text)).split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1].rstrip()}{CUT}"


def in_markdown(value: object) -> str:
    """A value for a place that is read as Markdown."""
    if isinstance(value, Written):
        return value
    text = str(value)
    if _is_inert(text):
        return text
    text = _ENTITY.sub("&amp;", _one_line(text)).replace("<", "&lt;").replace(">", "&gt;")
    return _unlinked(text)


def in_plain_text(value: object) -> str:
    """A value for a place that is shown as it is."""
    if isinstance(value, Written):
        return value
    text = str(value)
    if _is_inert(text):
        return text
    return _unlinked(_ENTITY.sub("", _one_line(text)).replace("<", "").replace(">", ""))


def _is_inert(text: str) -> bool:
    return len(text) <= _LONGEST and (
        text.isalnum()
        or (text.isprintable() and bool(_INERT.fullmatch(text)) and "www." not in text.casefold())
    )


def _one_line(text: str) -> str:
    return " ".join(_HIDDEN.sub("", text).split())[:_LONGEST]


def _unlinked(text: str) -> str:
    return " ".join(_LINK.sub("", _MARKUP.sub("", text)).split())
