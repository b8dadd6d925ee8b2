"""``cds-service audit show``: why a card appeared on that day, in plain words or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson

from cds_service.cli.store import configured
from cds_service.settings import Settings
from cds_service.store import audit
from cds_service.store.comments import sealer_of

NOBODY = "an unidentified client (open access)"


def run(card: str, *, as_json: bool, comments: bool, request: Path | None) -> int:
    """Show one card's record; 1 when nothing is known of it, or ``request`` is not what was answered."""
    settings = Settings.from_env()
    store = configured(settings)
    record = audit.find(store, card, sealer_of(settings.comment_keys) if comments else None)
    if record is None:
        click.echo(
            "nothing is known of this card: it was not served here, or is past its retention", err=True
        )
        return 1
    if as_json:
        click.echo(orjson.dumps(record.as_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        for line in _lines(record):
            click.echo(line)
    if request is None:
        return 0
    same = audit.is_input(store, record, request.read_bytes())
    what = "is the request that was answered" if same else "is not the request that was answered"
    if same and (fetched := _fetched(record.call)):
        what += f"; what was fetched beside it played a part too, and is not in that file: {fetched}"
    hint = "" if same or settings.store_key else "; without CDS_STORE_KEY no request can be recognised"
    click.echo(f"{request.name} {what}{hint}", err=not same)
    return 0 if same else 1


def _lines(record: audit.Record) -> Iterator[str]:
    card, call = record.card, record.call
    yield f"card       {card['uuid']}"
    if call is None:
        yield "           not served here, or past its retention: only feedback is known"
    else:
        yield from _served(card, call)
        yield "reasoning of the whole call"
        yield from (f"  {line}" for line in audit.reasons(call["trace"]))
    yield "feedback" if record.feedback else "feedback   none"
    for item in record.feedback:
        yield from _feedback(item)


def _served(card: dict[str, Any], call: dict[str, Any]) -> Iterator[str]:
    tenant = f", tenant {call['tenant']}" if call["tenant"] else ""
    yield f"served     {_time(call['at'])} to {call['issuer'] or NOBODY}{tenant}"
    dialect = f", dialect {call['dialect']}" if call["dialect"] else ""
    yield f"call       {call['id']}: {call['service']} ({call['hook']}){dialect}"
    counts = f"{call['orders']} orders, {call['cards']} cards"
    yield f"           status {call['status']} in {call['duration_ms']:.1f} ms, {counts}"
    yield f"guideline  {call['guideline']}, edition {call['edition']}, version {call['version']}"
    if call["software"]:
        yield f"software   emg-ncs-cds {call['software']}"
    yield f"finding    {card['finding']} ({card['kind']} {card['outcome']}), {card['indicator']}"
    if card["order_hashes"]:
        yield f"orders     {', '.join(card['order_hashes'])}"
    yield f"request    HMAC-SHA256 {call['input_digest'] or '(no body)'}"
    if fetched := _fetched(call):
        yield f"fetched    {fetched}"
        yield f"           HMAC-SHA256 {call['fetched_digest'] or '(nothing)'}"
    if call["gaps"]:
        yield f"gaps       {'; '.join(call['gaps'])}"


def _fetched(call: dict[str, Any] | None) -> str:
    """What was read from the client's FHIR server, by prefetch key; ``""``: nothing was asked of it."""
    return ", ".join(
        f"{each['key']} {each['what']}" + (f" ({each['pages']} pages)" if each["pages"] > 1 else "")
        for each in (call and call["fetched"]) or ()
    )


def _feedback(item: dict[str, Any]) -> Iterator[str]:
    reason = "|".join(part for part in (item["reason_system"], item["reason_code"]) if part)
    by = f"{item['issuer'] or NOBODY}{f', reason {reason}' if reason else ''}"
    said = f" (the client says {_time(item['outcome_at'])})" if item["outcome_at"] else ""
    yield f"  {_time(item['received_at'])}{said}: {item['outcome']} by {by}"
    if item["suggestions"]:
        yield f"    took suggestion {', '.join(item['suggestions'])}"
    if item.get("comment"):
        yield f"    comment: {item['comment']}"
    elif item["comment_until"]:
        yield f"    a comment is kept until {_time(item['comment_until'])}; --comments shows it"


def _time(text: str) -> str:
    return f"{text[:10]} {text[11:19]} UTC"
