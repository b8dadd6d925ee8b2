"""``cds-service demo-data``: fills the store with invented weeks, clearly labelled, or takes them away."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from cds_service import account, demo, pipeline, scenarios, schemas
from cds_service.account import HOOK, Account
from cds_service.cli.store import configured
from cds_service.content import Roots
from cds_service.core.feedback_picture import DEMO
from cds_service.core.kept import CallRecord
from cds_service.errors import StoreError
from cds_service.hooks import envelope
from cds_service.hooks import services as hook_services
from cds_service.settings import Settings
from cds_service.store import demo as kept

ANSWERED = 200
EVERYDAY = "v"


def run(*, weeks: int, calls: int, seed: int, last: str, force: bool) -> None:
    """Fill the store anew; earlier demo data goes first.

    Raises:
        StoreError: there are real data and no ``force``, or the store cannot be written.
    """
    settings = Settings.from_env()
    store = configured(settings)
    if (real := kept.real(store)) and not force:
        raise StoreError(
            f"the store holds {real} calls and feedback that are no demo data; name another one in"
            " DATABASE_URL, or add --force to put demo data beside them (--remove takes only demo data away)"
        )
    day = date.fromisoformat(last or time.strftime("%Y-%m-%d", time.gmtime()))
    records = templates(Roots.default(), settings, day)
    events = list(demo.weeks(records, last=day, count=weeks, calls=calls, seed=seed))
    heard = [(event.record.issuer, item) for event in events for item in event.feedback]
    kept.remove(store)
    kept.keep(store, (event.record for event in events), heard)
    cards = sum(len(event.record.cards) for event in events)
    click.echo(
        f"{len(events)} invented calls, {cards} cards and {len(heard)} feedback up to {day}; their clients"
        f" are called {DEMO}...; cds-service demo-data --remove takes them away"
    )


def run_remove() -> None:
    """Take demo data away, and say how much."""
    for table, count in kept.remove(configured(Settings.from_env())).items():
        click.echo(f"{table}: {count} deleted")


def templates(roots: Roots, settings: Settings, day: date) -> Sequence[CallRecord]:
    """The record of each shipped scenario, everyday stories first."""
    loaded = pipeline.load(roots, strict_output=settings.strict_output)
    services = {service.hook: service for service in hook_services.load(roots).values()}
    depth = schemas.DepthLimit.of(settings.max_depth)
    stories = sorted(scenarios.load_scenarios(roots), key=lambda story: not story.name.startswith(EVERYDAY))
    records = []
    for story in stories:
        body: Any = envelope.parse(story.request(), depth)
        about = Account(HOOK, services[body["hook"]])
        about.call = envelope.call_of(services[body["hook"]], body)
        about.decision = pipeline.decide(
            loaded, about.call, today=day.isoformat(), new_id=lambda: str(uuid.uuid4()), as_of=story.as_of
        )
        records.append(account.record(about, ANSWERED, 0.0, about.gaps()))
    return records
