"""Cards about necessity: what was found, what is missing, which section of which edition says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

from cds_service.core.card import Card, Link
from cds_service.core.criteria import Criterion, Test
from cds_service.core.finding import Determination, Result, Step, Verdict
from cds_service.core.guideline import Knowledge
from cds_service.core.offer import Draft
from cds_service.render import gaps, shape, ways
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
    asks = [each.fact for each in determination.asked if each.fact in knowledge.vocabulary.items]
    if asks:
        facts["questions"] = asks
    finding = f"determination:{determination.pathway}:{determination.result.value}"
    if determination.rows:
        finding += f":{determination.rows[0]}"
    return shape.card(
        book,
        finding=finding,
        summary=ways.summary(knowledge, book, determination, wording.summary, values),
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
    undecided = {step.id for step in _top(determination.steps) if step.verdict is Verdict.UNKNOWN}
    return next(
        (
            card
            for card in book.determinations
            if card.result == determination.result.value
            and (not card.row or card.row in determination.rows)
            and (not card.pathway or card.pathway == determination.pathway)
            and (not card.criterion or card.criterion in undecided)
        ),
        None,
    )


def _values(knowledge: Knowledge, book: Book, determination: Determination) -> Json:
    phrases, given = book.phrases, determination.values
    criteria = knowledge.criteria.criteria
    satisfied = [criteria[name] for name in determination.satisfied if name in criteria]
    failed = [step.id for step in _top(determination.steps) if step.verdict is Verdict.NOT_MET]
    candidate = next(
        (step for step in _documented(knowledge, determination, Verdict.MET) if not step.criterion), None
    )
    test = knowledge.criteria.tests.get(candidate.id) if candidate is not None else None
    provisional = [one for one in satisfied if one.grants is Result.MET_PROV]
    return {
        "guideline": knowledge.guideline.id,
        "satisfied": ", ".join(one.title for one in satisfied),
        "others": knowledge.guideline.others(tag for one in provisional for tag in one.source),
        "older": _older(knowledge, provisional or _open(knowledge, determination)),
        "tests": phrases[_PHRASE_OF.get(determination.pathway, "emg_ncs")]({}),
        "missing": "",
        "failed": ", ".join(criteria[name].title for name in failed if name in criteria),
        "days_short": given.get("days_short", ""),
        "weeks": given.get("weeks", ""),
        "side": given.get("side", ""),
        "no_sign": "no_sign" in given,
        "asks": bool(determination.asked),
        "candidate": candidate.expected if candidate is not None else "",
        "candidate_others": knowledge.guideline.others(test.source) if _is_cited(test) else "",
        "lean": phrases["lean"]({}) if "lean" in given else "",
    }


def _is_cited(test: Test | None) -> TypeGuard[Test]:
    """Whether a source at hand names what was looked for; what is only remembered is nobody's policy."""
    return test is not None and test.basis != "D"


def _open(knowledge: Knowledge, determination: Determination) -> list[Criterion]:
    """The criteria that are neither met nor refused."""
    criteria = knowledge.criteria.criteria
    steps = _top(determination.steps)
    return [criteria[s.id] for s in steps if s.verdict is Verdict.UNKNOWN and s.id in criteria]


def _older(knowledge: Knowledge, criteria: Sequence[Criterion]) -> str:
    """The edition of a criterion that is known from an earlier edition alone, and therefore provisional."""
    editions = [
        one.edition
        for one in criteria
        if one.grants is Result.MET_PROV and knowledge.guideline.own.issuperset(one.source)
    ]
    return min(editions, default="")


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
    found = [_found(knowledge, step) for step in _documented(knowledge, determination, Verdict.MET)]
    if found:
        text.append(phrases["found"]({"found": "; ".join(list(dict.fromkeys(found))[:_MOST_FOUND])}))
    if "worn_side" in determination.values:
        text.append(phrases["other_side"](determination.values))
    if determination.result is Result.NOT_MET:
        against = [_said(step) for step in _documented(knowledge, determination, Verdict.NOT_MET)]
        text.append(phrases["against"]({}))
        text.extend(f"- {line}" for line in dict.fromkeys(against))
    text.extend(ways.lines(knowledge, book, determination))
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


def _found(knowledge: Knowledge, step: Step) -> str:
    """What was found; an answer says nothing without its question."""
    items = knowledge.vocabulary.items
    if step.expected and any(ref.rpartition(" ")[2] in items for ref in step.evidence):
        return f"{step.expected} ({step.observed})"
    return step.observed


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
