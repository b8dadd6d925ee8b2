"""The first tables: calls, served cards, feedback, comments, seen tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("service", "hook")),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("duration_ms", sa.Float, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in (
                "refusal",
                "issuer",
                "tenant",
                "dialect",
                "guideline",
                "edition",
                "version",
                "input_digest",
                "hook_instance_hash",
                "patient_hash",
            )
        ),
        sa.Column("orders", sa.Integer, nullable=False),
        sa.Column("cards", sa.Integer, nullable=False),
        sa.Column("gaps", sa.JSON, nullable=False),
        sa.Column("trace", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_at", "calls", ["at"])
    op.create_table(
        "served_cards",
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("call_id", sa.String(36), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("finding", "kind", "outcome", "indicator")),
        sa.Column("suggestions", sa.JSON, nullable=False),
        sa.Column("order_hashes", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("uuid", name="pk_served_cards"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name="fk_served_cards_call_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_served_cards_call_id", "served_cards", ["call_id"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("content_digest", sa.String(64), nullable=False),
        sa.Column("card", sa.String(36), nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("suggestions", sa.JSON, nullable=False),
        sa.Column("reason_system", sa.Text, nullable=False),
        sa.Column("reason_code", sa.Text, nullable=False),
        sa.Column("outcome_at", MOMENT),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint("content_digest", name="uq_feedback_content_digest"),
    )
    op.create_index("ix_feedback_card", "feedback", ["card"])
    op.create_index("ix_feedback_received_at", "feedback", ["received_at"])
    op.create_table(
        "comments",
        sa.Column("feedback_id", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("encrypted", sa.Boolean, nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_comments"),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name="fk_comments_feedback_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_comments_expires", "comments", ["expires"])
    op.create_table(
        "seen_tokens",
        sa.Column("issuer_hash", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("issuer_hash", "token_hash", name="pk_seen_tokens"),
    )
    op.create_index("ix_seen_tokens_expires", "seen_tokens", ["expires"])


def downgrade() -> None:
    for table in ("seen_tokens", "comments", "feedback", "served_cards", "calls"):
        op.drop_table(table)
