"""The page of feedback without a browser: what is asked of the store, what is shown, what CSV files hold."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_service.core.feedback_picture import (
    Choices,
    Count,
    Finding,
    Picture,
    Question,
    Reason,
    Spread,
    Step,
    Sum,
    Wanted,
)
from cds_service.errors import StoreError
from cds_service.workbench import feedback_page
from cds_service.workbench.feedback_cells import Cell, Kind, drawn, words
from cds_service.workbench.feedback_names import names_of, short
from cds_service.workbench.pages import POLICY, blueprint
from tests.browser.serve import Site, desk
from tests.loaded import service

TODAY = date(2026, 11, 22)
WEEK = date(2026, 11, 16)
SYSTEM = "urn:emg-ncs-cds:override-reason"
CARDS = Count(10, 5, 2)
SUM = Sum(
    calls=20, orders=40, cards=CARDS, to_answer=Spread(20, 3.04, 1234.5), to_feedback=Spread(7, 12.0, 7300.0)
)
PICTURE = Picture(
    total=SUM,
    periods={WEEK: SUM},
    findings=(
        Finding("coding:C04", CARDS, SUM.to_feedback, {WEEK: CARDS}),
        Finding("determination:emg:NEED-INFO:X4", Count(1), Spread(), {WEEK: Count(1)}),
    ),
    guidelines=(("CG-1 2025 1.0", SUM),),
    issuers=(("", SUM), ("=cmd|' /C calc'!A0", SUM), ("<script>alert(1)</script>", SUM)),
    reasons=(Reason(f"{SYSTEM}|asIntended", "coding:C04", 2), Reason("", "coding:C04", 1)),
    questions=(Question("radicular-signs", 4), Question("of-an-older-version", 1)),
    choices=Choices(("CG-1 2025 1.0",), ("", "https://ehr.example.org"), ("coding:C04",), WEEK, WEEK),
)


def site(read: feedback_page.Read | None) -> FlaskClient:
    app = Flask("pages", static_folder=None)
    app.register_blueprint(blueprint(replace(desk(Site()), feedback_page=feedback_page.PATH)))
    reasons = [reason.coding for reason in service().book.reasons]
    app.register_blueprint(feedback_page.blueprint(read, service().knowledge, reasons, today=lambda: TODAY))
    return app.test_client()


@pytest.fixture(scope="module")
def shown() -> FlaskClient:
    return site(lambda _: PICTURE)


def page(client: FlaskClient, url: str = "/feedback") -> str:
    return client.get(url).get_data(as_text=True)


def table(client: FlaskClient, name: str, query: str = "") -> list[list[str]]:
    response = client.get(f"/feedback/{name}.csv{query}")
    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(response.get_data(as_text=True))))


class Parts(HTMLParser):
    """Attributes of every element, and the links to CSV files."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def with_attribute(self, name: str) -> list[dict[str, str]]:
        return [attributes for _, attributes in self.elements if name in attributes]


ASKED: list[tuple[str, Wanted]] = [
    ("", Wanted(since=date(2026, 8, 31))),
    ("?since=", Wanted()),
    ("?since=2026-11-01&until=2026-11-07", Wanted(since=date(2026, 11, 1), until=date(2026, 11, 7))),
    ("?since=&client=-", Wanted(issuer="")),
    ("?since=&client=https://ehr.example.org", Wanted(issuer="https://ehr.example.org")),
    (
        "?since=&guideline=CG-1+2025+1.0&finding=coding:C04",
        Wanted(guideline="CG-1 2025 1.0", finding="coding:C04"),
    ),
    ("?since=&step=month", Wanted(step=Step.MONTH)),
    ("?since=&step=year", Wanted()),
    ("?since=2026-02-30", Wanted()),
    ("?since=0001-01-01&until=9999-12-31", Wanted()),
    ("?since=2026-W47-1", Wanted(since=WEEK)),
    ("?since=&finding=%00%0d%0a", Wanted()),
]


@pytest.mark.parametrize(("query", "wanted"), ASKED)
@pytest.mark.parametrize("path", ["/feedback", "/feedback/findings.csv"])
def test_the_query_says_what_is_wanted(path: str, query: str, wanted: Wanted) -> None:
    asked: list[Wanted] = []

    def read(each: Wanted) -> Picture:
        asked.append(each)
        return PICTURE

    assert site(read).get(path + query).status_code == 200
    assert asked == [wanted]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?since=yesterday", "“From” is not a date"),
        ("?until=2026-13-01", "“To” is not a date"),
        ("?since=2026-11-02&until=2026-11-01", "“To” (2026-11-01) is before “From” (2026-11-02)"),
    ],
)
def test_a_bad_date_is_said(shown: FlaskClient, query: str, words: str) -> None:
    assert words in page(shown, f"/feedback{query}")


def down(_: Wanted) -> Picture:
    raise StoreError("PostgreSQL is away: start it")


EMPTY = Picture()
STATES: list[tuple[str, Callable[[Wanted], Picture] | None, int, str, bool]] = [
    ("off", None, 200, "No store is configured", False),
    ("down", down, 503, "PostgreSQL is away: start it.", False),
    ("empty", lambda _: EMPTY, 200, "No call has been answered yet", False),
    ("nothing fits", lambda _: Picture(choices=PICTURE.choices), 200, "from 2026-11-16 to 2026-11-16", False),
    (
        "no card",
        lambda _: replace(PICTURE, total=Sum(1, 2), findings=(), reasons=(), questions=()),
        200,
        "1 call answered, none with a card.",
        False,
    ),
    ("filled", lambda _: PICTURE, 200, "Why cards were overridden", True),
]


@pytest.mark.parametrize(
    ("read", "status", "said", "full"), [each[1:] for each in STATES], ids=[s[0] for s in STATES]
)
def test_every_state_has_its_words(
    read: feedback_page.Read | None, status: int, said: str, full: bool
) -> None:
    response = site(read).get("/feedback")
    html = response.get_data(as_text=True)
    assert response.status_code == status
    assert said in html
    assert ('id="t-over-time"' in html) is full
    assert response.headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize(
    ("read", "name", "status", "said"),
    [
        (None, "findings", 404, "No store is configured"),
        (down, "findings", 503, "PostgreSQL is away"),
        (lambda _: PICTURE, "secrets", 404, "no table of this name"),
    ],
)
def test_a_table_that_cannot_be_had_says_why(
    read: feedback_page.Read | None, name: str, status: int, said: str
) -> None:
    response = site(read).get(f"/feedback/{name}.csv")
    assert response.status_code == status
    assert said in response.get_data(as_text=True)
    assert "attachment" not in response.headers.get("Content-Disposition", "")


def test_every_figure_of_a_chart_stands_in_a_table_of_the_page(shown: FlaskClient) -> None:
    html = page(shown)
    charts = Parts(html).with_attribute("data-chart")
    assert len(charts) >= 9
    for chart in charts:
        (body,) = re.findall(
            rf'<table class="figures" id="{chart["data-table"]}">.*?</table>', html, re.DOTALL
        )
        columns = {cell["data-c"] for cell in Parts(body).with_attribute("data-c")}
        assert set(chart["data-series"].split()) <= columns
        if chart["data-label"] != "label":
            assert chart["data-label"] in columns


def test_every_table_of_the_page_is_there_as_csv_with_the_same_fields(shown: FlaskClient) -> None:
    html = page(shown, "/feedback?since=2026-11-01&finding=&client=-")
    links = [each["href"] for each in Parts(html).with_attribute("href") if ".csv" in each["href"]]
    tables = set(re.findall(r'id="t-([a-z-]+)"', html))
    assert {re.findall(r"/feedback/([a-z-]+)\.csv", link)[0] for link in links} == tables
    for link in links:
        assert "since=2026-11-01" in link
        assert "client=-" in link
        assert shown.get(link).status_code == 200


CSV: dict[str, list[str]] = {
    "over-time": ["2026-11-16", "10", "5", "2", "3", "0.5", "0.2"],
    "findings": ["coding:C04", "*", "10", "5", "2", "3", "0.5", "0.2", "12.0", "7300.0"],
    "findings-over-time": ["coding:C04", "2026-11-16", "10", "5", "2", "3", "0.5", "0.2"],
    "reasons": ["The order is as intended", "2", "0.6667", "C04 (2)"],
    "reasons-by-finding": ["coding:C04", "The order is as intended", "2"],
    "burden": ["2026-11-16", "20", "40", "10", "25.0"],
    "answer-times": ["2026-11-16", "20", "3.04", "1234.5"],
    "feedback-times": ["2026-11-16", "7", "12.0", "7300.0"],
    "questions": ["radicular-signs", "*", "4"],
    "versions": ["CG-1 2025 1.0", "40", "10", "5", "2", "3", "0.5", "0.2", "25.0", "3.04", "1234.5", "12.0"],
    "clients": [
        "Open access (no client name)",
        "40",
        "10",
        "5",
        "2",
        "3",
        "0.5",
        "0.2",
        "25.0",
        "3.04",
        "1234.5",
        "12.0",
    ],
}


@pytest.mark.parametrize("name", CSV)
def test_csv_holds_plain_numbers(shown: FlaskClient, name: str) -> None:
    header, first, *_ = table(shown, name)
    assert len(header) == len(set(header)) == len(first)
    for cell, expected in zip(first, CSV[name], strict=True):
        assert cell == expected or (expected == "*" and len(cell) > 20)


def test_csv_leaves_empty_what_is_not_known(shown: FlaskClient) -> None:
    assert table(shown, "findings")[2][-2:] == ["", ""]


def test_links_keep_to_all_days_when_those_were_asked_for(shown: FlaskClient) -> None:
    links = [each["href"] for each in Parts(page(shown, "/feedback?since=")).with_attribute("href")]
    tables = [link for link in links if ".csv" in link]
    assert tables
    assert all("since=" in link for link in tables)
    assert "since=" in next(link for link in links if "finding=coding:C04" in link)


def test_a_spreadsheet_runs_nothing(shown: FlaskClient) -> None:
    assert table(shown, "clients")[2][0] == "'=cmd|' /C calc'!A0"


def test_the_file_is_named_after_its_days_and_says_when_it_is_demo_data() -> None:
    client = site(lambda _: replace(PICTURE, invented=1))
    query = "?since=2026-11-01&until=2026-11-07"
    named = client.get(f"/feedback/burden.csv{query}").headers["Content-Disposition"]
    assert named == 'attachment; filename="demo-feedback-burden-2026-11-01-2026-11-07.csv"'
    odd = client.get('/feedback/burden.csv?since="%0d%0aX-Evil:1').headers["Content-Disposition"]
    assert odd == 'attachment; filename="demo-feedback-burden.csv"'


@pytest.mark.parametrize(
    ("invented", "said"),
    [(0, ""), (5, "5 of the 20 calls counted here were"), (20, "All 20 calls counted here were")],
)
def test_demo_data_is_labelled_where_there_is_some(invented: int, said: str) -> None:
    html = re.sub(r"\s+", " ", page(site(lambda _: replace(PICTURE, invented=invented))))
    assert ("Demo data." in html) is bool(invented)
    assert ("Feedback (demo data) · " in html) is bool(invented)
    assert said in html
    headings = re.findall(r"<h2.*?</h2>", html)
    assert len(headings) > 5
    assert all(("demo data" in each) is bool(invented) for each in headings)


def test_names_of_clients_are_only_text(shown: FlaskClient) -> None:
    html = page(shown, '/feedback?client="><script>alert(2)</script>&finding=<b>')
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<b>" not in html


def test_the_form_shows_what_was_asked_for_even_if_nothing_has_it(shown: FlaskClient) -> None:
    html = page(shown, "/feedback?client=https://ehr.example.org&finding=coding:C99&step=month")
    chosen = re.findall(r'<option value="([^"]*)" selected>', html)
    assert chosen == ["https://ehr.example.org", "coding:C99", "month"]


def test_a_finding_leads_to_its_place_in_the_guideline(shown: FlaskClient) -> None:
    assert 'href="/guideline#pattern-C04"' in page(shown, "/feedback?finding=coding:C04")
    assert 'href="/guideline#row-X4"' in page(shown, "/feedback?finding=determination:emg:NEED-INFO:X4")
    assert 'href="/guideline#' not in page(shown, "/feedback?finding=coding:C999")


def test_every_pattern_and_reason_has_words() -> None:
    names = names_of(service().knowledge, [reason.coding for reason in service().book.reasons])
    for pattern in service().knowledge.coding.patterns.by_id.values():
        assert names.finding(f"coding:{pattern.id}").endswith(pattern.why)
    assert names.reason(f"{SYSTEM}|asIntended") == "The order is as intended"
    assert names.reason("urn:other|x") == "urn:other|x"
    assert names.finding("determination:emg+ncs:NOT-MET:X1").startswith("Necessity of EMG + NCS: not met (")
    assert names.finding("coding:gone") == ""


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        ("coding:C04", "C04"),
        ("determination:emg+ncs:NEED-INFO:X4", "emg+ncs NEED-INFO X4"),
        ("notice:D3", "notice D3"),
        ("coding:", "coding "),
        ("C04", "C04"),
    ],
)
def test_findings_are_short_where_there_is_little_room(finding: str, expected: str) -> None:
    assert short(finding) == expected


CELLS: list[tuple[Any, Kind, str, str]] = [
    (None, Kind.SHARE, "–", ""),
    (0.0, Kind.SHARE, "0 %", "0"),
    (2 / 3, Kind.SHARE, "67 %", "0.666667"),
    (1234567, Kind.COUNT, "1,234,567", "1234567"),
    (27.04, Kind.NUMBER, "27.0", "27.04"),
    (3.04, Kind.MILLISECONDS, "3.0 ms", "3.04"),
    (1234.5, Kind.MILLISECONDS, "1,234 ms", "1234.5"),
    (59.4, Kind.SECONDS, "59 s", "59.4"),
    (90.0, Kind.SECONDS, "1.5 min", "90"),
    (7200.0, Kind.SECONDS, "2.0 h", "7200"),
    (864000.0, Kind.SECONDS, "10.0 days", "864000"),
    (WEEK, Kind.DAY, "16 Nov 2026", "2026-11-16"),
    (WEEK, Kind.MONTH, "Nov 2026", "2026-11-16"),
]


@pytest.mark.parametrize(("cell", "kind", "read", "plain"), CELLS)
def test_figures_read_well_and_are_drawn_plainly(cell: Cell, kind: Kind, read: str, plain: str) -> None:
    assert (words(cell, kind), drawn(cell)) == (read, plain)
