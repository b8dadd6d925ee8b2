"""A real browser (Debian's Chromium, headless) and the pages it looks at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.serve import Site, running

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
WIDE, NARROW = 1024, 360
TRY_FIRST = "/workbench/c01-four-limbs-with-conduction?first="

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; without it these tests fail, as nothing else looks at the pages."""
    if not CHROMIUM.is_file():
        pytest.fail(
            "this test needs Chromium: apt-get install -y --no-install-recommends chromium,"
            " or name one in CHROMIUM",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        # No sandbox of its own: tests may run as root in a container. It only ever sees our own pages.
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pages() -> Iterator[Site]:
    with running() as site:
        yield site


@pytest.fixture
def site(pages: Site) -> Site:
    """The pages, with nothing told yet and feedback taken."""
    pages.told.clear()
    pages.answers = 200
    return pages


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[Open]:
    """Open a path of the site; afterwards nothing may have left the machine or broken the policy."""
    contexts: list[BrowserContext] = []
    asked: list[str] = []
    complaints: list[str] = []

    def open_one(path: str, *, width: int = WIDE, **options: Any) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, reduced_motion="reduce", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None,
        )
        page.goto(site.url + path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith((site.url, "data:", "blob:"))] == []
    assert complaints == []
