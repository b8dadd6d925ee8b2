"""The page of feedback: a reading of the store is handed in, HTML and CSV go out; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from cds_service.core.feedback_picture import DEMO, Picture, Wanted
from cds_service.core.guideline import Guideline, Knowledge
from cds_service.errors import StoreError
from cds_service.workbench.feedback_cells import csv_of, drawn, words
from cds_service.workbench.feedback_names import OPEN_ACCESS, Names, names_of, short
from cds_service.workbench.feedback_tables import MOST_SMALL, tables
from cds_service.workbench.feedback_wanted import OPEN, RANGES, Ask, ask_of, since_of
from cds_service.workbench.pages import HEADERS

NAME = "feedback"
PATH = "/feedback"
OFF = (
    "No store is configured, so calls and feedback are not kept. Name a database in DATABASE_URL and restart."
)

Read = Callable[[Wanted], Picture]


def blueprint(
    read: Read | None,
    knowledge: Knowledge,
    reasons: Iterable[Mapping[str, str]],
    *,
    today: Callable[[], date],
) -> Blueprint:
    """The page ``/feedback`` and its tables as ``/feedback/<table>.csv``; the pages' blueprint stands beside.

    Args:
        read: counts what the store holds, raises StoreError; ``None`` when there is no store.
        reasons: the override reasons as codings (system, code, display).
        today: the day, UTC.
    """
    pages = Blueprint(NAME, __name__, template_folder="templates")
    names = names_of(knowledge, reasons)
    pages.after_request(_framed)
    pages.register_error_handler(HTTPException, partial(_failed, knowledge.guideline))
    page = partial(_picture, knowledge.guideline, names, read, today)
    pages.add_url_rule(PATH, "picture", page, methods=["GET"], provide_automatic_options=False)
    table = partial(_csv, names, read, today)
    pages.add_url_rule(f"{PATH}/<name>.csv", "table", table, methods=["GET"], provide_automatic_options=False)
    return pages


def _picture(
    guideline: Guideline, names: Names, read: Read | None, today: Callable[[], date]
) -> tuple[str, int]:
    ask = ask_of(request.args, today())
    picture, trouble = Picture(), ""
    if read is not None:
        try:
            picture = read(ask.wanted)
        except StoreError as error:
            trouble = str(error)
    made = tables(picture, names)
    small = [finding.name for finding in picture.findings[:MOST_SMALL]]
    made["findings-over-time"] = made["findings-over-time"].where("finding", small)
    html = _page(
        guideline,
        "feedback.html",
        ask=ask,
        off=OFF if read is None else "",
        trouble=trouble,
        picture=picture,
        tables=made,
        small=small,
        words=words,
        drawn=drawn,
        short=short,
        finding_words=names.finding,
        place=names.place(ask.wanted.finding),
        demo=DEMO,
        chosen=_chosen(ask, picture),
        ranges=[(weeks, _here(ask, since=since_of(weeks, today()), until="")) for weeks in RANGES],
        all_days=_here(ask, since="", until=""),
        onward=partial(_here, ask),
        download=partial(_download, ask),
    )
    return html, 503 if trouble else 200


def _csv(names: Names, read: Read | None, today: Callable[[], date], name: str) -> Response:
    if read is None:
        abort(404, OFF)
    ask = ask_of(request.args, today())
    try:
        picture = read(ask.wanted)
    except StoreError as error:
        abort(503, str(error))
    table = tables(picture, names).get(name)
    if table is None:
        abort(404, "There is no table of this name. The page of feedback links to all of them.")
    body = csv_of((column.name for column in table.columns), table.rows)
    label = "demo" if picture.invented else None
    parts = (label, "feedback", name, ask.wanted.since, ask.wanted.until)
    file = "-".join(str(part) for part in parts if part)
    disposition = {"Content-Disposition": f'attachment; filename="{file}.csv"'}
    return Response(body, mimetype="text/csv", headers=disposition)


def _chosen(ask: Ask, picture: Picture) -> Mapping[str, list[tuple[str, str]]]:
    """What the lists of the form offer: value and words; what was asked for stays even if nothing has it."""
    choices = picture.choices
    clients = [(name or OPEN, name or OPEN_ACCESS) for name in choices.issuers]
    offered = {
        "guideline": [(name, name) for name in choices.guidelines],
        "client": clients,
        "finding": [(name, short(name)) for name in choices.findings],
    }
    for field, offers in offered.items():
        value = ask.fields[field]
        if value and value not in [each for each, _ in offers]:
            offers.append((value, value))
    return offered


def _here(ask: Ask, **changed: str) -> str:
    """This page with other fields."""
    return url_for(f"{NAME}.picture", **_query(ask, changed))


def _download(ask: Ask, name: str) -> str:
    return url_for(f"{NAME}.table", name=name, **_query(ask, {}))


def _query(ask: Ask, changed: Mapping[str, str]) -> dict[str, Any]:
    fields = {**ask.fields, **changed}
    # Without its first day the page would take the usual one.
    return {name: value for name, value in fields.items() if value or name == "since"}


def _page(guideline: Guideline, template: str, **values: Any) -> str:
    return render_template(template, guideline=guideline, feedback_page=url_for(f"{NAME}.picture"), **values)


def _framed(response: AnyResponse) -> AnyResponse:
    for name, value in HEADERS:
        response.headers[name] = value
    return response


def _failed(guideline: Guideline, error: HTTPException) -> tuple[str, int] | AnyResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    return _page(guideline, "failed.html", status=status, words=error.description or ""), status
