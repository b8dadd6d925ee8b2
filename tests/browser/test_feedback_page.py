"""The page of feedback in a real browser: charts say what their tables say, in every state of the store."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import feedback_site
from tests.browser.conftest import NARROW, WIDE, Open
from tests.browser.feedback_site import QUESTION, FeedbackSite
from tests.browser.test_habits import background, violations

ALL_DAYS = "/feedback?since="
STATES = {
    "demo data": ("demo", "/feedback"),
    "a full store": ("full", ALL_DAYS),
    "one finding": ("full", "/feedback?since=&step=week&finding=coding:C01"),
    "one point": ("one", "/feedback"),
    "no card": ("quiet", "/feedback"),
    "an empty store": ("empty", "/feedback"),
    "nothing fits": ("demo", "/feedback?client=nobody&since=yesterday"),
    "a store that is down": ("down", "/feedback"),
    "no store": ("off", "/off/feedback"),
}
every_state = pytest.mark.parametrize(("state", "path"), STATES.values(), ids=STATES.keys())
every_theme = pytest.mark.parametrize("theme", ["light", "dark"])

# What Chart.js was given, beside the cells of the table it was read from.
DRAWN = """() => [...document.querySelectorAll('[data-chart]')].map((box) => {
  const chart = Chart.getChart(box.querySelector('canvas'));
  const rows = [...document.getElementById(box.dataset.table).tBodies[0].rows]
    .filter((row) => !box.dataset.only || row.cells[0].dataset.v === box.dataset.only)
    .slice(0, box.dataset.most ? Number(box.dataset.most) : undefined);
  const number = (row, name) => {
    const text = [...row.cells].find((cell) => cell.dataset.c === name).dataset.v;
    return text === '' ? null : Number(text);
  };
  return {
    kind: box.dataset.chart,
    table: box.dataset.table,
    little: Boolean(box.dataset.only),
    series: chart.data.datasets.map((each) => each.data),
    cells: box.dataset.series.split(' ').map((name) => rows.map((row) => number(row, name))),
    dashes: chart.data.datasets.map((each) => JSON.stringify(each.borderDash ?? null)),
    points: chart.data.datasets.map((each) => each.pointStyle ?? null),
    fills: chart.data.datasets.map((each) => typeof each.backgroundColor),
    colours: chart.data.datasets.map((each) => each.borderColor),
  };
})"""
INK = """(canvas) => {
  const seen = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let inked = 0;
  for (let at = 3; at < seen.length; at += 4) if (seen[at]) inked += 1;
  return inked;
}"""


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FeedbackSite]:
    with feedback_site.running(tmp_path_factory.mktemp("stores")) as site:
        yield site


@pytest.fixture
def site(pages: FeedbackSite) -> FeedbackSite:
    pages.state = "demo"
    return pages


def drawn(page: Page) -> list[dict[str, Any]]:
    charts: list[dict[str, Any]] = page.evaluate(DRAWN)
    return charts


@every_theme
@every_state
def test_axe_finds_nothing(open_page: Open, site: FeedbackSite, state: str, path: str, theme: str) -> None:
    site.state = state
    assert violations(open_page(path, color_scheme=theme)) == []


@pytest.mark.parametrize("width", [WIDE, NARROW])
@every_state
def test_nothing_is_wider_than_the_screen_and_nothing_jumps(
    open_page: Open, site: FeedbackSite, state: str, path: str, width: int
) -> None:
    site.state = state
    page = open_page(path, width=width)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    shift = page.evaluate(
        """() => new Promise((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => { for (const each of list.getEntries()) sum += each.value; })
            .observe({ type: "layout-shift", buffered: true });
          setTimeout(() => resolve(sum), 300);
        })"""
    )
    assert shift < 0.01
    assert page.locator("script:not([src]), style, main [onclick], main :not(canvas)[style]").count() == 0


@pytest.mark.parametrize(
    ("state", "path", "charts"),
    [("demo", "/feedback", 16), ("full", ALL_DAYS, 19), ("one", "/feedback", 7), ("quiet", "/feedback", 2)],
)
def test_charts_draw_what_their_tables_say(
    open_page: Open, site: FeedbackSite, state: str, path: str, charts: int
) -> None:
    site.state = state
    page = open_page(path)
    every = drawn(page)
    assert len(every) == charts
    for chart in every:
        series = chart["series"]
        if chart["little"]:
            # Small charts have room for periods in which the finding was not served.
            series = [[value for value in values if value is not None] for values in series]
        assert series == chart["cells"], chart["table"]
        assert any(values for values in series)
    for canvas in page.locator("[data-chart] canvas").all():
        assert canvas.evaluate(INK) > 200


def test_charts_have_their_room_before_they_are_drawn(
    open_page: Open, chromium: Browser, site: FeedbackSite
) -> None:
    height = "document.documentElement.scrollHeight"
    page = open_page("/feedback")
    with chromium.new_context(viewport=page.viewport_size) as context:
        undrawn = context.new_page()
        undrawn.route("**/chart.umd.min.js", lambda route: route.abort())
        undrawn.goto(page.url)
        assert undrawn.evaluate("'Chart' in globalThis") is False
        assert undrawn.evaluate(height) == page.evaluate(height)


def test_series_differ_without_their_colours(open_page: Open) -> None:
    several = [chart for chart in drawn(open_page("/feedback")) if len(chart["series"]) > 1]
    assert {chart["kind"] for chart in several} == {"line", "stack"}
    for chart in several:
        if chart["kind"] == "line":
            assert len(set(chart["dashes"])) == len(set(chart["points"])) == len(chart["series"])
        else:
            # One is full, the others are patterns.
            assert chart["fills"] == ["string", "object", "object"]


def test_small_charts_share_their_periods(open_page: Open) -> None:
    little = [chart for chart in drawn(open_page("/feedback")) if chart["little"]]
    assert len(little) == 9
    assert {len(values) for chart in little for values in chart["series"]} == {12}


def test_charts_follow_the_theme(open_page: Open) -> None:
    page = open_page("/feedback", color_scheme="light")
    light = drawn(page)[0]["colours"]
    page.get_by_label("Theme").select_option("Dark")
    page.wait_for_function(
        "(before) => Chart.getChart(document.querySelector('[data-chart] canvas')).data"
        ".datasets[0].borderColor !== before",
        arg=light[0],
    )
    assert background(page) != "rgb(255, 255, 255)"
    dark = drawn(page)[0]["colours"]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert drawn(page)[0]["colours"] == light
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert drawn(page)[0]["colours"] == dark


def test_a_short_time_does_not_repeat_itself_along_its_axis(open_page: Open, site: FeedbackSite) -> None:
    site.state = "prompt"
    page = open_page("/feedback")
    ticks: list[str] = page.evaluate(
        "Chart.getChart(document.querySelector('[data-unit=seconds] canvas')).scales.y.ticks"
        ".map((each) => each.label)"
    )
    assert len(ticks) == len(set(ticks)) > 2


def test_demo_data_is_labelled_and_real_data_is_not(open_page: Open, site: FeedbackSite) -> None:
    page = open_page("/feedback")
    expect(page.get_by_role("note")).to_contain_text("Demo data.")
    expect(page.get_by_role("note")).to_contain_text("cds-service demo-data --remove")
    assert "(demo data)" in page.title()
    site.state = "one"
    page = open_page("/feedback")
    expect(page.get_by_text("demo data", exact=False)).to_have_count(0)


def test_one_card_is_told_in_full(open_page: Open, site: FeedbackSite) -> None:
    site.state = "one"
    page = open_page("/feedback")
    tiles = page.locator(".tiles")
    for words in ("in 1 call", "100 %", "50.0", "2.5 ms", "1.5 min"):
        expect(tiles).to_contain_text(words)
    expect(page.locator("#t-reasons tbody")).to_contain_text("The order is as intended")
    expect(page.locator("#t-clients tbody")).to_contain_text("Open access")


def test_the_form_restricts_what_is_counted(open_page: Open) -> None:
    page = open_page("/feedback")
    page.get_by_label("Client", exact=True).select_option("demo:river-clinic")
    page.get_by_label("Guideline version", exact=True).select_option(index=1)
    page.get_by_label("From", exact=True).fill("2026-08-03")
    page.get_by_label("By", exact=True).select_option("month")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#t-clients tbody tr")).to_have_count(1)
    expect(page.locator("#t-versions tbody tr")).to_have_count(1)
    expect(page.locator("#t-over-time tbody th").first).to_have_text("Aug 2026")
    expect(page.get_by_label("Client", exact=True)).to_have_value("demo:river-clinic")
    page.locator("#t-findings tbody a").first.click()
    expect(page.locator("#t-findings tbody tr")).to_have_count(1)
    expect(page.get_by_label("Client", exact=True)).to_have_value("demo:river-clinic")
    page.get_by_role("link", name="Show all findings").click()
    page.wait_for_url(lambda url: "finding=" not in url)
    page.wait_for_load_state()
    assert page.locator("#t-findings tbody tr").count() > 1
    page.get_by_role("link", name="start over").click()
    expect(page.locator("#t-clients tbody tr")).to_have_count(3)


def test_questions_are_told_in_words(open_page: Open) -> None:
    row = open_page("/feedback").locator("#t-questions tbody tr", has_text=QUESTION)
    expect(row).to_contain_text("nerve root")


def test_a_table_is_downloaded_with_the_numbers_of_the_page(open_page: Open, tmp_path: Path) -> None:
    page = open_page("/feedback")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV of “By client”").click()
    file = tmp_path / waiting.value.suggested_filename
    assert file.name.startswith("demo-feedback-clients-2026-08-31")
    waiting.value.save_as(file)
    rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    shown = page.locator("#t-clients tbody tr td[data-c=accepted]").all_inner_texts()
    assert [row[rows[0].index("accepted")] for row in rows[1:]] == shown


def test_it_all_reads_without_script(open_page: Open) -> None:
    page = open_page("/feedback", java_script_enabled=False)
    expect(page.locator("#t-over-time tbody tr")).to_have_count(12)
    expect(page.locator(".chart").first).not_to_be_visible()
    page.get_by_label("Finding", exact=True).select_option("coding:C01")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#t-findings tbody tr")).to_have_count(1)


def test_paper_shows_whole_tables_and_no_form(open_page: Open, site: FeedbackSite) -> None:
    site.state = "full"
    page = open_page("/feedback?since=&step=week")
    box = page.locator(".grid-box:has(#t-findings)")
    hidden = "it => it.scrollHeight - it.clientHeight"
    assert box.evaluate(hidden) > 500
    page.emulate_media(media="print")
    assert box.evaluate(hidden) <= 1
    expect(page.get_by_role("button", name="Show")).not_to_be_visible()
    expect(page.locator(".chart").first).to_be_visible()


def test_a_table_that_scrolls_can_be_scrolled_by_keyboard(open_page: Open, site: FeedbackSite) -> None:
    site.state = "full"
    page = open_page(ALL_DAYS)
    box = page.locator(".grid-box:has(#t-findings)")
    # Not every browser lets the keyboard into what scrolls.
    expect(box).to_have_attribute("tabindex", "0")
    box.focus()
    page.keyboard.press("PageDown")
    page.wait_for_function("it => it.scrollTop > 50", arg=box.element_handle())


def test_the_store_may_come_back(open_page: Open, site: FeedbackSite) -> None:
    site.state = "down"
    page = open_page("/feedback")
    expect(page.get_by_role("alert")).to_contain_text("PostgreSQL cannot be reached: start it.")
    site.state = "demo"
    page.reload()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("#t-over-time")).to_be_visible()
