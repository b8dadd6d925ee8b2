"""The pages as the service itself serves them: under its own headers, with its own hook and store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import TRY_FIRST
from tests.conftest import Server, start, stop


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("store")
    server = start(DATABASE_URL=f"sqlite:///{folder / 'store.sqlite3'}")
    yield server
    stop(server)


def test_the_first_example_works_and_its_feedback_is_kept(chromium: Browser, served: Server) -> None:
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text))
    page.goto(served.url)
    page.get_by_role("link", name="Try this first: 95864 beside 95910").click()
    # Only with our style sheet under the policy is the accent on the button.
    fire = page.get_by_role("button", name="Fire the hook")
    assert fire.evaluate("it => getComputedStyle(it).backgroundColor") == "rgb(11, 92, 115)"
    page.get_by_role("button", name="Change to 95886 x 4").click()
    expect(page.locator(".change")).to_contain_text("C01 is no longer raised")
    expect(page.locator(".told")).to_contain_text("The service kept it (200)")
    assert complaints == []


def test_each_dialect_on_offer_says_the_same_point(chromium: Browser, served: Server) -> None:
    page = chromium.new_page()
    page.goto(served.url + TRY_FIRST)
    for name in page.get_by_label("Dialect of the answer").locator("option").all_inner_texts():
        page.get_by_label("Dialect of the answer").select_option(name)
        expect(page.get_by_label("Dialect of the answer")).to_have_value(name)
        expect(page.locator(".card h3").first).to_contain_text("95864 cannot go with 95910")


def test_pages_carry_one_policy_and_answers_of_the_hook_keep_theirs(served: Server) -> None:
    page = served.get("/")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert page.headers["content-type"].startswith("text/html")
    hook = served.get("/cds-services")
    assert hook.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_the_call_shown_as_curl_gives_the_cards_shown(chromium: Browser, served: Server) -> None:
    page = chromium.new_page()
    page.goto(served.url + TRY_FIRST)
    body = page.locator("#curl").text_content() or ""
    request = json.loads(body.partition("<<'JSON'\n")[2].removesuffix("\nJSON"))
    (card,) = served.hook("emg-ncs-order-sign", request).json["cards"]
    expect(page.locator(".card h3")).to_have_text(card["summary"])
