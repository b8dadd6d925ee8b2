"""The pages joined to the rooms behind them: what the workbench is handed in a running service.

What a reader fires there is answered, counted and kept like any call, under the issuer ``workbench``.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

from flask import Blueprint

from cds_service import pipeline, scenarios
from cds_service.account import FEEDBACK, HOOK, Account
from cds_service.apply_suggestion import applied, chosen
from cds_service.content import Roots
from cds_service.core import feedback_picture
from cds_service.core.caller import Caller
from cds_service.errors import RequestError, StoreError
from cds_service.exchange import Exchange
from cds_service.hooks import envelope
from cds_service.hooks.services import Service
from cds_service.settings import Settings
from cds_service.store import picture
from cds_service.workbench import feedback_page
from cds_service.workbench import pages as workbench
from cds_service.workbench.desk import Desk, Json, Reply

WORKBENCH = Caller(issuer=feedback_picture.WORKBENCH)


def pages_of(
    settings: Settings,
    roots: Roots,
    services: Mapping[str, Service],
    loaded: pipeline.Service,
    exchange: Exchange,
) -> tuple[Blueprint, ...]:
    """Workbench, guideline and the picture of feedback."""
    keeping = exchange.keeping
    feedback = feedback_page.blueprint(
        partial(picture.read, keeping.store) if keeping is not None else None,
        loaded.knowledge,
        [reason.coding for reason in loaded.book.reasons],
        today=lambda: date.fromisoformat(time.strftime("%Y-%m-%d", time.gmtime())),
    )
    return workbench.blueprint(desk_of(settings, roots, services, loaded, exchange)), feedback


def desk_of(
    settings: Settings,
    roots: Roots,
    services: Mapping[str, Service],
    loaded: pipeline.Service,
    exchange: Exchange,
) -> Desk:
    """The desk of a running service."""
    by_hook = {service.hook: service for service in services.values()}

    def fire(raw: bytes, *, as_of: str, dialect: str, rehearsal: bool) -> pipeline.Decision:
        body = envelope.parse(raw, exchange.depth)
        hook = body.get("hook") if isinstance(body, dict) else None
        # Any service says what is wrong with a hook that none of them is for.
        service = by_hook.get(hook if isinstance(hook, str) else "") or next(iter(services.values()))
        account = _account(HOOK, service)
        account.raw = raw
        account.call = envelope.call_of(service, body)
        envelope.limit_orders(account.call, exchange.max_orders)
        account.decision = pipeline.decide(
            loaded,
            account.call,
            today=time.strftime("%Y-%m-%d", time.gmtime()),
            new_id=lambda: str(uuid.uuid4()),
            as_of=as_of,
            dialect=dialect or settings.dialect,
            role=settings.role,
            base_url=settings.base_url,
        )
        if not rehearsal:
            exchange.finish(account, 200)
        return account.decision

    def apply(request: Json, cards: Sequence[Json], card: int, suggestion: int) -> Json:
        return applied(request, chosen(cards, card + 1, [suggestion + 1]))

    def tell(service: str, raw: bytes) -> Reply:
        account = _account(FEEDBACK, services[service])
        try:
            exchange.feedback(account, raw)
            reply = Reply(200)
        except RequestError as error:
            reply = Reply(400, str(error))
        except StoreError as error:
            reply = Reply(503, str(error))
        exchange.finish(account, reply.status)
        return reply

    return Desk(
        knowledge=loaded.knowledge,
        limb_codes=loaded.writer.limb_codes,
        stories=lambda: scenarios.load_scenarios(roots),
        services={service.hook: service.id for service in services.values()},
        dialects=tuple(loaded.dialects),
        base_url=settings.base_url,
        fire=fire,
        apply=apply,
        tell=tell,
        feedback_page=feedback_page.PATH,
    )


def _account(event: str, service: Service) -> Account:
    return Account(event, service, str(uuid.uuid4()), caller=WORKBENCH)
