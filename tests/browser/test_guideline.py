"""The guideline page as a clinician reads it, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open


def look_up(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    expect(page).to_have_url(lambda url: f"q={words.replace(' ', '+')}" in url)


def test_a_reason_code_tells_its_groups_and_what_looks_at_them(open_page: Open) -> None:
    page = open_page("/guideline")
    page.get_by_role("searchbox").fill("M51.16")
    hits = page.locator("#hits")
    expect(hits.locator("h3").first).to_have_text(
        "M51.16: Intervertebral disc disorders with radiculopathy, lumbar region"
    )
    expect(hits).to_contain_text("Group: radiculopathy")
    expect(hits.locator("li", has_text="M0 Needle EMG alone")).not_to_have_count(0)
    expect(hits.locator("li", has_text="X6 Back pain without radiculopathy")).not_to_have_count(0)
    expect(hits).to_contain_text("usual number: 2 limbs of EMG, 7 conduction studies")


def test_a_procedure_code_tells_its_corrections_with_scenarios(open_page: Open) -> None:
    page = open_page("/guideline?q=95870")
    hits = page.locator("#hits")
    expect(hits.locator("h3").first).to_have_text("95870: limited needle EMG")
    expect(hits).to_contain_text("at most 4 units")
    line = hits.locator("li", has_text="C05 A limited study of a limb")
    line.get_by_role("link", name="c05-limited-study-of-an-arm").click()
    expect(page.locator(".card").first).to_be_visible()


def test_a_heading_tells_the_codes_it_may_become(open_page: Open) -> None:
    page = open_page("/guideline?q=g560")
    expect(page.locator("#hits")).to_contain_text("a heading: not billable")
    expect(
        page.locator("#hits li", has_text="G56.01 Carpal tunnel syndrome, right upper limb")
    ).to_have_count(1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("splint", "E4a"),
        ("C04", "C04 A stand-alone limb code"),
        ("X6", "X6 Back pain without radiculopathy"),
        ("L3908", "Group: wrist splint"),
        ("57406009", "Group: carpal tunnel syndrome"),
    ],
)
def test_words_ids_and_codes_of_the_chart_are_found_too(open_page: Open, query: str, found: str) -> None:
    page = open_page(f"/guideline?q={query}")
    expect(page.locator("#hits")).to_contain_text(found)


def test_what_is_in_no_list_is_said_to_be_in_none(open_page: Open) -> None:
    page = open_page("/guideline?q=zzz")
    expect(page.locator("#hits .empty")).to_contain_text("Nothing here speaks of “zzz”")


def test_every_criterion_row_and_pattern_has_a_place_with_basis_and_example(open_page: Open) -> None:
    page = open_page("/guideline")
    e1 = page.locator("#criterion-E1")
    expect(e1.locator(".where")).to_contain_text("basis B I.1 · edition 2024-10-01")
    expect(e1.locator(".tree")).to_contain_text("sensory loss, weakness, muscle atrophy or nerve pain")
    expect(page.locator("#row-X6")).to_contain_text("Not medically necessary")
    pattern = page.locator("#pattern-C05")
    expect(pattern).to_contain_text("FIX")
    pattern.get_by_role("link").last.click()
    expect(page.locator(".trace").first).to_contain_text("C05")


def test_what_is_not_known_is_said_plainly(open_page: Open) -> None:
    page = open_page("/guideline")
    unknown = page.locator("#unknown")
    expect(unknown.locator(".missing li")).not_to_have_count(0)
    expect(unknown).to_contain_text("E4c-g (C)")
    expect(unknown).to_contain_text("All usual numbers rest on class D")
    expect(page.locator("#criterion-E5")).to_contain_text("Never met: its text is not at hand")


def test_every_link_within_the_page_leads_somewhere(open_page: Open) -> None:
    page = open_page("/guideline?q=M51.16")
    astray = page.evaluate(
        """() => [...document.querySelectorAll('main a[href^="#"]')]
          .map((link) => link.getAttribute('href').slice(1))
          .filter((name) => !document.getElementById(name))"""
    )
    assert astray == []
    assert page.locator('main a[href^="#"]').count() > 100


def test_a_link_to_a_closed_group_opens_it(open_page: Open) -> None:
    page = open_page("/guideline#group-carpal-tunnel")
    expect(page.locator("#group-carpal-tunnel p").first).to_be_visible()
