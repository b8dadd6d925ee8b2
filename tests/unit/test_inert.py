"""What a request says, made fit to be quoted, and what every hole of wording is filled through."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.inert import LONGEST_QUOTE, Written, in_markdown, in_plain_text, quoted, visible

QUOTED = {
    "a code": ("95886", "95886"),
    "a code with units": ("95886 x 2", "95886 x 2"),
    "a reason": ("G56.01", "G56.01"),
    "a local code": ("EMG_2-LIMB", "EMG_2-LIMB"),
    "a decorated code": ("CPT: 95,886-59", "CPT: 95,886-59"),
    "a tag": ("<img src=x onerror=alert(1)>95886", "95886"),
    "half a tag": ("95886 <img src=x", "95886 img src=x"),
    "entities": ("&lt;b&gt; &#106;avascript&#58;x", "lt;bgt; 106;avascript58;x"),
    "an ampersand": ("R&D", "R&D"),
    "emphasis": ("**b** __u__ _e_ ~s~ `c` # h", "b u e s c h"),
    "a link": ("[x](https://evil.example/y)", "x(//evil example/y)"),
    "a link behind an underscore": ("_https://evil.example _www.evil.example", "//evil example evil example"),
    "a scheme in pieces": ("ht[tp]s://e", "//e"),
    "a scheme in a scheme": ("hjavascript:ttp://e", "//e"),
    "an address": ("a@b.example", "ab example"),
    "what steers a terminal": ("\x1b[31mRED\x07", "31mRED"),
    "what turns the direction": ("95\u202e886\u2066", "95886"),
    "lines": ("a\nb\r\n\r\n\t c", "a b c"),
    "half a character": ("a\ud800b", "ab"),
    "nothing": (" \u200b<>", ""),
    "no end": ("x" * 500, "x" * (LONGEST_QUOTE - 1) + "…"),
}


@pytest.mark.parametrize(("sent", "said"), QUOTED.values(), ids=QUOTED)
def test_what_is_quoted_is_short_and_plain(sent: str, said: str) -> None:
    assert quoted(sent) == said


@pytest.mark.parametrize(
    ("value", "plain", "markdown"),
    [
        ("needle EMG", "needle EMG", "needle EMG"),
        (7, "7", "7"),
        ("a < b > c", "a b c", "a &lt; b &gt; c"),
        ("AAPM&R", "AAPM&R", "AAPM&R"),
        ("&lt;b&gt;", "lt;bgt;", "&amp;lt;b&amp;gt;"),
        ("a\x1b\u202e\nb", "a b", "a b"),
        ("_www.evil.example", "_evil.example", "_evil.example"),
        (Written("**b** <"), "**b** <", "**b** <"),
    ],
)
def test_a_hole_is_filled_with_inert_characters(value: object, plain: str, markdown: str) -> None:
    assert in_plain_text(value) == plain
    assert in_markdown(value) == markdown


def test_what_is_seen_stays() -> None:
    assert visible("met: E0 → 4/5 é") == "met: E0 → 4/5 é"
    assert visible("a\x1b[31m\u202eb") == "a[31mb"


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_quoted_without_harm(text: str) -> None:
    said = quoted(text)
    assert len(said) <= LONGEST_QUOTE
    assert said == " ".join(said.split())
    assert not re.search(r"[<>`|\[\]@*~\\]|&(?:#|\w+;)|(?<![a-z0-9])(?:https?:|www\.)", said, re.IGNORECASE)
    assert not {unicodedata.category(character) for character in said} & {"Cc", "Cs", "Zl", "Zp"}
    assert quoted(said) == said or said.endswith("…")
