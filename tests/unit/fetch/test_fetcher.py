"""The fetcher against a FHIR-like server: what is asked, what is joined, what becomes a gap."""

from __future__ import annotations

import gzip
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from cds_service.core.case import Gap
from cds_service.core.hook_call import FhirAccess
from cds_service.fetch.client import Fetcher
from tests.unit.fetch import fhir_server as fhir

CONDITION = fhir.resource("Condition", "c1")
WELL = {
    "Patient": fhir.gives(fhir.resource("Patient", fhir.PATIENT)),
    "Condition": fhir.gives(fhir.searchset(CONDITION)),
    "Observation": fhir.gives(fhir.searchset()),
}


def fetcher(budget: float = fhir.LONG, **limits: Any) -> Fetcher:
    return Fetcher(budget, **limits)


def test_what_is_missing_is_fetched_and_joined_under_its_key() -> None:
    with fhir.serving(WELL) as server:
        url = server.url()
        done = fhir.complete(fetcher(), fhir.call(f"{url}/"), fhir.caller(url))
    assert fhir.whats(done) == {"patient": "fetched", "conditions": "fetched", "observations": "empty"}
    assert done.call.prefetch == {
        "patient": fhir.resource("Patient", fhir.PATIENT),
        "conditions": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": CONDITION}]},
        "observations": {"resourceType": "Bundle", "type": "searchset", "entry": []},
    }
    assert done.call.gaps == ()
    assert server.paths() == [
        f"/fhir/Condition?patient={fhir.PATIENT}",
        f"/fhir/Observation?patient={fhir.PATIENT}",
        f"/fhir/Patient/{fhir.PATIENT}",
    ]


def test_the_token_and_the_name_of_the_server_are_in_every_request() -> None:
    with fhir.serving(WELL) as server:
        fhir.complete(fetcher(), fhir.call(server.url()), fhir.caller(server.url()))
    for _, headers in server.asked:
        assert headers["Authorization"] == f"Bearer {fhir.TOKEN}"
        assert headers["Host"] == f"127.0.0.1:{server.port}"
        assert "Cookie" not in headers


def test_only_what_is_missing_is_asked_for_and_the_rest_stays_as_sent() -> None:
    sent = {"patient": None, "problemList": fhir.searchset(CONDITION), "more": {"a": 1}}
    with fhir.serving(WELL) as server:
        done = fhir.complete(fetcher(), fhir.call(server.url(), prefetch=sent), fhir.caller(server.url()))
    assert server.paths() == [f"/fhir/Observation?patient={fhir.PATIENT}"]
    assert done.call.prefetch == {**sent, "observations": fhir.searchset()}
    assert sent == {"patient": None, "problemList": fhir.searchset(CONDITION), "more": {"a": 1}}


@pytest.mark.parametrize(
    "sent", [None, fhir.searchset(), fhir.outcome(), fhir.searchset(CONDITION), [], "not a resource"]
)
def test_a_key_the_client_answered_is_not_asked_for_again(sent: Any) -> None:
    with fhir.serving(WELL) as server:
        asked = fhir.call(server.url(), prefetch={"conditions": sent})
        done = fhir.complete(fetcher(), asked, fhir.caller(server.url()), fhir.CONDITIONS)
    assert (done.call, done.outcomes, server.asked) == (asked, (), [])


@pytest.mark.parametrize(
    "change",
    [
        {"access": None},
        {"url": ""},
        {"budget": 0},
        {"draft_orders": ()},
        {"draft_orders": (("context.draftOrders.entry[0].resource", {"resourceType": "MedicationRequest"}),)},
        {"selections": ()},
        {"selections": ("MedicationRequest/a",)},
    ],
    ids=str,
)
def test_nothing_is_done_when_there_is_nothing_to_fetch_or_nothing_to_fetch_it_for(
    change: dict[str, Any],
) -> None:
    budget = change.pop("budget", fhir.LONG) if "budget" in change else fhir.LONG
    with fhir.serving(WELL) as server:
        url = change.pop("url", server.url()) if "url" in change else server.url()
        asked = fhir.call(url, **change)
        done = fhir.complete(fetcher(budget), asked, fhir.caller(server.url()))
    assert done.call is asked
    assert (done.outcomes, server.asked) == ((), [])


@pytest.mark.parametrize(
    "selections", [None, ("ServiceRequest/a",), ("MedicationRequest/a", "ServiceRequest/b"), ("a",)]
)
def test_selected_service_requests_are_fetched_for(selections: Any) -> None:
    with fhir.serving(WELL) as server:
        done = fhir.complete(
            fetcher(),
            fhir.call(server.url(), selections=selections),
            fhir.caller(server.url()),
            fhir.CONDITIONS,
        )
    assert fhir.whats(done) == {"conditions": "fetched"}


@pytest.mark.parametrize(
    ("answer", "what", "gap"),
    [
        (fhir.status(401), "status", "not supplied, and the FHIR server answered with status 401"),
        (fhir.status(403), "status", "not supplied, and the FHIR server answered with status 403"),
        (fhir.status(404), "status", "not supplied, and the FHIR server answered with status 404"),
        (fhir.status(500), "status", "not supplied, and the FHIR server answered with status 500"),
        (fhir.reply(b"{}", 204), "status", "not supplied, and the FHIR server answered with status 204"),
        (fhir.drops_connection, "unreachable", "not supplied, and the FHIR server could not be reached"),
        (fhir.garbage, "unreachable", "not supplied, and the FHIR server could not be reached"),
        (
            fhir.reply(b"\x1f\x8b broken", Content_Encoding="gzip"),
            "unreachable",
            "not supplied, and the FHIR server could not be reached",
        ),
        (fhir.reply(b"<html>"), "not-json", "not supplied, and the FHIR server did not answer with JSON"),
        (fhir.reply(b""), "not-json", "not supplied, and the FHIR server did not answer with JSON"),
        (fhir.reply(b"\xff\xfe{"), "not-json", "not supplied, and the FHIR server did not answer with JSON"),
        (fhir.gives(None), "wrong-type", "not supplied, and the FHIR server answered with other resources"),
        (
            fhir.gives([CONDITION]),
            "wrong-type",
            "not supplied, and the FHIR server answered with other resources",
        ),
        (
            fhir.gives(CONDITION),
            "wrong-type",
            "not supplied, and the FHIR server answered with other resources",
        ),
        (
            fhir.gives(fhir.searchset(fhir.resource("Patient"))),
            "wrong-type",
            "not supplied, and the FHIR server answered with other resources",
        ),
        (fhir.gives(fhir.outcome()), "reported-error", "not supplied, and the FHIR server reported an error"),
        (
            fhir.gives(fhir.searchset(fhir.outcome())),
            "reported-error",
            "not supplied, and the FHIR server reported an error",
        ),
        (
            fhir.reply(b'{"a":' * 100 + b"1" + b"}" * 100),
            "too-large",
            "not supplied, and the FHIR server's answer is too large",
        ),
    ],
)
def test_what_cannot_be_had_is_a_gap_and_spoils_nothing_else(answer: Any, what: str, gap: str) -> None:
    with fhir.serving({**WELL, "Condition": answer}) as server:
        done = fhir.complete(fetcher(), fhir.call(server.url()), fhir.caller(server.url()))
    assert fhir.whats(done) == {"patient": "fetched", "conditions": what, "observations": "empty"}
    assert fhir.gaps(done) == {"conditions": gap}
    assert sorted(done.call.prefetch) == ["observations", "patient"]


@pytest.mark.parametrize(
    "what", [fhir.resource("Condition", fhir.PATIENT), fhir.resource("Patient", "other")]
)
def test_a_read_must_bring_the_very_resource(what: Any) -> None:
    with fhir.serving({"": fhir.gives(what)}) as server:
        templates = {"patient": fhir.TEMPLATES["patient"]}
        done = fhir.complete(fetcher(), fhir.call(server.url()), fhir.caller(server.url()), templates)
    assert (fhir.whats(done), done.call.prefetch) == ({"patient": "wrong-type"}, {})


@pytest.mark.parametrize(
    ("found", "what", "kept"),
    [
        ([CONDITION, fhir.resource("Encounter")], "fetched", 1),
        ([fhir.outcome("warning")], "empty", 0),
        ([CONDITION, fhir.outcome("information")], "fetched", 1),
        ([CONDITION, fhir.outcome("error")], "reported-error", 1),
    ],
)
def test_of_a_page_only_the_type_asked_for_is_kept(found: list[Any], what: str, kept: int) -> None:
    with fhir.serving({"": fhir.gives(fhir.searchset(*found))}) as server:
        done = fhir.complete(fetcher(), fhir.call(server.url()), fhir.caller(server.url()), fhir.CONDITIONS)
    assert fhir.whats(done) == {"conditions": what}
    assert len(done.call.prefetch["conditions"]["entry"]) == kept


def test_all_pages_are_one_bundle_without_links() -> None:
    pages = fhir.Pages(lambda _, number: f"?page={number}", last=3)
    with fhir.serving({"Condition": pages}) as server:
        done = fhir.complete(fetcher(), fhir.call(server.url()), fhir.caller(server.url()), fhir.CONDITIONS)
    [outcome] = done.outcomes
    assert (outcome.what, outcome.pages) == ("fetched", 3)
    bundle = done.call.prefetch["conditions"]
    assert [each["resource"]["id"] for each in bundle["entry"]] == ["c1", "c2", "c3"]
    assert "link" not in bundle


@pytest.mark.parametrize(
    ("link", "pages"),
    [
        (lambda request, number: f"?page={number}", 4),
        (lambda request, number: f"{request.server.url()}?_getpages=a&n={number}", 4),
        (lambda request, number: "?page=same", 2),
        (lambda request, number: request.path, 1),
        (lambda request, number: f"http://127.0.0.1:{request.server.port}/admin?n={number}", 1),
        (lambda request, number: f"http://localhost:{request.server.port}/fhir?n={number}", 1),
        (lambda request, number: f"https://127.0.0.1:{request.server.port}/fhir?n={number}", 1),
        (lambda request, number: "//evil.example/fhir", 1),
        (lambda request, number: "", 1),
    ],
    ids=[
        "for ever",
        "for ever by absolute links",
        "in a ring",
        "itself",
        "off the path",
        "another name of it",
        "another scheme",
        "another host",
        "no address",
    ],
)
def test_pages_without_end_or_that_lead_away_stop_and_the_rest_is_a_gap(link: Any, pages: int) -> None:
    with fhir.serving({"": fhir.Pages(link)}) as server:
        done = fhir.complete(
            fetcher(max_pages=4), fhir.call(server.url()), fhir.caller(server.url()), fhir.CONDITIONS
        )
        assert len(server.asked) == pages
        assert all(path.startswith("/fhir") for path in server.paths())
    [outcome] = done.outcomes
    assert (outcome.what, outcome.pages) == ("partial", pages)
    assert len(done.call.prefetch["conditions"]["entry"]) == pages
    assert done.call.gaps == (outcome.gap,)
    assert "only" in fhir.gaps(done)["conditions"]


@pytest.mark.parametrize("what", ["fetched", "timeout", "partial"])
def test_a_first_page_that_was_sent_is_replaced_only_by_the_whole(what: str) -> None:
    answers = {"fetched": WELL["Condition"], "timeout": fhir.hangs, "partial": fhir.Pages(lambda *_: "/x")}
    sent = fhir.searchset(fhir.resource("Condition", "sent"), next_link="https://evil.example/next")
    with fhir.serving({"Condition": answers[what]}) as server:
        done = fhir.complete(
            fetcher(0.2 if what == "timeout" else fhir.LONG),
            fhir.call(server.url(), prefetch={"myProblems": sent}),
            fhir.caller(server.url()),
            fhir.CONDITIONS,
        )
    assert fhir.whats(done) == {"conditions": what}
    assert done.call.gaps == ()
    assert done.call.prefetch == {"myProblems": fhir.searchset(CONDITION) if what == "fetched" else sent}


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        fhir.reply(b" " * 3000 + b"{}"),
        fhir.drips(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 4096),
        fhir.drips(CHUNKED, b"400\r\n" + b" " * 1024 + b"\r\n"),
    ],
    ids=["in one piece", "without end", "in chunks without end"],
)
def test_an_answer_beyond_the_size_is_given_up(answer: Any) -> None:
    with fhir.serving({"": answer}) as server:
        done = fhir.complete(
            fetcher(max_bytes=2000), fhir.call(server.url()), fhir.caller(server.url()), fhir.CONDITIONS
        )
    assert fhir.whats(done) == {"conditions": "too-large"}


def test_the_size_counts_over_all_pages_and_after_unpacking() -> None:
    bomb = fhir.reply(gzip.compress(b" " * 1_000_000), Content_Encoding="gzip")
    padded = [fhir.resource("Condition", str(n), note="x" * 500) for n in range(3)]
    with fhir.serving(
        {"Condition": fhir.gives(fhir.searchset(*padded, next_link="?n=2")), "Observation": bomb}
    ) as server:
        done = fhir.complete(fetcher(max_bytes=3000), fhir.call(server.url()), fhir.caller(server.url()))
    assert fhir.whats(done)["conditions"] == "partial"
    assert fhir.whats(done)["observations"] == "too-large"
    assert [each.pages for each in done.outcomes if each.key == "conditions"] == [1]


def hangs_in_its_body(request: fhir.Request) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{")
    fhir.hangs(request)


DRIPS_A_HEADER = fhir.drips(b"HTTP/1.1 200 OK\r\nX-A: ", b"b")
STUCK = {
    "hangs before answering": fhir.hangs,
    "drips its status line": fhir.drips(b"HTTP/1.1 200 O", b"K"),
    "drips a header": DRIPS_A_HEADER,
    "drips its body": fhir.drips(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
    "drips its chunks": fhir.drips(CHUNKED, b"1\r\n \r\n"),
    "hangs in its body": hangs_in_its_body,
}


@pytest.mark.parametrize("answer", STUCK.values(), ids=STUCK)
def test_a_stuck_server_costs_the_budget_and_no_more(answer: Any) -> None:
    with fhir.serving({"": answer}) as server:
        one = fetcher(0.3)
        for _ in range(2):
            done = fhir.complete(one, fhir.call(server.url()), fhir.caller(server.url()), fhir.CONDITIONS)
            assert fhir.whats(done) == {"conditions": "timeout"}
            assert fhir.gaps(done) == {"conditions": "not supplied, and could not be fetched in time"}


def test_one_stuck_query_does_not_keep_the_others_from_the_answer() -> None:
    with fhir.serving({**WELL, "Condition": DRIPS_A_HEADER}) as server:
        done = fhir.complete(fetcher(2), fhir.call(server.url()), fhir.caller(server.url()))
    assert fhir.whats(done) == {"patient": "fetched", "conditions": "timeout", "observations": "empty"}
    assert sorted(done.call.prefetch) == ["observations", "patient"]


def test_stuck_queries_give_their_threads_back() -> None:
    many = {f"c{number}": f"Condition?code={number}" for number in range(40)}
    with fhir.serving({"Condition": DRIPS_A_HEADER}) as server:
        one = fetcher(0.3)
        first = fhir.complete(one, fhir.call(server.url()), fhir.caller(server.url()), many)
        server.answers["Condition"] = WELL["Condition"]
        assert set(fhir.whats(first).values()) == {"timeout", "budget"}
        # As many at once as there are threads, so every thread is free again.
        for _ in range(20):
            done = fhir.complete(
                one, fhir.call(server.url()), fhir.caller(server.url()), dict(list(many.items())[:16])
            )
            if set(fhir.whats(done).values()) == {"fetched"}:
                break
        assert set(fhir.whats(done).values()) == {"fetched"}


def test_pages_had_before_the_budget_ended_are_kept() -> None:
    pages = fhir.Pages(lambda _, number: f"?page={number}")

    def slow(request: fhir.Request) -> None:
        if pages.served >= 2:
            fhir.hangs(request)
        pages(request)

    with fhir.serving({"Condition": slow}) as server:
        done = fhir.complete(
            fetcher(0.5), fhir.call(server.url()), fhir.caller(server.url()), fhir.CONDITIONS
        )
    [outcome] = done.outcomes
    assert (outcome.what, outcome.pages) == ("partial", 2)
    assert fhir.gaps(done) == {"conditions": "only the first 2 pages were fetched"}
    assert len(done.call.prefetch["conditions"]["entry"]) == 2


@pytest.mark.parametrize(
    ("access", "asked", "what"),
    [
        (FhirAccess(""), [], {"patient": "no-token", "conditions": "no-token", "observations": "no-token"}),
        (
            FhirAccess(fhir.TOKEN, scope="patient/Condition.read launch"),
            ["Condition"],
            {"patient": "no-scope", "conditions": "fetched", "observations": "no-scope"},
        ),
        (
            FhirAccess(fhir.TOKEN, scope="patient/*.rs user/Condition.rs", patient="someone-else"),
            ["Condition"],
            {"patient": "no-scope", "conditions": "fetched", "observations": "no-scope"},
        ),
    ],
)
def test_the_token_decides_what_is_asked_for(
    access: FhirAccess, asked: list[str], what: dict[str, str]
) -> None:
    with fhir.serving(WELL) as server:
        done = fhir.complete(fetcher(), fhir.call(server.url(), access=access), fhir.caller(server.url()))
        assert [path.split("?")[0] for path in server.paths()] == [f"/fhir/{kind}" for kind in asked]
    assert fhir.whats(done) == what
    words = {"no-scope": "not supplied, and the access token does not cover it"}
    assert fhir.gaps(done) == {key: words[each] for key, each in what.items() if each in words}


def test_an_id_that_is_none_is_never_sent() -> None:
    with fhir.serving(WELL) as server:
        bad = replace(fhir.call(server.url()), patient_id="../../admin")
        done = fhir.complete(fetcher(), bad, fhir.caller(server.url()))
    assert server.asked == []
    assert set(fhir.whats(done).values()) == {"no-id"}
    assert len(done.call.gaps) == len(fhir.TEMPLATES)


def test_gaps_of_the_envelope_stay() -> None:
    with fhir.serving({}) as server:
        asked = fhir.call(server.url(), gaps=(Gap("context", "x"),))
        done = fhir.complete(fetcher(), asked, fhir.caller(server.url()), fhir.CONDITIONS)
    assert [gap.path for gap in done.call.gaps] == ["context", "prefetch.conditions"]


def test_connections_are_kept_and_a_closed_one_is_replaced() -> None:
    with fhir.serving(WELL) as server:
        one = fetcher()
        for _ in range(3):
            fhir.complete(one, fhir.call(server.url()), fhir.caller(server.url()), fhir.CONDITIONS)
        assert (server.connections, len(server.asked)) == (1, 3)

        def last(request: fhir.Request) -> None:
            WELL["Condition"](request)
            request.close_connection = True

        server.answers["Condition"] = last
        for _ in range(3):
            done = fhir.complete(one, fhir.call(server.url()), fhir.caller(server.url()), fhir.CONDITIONS)
            assert fhir.whats(done) == {"conditions": "fetched"}


def test_cookies_of_one_call_do_not_reach_the_next() -> None:
    cookie = fhir.reply(b'{"resourceType": "Bundle"}', Set_Cookie="canary=1; Path=/")
    with fhir.serving({"": cookie}) as server:
        one = fetcher()
        for _ in range(2):
            fhir.complete(one, fhir.call(server.url()), fhir.caller(server.url()), fhir.CONDITIONS)
        assert ["Cookie" in headers for _, headers in server.asked] == [False, False]


ABANDONED = """
import os, sys
from tests.unit.fetch import fhir_server as fhir
from cds_service.fetch.client import Fetcher

fetcher = Fetcher(0.3, resolve=lambda host, port: fhir.threading.Event().wait(60) or [])
url = sys.argv[1]
if os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
for server in (url, "http://never.example.org/fhir"):
    print(fhir.whats(fetcher.complete(fhir.call(server), fhir.caller(server), fhir.CONDITIONS)))
"""


def test_a_forked_worker_fetches_and_ends_though_its_queries_are_stuck() -> None:
    with fhir.serving({"": DRIPS_A_HEADER}) as server:
        ended = subprocess.run(
            [sys.executable, "-c", ABANDONED, server.url()],
            capture_output=True,
            text=True,
            timeout=fhir.LONG,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "{'conditions': 'timeout'}\n" * 2
