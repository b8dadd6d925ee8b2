"""Records of real scenarios in, weeks of invented calls, cards and feedback out; every issuer says so.

The same records, seed and last day give the same weeks. Nothing here reads a clock or touches a store.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from cds_service.core.feedback_picture import DEMO
from cds_service.core.kept import CallRecord, Feedback, ServedCard

TENANT = "demo data"
# The version of the guideline's data that the first weeks pretend to have had.
EARLIER = "0.9.0-demo"
EARLIER_SHARE = 0.4
# Most orders are in order.
QUIET_SHARE = 0.55
WORKDAYS, OPENS, HOURS = 5, 13, 9
REASON_SYSTEM = "urn:emg-ncs-cds:override-reason"


@dataclass(frozen=True, slots=True)
class Client:
    """An invented hospital: its part of the calls, how often it answers a card at all, and how willingly."""

    name: str
    part: float
    answers: float
    accepts: float
    pace: float

    @property
    def issuer(self) -> str:
        return DEMO + self.name


CLIENTS = (
    Client("north-hospital", 0.5, 0.86, 0.62, 2.4),
    Client("river-clinic", 0.32, 0.72, 0.48, 3.6),
    Client("hill-practice", 0.18, 0.55, 0.35, 3.0),
)
# How reasons are chosen: code and weight; ``""`` is an override without a reason.
REASONS = (
    ("asIntended", 5),
    ("documentedElsewhere", 4),
    ("payerRuleDiffers", 2),
    ("notApplicable", 3),
    ("", 2),
)
# Of the cards whose orders have a correction at hand, more are taken than of those that only ask.
WILLING = {
    "FIX": 1.25,
    "ASK": 0.9,
    "NEED-INFO": 0.55,
    "REVIEW": 0.4,
    "INFO": 0.5,
    "NOT-MET": 0.7,
    "MET-PROV": 0.6,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One invented call, and what its client said of the cards."""

    record: CallRecord
    feedback: tuple[Feedback, ...]


def weeks(records: Sequence[CallRecord], *, last: date, count: int, calls: int, seed: int) -> Iterator[Event]:
    """``count`` weeks that end with the day ``last``, with about ``calls`` calls each, in the order of time.

    ``records``: of those with cards the first are the most frequent.
    """
    # Invented numbers, nothing to guess.
    random = Random(seed)  # noqa: S311
    quiet = [record for record in records if not record.cards]
    telling = [record for record in records if record.cards]
    likely = [(rank + 2) ** -1.3 for rank in range(len(telling))]
    first = last - timedelta(days=7 * count - 1)
    for offset in range(7 * count):
        day = first + timedelta(days=offset)
        if day.weekday() >= WORKDAYS or not telling:
            continue
        progress = offset / (7 * count)
        busy = calls / WORKDAYS * random.uniform(0.7, 1.3)
        moments = sorted(random.uniform(0, HOURS) for _ in range(round(busy)))
        for hours in moments:
            if quiet and random.random() < QUIET_SHARE:
                record = random.choice(quiet)
            else:
                (record,) = random.choices(telling, likely)
            at = datetime.combine(day, time(OPENS, tzinfo=UTC)) + timedelta(hours=hours)
            yield _event(random, record, at, progress)


def _event(random: Random, template: CallRecord, at: datetime, progress: float) -> Event:
    (client,) = random.choices(CLIENTS, [each.part for each in CLIENTS])
    record = replace(
        template,
        id=_uuid(random),
        at=at,
        duration=round(random.lognormvariate(0.9, 0.45) + 0.3 * template.orders, 2),
        issuer=client.issuer,
        tenant=TENANT,
        version=EARLIER if progress < EARLIER_SHARE else template.version,
        cards=tuple(_again(random, card) for card in template.cards),
    )
    said = (_said(random, client, card, at, progress) for card in record.cards)
    return Event(record, tuple(filter(None, said)))


def _again(random: Random, card: ServedCard) -> ServedCard:
    return replace(card, uuid=_uuid(random), suggestions=tuple(_uuid(random) for _ in card.suggestions))


def _said(random: Random, client: Client, card: ServedCard, at: datetime, progress: float) -> Feedback | None:
    if random.random() > client.answers:
        return None
    heard = at + timedelta(seconds=random.lognormvariate(client.pace, 0.9))
    # Those who work with the cards come to know them.
    willing = client.accepts * WILLING.get(card.outcome, 0.8) * (0.8 + 0.4 * progress)
    if random.random() < willing:
        taken = (random.choice(card.suggestions),) if card.suggestions else ()
        return Feedback(card.uuid, "accepted", taken, at=heard)
    (code,) = random.choices([code for code, _ in REASONS], [weight for _, weight in REASONS])
    system = REASON_SYSTEM if code else ""
    return Feedback(card.uuid, "overridden", reason_system=system, reason_code=code, at=heard)


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))
