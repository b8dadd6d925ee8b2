"""The routes: what a form sends goes in, HTML goes out, under a policy that runs only our own files."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.exceptions import Forbidden, HTTPException
from werkzeug.wrappers import Response as AnyResponse

from cds_service.core.finding import Evaluation
from cds_service.workbench import (
    anchors,
    guideline_book,
    guideline_search,
    scenario_json,
    scenario_list,
    scenario_trace,
)
from cds_service.workbench import bench as benches
from cds_service.workbench.bench import Bench
from cds_service.workbench.desk import Desk, Story
from cds_service.workbench.request_tree import text
from cds_service.workbench.scenario_json import Shown
from cds_service.workbench.scenario_list import First
from cds_service.workbench.scenario_trace import Line

NAME = "workbench"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (
    ("Content-Security-Policy", POLICY),
    # A plain form tells where it comes from, to this origin alone.
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
FOREIGN = ("cross-site", "same-site")


def blueprint(desk: Desk) -> Blueprint:
    """The pages ``/``, ``/workbench/<scenario>`` and ``/guideline``, with ``/static`` for their files.

    Every answer carries its own ``Content-Security-Policy`` (:data:`POLICY`); an app that adds a policy of
    its own to each answer has to leave these alone, as a browser obeys all of them together.
    """
    pages = Blueprint(
        NAME, __name__, template_folder="templates", static_folder="static", static_url_path="/static"
    )
    catalogue = _Catalogue(desk)
    pages.before_request(_from_ourselves)
    pages.after_request(_framed)
    pages.register_error_handler(HTTPException, partial(_failed, desk))
    _route(pages, "/", "home", partial(_home, desk, catalogue))
    _route(pages, "/workbench", "workbench", lambda: redirect(url_for(f"{NAME}.home")))
    _route(pages, "/workbench/<name>", "scenario", partial(_opened, desk, catalogue))
    _route(pages, "/workbench/<name>", "step", partial(_step, desk, catalogue), "POST")
    _route(pages, "/guideline", "guideline", partial(_guideline, desk, catalogue))
    return pages


class _Catalogue:
    """The scenarios, read when the first page needs them and kept."""

    def __init__(self, desk: Desk) -> None:
        self.tour = scenario_list.tour()
        self.stories = cache(lambda: {story.name: story for story in desk.stories()})
        self.listed = cache(lambda: tuple(scenario_list.listed(each) for each in self.stories().values()))
        self.book = cache(lambda: guideline_book.book(desk.knowledge, self.listed()))
        self.places = anchors.places(desk.knowledge)

    def story(self, name: str) -> Story:
        story = self.stories().get(name)
        if story is None:
            abort(404, "There is no scenario of this name. The list of scenarios is on the first page.")
        return story


def _route(pages: Blueprint, path: str, name: str, view: Callable[..., Any], method: str = "GET") -> None:
    pages.add_url_rule(path, name, view, methods=[method], provide_automatic_options=False)


def _home(desk: Desk, catalogue: _Catalogue) -> str:
    query = request.args.get("q", "").strip()[:200]
    found = scenario_list.found(catalogue.listed(), query)
    return _page(
        desk,
        "home.html",
        query=query,
        firsts=catalogue.tour.firsts,
        groups=scenario_list.headed(found, catalogue.tour),
        count=len(found),
        total=len(catalogue.listed()),
    )


def _opened(desk: Desk, catalogue: _Catalogue, name: str) -> str:
    """``?first``: as the tour shows it."""
    story = catalogue.story(name)
    first = _first(catalogue, name)
    return _drawn(desk, catalogue, story, benches.opened(desk, story, first.codes if first else {}))


def _step(desk: Desk, catalogue: _Catalogue, name: str) -> str | Response:
    story = catalogue.story(name)
    # The request travels as one field of the form.
    request.max_form_memory_size = request.max_content_length
    form = request.form.to_dict(flat=False)
    bench = benches.step(desk, form)
    action = request.form.get("do", "")
    if action == "download:request" and not bench.typed:
        return _download(bench.request, f"{name}-request.json")
    if action == "download:response" and bench.decided is not None:
        return _download(bench.decided.response, f"{name}-response.json")
    return _drawn(desk, catalogue, story, bench)


def _drawn(desk: Desk, catalogue: _Catalogue, story: Story, bench: Bench) -> str:
    shown = scenario_json.show(bench.request)
    evaluation = bench.decided.evaluation if bench.decided else None
    service = desk.services.get(text(bench.request, "hook"), "")
    return _page(
        desk,
        "bench.html",
        story=story,
        first=_first(catalogue, story.name),
        bench=bench,
        shown=shown,
        compact=json.dumps(bench.request, ensure_ascii=False),
        pretty=bench.typed or json.dumps(bench.request, indent=2, ensure_ascii=False),
        response=json.dumps(bench.decided.response, indent=2, ensure_ascii=False) if bench.decided else "",
        trace=_trace(desk, catalogue, evaluation, shown),
        as_of=evaluation.as_of if evaluation else "",
        dialects=desk.dialects,
        service=service,
        curl=_curl(desk, service, bench),
        **benches.content(desk, bench),
    )


def _first(catalogue: _Catalogue, name: str) -> First | None:
    """The stop of the tour that the reader is at."""
    if "first" not in request.args:
        return None
    return next((each for each in catalogue.tour.firsts if each.scenario == name), None)


def _trace(desk: Desk, catalogue: _Catalogue, evaluation: Evaluation | None, shown: Shown) -> list[Line]:
    if evaluation is None:
        return []
    return scenario_trace.tree(desk.knowledge, evaluation, shown.anchors, catalogue.places)


def _guideline(desk: Desk, catalogue: _Catalogue) -> str:
    query = request.args.get("q", "").strip()[:100]
    book = catalogue.book()
    return _page(
        desk,
        "guideline.html",
        query=query,
        book=book,
        places=catalogue.places,
        anchor_of=anchors.anchor_of,
        questionnaire=desk.knowledge.questionnaire,
        usual=desk.knowledge.coding.maxima,
        hits=guideline_search.look_up(desk.knowledge, book, catalogue.listed(), query) if query else None,
    )


def _curl(desk: Desk, service: str, bench: Bench) -> str:
    body = json.dumps(bench.request, ensure_ascii=False)
    return (
        "curl -s -H 'Content-Type: application/json' --data-binary @- \\\n"
        f"  {desk.base_url}/cds-services/{service or 'SERVICE'} <<'JSON'\n{body}\nJSON"
    )


def _download(value: object, name: str) -> Response:
    body = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype="application/json", headers=disposition)


def _page(desk: Desk, template: str, **values: Any) -> str:
    guideline = desk.knowledge.guideline
    return render_template(template, guideline=guideline, feedback_page=desk.feedback_page, **values)


def _from_ourselves() -> None:
    """A page of somebody else must not act through a reader's browser."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") in FOREIGN:
        raise Forbidden("This form was sent by another site. Open the page here and try again.")


def _framed(response: AnyResponse) -> AnyResponse:
    for name, value in HEADERS:
        response.headers[name] = value
    return response


def _failed(desk: Desk, error: HTTPException) -> tuple[str, int] | AnyResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    words = {413: "The request is larger than this service takes."}.get(status, error.description or "")
    return _page(desk, "failed.html", status=status, words=words), status
