"""The workbench as a person uses it, in a real browser."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import TRY_FIRST, Open
from tests.browser.serve import Site

ASKING = "/workbench/loop-side-1-asked"


def request_of(page: Page) -> Any:
    return json.loads(page.locator("input[name=request]").input_value())


def codings(request: Any) -> list[tuple[str, str]]:
    orders = [entry["resource"] for entry in request["context"]["draftOrders"]["entry"]]
    return [(order["id"], order["code"]["coding"][0]["code"]) for order in orders]


def test_a_newcomer_finds_why_the_first_example_gives_a_card_and_what_one_click_does(open_page: Open) -> None:
    page = open_page("/")
    page.get_by_role("link", name="Try this first: 95864 beside 95910").click()
    page.wait_for_load_state()  # with its scripts: without them the page says the same, but not aloud
    expect(page.locator(".card h3")).to_have_text(
        "95864 cannot go with 95910 on one day: change to 95886 x 4"
    )
    expect(page.locator(".card .indicator")).to_contain_text("Warning")
    expect(page.locator(".trace").first).to_contain_text(
        "A stand-alone limb code is for days without conduction"
    )
    page.get_by_role("button", name="Change to 95886 x 4").click()
    change = page.locator(".change")
    expect(change).to_contain_text("C01 is no longer raised")
    expect(change).to_contain_text("95864 for M62.81 became 95886 x 4 for M62.81")
    expect(change.locator("ins", has_text='"code": "95886"')).to_contain_text("added")
    expect(change.locator("del", has_text='"code": "95864"')).to_contain_text("removed")
    expect(page.locator("#order-0-code")).to_have_value("95886")
    expect(page.locator(".silent")).to_be_visible()
    expect(page.locator("#status")).to_contain_text("C01 is no longer raised")


def test_a_change_can_be_taken_back(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    before = request_of(page)
    page.locator(".suggestion").click()
    expect(page.locator(".silent")).to_be_visible()
    page.get_by_role("button", name="Take this change back").click()
    expect(page.locator(".card h3")).to_contain_text("95864")
    assert request_of(page) == before


def test_the_list_is_searched_while_typing_and_the_address_keeps_the_search(open_page: Open) -> None:
    page = open_page("/")
    page.get_by_label("Search stories, codes and ids").fill("splint carpal")
    expect(page.locator("#scenarios [data-announce]")).to_contain_text("match “splint carpal”")
    shown = page.locator(".story h3")
    assert 0 < shown.count() < 60
    assert page.url.endswith("?q=splint+carpal")
    expect(page.get_by_label("Search stories, codes and ids")).to_be_focused()
    page.get_by_label("Search stories, codes and ids").fill("xyzzy")
    expect(page.locator("#scenarios .empty")).to_contain_text("Nothing matches")


def test_an_edit_of_one_field_leaves_the_rest_of_the_request_alone(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    before = request_of(page)
    page.locator("#order-0-code").fill("95886")
    page.locator("#order-0-units").fill("4")
    page.get_by_role("button", name="Fire the hook").click()
    expect(page.locator(".silent")).to_be_visible()
    after = request_of(page)
    order = after["context"]["draftOrders"]["entry"][0]["resource"]
    assert order["code"]["coding"] == [{"system": "http://www.ama-assn.org/go/cpt", "code": "95886"}]
    assert order.pop("quantityQuantity") == {"value": 4}
    order["code"]["coding"][0]["code"] = "95864"
    assert after == before


def test_limbs_reasons_conditions_and_findings_are_edited_in_the_form(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    page.locator("#order-0-reasons").fill("M62.81, R20.2")
    page.get_by_role("group", name="Limbs of ServiceRequest/a").get_by_label("Left leg").uncheck()
    page.get_by_label("Conditions, by code").fill("M62.81, G62.9")
    page.get_by_label("Muscle weakness").select_option("Absent (documented)")
    page.get_by_role("button", name="Fire the hook").click()
    expect(page.locator(".change")).to_be_visible()
    request = request_of(page)
    order = request["context"]["draftOrders"]["entry"][0]["resource"]
    assert [each["coding"][0]["code"] for each in order["reasonCode"]] == ["M62.81", "R20.2"]
    assert len(order["bodySite"]) == 3
    conditions = request["prefetch"]["conditions"]
    assert [e["resource"]["code"]["coding"][0]["code"] for e in conditions["entry"]] == ["M62.81", "G62.9"]
    assert conditions["total"] == 2
    assert request["prefetch"]["observations"]["entry"][0]["resource"]["valueBoolean"] is False


def test_orders_are_added_and_removed(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    page.get_by_role("button", name="Remove ServiceRequest/b").click()
    expect(page.locator(".order")).to_have_count(1)
    page.get_by_label("Code to add").fill("95909")
    page.get_by_role("button", name="Add an order").click()
    expect(page.locator(".order")).to_have_count(2)
    page.get_by_label("Code to add").fill("95937")
    page.get_by_label("Code to add").press("Enter")
    expect(page.locator(".order")).to_have_count(3)
    assert [code for _, code in codings(request_of(page))] == ["95864", "95909", "95937"]
    expect(page.locator(".card h3").first).to_contain_text("95864 cannot go with 95909")


def test_form_and_raw_json_edit_the_same_request(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    page.locator("#order-1-units").fill("2")
    page.get_by_role("button", name="Raw JSON").click()
    area = page.get_by_label("The hook request, as the EHR would send it")
    typed = json.loads(area.input_value())
    assert typed["context"]["draftOrders"]["entry"][1]["resource"]["quantityQuantity"] == {"value": 2}
    typed["context"]["draftOrders"]["entry"][1]["resource"]["code"]["coding"][0]["code"] = "95911"
    area.fill(json.dumps(typed))
    page.get_by_role("button", name="Form", exact=True).click()
    expect(page.locator("#order-1-code")).to_have_value("95911")


def test_json_that_cannot_be_read_is_kept_and_the_fault_is_named(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    page.get_by_role("button", name="Raw JSON").click()
    area = page.get_by_label("The hook request, as the EHR would send it")
    area.fill('{"hook": "order-sign",\n oops}')
    page.get_by_role("button", name="Fire the hook").click()
    expect(page.get_by_role("alert").first).to_contain_text("not JSON")
    expect(page.get_by_role("alert").first).to_contain_text("line 2")
    assert "oops" in area.input_value()


def test_a_request_the_service_refuses_says_where_and_what_to_do(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    page.get_by_role("button", name="Raw JSON").click()
    area = page.get_by_label("The hook request, as the EHR would send it")
    request = json.loads(area.input_value())
    del request["context"]["patientId"]
    area.fill(json.dumps(request))
    page.get_by_role("button", name="Fire the hook").click()
    expect(page.get_by_role("alert").first).to_contain_text("context.patientId: is missing; add it")


def test_an_answer_on_the_form_turns_a_question_into_one_correction(open_page: Open) -> None:
    page = open_page(ASKING)
    expect(page.locator(".suggestion")).not_to_have_count(1)
    page.get_by_label("Which side has symptoms?").select_option("Right")
    page.get_by_role("button", name="Answer and fire").click()
    expect(page.locator(".change")).to_contain_text("G56.0: ASK became FIX")
    expect(page.locator(".suggestion")).to_contain_text("Change reason G56.0 to G56.01")
    (entry,) = request_of(page)["prefetch"]["questionnaireResponses"]["entry"]
    assert entry["resource"]["item"][0]["linkId"] == "symptomatic-sides"
    page.locator(".suggestion").click()
    expect(page.locator(".change")).to_contain_text("G56.0 is no longer raised")


def test_an_answer_can_be_changed_and_taken_away(open_page: Open) -> None:
    page = open_page("/workbench/loop-side-2-answered")
    question = page.get_by_label("Which side has symptoms?")
    expect(question).to_have_value("right")
    question.select_option("Left")
    page.get_by_role("button", name="Answer and fire").click()
    expect(page.locator(".suggestion")).to_contain_text("Change reason G56.0 to G56.02")
    page.get_by_label("Which side has symptoms?").select_option("Not answered")
    page.get_by_role("button", name="Answer and fire").click()
    expect(page.locator(".change")).to_contain_text("FIX became ASK")


def test_a_dismissed_card_is_told_to_the_service(open_page: Open, site: Site) -> None:
    page = open_page(TRY_FIRST)
    card = page.locator("input[name=uuid-0]").input_value()
    page.locator("#dismiss-0 summary").click()
    page.get_by_label("Reason", exact=True).select_option("This patient's payer has another rule")
    page.get_by_label("Comment (may be empty)").fill("as agreed")
    page.get_by_role("button", name="Dismiss and send feedback").click()
    expect(page.locator(".told")).to_contain_text("The service kept it (200)")
    ((service, body),) = site.told
    (item,) = body["feedback"]
    assert service == "emg-ncs-order-sign"
    assert (item["card"], item["outcome"]) == (card, "overridden")
    assert item["overrideReason"]["reason"]["code"] == "payerRuleDiffers"
    assert item["overrideReason"]["userComment"] == "as agreed"


def test_feedback_that_is_not_kept_says_why(open_page: Open, site: Site) -> None:
    site.answers = 503
    page = open_page(TRY_FIRST)
    page.locator("#dismiss-0 summary").click()
    page.get_by_role("button", name="Dismiss and send feedback").click()
    expect(page.locator(".told")).to_contain_text("Choose a reason first; nothing was sent")
    assert site.told == []
    page.get_by_label("Reason", exact=True).select_option(index=1)
    page.get_by_role("button", name="Dismiss and send feedback").click()
    expect(page.locator(".told")).to_contain_text("did not keep it (503): No store is configured.")


def test_a_suggestion_taken_is_told_with_its_id(open_page: Open, site: Site) -> None:
    page = open_page(TRY_FIRST)
    card = page.locator("input[name=uuid-0]").input_value()
    suggestion = page.locator("input[name^='suggestion-0:0']").input_value()
    page.locator(".suggestion").click()
    expect(page.locator(".silent")).to_be_visible()
    ((_, body),) = site.told
    (item,) = body["feedback"]
    assert (item["card"], item["outcome"]) == (card, "accepted")
    assert item["acceptedSuggestions"] == [{"id": suggestion}]


def test_a_line_of_the_reasoning_leads_to_the_resource_and_to_the_guideline(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    page.locator("#request-fold summary").click()
    page.locator(".trace .ref", has_text="ServiceRequest/a").first.click()
    resource = page.locator("#json-ServiceRequest-a")
    expect(resource).to_be_in_viewport()
    plain = page.locator("#json-ServiceRequest-b").evaluate("it => getComputedStyle(it).backgroundColor")
    assert resource.evaluate("it => getComputedStyle(it).backgroundColor") != plain
    page.locator(".trace a.id", has_text="E1").first.click()
    expect(page.locator("#criterion-E1")).to_be_in_viewport()
    expect(page.locator("#criterion-E1")).to_contain_text("basis B")


def test_every_verdict_of_the_reasoning_is_a_word_beside_its_icon(open_page: Open) -> None:
    page = open_page("/workbench/row-e3d-stage-5-alone")
    words = {each.strip().split(maxsplit=1)[1] for each in page.locator(".verdict").all_inner_texts()}
    assert {"met", "not met", "unknown"} <= words


def test_the_call_can_be_copied_as_curl(open_page: Open) -> None:
    page = open_page(TRY_FIRST, permissions=["clipboard-read", "clipboard-write"])
    page.locator("#curl-fold summary").click()
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.locator("#status")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    first, _, rest = copied.partition("<<'JSON'\n")
    assert first.startswith("curl ")
    assert "/cds-services/emg-ncs-order-sign" in first
    assert json.loads(rest.removesuffix("\nJSON")) == request_of(page)


def test_request_and_response_are_downloaded_as_json(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download the request").click()
    assert json.loads(saved.value.path().read_bytes()) == request_of(page)
    with page.expect_download() as answered:
        page.get_by_role("button", name="Download the response").click()
    (card,) = json.loads(answered.value.path().read_bytes())["cards"]
    assert card["summary"].startswith("95864 cannot go")


def test_a_service_that_cannot_be_reached_is_told_and_nothing_is_lost(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    page.route("**/workbench/**", lambda route: route.abort())
    page.locator("#order-0-reasons").fill("R20.2")
    page.get_by_role("button", name="Fire the hook").click()
    expect(page.get_by_role("alert").first).to_contain_text("cannot be reached")
    expect(page.locator("#order-0-reasons")).to_have_value("R20.2")


def test_each_dialect_on_offer_can_be_chosen(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    names = page.get_by_label("Dialect of the answer").locator("option").all_inner_texts()
    assert "spec" in names
    for name in names:
        page.get_by_label("Dialect of the answer").select_option(name)
        expect(page.locator(".card h3")).to_contain_text("95864 cannot go with 95910")
        expect(page.get_by_label("Dialect of the answer")).to_have_value(name)


def test_hostile_text_of_a_request_stays_text(open_page: Open) -> None:
    page = open_page(TRY_FIRST)
    page.get_by_role("button", name="Raw JSON").click()
    area = page.get_by_label("The hook request, as the EHR would send it")
    request = json.loads(area.input_value())
    hostile = "</pre><img src=x onerror=alert(1)><script>alert(1)</script>"
    request["context"]["draftOrders"]["entry"][0]["resource"]["id"] = hostile
    request["prefetch"]["observations"]["entry"][0]["resource"]["code"]["text"] = hostile
    area.fill(json.dumps(request))
    page.get_by_role("button", name="Form", exact=True).click()
    expect(page.locator(".order legend").first).to_contain_text("onerror")
    assert page.locator("img").count() == 0
    assert page.locator("main script").count() == 0
