"""What was fetched for a call, and the version of the software that answered it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("calls", sa.Column("fetched", sa.JSON))
    op.add_column("calls", sa.Column("fetched_digest", sa.Text))
    op.add_column("calls", sa.Column("software", sa.Text))


def downgrade() -> None:
    for column in ("software", "fetched_digest", "fetched"):
        op.drop_column("calls", column)
