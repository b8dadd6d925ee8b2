"""Telling the service what became of a card, as an EHR does, and what it answered."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.workbench import scenario_cards
from cds_service.workbench.desk import Decided, Desk
from cds_service.workbench.request_tree import Json, objects, text

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Told:
    """What was sent about the card with a finding, and the service's answer; ``status`` 0: not sent.

    ``choice`` and ``comment`` are what the form held, for a reader who has to send it again.
    """

    finding: str
    outcome: str
    status: int
    said: str = ""
    reason: str = ""
    choice: str = ""
    comment: str = ""

    @property
    def well(self) -> bool:
        return 200 <= self.status < 300


def dismissed(
    desk: Desk, request: Json, decided: Decided | None, form: Mapping[str, list[str]], target: str
) -> Told:
    """Send that a card was overridden, with the reason chosen in the form."""
    cards = objects(decided.response, "cards") if decided else []
    finding = _one(form, f"finding-{target}")
    card = next((each for each in cards if scenario_cards.finding_of(each) == finding), None)
    if card is None:
        return Told(finding, "overridden", 0, "The card is no longer there; nothing was sent.")
    choice = _one(form, f"reason-{target}")
    comment = _one(form, f"comment-{target}").strip()[:LONGEST]
    reason = scenario_cards.override(card, choice)
    if reason is None and objects(card, "overrideReasons"):
        said = "Choose a reason first; nothing was sent."
        return Told(finding, "overridden", 0, said, comment=comment)
    override: Json = {} if reason is None else {"reason": reason}
    if comment:
        override["userComment"] = comment
    body: Json = {"outcome": "overridden", **({"overrideReason": override} if override else {})}
    told = _tell(desk, request, _one(form, f"uuid-{target}"), body)
    words = text(reason, "display") if reason else ""
    return Told(finding, "overridden", told[0], told[1], words, choice, comment)


def accepted(desk: Desk, request: Json, form: Mapping[str, list[str]], key: str) -> Told:
    """Send that a suggestion was taken."""
    card = key.partition(":")[0]
    suggestion = _one(form, f"suggestion-{':'.join(key.split(':')[:2])}")
    body: Json = {"outcome": "accepted", "acceptedSuggestions": [{"id": suggestion}] if suggestion else []}
    status, said = _tell(desk, request, _one(form, f"uuid-{card}"), body)
    return Told(_one(form, f"finding-{card}"), "accepted", status, said)


def _tell(desk: Desk, request: Json, uuid: str, body: Json) -> tuple[int, str]:
    service = desk.services.get(text(request, "hook"))
    if service is None or not uuid:
        return 0, "The card has no id that feedback could name; nothing was sent."
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    reply = desk.tell(
        service, json.dumps({"feedback": [{"card": uuid, "outcomeTimestamp": moment, **body}]}).encode()
    )
    return reply.status, reply.said


def _one(form: Mapping[str, list[str]], name: str) -> str:
    return next(iter(form.get(name, [])), "")
