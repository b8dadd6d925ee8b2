"""The only place that wires: settings and content in, a Flask app out."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Flask

from cds_service import pipeline, schemas
from cds_service.auth import registry
from cds_service.auth.replay import MemoryReplayGuard, ReplayGuard
from cds_service.auth.verify import Verifier
from cds_service.content import Roots
from cds_service.core.caller import Caller, FhirServer
from cds_service.core.hook_call import HookCall
from cds_service.errors import SettingsError
from cds_service.exchange import Answer, Concerns, Exchange, Keeping
from cds_service.fetch.client import Fetcher
from cds_service.hooks import services as hook_services
from cds_service.metrics import Metrics
from cds_service.pages import pages_of
from cds_service.settings import Settings
from cds_service.store.connect import open_store
from cds_service.store.feedback import FeedbackStore
from cds_service.store.recorder import Recorder
from cds_service.store.replay import StoreReplayGuard
from cds_service.web import cds, problems, transport

EXCHANGE = "cds_service.exchange"


def create_app(
    settings: Settings | None = None,
    roots: Roots | None = None,
    *,
    answer: Answer | None = None,
    questionnaire: Mapping[str, Any] | None = None,
    metrics_directory: str = "",
) -> Flask:
    """The service as a WSGI application; its ``extensions[EXCHANGE]`` is to be closed when a process ends.

    ``answer`` and ``questionnaire`` replace the real ones in tests. ``metrics_directory``: where several
    worker processes share their figures. Nothing is opened before the first request.

    Raises:
        SettingsError: an environment variable, or the registry it names, cannot be used.
        ContentError: a data file is wrong; names every problem.
    """
    settings = settings or Settings.from_env()
    roots = roots or Roots.default()
    services = hook_services.load(roots)
    concerns: Concerns | None = None
    loaded: pipeline.Service | None = None
    if answer is None or questionnaire is None:
        loaded = pipeline.load(roots, strict_output=settings.strict_output, epic_site=settings.epic_site)
        answer, concerns = _answer(loaded, settings), partial(pipeline.concerns, loaded)
        questionnaire = loaded.questionnaire
    exchange = _exchange(settings, answer, concerns, Metrics(metrics_directory))
    app = Flask("cds_service", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.extensions[EXCHANGE] = exchange
    transport.register(app, settings.cors_origins, tls=settings.base_url.startswith("https:"))
    problems.register(app)
    cds.register(app, settings=settings, services=services, exchange=exchange, questionnaire=questionnaire)
    if loaded is not None and settings.shows_workbench:
        for page in pages_of(settings, roots, services, loaded, exchange):
            app.register_blueprint(page)
    return app


def _answer(loaded: pipeline.Service, settings: Settings) -> Answer:
    def answer(call: HookCall, dialect: str) -> pipeline.Decision:
        return pipeline.decide(
            loaded,
            call,
            today=time.strftime("%Y-%m-%d", time.gmtime()),
            new_id=_new_id,
            dialect=dialect or settings.dialect,
            role=settings.role,
            base_url=settings.base_url,
        )

    return answer


def _exchange(settings: Settings, answer: Answer, concerns: Concerns | None, metrics: Metrics) -> Exchange:
    keeping = _keeping(settings, metrics)
    known = registry.load(settings.trust_registry) if settings.trust_registry else None
    servers = tuple(FhirServer(url, settings.fetch_private) for url in settings.fetch_servers)
    if known is not None:
        fetching = any(client.fhir_servers for client in known.clients.values())
    else:
        fetching = bool(servers)
    return Exchange(
        answer=answer,
        concerns=concerns or (lambda _: True),
        depth=schemas.DepthLimit.of(settings.max_depth),
        metrics=metrics,
        max_orders=settings.max_orders,
        verifier=Verifier(known, settings.base_url, _guard(keeping)) if known is not None else None,
        fetcher=_fetcher(settings) if fetching and settings.fetch_budget_ms else None,
        keeping=keeping,
        anyone=Caller(fhir_servers=servers),
    )


def _keeping(settings: Settings, metrics: Metrics) -> Keeping | None:
    if not settings.store_url:
        return None
    store = open_store(settings.store_url, key=settings.store_key)
    recorder = Recorder(store, audit_days=settings.audit_days, told=lambda: metrics.queued(recorder))
    return Keeping(
        store=store,
        recorder=recorder,
        feedback=FeedbackStore(store, comment_keys=settings.comment_keys, comment_days=settings.comment_days),
    )


def _guard(keeping: Keeping | None) -> ReplayGuard:
    """Without a store a worker knows only of the tokens it has seen itself."""
    memory = MemoryReplayGuard()
    return StoreReplayGuard(keeping.store, memory) if keeping is not None else memory


def _fetcher(settings: Settings) -> Fetcher:
    try:
        return Fetcher(
            settings.fetch_budget_ms / 1000,
            max_pages=settings.fetch_pages,
            max_depth=settings.max_depth,
            ca_file=str(settings.fetch_ca or ""),
        )
    except OSError:
        raise SettingsError(
            "CDS_FETCH_CA: the file holds no certificate that can be read; name a PEM file"
        ) from None


def _new_id() -> str:
    return str(uuid.uuid4())
