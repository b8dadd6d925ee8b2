"""Pictures of the pages: ``python -m tests.browser.screenshots FOLDER`` writes workbench and guideline."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, TRY_FIRST
from tests.browser.serve import running

WIDTH, HEIGHT = 1280, 960


def workbench(page: Page) -> None:
    """The first example, with its card and the reasons."""
    page.locator("#request-fold > summary").click()
    page.evaluate("scrollTo(0, 0)")


def guideline(page: Page) -> None:
    """What one reason code does."""


PICTURES = {"workbench": (TRY_FIRST, workbench), "guideline": ("/guideline?q=M51.16", guideline)}


def main(folder: Path) -> None:
    """Write every picture into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with running() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for name, (path, prepare) in PICTURES.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
            page.goto(site.url + path)
            prepare(page)
            page.screenshot(path=folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.browser.screenshots FOLDER")
    main(Path(sys.argv[1]))
