"""Cards of advice: what is worth knowing and corrects nothing."""

from __future__ import annotations

from cds_service.core.card import Card
from cds_service.core.finding import Notice
from cds_service.core.guideline import Knowledge
from cds_service.render import shape
from cds_service.render.book import Book, NoticeCard


def notice_card(knowledge: Knowledge, book: Book, notice: Notice) -> Card | None:
    """The card of one notice, or ``None`` where it stands in the trace only."""
    wording = book.notices.get(notice.id)
    if wording is None:
        return None
    values = {"guideline": knowledge.guideline.id, "from_chart": "", "codes": "", **notice.values}
    named = _named(knowledge, notice)
    summary = wording.summary({**values, "named": "", "from_chart": named or values["from_chart"]})
    fits = len(summary) <= shape.LONGEST_SUMMARY
    values["named"] = "" if fits else named
    if not fits:
        summary = wording.summary(values)
    return shape.card(
        book,
        finding=f"notice:{notice.id}",
        summary=summary,
        detail=f"{wording.detail(values)}\n\n{_source(knowledge, book, wording, notice)}",
        indicator=wording.indicator,
        kind="notice",
        orders=notice.orders,
        facts={"notice": notice.id, "mode": "INFO"},
    )


def _named(knowledge: Knowledge, notice: Notice) -> str:
    """The codes of the chart with what they mean; ``""`` where one of them is not known."""
    codes = [code for code in notice.values.get("chart_codes", "").split(", ") if code]
    labels = [knowledge.icd10.label(code) for code in codes]
    if not all(labels):
        return ""
    return "; ".join(f"{code} ({label})" for code, label in zip(codes, labels, strict=True))


def _source(knowledge: Knowledge, book: Book, wording: NoticeCard, notice: Notice) -> str:
    guideline = knowledge.guideline
    if wording.section:
        return book.phrases["source"](
            {"guideline": guideline.id, "sections": wording.section, "editions": guideline.edition}
        )
    advice = next((one for one in knowledge.criteria.advice if one.id == notice.id), None)
    sources = guideline.others(advice.source) if advice is not None else ""
    return book.phrases["other_source"]({"guideline": guideline.id, "sources": sources})
