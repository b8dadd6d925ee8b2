"""A card's uuid in, its record out: when, for whom, by which guideline, why, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from cds_service.store.clock import utc_now
from cds_service.store.comments import Sealer
from cds_service.store.connect import Store
from cds_service.store.hashes import uuid_or_hash
from cds_service.store.patience import Patience
from cds_service.store.tables import calls, comments, feedback, served_cards

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """Rows as they stand in the store; ``call`` is None for a card we only have feedback on."""

    card: Json
    call: Json | None
    feedback: tuple[Json, ...]

    def as_json(self) -> Json:
        """The whole record; times in ISO 8601."""
        return {"card": self.card, "call": self.call, "feedback": list(self.feedback)}


def find(
    store: Store, card: str, sealer: Sealer | None = None, *, now: datetime | None = None
) -> Record | None:
    """The record of a card; None when nothing is known of it. With ``sealer`` comments are shown too.

    A comment past its time is as good as deleted; ``now`` is the time by the clock unless given.

    Raises:
        StoreError: the store cannot be read.
    """
    uuid = uuid_or_hash(card)
    with store.begin(Patience.LONG, reads=True) as connection:
        served = (
            connection.execute(select(served_cards).where(served_cards.c.uuid == uuid)).mappings().first()
        )
        heard = tuple(_heard(connection, uuid, sealer, now or utc_now()))
        if served is None:
            return Record({"uuid": uuid}, None, heard) if heard else None
        call = connection.execute(select(calls).where(calls.c.id == served["call_id"])).mappings().one()
    return Record(_plain(served), _plain(call), heard)


def is_input(store: Store, record: Record, raw: bytes) -> bool:
    """Whether these bytes are the request that was answered; needs the key the store had then."""
    return record.call is not None and record.call["input_digest"] == store.hashes.body("body", raw)


def reasons(trace: Mapping[str, Any] | None) -> list[str]:
    """The kept reasoning as indented lines."""
    if not trace:
        return ["no reasoning was kept"]
    text = [f"evaluated as of {trace['as_of']}"]
    for item in trace["determinations"]:
        text.extend(_determination(item))
    for item in trace["corrections"]:
        choices = " / ".join(_lines(choice) for choice in item["choices"])
        text.append(
            f"code {item['pattern']} {item['mode']} {_list(item['orders'] or item['about'])}: {choices}"
        )
        text.append(f"  why: {item.get('why', '')} [{item.get('basis', '')}; {item.get('source', '')}]")
        if item.get("asks"):
            text.append(f"  asks {_list(item['asks'])}")
    for item in trace["diagnosis_corrections"]:
        choices = " / ".join(_list(choice) or "remove" for choice in item["choices"])
        text.append(
            f"reason {item['row']} {item['mode']} {item['order']}: {_list(item['from'])} -> {choices}"
        )
        if item.get("why"):
            text.append(f"  why: {item['why']}")
    text.extend(f"notice {item['id']} {_list(item['orders'])}" for item in trace["notices"])
    text.extend(f"not available: {gap}" for gap in trace["gaps"])
    return text


def _determination(item: Mapping[str, Any]) -> Iterator[str]:
    rows = f", rows {_list(item['rows'])}" if item.get("rows") else ""
    yield f"{item['pathway']} {item['result']}{rows} ({_list(item['orders'])})"
    for step in item["criteria"]:
        evidence = f" <- {_list(step['evidence'])}" if step["evidence"] else ""
        basis = f" [{step['basis']}]" if step.get("basis") else ""
        yield f"  {step['verdict']}: {step['id']}{basis} {step['expected']}{evidence}"
    yield from (f"  missing {missing['fact']}: {missing['question']}" for missing in item.get("missing", ()))


def _heard(connection: Connection, uuid: str, sealer: Sealer | None, now: datetime) -> Iterator[Json]:
    rows = select(feedback, comments.c.words, comments.c.encrypted, comments.c.expires)
    kept = and_(comments.c.feedback_id == feedback.c.id, comments.c.expires > now)
    joined = rows.select_from(feedback.outerjoin(comments, kept)).where(feedback.c.card == uuid)
    for row in connection.execute(joined.order_by(feedback.c.received_at, feedback.c.id)).mappings():
        item = _plain(row)
        words, encrypted = item.pop("words"), item.pop("encrypted")
        for name in ("id", "content_digest", "card"):
            del item[name]
        item["comment_until"] = item.pop("expires")
        if sealer is not None and words is not None:
            opened = sealer.open(words, encrypted=encrypted)
            item["comment"] = "no key of CDS_COMMENT_KEYS opens it" if opened is None else opened
        yield item


def _plain(row: Mapping[Any, Any]) -> Json:
    return {
        str(name): value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()
    }


def _lines(choice: Sequence[Mapping[str, Any]]) -> str:
    return " + ".join(f"{line['code']} x {line['units']}" for line in choice) or "remove"


def _list(items: Sequence[str]) -> str:
    return ", ".join(items)
