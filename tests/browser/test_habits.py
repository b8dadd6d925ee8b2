"""What every page owes its readers: accessible, without script, on a small screen, still while loading."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, TRY_FIRST, WIDE, Open
from tests.browser.serve import Site

AXE = Path(__file__).resolve().parent / "vendor" / "axe-core" / "axe.min.js"
PAGES = {
    "the list": "/",
    "a search": "/?q=95864",
    "an empty search": "/?q=xyzzy",
    "the bench": TRY_FIRST,
    "a bench that asks": "/workbench/loop-splint-1-asked",
    "a silent bench": "/workbench/v04-four-limb-emg-with-conduction",
    "the guideline": "/guideline",
    "a look-up": "/guideline?q=M51.16",
    "an error": "/workbench/no-such-scenario",
}
every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
every_theme = pytest.mark.parametrize("theme", ["light", "dark"])


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong, by the rules of WCAG 2.2 AA and good practice."""
    page.add_init_script(path=AXE)
    page.reload()
    return found(page)


def found(page: Page) -> list[str]:
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert result["passes"], "axe looked at nothing"
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]} {each['nodes'][0]['failureSummary'][:300]}"
        for each in result["violations"]
    ]


@every_theme
@every_page
def test_axe_finds_nothing(open_page: Open, path: str, theme: str) -> None:
    assert violations(open_page(path, color_scheme=theme)) == []


@every_theme
def test_axe_finds_nothing_after_steps_at_the_bench(open_page: Open, theme: str) -> None:
    page = open_page(TRY_FIRST, color_scheme=theme, width=NARROW)
    assert violations(page) == []
    page.locator("#dismiss-0 summary").click()
    page.locator("#curl-fold summary").click()
    page.locator("#all-questions summary").click()
    page.get_by_role("button", name="Dismiss and send feedback").click()
    expect(page.locator(".told")).to_be_visible()
    assert found(page) == []
    page.locator(".suggestion").click()
    expect(page.locator(".change")).to_be_visible()
    assert found(page) == []
    page.get_by_role("button", name="Raw JSON").click()
    page.get_by_label("The hook request, as the EHR would send it").fill("{")
    page.get_by_role("button", name="Fire the hook").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    assert found(page) == []


@pytest.mark.parametrize("width", [WIDE, NARROW])
@every_page
def test_nothing_is_wider_than_the_screen(open_page: Open, path: str, width: int) -> None:
    page = open_page(path, width=width)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


@every_page
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_jumps_while_loading(open_page: Open, path: str, width: int) -> None:
    page = open_page(path, width=width)
    shift = page.evaluate(
        """() => new Promise((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => { for (const each of list.getEntries()) sum += each.value; })
            .observe({ type: "layout-shift", buffered: true });
          setTimeout(() => resolve(sum), 300);
        })"""
    )
    assert shift < 0.01


@every_page
def test_the_page_has_its_landmarks_one_heading_and_a_way_past_the_header(open_page: Open, path: str) -> None:
    page = open_page(path)
    assert page.locator("h1").count() == 1
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("navigation").count() >= 1
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


@every_page
def test_there_is_no_script_or_style_within_the_page(open_page: Open, path: str) -> None:
    page = open_page(path)
    assert page.locator("script:not([src]), style, [style], [onclick], [onload]").count() == 0


def test_the_whole_way_works_by_keyboard(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    button = page.get_by_role("button", name="Change to 95886 x 4")
    for _ in range(80):
        page.keyboard.press("Tab")
        if button.evaluate("it => it === document.activeElement"):
            break
    expect(button).to_be_focused()
    outline = button.evaluate("it => getComputedStyle(it).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(".change h2")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('.change').contains(document.activeElement)")


def test_who_stood_on_a_control_stands_there_after_the_answer(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    fire = page.get_by_role("button", name="Fire the hook")
    fire.evaluate("it => { it.dataset.old = 'yes'; it.focus(); }")
    page.keyboard.press("Enter")
    expect(page.locator("#fire:not([data-old])")).to_be_focused()


def test_the_theme_chosen_is_kept(open_page: Open) -> None:
    page = open_page("/", color_scheme="light")
    light = background(page)
    page.get_by_label("Theme").select_option("Dark")
    dark = background(page)
    assert dark != light
    page.goto(page.url + "guideline")
    assert background(page) == dark
    expect(page.get_by_label("Theme")).to_have_value("dark")


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_everything_works_without_script(open_page: Open, site: Site) -> None:
    page = open_page("/", java_script_enabled=False)
    page.get_by_label("Search stories, codes and ids").fill("95864 four-limb")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Try this first: 95864 beside 95910").click()
    page.locator("#order-1-code").fill("95911")
    page.get_by_role("button", name="Fire the hook").click()
    expect(page.locator(".card h3")).to_have_text(
        "95864 cannot go with 95911 on one day: change to 95886 x 4"
    )
    page.locator("#dismiss-0 summary").click()
    page.get_by_label("Reason", exact=True).select_option(index=1)
    page.get_by_role("button", name="Dismiss and send feedback").click()
    expect(page.locator(".told")).to_contain_text("kept it (200)")
    page.locator(".suggestion").click()
    expect(page.locator(".change")).to_contain_text("C01 is no longer raised")
    page.get_by_role("button", name="Raw JSON").click()
    area = page.get_by_label("The hook request, as the EHR would send it")
    assert json.loads(area.input_value())["hook"] == "order-sign"
    page.get_by_role("link", name="Guideline").click()
    page.get_by_role("searchbox").fill("95870")
    page.get_by_role("button", name="Look up").click()
    expect(page.locator("#hits")).to_contain_text("95870: limited needle EMG")
    assert [body["feedback"][0]["outcome"] for _, body in site.told] == ["overridden", "accepted"]


def test_the_page_prints_without_its_controls(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Fire the hook")).not_to_be_visible()
    expect(page.locator(".card h3")).to_be_visible()
    expect(page.locator(".trace").first).to_be_visible()
