"""The date of an answer is the one in UTC, wherever the service stands."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from cds_service import app, pages, pipeline, schemas
from cds_service.cli import decide
from cds_service.content import Roots
from cds_service.hooks import services
from cds_service.settings import Settings
from tests.loaded import service

ROOTS = Roots.default()
RAW = (ROOTS.fhir_fixtures / "cg-med-24" / "c01-different-days" / "request.json").read_bytes()
DEPTH = schemas.DepthLimit.of(64)


@pytest.fixture(params=["Etc/GMT+12", "Etc/GMT-14"], ids=["far west", "far east"])
def told(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The dates that answers are given for, where at any hour one of the zones has another date than UTC."""
    dates: list[str] = []
    decided = pipeline.decide

    def spy(*given: Any, today: str, **rest: Any) -> pipeline.Decision:
        dates.append(today)
        return decided(*given, today=today, **rest)

    monkeypatch.setattr(pipeline, "decide", spy)
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield dates
    monkeypatch.undo()
    time.tzset()


def utc() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


def test_of_the_command(told: list[str]) -> None:
    decide.answerer("")(RAW)
    assert told == [utc()]


def test_of_the_service(told: list[str]) -> None:
    made = app.create_app(Settings(database_url="none"), ROOTS)
    (service,) = (each for each in services.load(ROOTS).values() if each.hook == json.loads(RAW)["hook"])
    said = made.test_client().post(f"/cds-services/{service.id}", data=RAW, content_type="application/json")
    assert (said.status_code, told) == (200, [utc()])


def test_of_the_pages(told: list[str]) -> None:
    loaded = service()
    exchange: Any = SimpleNamespace(depth=DEPTH, max_orders=200)
    desk = pages.desk_of(Settings(), ROOTS, services.load(ROOTS), loaded, exchange)
    desk.fire(RAW, as_of="", dialect="", rehearsal=True)
    assert told == [utc()]
