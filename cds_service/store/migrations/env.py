"""Runs the versions on the connection that ``migrate.upgrade`` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from cds_service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
