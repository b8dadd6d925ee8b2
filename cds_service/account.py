"""What is known of one call as it goes down the corridor; its log line and its record are made from it."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import orjson

from cds_service.core.caller import Caller
from cds_service.core.case import Gap
from cds_service.core.hook_call import HookCall
from cds_service.core.kept import CallRecord, FetchedKey, ServedCard
from cds_service.dialects.wire import EXTENSION
from cds_service.fetch.outcome import Outcome
from cds_service.hooks.services import Service
from cds_service.pipeline import Decision
from cds_service.render import explain

PACKAGE = "emg-ncs-cds"
HOOK, FEEDBACK, DISCOVERY = "hook", "feedback", "discovery"
NOBODY = Caller()
_KINDS = {"determination": "determination", "pattern": "correction", "row": "diagnosis", "notice": "notice"}


@dataclass(slots=True)
class Account:
    """``event`` is what was asked for, ``refusal`` the word for why it was not answered (``""``: it was).

    Only ``raw``, ``call``, ``decision`` and ``chart`` (what was fetched, by key) hold anything of the request
    or the patient. ``kept``: items of feedback.
    """

    event: str
    service: Service | None = None
    request_id: str = ""
    started: float = field(default_factory=time.perf_counter)
    caller: Caller = NOBODY
    refusal: str = ""
    raw: bytes = field(default=b"", repr=False)
    call: HookCall | None = field(default=None, repr=False)
    decision: Decision | None = field(default=None, repr=False)
    fetched: tuple[Outcome, ...] = ()
    chart: Mapping[str, Any] = field(default_factory=dict, repr=False)
    kept: int = 0

    @property
    def asked(self) -> str:
        """What was asked for, as a label: a service, or another event of it."""
        if self.service is None:
            return self.event
        return self.service.id if self.event == HOOK else f"{self.service.id}/{self.event}"

    @property
    def cards(self) -> Collection[Mapping[str, Any]]:
        """The cards of the answer."""
        return self.decision.response["cards"] if self.decision is not None else ()

    def gaps(self) -> dict[str, int]:
        """How many gaps there are at each place. Keys that we do not advertise are a client's own words."""
        if self.decision is None or self.service is None:
            return {}
        keys = self.service.discovery["prefetch"]
        return dict(Counter(_place(gap, keys) for gap in self.decision.evaluation.gaps))


def line(account: Account, status: int, seconds: float, gaps: Mapping[str, int]) -> dict[str, Any]:
    """The fields of a log line: ids, counts, milliseconds and words of ours."""
    caller = account.caller
    fields: dict[str, Any] = {"request": account.request_id, "status": status, "ms": round(seconds * 1e3, 2)}
    if account.service is not None:
        fields["service"] = account.service.id
    if caller.issuer:
        fields |= {"issuer": caller.issuer, "tenant": caller.tenant, "token": _mark(caller.token_id)}
    if account.call is not None:
        fields |= {
            "orders": len(account.call.draft_orders),
            "cards": len(account.cards),
            "gaps": sum(gaps.values()),
        }
    if account.fetched:
        fields["fetched"] = {each.key: [each.what, each.milliseconds] for each in account.fetched}
    if account.event == FEEDBACK:
        fields["items"] = account.kept
    if account.refusal:
        fields["refusal"] = account.refusal
    return fields


def record(account: Account, status: int, seconds: float, gaps: Iterable[str]) -> CallRecord:
    """What is kept of a hook call; the reasoning is put into words only when it is written."""
    call, decision, service = account.call, account.decision, account.service
    kept = CallRecord(
        id=str(uuid.uuid4()),
        at=datetime.fromtimestamp(time.time() - seconds, UTC),
        service=service.id if service is not None else "",
        hook=service.hook if service is not None else "",
        status=status,
        duration=seconds * 1e3,
        body=account.raw,
        hook_instance=call.hook_instance if call is not None else "",
        patient=call.patient_id if call is not None else "",
        issuer=account.caller.issuer,
        tenant=account.caller.tenant,
        dialect=account.caller.dialect,
        orders=len(call.draft_orders) if call is not None else 0,
        gaps=tuple(gaps),
        fetched=tuple(FetchedKey(each.key, each.what, each.pages) for each in account.fetched),
        chart=_digest(account.chart),
        software=_software(),
        refusal=account.refusal,
    )
    if decision is None:
        return kept
    guideline = decision.knowledge.guideline
    return replace(
        kept,
        dialect=decision.dialect,
        guideline=guideline.id,
        edition=guideline.edition,
        version=guideline.version,
        cards=tuple(map(_served, account.cards)),
        # The evaluation alone, not the whole decision: it may wait while the store is down.
        trace=partial(explain.as_json, decision.knowledge, decision.service, decision.evaluation),
    )


def finding(card: Mapping[str, Any]) -> str:
    """The id of the finding a card is about."""
    return str(card["extension"][EXTENSION]["finding"])


def _digest(chart: Mapping[str, Any]) -> bytes:
    """SHA-256 of the fetched data as JSON with sorted members; made at once, so that none of it waits."""
    if not chart:
        return b""
    try:
        text = orjson.dumps(chart, option=orjson.OPT_SORT_KEYS, default=str)
    except TypeError:  # a text that no JSON can hold; what was fetched was answered upon all the same
        return b""
    return hashlib.sha256(text).digest()


@cache
def _software() -> str:
    """The version of this package, ``""`` when it runs without being installed."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return ""


def _mark(token_id: str) -> str:
    """Enough of a digest to tell tokens apart; the id itself may be any text."""
    return hashlib.blake2b(token_id.encode(errors="replace"), digest_size=8).hexdigest() if token_id else ""


def _served(card: Mapping[str, Any]) -> ServedCard:
    about = card["extension"][EXTENSION]
    return ServedCard(
        uuid=card["uuid"],
        finding=about["finding"],
        kind=next((kind for member, kind in _KINDS.items() if member in about), ""),
        outcome=about.get("determination") or about.get("mode") or "",
        indicator=card["indicator"],
        suggestions=tuple(each["uuid"] for each in card.get("suggestions", ())),
        orders=tuple(about.get("orders", ())),
    )


def _place(gap: Gap, keys: Collection[str]) -> str:
    root, _, rest = gap.path.partition(".")
    if root != "prefetch":
        return "context.draftOrders" if root == "context" else "other"
    name = re.split(r"[.\[]", rest, maxsplit=1)[0]
    return "prefetch" if not name else f"prefetch.{name}" if name in keys else "prefetch.other"
