"""The only place that wires: settings and content in, a Flask app out."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Flask

from cds_service import pipeline
from cds_service.content import Roots
from cds_service.core.hook_call import HookCall
from cds_service.hooks import services as hook_services
from cds_service.settings import Settings
from cds_service.web import cds, problems, transport


def create_app(
    settings: Settings | None = None,
    roots: Roots | None = None,
    *,
    answer: cds.Answer | None = None,
    questionnaire: Mapping[str, Any] | None = None,
) -> Flask:
    """The service as a WSGI application; ``answer`` and ``questionnaire`` replace the real ones in tests.

    Raises:
        SettingsError: an environment variable cannot be used.
        ContentError: a data file is wrong; names every problem.
    """
    settings = settings or Settings.from_env()
    roots = roots or Roots.default()
    services = hook_services.load(roots)
    if answer is None or questionnaire is None:
        answer, questionnaire = _real(roots, settings)
    app = Flask("cds_service", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    transport.register(app, settings.cors_origins)
    problems.register(app)
    cds.register(app, settings=settings, services=services, answer=answer, questionnaire=questionnaire)
    return app


def _real(roots: Roots, settings: Settings) -> tuple[cds.Answer, Mapping[str, Any]]:
    loaded = pipeline.load(roots, strict_output=settings.strict_output)

    def answer(call: HookCall) -> Mapping[str, Any]:
        decision = pipeline.decide(
            loaded,
            call,
            today=time.strftime("%Y-%m-%d"),
            new_id=_new_id,
            dialect=settings.dialect,
            role=settings.role,
            base_url=settings.base_url,
        )
        return decision.response

    return answer, loaded.questionnaire


def _new_id() -> str:
    return str(uuid.uuid4())
