"""Everything to say about one request, the most useful first; nothing to say is an empty list."""

from __future__ import annotations

from dataclasses import replace

from cds_service.core.card import Card
from cds_service.core.finding import Correction, Determination, Mode, Result
from cds_service.core.guideline import Knowledge
from cds_service.core.offer import Draft, Topic
from cds_service.render import gaps
from cds_service.render.book import Book
from cds_service.render.coding_cards import coding_card, rank
from cds_service.render.determination_cards import determination_card
from cds_service.render.notice_cards import notice_card
from cds_service.render.shape import together

_TOGETHER = frozenset(
    {
        "conduction-alone",
        "needle-alone",
        "limb-addon-without-conduction",
        "site-addon-without-conduction",
        "separate-days",
        "junction-meant-conduction",
    }
)
_RESULT_RANK = {
    Result.NOT_MET: 0,
    Result.NEED_INFO: 1,
    Result.REVIEW: 3,
    Result.MET_PROV: 4,
}


def render_cards(knowledge: Knowledge, book: Book, draft: Draft) -> tuple[Card, ...]:
    """The cards, for a dialect to shape."""
    topics = sorted(draft.topics, key=lambda topic: rank(book, topic))
    first = [coding_card(knowledge, book, draft, topic) for topic in topics if topic.mode is Mode.FIX]
    asking = [
        coding_card(knowledge, book, draft, topic)
        for topic in topics
        if topic.mode is Mode.ASK and _corrects(topic)
    ]
    unusual = [coding_card(knowledge, book, draft, topic) for topic in topics if not _corrects(topic)]
    necessity = together(
        book,
        draft,
        (
            card
            for determination in sorted(
                draft.evaluation.determinations, key=lambda d: _RESULT_RANK.get(d.result, 9)
            )
            if not _said_by_coding(knowledge, determination, draft.topics)
            if (card := determination_card(knowledge, book, draft, determination)) is not None
        ),
    )
    denied = [card for card in necessity if _result(card) is Result.NOT_MET]
    rest = [card for card in necessity if _result(card) not in (Result.NOT_MET, Result.MET_PROV)]
    provisional = [card for card in necessity if _result(card) is Result.MET_PROV]
    notices = together(
        book,
        draft,
        (
            card
            for notice in draft.evaluation.notices
            if (card := notice_card(knowledge, book, notice)) is not None
        ),
    )
    spoken = [*first, *denied, *asking, *rest, *notices, *unusual] or provisional
    return tuple(_with_gaps(spoken, gaps.line(book, draft)))


def _with_gaps(cards: list[Card], line: str) -> list[Card]:
    """Cards about necessity name the gaps; where there is none, the first card does."""
    if not line or not cards or any(card.kind == "determination" for card in cards):
        return cards
    first, *others = cards
    return [replace(first, detail=f"{first.detail}\n\n{line}"), *others]


def _result(card: Card) -> Result:
    return Result(card.facts["determination"])


def _corrects(topic: Topic) -> bool:
    """Unlike a mere remark on quantity, the topic has codes to choose or to correct."""
    return bool(topic.diagnoses) or any(correction.choices for correction in topic.corrections)


def _said_by_coding(knowledge: Knowledge, determination: Determination, topics: tuple[Topic, ...]) -> bool:
    """A card that asks to add the other half of the study already says how the order stands."""
    orders = set(determination.orders)
    if determination.result is Result.NOT_MET:
        return False
    if "X8" in determination.rows:
        return any(
            item.mode is Mode.ASK and item.order in orders for topic in topics for item in topic.diagnoses
        )
    if determination.pathway not in ("emg", "ncs", "nmj"):
        return False
    return any(
        _adds_other_half(knowledge, correction) and orders & set(correction.about)
        for topic in topics
        for correction in topic.corrections
    )


def _adds_other_half(knowledge: Knowledge, correction: Correction) -> bool:
    return knowledge.coding.patterns.by_id[correction.pattern].rule in _TOGETHER
