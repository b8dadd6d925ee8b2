"""The commands store, feedback and audit, on a real database."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cds_service import cli
from cds_service.core.kept import FetchedKey
from cds_service.errors import SettingsError
from cds_service.store.connect import Store
from cds_service.store.feedback import FeedbackStore
from cds_service.store.migrate import known
from tests.unit.store.conftest import KEY
from tests.unit.store.records import NOON, answer, card, count, keep, new_id, record
from tests.unit.store.test_feedback import FIRST

EHR = "https://ehr.example.org"
Run = Callable[..., Result]


@pytest.fixture
def run(url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("CDS_STORE_KEY", KEY)
    monkeypatch.setenv("CDS_COMMENT_KEYS", FIRST)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli.group, arguments)

    return run


@pytest.fixture
def served(store: Store) -> str:
    """A card that was served, overridden and commented, beside one without an answer."""
    first = card(indicator="warning", orders=("ServiceRequest/a",))
    trace = {"as_of": "2026-11-18", "notices": [{"id": "D1", "orders": ["ServiceRequest/a"]}]}
    keep(
        store,
        record(first, card(finding="=M0"), issuer=EHR, body=b"the request", gaps=("g",), trace=lambda: trace),
    )
    ear = FeedbackStore(store, comment_keys=(FIRST,), now=lambda: NOON)
    ear.add([answer(first.uuid, "overridden", reason_code="later", comment="why not")], EHR)
    ear.add([answer(new_id())], EHR)
    return first.uuid


def test_migrate_says_what_it_did(run: Run) -> None:
    first, second = run("store", "migrate"), run("store", "migrate")
    assert first.output == f"migrated from an empty database to revision {known()[0]}\n"
    assert second.output == f"nothing to do: the database is at revision {known()[0]}\n"


def test_purge_says_how_much_it_deleted(run: Run, store: Store) -> None:
    keep(store, record(card(), at=NOON.replace(year=2001)), record())
    assert "calls: 1 deleted" in run("store", "purge").output
    assert count(store, "calls") == 1


def test_the_report_as_a_table(run: Run, served: str) -> None:
    output = run("feedback", "report").output
    assert [line.split() for line in output.splitlines() if "C01" in line or "total" in line] == [
        ["│", "C01", "│", "1", "│", "0", "(0%)", "│", "1", "(100%)", "│", "0", "(0%)", "│"],
        ["│", "total", "│", "2", "│", "0", "(0%)", "│", "1", "(50%)", "│", "1", "(50%)", "│"],
        ["│", "C01", "│", "later", "│", "1", "│"],
    ]
    assert "1 feedback on cards that we do not know" in output


def test_the_report_as_json(run: Run, served: str) -> None:
    found = json.loads(run("feedback", "report", "--json", "--by", "issuer", "--by", "week").stdout)
    assert found["groups"] == [
        {
            "issuer": EHR,
            "week": "2026-W47",
            "served": 2,
            "accepted": 0,
            "overridden": 1,
            "unanswered": 1,
            "acceptance_rate": 0.0,
            "override_rate": 0.5,
            "reasons": [{"reason": "later", "count": 1}],
        }
    ]
    assert (found["by"], found["strays"]) == (["issuer", "week"], 1)


def test_the_report_as_csv_holds_no_formula(run: Run, served: str) -> None:
    lines = list(csv.DictReader(io.StringIO(run("feedback", "report", "--csv").stdout)))
    assert [(line["finding"], line["served"], line["override_rate"], line["reasons"]) for line in lines] == [
        ("'=M0", "1", "0.0", ""),
        ("C01", "1", "1.0", "1 x later"),
    ]


def test_the_report_of_another_time_is_empty(run: Run, served: str) -> None:
    assert json.loads(run("feedback", "report", "--json", "--since", "2026-11-19").stdout)["groups"] == []
    assert run("feedback", "report", "--since", "19.11.2026").exit_code == 2


def test_a_card_s_record_in_plain_words(run: Run, served: str, tmp_path: Path) -> None:
    (tmp_path / "request.json").write_bytes(b"the request")
    shown = run("audit", "show", served, "--request", str(tmp_path / "request.json"))
    assert shown.exit_code == 0
    for words in (
        f"card       {served}",
        f"served     2026-11-18 12:00:00 UTC to {EHR}",
        "emg-ncs-order-sign (order-sign)",
        "status 200 in 2.5 ms, 0 orders, 2 cards",
        "CG-1, edition 2025-10-01, version 1.0.0",
        "C01 (correction FIX), warning",
        "gaps       g",
        "  evaluated as of 2026-11-18",
        "  notice D1 ServiceRequest/",
        f"overridden by {EHR}, reason later",
        "a comment is kept until 2027-02-16",
        "request.json is the request that was answered",
    ):
        assert words in shown.output
    assert "why not" not in shown.output
    assert "comment: why not" in run("audit", "show", served, "--comments").output


@pytest.fixture
def fetched(store: Store) -> str:
    """A card that came of fetched data."""
    first = card()
    keys = (FetchedKey("conditions", "fetched", 3), FetchedKey("coverage", "timeout"))
    keep(store, record(first, body=b"the request", fetched=keys, chart=b"digest", software="1.2.3"))
    return first.uuid


def test_what_was_fetched_is_part_of_the_record(run: Run, fetched: str, tmp_path: Path, store: Store) -> None:
    (tmp_path / "request.json").write_bytes(b"the request")
    shown = run("audit", "show", fetched, "--request", str(tmp_path / "request.json"))
    digest = store.hashes.body("chart", b"digest")
    for words in (
        "fetched    conditions fetched (3 pages), coverage timeout",
        f"           HMAC-SHA256 {digest}",
        "software   emg-ncs-cds 1.2.3",
        "request.json is the request that was answered; what was fetched beside it played a part too",
    ):
        assert words in shown.output
    call = json.loads(run("audit", "show", fetched, "--json").stdout)["call"]
    assert call["fetched"][1] == {"key": "coverage", "what": "timeout", "pages": 0}
    assert (call["fetched_digest"], call["software"]) == (digest, "1.2.3")


def test_a_record_without_fetched_data_does_not_speak_of_any(run: Run, served: str, tmp_path: Path) -> None:
    (tmp_path / "request.json").write_bytes(b"the request")
    assert "fetched" not in run("audit", "show", served, "--request", str(tmp_path / "request.json")).output


def test_a_comment_past_its_time_is_not_shown_even_before_it_is_deleted(run: Run, store: Store) -> None:
    ear = FeedbackStore(store, comment_days=1, now=lambda: NOON.replace(year=2001))
    ear.add([answer(about := new_id(), "overridden", comment="why not")], EHR)
    assert count(store, "comments") == 1
    for options in ((), ("--comments",), ("--comments", "--json")):
        shown = run("audit", "show", about, *options).output
        assert "overridden" in shown
        assert "why not" not in shown
        assert "a comment is kept" not in shown


def test_another_request_is_told_apart(run: Run, served: str, tmp_path: Path) -> None:
    (tmp_path / "request.json").write_bytes(b"another request")
    shown = run("audit", "show", served, "--request", str(tmp_path / "request.json"))
    assert shown.exit_code == 1
    assert "request.json is not the request that was answered\n" in shown.output


def test_a_card_s_record_as_json(run: Run, served: str) -> None:
    found = json.loads(run("audit", "show", served, "--json").stdout)
    assert (found["card"]["uuid"], found["call"]["issuer"]) == (served, EHR)
    assert [item["reason_code"] for item in found["feedback"]] == ["later"]
    assert found["call"]["at"] == NOON.isoformat()


def test_a_card_that_is_only_known_by_feedback(run: Run, store: Store) -> None:
    unknown = new_id()
    FeedbackStore(store).add([answer(unknown)], "")
    shown = run("audit", "show", unknown)
    assert shown.exit_code == 0
    assert "only feedback is known" in shown.output
    assert "accepted by an unidentified client" in shown.output
    json.loads(run("audit", "show", unknown, "--json").stdout)


def test_a_card_nobody_knows(run: Run, store: Store) -> None:
    shown = run("audit", "show", new_id())
    assert (shown.exit_code, "nothing is known of this card" in shown.output) == (1, True)


def test_without_a_store_the_commands_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "none")
    for command in (("store", "migrate"), ("feedback", "report"), ("audit", "show", new_id())):
        error = CliRunner().invoke(cli.group, command).exception
        assert isinstance(error, SettingsError)
        assert "DATABASE_URL" in str(error)


def test_a_store_that_is_down_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:pass-word@127.0.0.1:1/name")
    monkeypatch.setattr("sys.argv", ["cds-service", "feedback", "report"])
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    said = capsys.readouterr()
    assert said.err.startswith("PostgreSQL does not answer")
    assert said.err.count("\n") == 1
    assert "pass-word" not in said.out + said.err
