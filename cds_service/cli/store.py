"""``cds-service store``: brings the database to shape, and deletes what is past its time."""

from __future__ import annotations

import click

from cds_service.errors import SettingsError
from cds_service.settings import Settings
from cds_service.store.clock import utc_now
from cds_service.store.connect import Store, open_store
from cds_service.store.purge import purge


def configured(settings: Settings) -> Store:
    """The store of the settings. Raises SettingsError when none is configured."""
    if not settings.store_url:
        raise SettingsError("DATABASE_URL: none, so there is no store; name a database")
    return open_store(settings.store_url, key=settings.store_key)


def run_migrate() -> None:
    """Migrate, and say from where to where."""
    store = configured(Settings.from_env())
    before, after = store.migrate()
    if before == after:
        click.echo(f"nothing to do: the database is at revision {after}")
    else:
        click.echo(
            f"migrated from {f'revision {before}' if before else 'an empty database'} to revision {after}"
        )


def run_purge() -> None:
    """Delete, and say how much."""
    settings = Settings.from_env()
    gone = purge(configured(settings), utc_now(), audit_days=settings.audit_days)
    for table, count in gone.items():
        click.echo(f"{table.replace('_', ' ')}: {count} deleted")
