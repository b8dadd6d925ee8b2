"""What a reader typed: it survives a refusal, and a link reopens it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import TRY_FIRST, Open
from tests.browser.serve import Site
from tests.browser.test_workbench import request_of


def link_of(page: Page) -> str:
    page.evaluate("document.getElementById('status').textContent = ''")
    page.get_by_role("button", name="Copy link to this state").click()
    expect(page.locator("#status")).to_have_text("Copied.")
    return str(page.evaluate("navigator.clipboard.readText()"))


def without_fragment(url: str) -> str:
    return url.partition("#")[0]


def test_what_was_typed_about_a_dismissed_card_survives_until_it_is_kept(open_page: Open, site: Site) -> None:
    page = open_page(TRY_FIRST)
    page.locator("#dismiss-0 summary").click()
    comment = page.get_by_label("Comment (may be empty)")
    comment.fill("as agreed")
    comment.press("Enter")
    assert comment.input_value().startswith("as agreed")
    page.get_by_role("button", name="Dismiss and send feedback").press("Enter")
    expect(page.locator(".told")).to_contain_text("nothing was sent")
    expect(page.get_by_role("button", name="Dismiss and send feedback")).to_be_focused()
    expect(comment).to_have_value("as agreed")
    site.answers = 503
    page.get_by_label("Reason", exact=True).select_option("The order is as intended")
    page.get_by_role("button", name="Dismiss and send feedback").click()
    expect(page.locator(".told")).to_contain_text("did not keep it (503)")
    site.answers = 200
    page.get_by_role("button", name="Dismiss and send feedback").click()
    expect(page.locator(".told")).to_contain_text("“The order is as intended”. The service kept it (200)")
    assert site.told[-1][1]["feedback"][0]["overrideReason"]["userComment"] == "as agreed"
    expect(comment).to_have_value("")


def test_a_link_reopens_the_state_and_never_sends_it_in_an_address(open_page: Open, site: Site) -> None:
    page = open_page(TRY_FIRST, permissions=["clipboard-read", "clipboard-write"])
    page.locator("#order-0-reasons").fill("R20.2")
    page.get_by_label("Date of evaluation").fill("2026-11-19")
    page.get_by_role("button", name="Fire the hook").click()
    expect(page.locator(".change")).to_be_visible()
    page.get_by_role("button", name="Copy link to this state").click()
    expect(page.locator("#status")).to_have_text("Copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert "#s=" in link
    sent: list[str] = []
    again = open_page("/")
    again.on("request", lambda request: sent.append(request.url))
    again.goto(link)
    expect(again.locator("#order-0-reasons")).to_have_value("R20.2")
    expect(again.get_by_label("Date of evaluation")).to_have_value("2026-11-19")
    assert request_of(again) == request_of(page)
    assert all("#s=" not in url.partition("?")[2] and len(url) < 200 for url in map(without_fragment, sent))


def test_a_link_reopens_what_was_typed_and_not_fired_yet(open_page: Open) -> None:
    page = open_page(TRY_FIRST, permissions=["clipboard-read", "clipboard-write"])
    page.locator("#order-0-code").fill("95861")
    page.get_by_role("group", name="Limbs of ServiceRequest/b").get_by_label("Left leg").uncheck()
    page.get_by_label("Muscle weakness").select_option("Absent (documented)")
    again = open_page("/")
    again.goto(link_of(page))
    expect(again.locator("#order-0-code")).to_have_value("95861")
    limbs = again.get_by_role("group", name="Limbs of ServiceRequest/b")
    expect(limbs.get_by_label("Left leg")).not_to_be_checked()
    expect(limbs.get_by_label("Right leg")).to_be_checked()
    expect(again.get_by_label("Muscle weakness")).to_have_value("absent")
    expect(again.locator(".change")).to_contain_text("95864 for M62.81 became 95861 for M62.81")


def test_a_link_reopens_raw_json_even_where_it_cannot_be_read(open_page: Open) -> None:
    page = open_page(TRY_FIRST, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Raw JSON").click()
    area = page.get_by_label("The hook request, as the EHR would send it")
    again = open_page("/")
    again.goto(link_of(page))
    opened = again.get_by_label("The hook request, as the EHR would send it")
    expect(opened).to_have_value(area.input_value())
    area.fill('{"hook": ')
    broken = open_page("/")
    broken.goto(link_of(page))
    expect(broken.get_by_label("The hook request, as the EHR would send it")).to_have_value('{"hook": ')
    expect(broken.get_by_role("alert").first).to_contain_text("The request is not JSON")


def test_a_broken_link_to_a_state_says_so(open_page: Open) -> None:
    page = open_page("/workbench/c01-four-limbs-with-conduction#s=broken")
    expect(page.get_by_role("alert").first).to_contain_text("could not be read")
    expect(page.locator(".card")).to_be_visible()


def test_a_download_that_fails_leaves_the_page_and_what_was_typed(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    page.route("**/workbench/**", lambda route: route.abort())
    page.locator("#order-0-reasons").fill("R20.2")
    page.get_by_role("button", name="Download the request").click()
    expect(page.get_by_role("alert").first).to_contain_text("cannot be reached")
    expect(page.locator("#order-0-reasons")).to_have_value("R20.2")
    page.unroute("**/workbench/**")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download the request").click()
    assert saved.value.suggested_filename == "c01-four-limbs-with-conduction-request.json"
    assert "R20.2" in saved.value.path().read_text()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_without_scripts_a_download_is_a_plain_form(open_page: Open) -> None:
    page = open_page(TRY_FIRST, java_script_enabled=False)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download the request").click()
    assert saved.value.suggested_filename == "c01-four-limbs-with-conduction-request.json"
