"""Cards about necessity: what was found, what is missing, which section of which edition says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cds_service.core.card import Card, Link
from cds_service.core.finding import Determination, Missing, Result, Step, Verdict
from cds_service.core.guideline import Knowledge
from cds_service.core.offer import Draft
from cds_service.render import gaps, shape
from cds_service.render.book import Book, DeterminationCard
from cds_service.render.shape import Json

_MOST_FOUND = 4
_PHRASE_OF = {"emg+ncs": "emg_ncs", "ncs": "ncs", "emg": "emg", "nmj": "nmj"}


def determination_card(
    knowledge: Knowledge, book: Book, draft: Draft, determination: Determination
) -> Card | None:
    """The card of one determination, or ``None`` where nothing has to be said."""
    wording = _wording(book, determination)
    if wording is None or wording.silent or wording.summary is None:
        return None
    values = _values(knowledge, book, determination)
    facts: Json = {
        "determination": determination.result.value,
        "mode": determination.result.value,
        "pathway": determination.pathway,
    }
    if determination.rows:
        facts["rows"] = list(determination.rows)
    # What no form asks for, such as the reason of the order, is no question of the questionnaire.
    asks = [each.fact for each in determination.missing if each.fact in knowledge.vocabulary.items]
    if asks:
        facts["questions"] = asks
    finding = f"determination:{determination.pathway}:{determination.result.value}"
    if determination.rows:
        finding += f":{determination.rows[0]}"
    return shape.card(
        book,
        finding=finding,
        summary=wording.summary(values),
        detail=_detail(knowledge, book, draft, determination, wording, values),
        indicator="info" if _is_other_payer(draft) else wording.indicator,
        kind="determination",
        orders=determination.orders,
        facts=facts,
        links=(_link(knowledge),),
        advisory=_advisory(knowledge, book),
    )


def _advisory(knowledge: Knowledge, book: Book) -> str:
    return book.phrases["advisory"]({"publisher": knowledge.guideline.publisher})


def _link(knowledge: Knowledge) -> Link:
    guideline = knowledge.guideline
    return Link(f"{guideline.id}, {guideline.publisher}", guideline.url)


def _wording(book: Book, determination: Determination) -> DeterminationCard | None:
    return next(
        (
            card
            for card in book.determinations
            if card.result == determination.result.value
            and (not card.row or card.row in determination.rows)
            and (not card.pathway or card.pathway == determination.pathway)
        ),
        None,
    )


def _values(knowledge: Knowledge, book: Book, determination: Determination) -> Json:
    phrases, given = book.phrases, determination.values
    criteria = knowledge.criteria.criteria
    satisfied = ", ".join(
        criteria[name].title if name in criteria else name for name in determination.satisfied
    )
    provisional = "provisional_M0" if "M0" in determination.satisfied else "provisional"
    failed = [step for step in _top(determination.steps) if step.verdict is Verdict.NOT_MET]
    titles = ", ".join(criteria[step.id].title if step.id in criteria else step.id for step in failed)
    days = given.get("days_short", "")
    return {
        "guideline": knowledge.guideline.id,
        "satisfied": satisfied,
        "why_provisional": phrases[provisional]({}),
        "tests": phrases[_PHRASE_OF.get(determination.pathway, "emg_ncs")]({}),
        "missing": _missing(book, determination.missing),
        "asked": " ".join(item.fact for item in determination.missing),
        "open": " ".join(step.id for step in _top(determination.steps) if step.verdict is Verdict.UNKNOWN),
        "shortfall": phrases["shortfall_days"]({"days_short": days})
        if days
        else phrases["shortfall"]({"criteria": titles}),
        "advice": phrases["advice_splint" if days else "advice"]({}),
        "no_sign": phrases["no_sign"]({}) if given.get("no_sign") else "",
        "candidate": next(
            (
                step.expected
                for step in _documented(knowledge, determination, Verdict.MET)
                if not step.criterion
            ),
            "",
        ),
        "lean": phrases["lean"]({}) if given.get("lean") else "",
    }


def _missing(book: Book, missing: tuple[Missing, ...]) -> str:
    names = list(dict.fromkeys(book.facts.get(item.fact, item.fact) for item in missing))
    if not names:
        return ""
    if len(names) == 1:
        return names[0]
    return book.phrases["and_more"]({"first": names[0], "count": len(names) - 1})


def _detail(
    knowledge: Knowledge,
    book: Book,
    draft: Draft,
    determination: Determination,
    wording: DeterminationCard,
    values: dict[str, Any],
) -> str:
    phrases = book.phrases
    text = [wording.lead(values)] if wording.lead is not None else []
    found = [step.observed for step in _documented(knowledge, determination, Verdict.MET)]
    if found:
        text.append(phrases["found"]({"found": "; ".join(list(dict.fromkeys(found))[:_MOST_FOUND])}))
    if determination.result is Result.NOT_MET:
        not_met = [_said(step) for step in _documented(knowledge, determination, Verdict.NOT_MET)]
        text.extend(phrases["not_met"]({"text": line}) for line in dict.fromkeys(not_met))
    text.extend(f"- {line}" for line in dict.fromkeys(missing.question for missing in determination.missing))
    text.append(_source(knowledge, book, determination))
    text.append(gaps.line(book, draft))
    text.append(_advisory(knowledge, book))
    if _is_other_payer(draft):
        text.append(phrases["other_payer"]({}))
    return "\n\n".join(_bulleted([line for line in text if line]))


def _is_other_payer(draft: Draft) -> bool:
    """The patient's payer is not of the guideline's publisher: what it says is informational."""
    return any(notice.id == "S3" for notice in draft.evaluation.notices)


def _bulleted(text: list[str]) -> list[str]:
    """Neighbouring bullets are one block."""
    blocks: list[str] = []
    for line in text:
        if line.startswith("- ") and blocks and blocks[-1].startswith("- "):
            blocks[-1] += f"\n{line}"
        else:
            blocks.append(line)
    return blocks


def _documented(knowledge: Knowledge, determination: Determination, verdict: Verdict) -> list[Step]:
    """Steps of this verdict that rest on something in the request; the setting goes without saying."""
    scopes = {pathway.scope for pathway in knowledge.criteria.pathways}
    inside = False
    found = []
    for step in determination.steps:
        inside = step.id in scopes if step.depth == 0 else inside
        if not inside and step.verdict is verdict and step.observed and step.evidence:
            found.append(step)
    return found


def _said(step: Step) -> str:
    return f"{step.expected}: {step.observed}" if step.expected else step.observed


def _top(steps: Iterable[Step]) -> list[Step]:
    return [step for step in steps if step.criterion]


def _source(knowledge: Knowledge, book: Book, determination: Determination) -> str:
    """Sections and editions of the rows and criteria that matter for this result."""
    criteria, rows = knowledge.criteria.criteria, knowledge.criteria.rows
    used: list[tuple[str, str]] = [
        (rows[name].section, rows[name].edition) for name in determination.rows if name in rows
    ]
    wanted = set(determination.satisfied)
    scopes = {pathway.scope for pathway in knowledge.criteria.pathways}
    used.extend(
        (criteria[step.id].section, criteria[step.id].edition)
        for step in _top(determination.steps)
        if step.id in criteria and step.id not in scopes and (step.id in wanted or not wanted)
    )
    if not used:
        used = [("", knowledge.guideline.edition)]
    sections = ", ".join(dict.fromkeys(section for section, _ in used if section))
    editions = ", ".join(dict.fromkeys(edition for _, edition in used if edition))
    return book.phrases["source"](
        {"guideline": knowledge.guideline.id, "sections": sections, "editions": editions}
    )
