"""Cards about codes: one per connected set of orders, led by its most useful point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from cds_service.core.card import Card
from cds_service.core.coding import Pattern
from cds_service.core.finding import Correction, DiagnosisCorrection, Mode
from cds_service.core.guideline import Knowledge
from cds_service.core.offer import Draft, Topic
from cds_service.inert import Written, quoted
from cds_service.render import lines, shape
from cds_service.render.book import CODING_VALUES, Book
from cds_service.render.shape import Json

_LAST = 1000
_DIAGNOSIS_RANK = 35
_READABLE = 6


def coding_card(knowledge: Knowledge, book: Book, draft: Draft, topic: Topic) -> Card:
    """The card of one topic."""
    icd10, table = knowledge.icd10, knowledge.coding.table
    suggestions = shape.suggestions(
        book, topic, draft, lambda code: icd10.label(code) or table.label_of(code)
    )
    points = _points(knowledge, book, draft, topic, [each.label for each in suggestions])
    lead = min(points, key=lambda point: point["rank"])
    more = book.labels["more"]["suffix"]({"count": len(points) - 1}) if len(points) > 1 else ""
    summary = lead["summary"]
    if len(summary) + len(more) <= shape.LONGEST_SUMMARY:
        summary += more
    facts: Json = {**lead["finding"], "mode": topic.mode.value}
    patterns = list(dict.fromkeys(correction.pattern for correction in topic.corrections))
    rows = list(dict.fromkeys(correction.row for correction in topic.diagnoses))
    if patterns:
        facts["patterns"] = patterns
    if rows:
        facts["rows"] = rows
    asked = [item.asks for item in topic.corrections] + [item.asks for item in topic.diagnoses]
    asks = list(dict.fromkeys(link for links in asked for link in links))
    if asks:
        facts["questions"] = asks
    return shape.card(
        book,
        finding=f"coding:{lead['id']}",
        summary=summary,
        detail=_detail(book, draft, topic, points),
        indicator="warning" if any(point["indicator"] == "warning" for point in points) else "info",
        kind="coding",
        orders=topic.orders,
        facts=facts,
        suggestions=suggestions,
    )


def rank(book: Book, topic: Topic) -> tuple[int, int]:
    """What comes first: corrections that can be made at once, then by the wording's own rank."""
    ranks = [book.coding[correction.pattern].rank for correction in topic.corrections]
    ranks.extend(_DIAGNOSIS_RANK for _ in topic.diagnoses)
    return (0 if topic.mode is Mode.FIX else 1, min(ranks, default=_LAST))


def _points(
    knowledge: Knowledge, book: Book, draft: Draft, topic: Topic, buttons: Sequence[str]
) -> list[Json]:
    points = []
    seen: dict[tuple[object, ...], Json] = {}
    for correction in topic.corrections:
        point = _coding_point(knowledge, book, draft, correction)
        key = tuple(choice.edits for choice in correction.choices)
        known = seen.get(key) if key else None
        if known is None:
            seen[key] = point
            points.append(point)
        elif point["rank"] < known["rank"]:
            seen[key] = {
                **point,
                "why": [*known["why"], *point["why"]],
                "sources": (*known["sources"], *point["sources"]),
            }
            points[points.index(known)] = seen[key]
        else:
            known["why"].extend(point["why"])
            known["sources"] = (*known["sources"], *point["sources"])
    points.extend(_diagnosis_point(knowledge, book, diagnosis, buttons) for diagnosis in topic.diagnoses)
    by_text = {(point["point"], *point["why"]): point for point in reversed(points)}
    once = [point for point in points if by_text[point["point"], *point["why"]] is point]
    return sorted(once, key=lambda point: int(point["rank"]))


def _coding_point(knowledge: Knowledge, book: Book, draft: Draft, correction: Correction) -> Json:
    wording = book.coding[correction.pattern]
    pattern = knowledge.coding.patterns.by_id[correction.pattern]
    values = _values(knowledge, book, draft, correction)
    return {
        "id": correction.pattern,
        "rank": wording.rank,
        "indicator": wording.indicator,
        "summary": wording.summary(values),
        "point": wording.point(values),
        "why": [(wording.why(values) if wording.why is not None else "") or pattern.why],
        "sources": _sources(knowledge, book, pattern),
        "warning": correction.warning,
        "finding": {"pattern": correction.pattern},
    }


def _values(knowledge: Knowledge, book: Book, draft: Draft, correction: Correction) -> Mapping[str, Any]:
    texts = _questions(knowledge)
    chosen = correction.choices[max(0, correction.default)] if correction.choices else None
    concerned = correction.subject or correction.orders or correction.about
    sent = " + ".join(dict.fromkeys(draft.sent.get(ref, "") for ref in concerned if ref in draft.sent))
    becomes = [
        lines.lines(book, correction.becomes(choice), lines.reduced(choice.edits, draft.sent))
        for choice in correction.choices
    ]
    stays = correction.stays(chosen) if chosen is not None else ()
    return {
        "to": becomes[max(0, correction.default)] if becomes else "",
        "kept": lines.lines(book, stays) if stays else "",
        "options": lines.alternatives(book, becomes),
        "fix": _is_certain(correction),
        "removes": chosen is not None and not correction.becomes(chosen),
        "single": len(correction.choices) == 1,
        "legend": lines.legend(book, knowledge.coding.table, correction),
        "asks": correction.asks,
        "questions": " ".join(texts[link] for link in correction.asks if link in texts),
        **dict.fromkeys(CODING_VALUES, ""),
        **correction.values,
        "flaws": lines.flaws(book, correction.values.get("flaws", "")),
        "written": quoted(correction.values.get("written", "")),
        "sent": quoted(correction.values.get("sent", "")) or sent,
    }


@lru_cache(maxsize=4)
def _questions(knowledge: Knowledge) -> Mapping[str, str]:
    """The texts of the questionnaire by linkId."""
    found: dict[str, str] = {}
    waiting = list(knowledge.questionnaire.get("item", ()))
    while waiting:
        item = waiting.pop()
        found[item["linkId"]] = item.get("text", "")
        waiting.extend(item.get("item", ()))
    return found


def _sources(knowledge: Knowledge, book: Book, pattern: Pattern) -> tuple[str, ...]:
    """What a reader may look up: the guideline where it has the rule itself, and publications."""
    guideline = knowledge.guideline
    cited = guideline.cite_on_card(pattern.source)
    if not pattern.section:
        return cited
    values = {"guideline": guideline.id, "sections": pattern.section, "editions": guideline.edition}
    return (book.labels["detail"]["section"](values), *cited)


def _is_certain(correction: Correction) -> bool:
    """One correction and nothing to ask, whether or not a suggestion can carry it out."""
    (choice, *others) = correction.choices or (None,)
    return correction.mode is Mode.FIX or (
        choice is not None and not choice.applicable and not others and not correction.asks
    )


def _diagnosis_point(
    knowledge: Knowledge, book: Book, correction: DiagnosisCorrection, buttons: Sequence[str]
) -> Json:
    fix = correction.mode is Mode.FIX
    side = not fix and "symptomatic-sides" in correction.asks
    kind = "fix" if fix else "side" if side else "ask"
    said = correction.values
    card = book.diagnoses.get(said.get("form") or correction.row) or book.diagnoses[kind]
    written = [lines.codes(book, codes) for codes in correction.choices]
    values = {
        "sent": lines.codes_sent(book, correction),
        "to": written[0] if written else "",
        "options": lines.alternatives(book, written),
        # Descriptions are our own data: their brackets are part of the name, not markup.
        "label": Written(said.get("label", "")),
        "side": said.get("side", ""),
        "fix": fix,
        "single": len(written) == 1,
        "gone": lines.gone(book, correction, correction.choices[0]) if written else "",
        "legend": _code_legend(knowledge, book, correction, buttons),
        "flaws": lines.flaws(book, said.get("flaws", "")),
        "plausible": said.get("plausible", ""),
    }
    why = (card["why"](values) if card["why"] is not None else "") or said.get("why", "")
    return {
        "id": correction.row,
        "rank": _DIAGNOSIS_RANK,
        "indicator": card["indicator"],
        "summary": card["summary"](values),
        "point": card["point"](values),
        "why": [why] if why else [],
        "sources": knowledge.guideline.cite_on_card("ICD"),
        "warning": "",
        "finding": {"row": correction.row},
    }


def _code_legend(
    knowledge: Knowledge, book: Book, correction: DiagnosisCorrection, buttons: Sequence[str]
) -> str:
    """What the codes to choose from mean, while they are few enough to read and no button says it."""
    codes = list(dict.fromkeys(code for choice in correction.choices for code in choice))
    if not 1 < len(codes) <= _READABLE:
        return ""
    words = book.labels["line"]
    named = ((code, Written(knowledge.icd10.label(code))) for code in codes)
    return Written(
        words["legend_join"]({}).join(
            words["legend"]({"code": code, "what": what})
            for code, what in named
            if what and not any(f"{code} {what}" in button for button in buttons)
        )
    )


def _sentences(point: str, *why: str) -> str:
    """Parts as sentences: a stop behind where none stands, a capital in front of a reason.

    A point may begin with a code, which is quoted as it was written.
    """
    parts = [point, *(part[0].upper() + part[1:] for part in why)]
    return " ".join(part if part[-1] in ".?!" else f"{part}." for part in parts if part)


def _detail(book: Book, draft: Draft, topic: Topic, points: list[Json]) -> str:
    words = book.labels["detail"]
    text = []
    said: set[str] = set()
    for point in points:
        why = [each for each in dict.fromkeys(point["why"]) if each not in said]
        said.update(why)
        text.append(f"- {_sentences(point['point'], *why)}")
        if point["warning"]:
            text.append(f"  {words['warning']({'warning': point['warning']})}")
    unclear = lines.alternatives(book, [lines.of_edits(book, one.edits, draft.sent) for one in topic.words])
    if unclear:
        text.append(f"- {book.labels['words']['change']({'lines': unclear})}")
    by_hand = [
        lines.by_hand(book, offer, draft) for offer in topic.offers if not offer.applicable and offer.actions
    ]
    text.extend(f"- {words['by_hand']({'what': what})}" for what in dict.fromkeys(by_hand))
    text.extend(f"- {words['signed'](_named(draft, ref))}" for ref in _signed(draft, topic))
    sources = "; ".join(dict.fromkeys(source for point in points for source in point["sources"]))
    cited = words["source"]({"sources": sources}) if sources else words["practice"]({})
    return "\n".join([*text, "", cited])


def _signed(draft: Draft, topic: Topic) -> list[str]:
    """Orders that would change and do not stand on the list."""
    changing = dict.fromkeys(ref for correction in topic.corrections for ref in correction.orders)
    return [ref for ref in changing if ref not in draft.numbers]


def _named(draft: Draft, ref: str) -> Mapping[str, Any]:
    return {"order": ref, "sent": draft.sent.get(ref, "")}
