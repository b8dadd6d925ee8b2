"""A CallRecord in, the rows of a call and its cards out: digests in place of bodies and references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from cds_service.core.kept import CallRecord, ServedCard
from cds_service.store.hashes import Hashes, uuid_or_hash
from cds_service.store.once import insert_once
from cds_service.store.tables import calls, served_cards
from cds_service.store.trace import keep, reference

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """One call and the cards it was answered with."""

    call: Row
    cards: tuple[Row, ...] = ()


def rows_of(record: CallRecord, hashes: Hashes) -> Rows:
    """The rows of one record. A reasoning that cannot be made is left out."""
    call_id = uuid_or_hash(record.id)
    return Rows(
        call={
            "id": call_id,
            "at": record.at,
            **{name: plain(getattr(record, name)) for name in _TEXTS},
            "status": record.status,
            "duration_ms": record.duration,
            "input_digest": hashes.body("body", record.body),
            "hook_instance_hash": hashes.text("hook-instance", record.hook_instance),
            "patient_hash": hashes.text("patient", record.patient),
            "orders": record.orders,
            "cards": len(record.cards),
            "fetched": [
                {"key": plain(each.key), "what": each.what, "pages": each.pages} for each in record.fetched
            ],
            "fetched_digest": hashes.body("chart", record.chart),
            "gaps": [plain(gap) for gap in record.gaps],
            "trace": _trace(record, hashes),
        },
        cards=tuple(_card(card, call_id, at, hashes) for at, card in enumerate(record.cards)),
    )


def write(connection: Connection, batch: Sequence[Rows]) -> None:
    """Insert a batch in two statements; rows that an earlier try has kept are left alone."""
    connection.execute(insert_once(connection, calls), [rows.call for rows in batch])
    if cards := [card for rows in batch for card in rows.cards]:
        connection.execute(insert_once(connection, served_cards), cards)


def plain(text: str) -> str:
    """The text as every database and terminal takes it: without NUL, escapes and half surrogates."""
    if text.isprintable():
        return text
    return "".join(character for character in text if character.isprintable() or character == "\n")


_CALL = ("service", "hook", "refusal", "issuer", "tenant", "dialect", "software")
_TEXTS = (*_CALL, "guideline", "edition", "version")


def _card(card: ServedCard, call_id: str, position: int, hashes: Hashes) -> Row:
    return {
        "uuid": uuid_or_hash(card.uuid),
        "call_id": call_id,
        "position": position,
        **{name: plain(getattr(card, name)) for name in ("finding", "kind", "outcome", "indicator")},
        "suggestions": [uuid_or_hash(text) for text in card.suggestions],
        "order_hashes": [reference(order, hashes) for order in card.orders],
    }


def _trace(record: CallRecord, hashes: Hashes) -> Mapping[str, Any] | None:
    if record.trace is None:
        return None
    try:
        return keep(record.trace(), hashes)
    except Exception:  # whatever is wrong with the reasoning, the call was answered and is recorded
        return None
