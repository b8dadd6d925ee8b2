"""Text that came with the order stays inert, wherever a card may quote it."""

from __future__ import annotations

import json

import orjson
from exchange import ask
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Json, laws, requests

from cds_service.inert import LONGEST_QUOTE
from tests.contract.response_rules import faults

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click here](https://evil.example.org)",
    "![pixel](https://evil.example.org/a.png)",
    "javascript:alert(1)",
    "http|://evil.example.org",
    "ht[tp]s://evil.example.org",
    "java`script:alert(1)",
    "www.evil.example.org",
    "write to evil@example.org",
    "&lt;b&gt; &#106;avascript&#58;alert(1)",
    "**bold** `code` | table | # heading",
    "line\nbreak\r\n\r\n# heading\n- item",
    "{{ config }} {% for x in y %}{{ x }}{% endfor %}",
    "x" * 5000,
    "95860 " * 500,
    "\U0001f9a0\U0001f469‍⚕️ ﷽ \u202eright-to-left\u202c",
    "\x00\x07\x1b[31mred",
    "_www.evil.example.org and _https://evil.example.org",
    "&lt;img src=x&gt; &amp;amp; &#60;b&#62;",
    "' OR 1=1; --",
]
hostile = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))


@given(requests(), st.lists(hostile, min_size=6, max_size=6), st.data())
@settings(laws, max_examples=120)
def test_hostile_text_never_reaches_a_card_as_markup(
    sent: Json, texts: list[str], data: st.DataObject
) -> None:
    display, text, note, reason, detail, site = texts
    for entry in sent["context"]["draftOrders"]["entry"]:
        order = entry["resource"]
        for coding in order["code"].get("coding", []):
            coding["display"] = display
            if data.draw(st.integers(0, 5)) == 0:
                coding["code"] += f" {display}"
        order["code"]["text"] = f"EMG {text}"
        order["note"] = [{"text": note}]
        order["orderDetail"] = [{"text": detail}]
        order["bodySite"] = [*order.get("bodySite", []), {"text": f"right arm {site}"}]
        for concept in order.get("reasonCode", []):
            concept["text"] = reason
            for coding in concept["coding"]:
                coding["display"] = reason
                if data.draw(st.integers(0, 5)) == 0:
                    coding["code"] += reason
    said = json.loads(orjson.dumps(ask(sent).response))
    assert faults(sent, said) == []
    for card in said["cards"]:
        offered = [each["label"] for each in card.get("suggestions", ())]
        assert "x" * (LONGEST_QUOTE + 1) not in "\n".join([card["summary"], card["detail"], *offered])
