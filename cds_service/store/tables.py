"""The tables. Times are UTC; references are keyed hashes; migrations/ brings a database to this shape."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class Moment(TypeDecorator[datetime]):
    """A time with zone going in and coming out, although SQLite keeps none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


calls = Table(
    "calls",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    _text("service"),
    _text("hook"),
    Column("status", Integer, nullable=False),
    Column("duration_ms", Float, nullable=False),
    _text("refusal"),
    _text("issuer"),
    _text("tenant"),
    _text("dialect"),
    _text("guideline"),
    _text("edition"),
    _text("version"),
    _text("input_digest"),
    _text("hook_instance_hash"),
    _text("patient_hash"),
    Column("orders", Integer, nullable=False),
    Column("cards", Integer, nullable=False),
    Column("gaps", JSON, nullable=False),
    Column("trace", JSON),
    # Rows of the first revision, and of workers that still run it, have none of these.
    Column("fetched", JSON),
    Column("fetched_digest", Text),
    Column("software", Text),
)

served_cards = Table(
    "served_cards",
    metadata,
    Column("uuid", String(36), primary_key=True),
    Column("call_id", String(36), ForeignKey("calls.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    _text("finding"),
    _text("kind"),
    _text("outcome"),
    _text("indicator"),
    Column("suggestions", JSON, nullable=False),
    Column("order_hashes", JSON, nullable=False),
)

# No foreign key to the card: feedback may come before the card is written, or for a card we do not know.
feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("content_digest", String(64), nullable=False, unique=True),
    Column("card", String(36), nullable=False, index=True),
    _text("issuer"),
    _text("outcome"),
    Column("suggestions", JSON, nullable=False),
    _text("reason_system"),
    _text("reason_code"),
    Column("outcome_at", Moment),
    Column("received_at", Moment, nullable=False, index=True),
)

comments = Table(
    "comments",
    metadata,
    Column("feedback_id", Integer, ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True),
    _text("words"),
    Column("encrypted", Boolean, nullable=False),
    Column("expires", Moment, nullable=False, index=True),
)

# Seconds since 1970, as the token says.
seen_tokens = Table(
    "seen_tokens",
    metadata,
    Column("issuer_hash", String(64), primary_key=True),
    Column("token_hash", String(64), primary_key=True),
    Column("expires", BigInteger, nullable=False, index=True),
)
