"""Feedback in, rows out, committed before it returns; the same content twice is one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from cds_service.core.kept import Feedback
from cds_service.store.clock import utc_now
from cds_service.store.comments import sealer_of
from cds_service.store.connect import Store
from cds_service.store.hashes import unkeyed, uuid_or_hash
from cds_service.store.once import insert_once
from cds_service.store.rows import plain
from cds_service.store.tables import comments, feedback


class FeedbackStore:
    """``comment_keys``: Fernet keys, the first encrypts; without one comments are kept as they came."""

    def __init__(
        self,
        store: Store,
        *,
        comment_keys: Sequence[str] = (),
        comment_days: int = 90,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Raises SettingsError when a key is no Fernet key."""
        self._store = store
        self._sealer = sealer_of(comment_keys)
        self._comment_days = comment_days
        self._now = now

    def add(self, items: Sequence[Feedback], issuer: str) -> tuple[Feedback, ...]:
        """Keep all or none; a card we do not know (yet) is kept too.

        Returns:
            What is new; the rest had been kept before.

        Raises:
            StoreError: they could not be written within a few seconds.
        """
        if not items:
            return ()
        with self._store.begin() as connection:
            return tuple(item for item in items if self._add(connection, item, plain(issuer)))

    def _add(self, connection: Connection, item: Feedback, issuer: str) -> bool:
        """Whether it is new."""
        card = uuid_or_hash(item.card)
        suggestions = sorted({uuid_or_hash(text) for text in item.suggestions})
        reason = (plain(item.reason_system), plain(item.reason_code))
        at = item.at.astimezone(UTC) if item.at else None
        # Of the comment a keyed hash: without the key nobody can try guesses on the digest.
        comment = self._store.hashes.text("comment", item.comment)
        moment = at.isoformat() if at else ""
        digest = unkeyed(card, issuer, item.outcome, *suggestions, *reason, moment, comment)
        now = self._now()
        key = connection.execute(
            insert_once(connection, feedback).returning(feedback.c.id),
            {
                "content_digest": digest,
                "card": card,
                "issuer": issuer,
                "outcome": item.outcome,
                "suggestions": suggestions,
                "reason_system": reason[0],
                "reason_code": reason[1],
                "outcome_at": at,
                "received_at": now,
            },
        ).scalar()
        if key is None or not item.comment:
            return key is not None
        connection.execute(
            insert_once(connection, comments),
            {
                "feedback_id": key,
                "words": self._sealer.seal(plain(item.comment)),
                "encrypted": self._sealer.encrypts,
                "expires": now + timedelta(days=self._comment_days),
            },
        )
        return True
