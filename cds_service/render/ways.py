"""What would settle a determination, in words: alternatives as alternatives, and where to record them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cds_service.core.finding import Determination, Need, Result, Way
from cds_service.core.guideline import Knowledge
from cds_service.render.book import Book
from cds_service.render.shape import LONGEST_SUMMARY
from cds_service.wording import Filled, Values


def summary(
    knowledge: Knowledge, book: Book, determination: Determination, wording: Filled, values: Values
) -> str:
    """The summary with as many of the ways as there is room for."""
    named = [_way(knowledge, book, way) for way in determination.ways if not way.instead]
    phrases = book.phrases
    tries = [phrases["or_way"]({}).join(named)]
    if len(named) > 1:
        tries.append(phrases["other_ways"]({"first": named[0]}))
    if named:
        first = _need(knowledge, book, determination.ways[0].needs[0])
        tries.append(phrases["more_needed"]({"first": first}))
    filled = [wording({**values, "missing": missing}) for missing in tries]
    return next((text for text in filled if len(text) <= LONGEST_SUMMARY), filled[-1])


def lines(knowledge: Knowledge, book: Book, determination: Determination) -> Iterator[str]:
    """The questions, way by way, and where an answer is looked for.

    Where a person decides anyway, no answer is promised to be enough.
    """
    if not determination.ways:
        return
    question = {each.fact: each.question for each in determination.missing}
    if determination.result is Result.REVIEW:
        yield from (f"- {each.question}" for each in determination.asked)
    else:
        for index, way in enumerate(determination.ways):
            yield from _lines_of(book, way, question, alone=not index)
    yield _where(knowledge, book, [each.fact for each in determination.asked])


def _lines_of(book: Book, way: Way, question: dict[str, str], *, alone: bool) -> Iterator[str]:
    phrases = book.phrases
    single = len(way.needs) == 1
    several = sum(len(need.any_of) for need in way.needs) > 1
    if way.instead:
        yield phrases["instead"]({"when": way.instead})
    elif single and several:
        yield phrases["one_of" if alone else "or_one_of"]({})
    elif not single:
        yield phrases["all_of" if alone else "or_all_of"]({})
    for need in way.needs:
        asked = [question[fact] for fact in need.any_of]
        along = [question[fact] for fact in need.along]
        if single:
            yield from (f"- {text}" for text in (*asked, *along))
        elif len(asked) > 1:
            yield f"- {phrases['either']({'questions': ' '.join([*asked, *along])})}"
        else:
            yield f"- {' '.join([*asked, *along])}"


def _where(knowledge: Knowledge, book: Book, facts: Sequence[str]) -> str:
    items = knowledge.criteria.items
    in_form = [fact for fact in facts if fact in knowledge.vocabulary.items]
    if not in_form:
        return ""
    in_chart = [fact for fact in in_form if fact in items and items[fact].chart]
    name = "where_chart" if in_chart == in_form else "where_either" if in_chart else "where_form"
    return book.phrases[name]({"form": knowledge.questionnaire["id"]})


def _way(knowledge: Knowledge, book: Book, way: Way) -> str:
    return book.phrases["and_need"]({}).join(_need(knowledge, book, need) for need in way.needs)


def _need(knowledge: Knowledge, book: Book, need: Need) -> str:
    names = list(dict.fromkeys(_name(knowledge, book, fact) for fact in need.any_of))
    *before, last = names
    return book.phrases["either_fact"]({"before": ", ".join(before), "last": last}) if before else last


def _name(knowledge: Knowledge, book: Book, fact: str) -> str:
    weeks = knowledge.criteria.weeks.get(fact, 0)
    return book.facts[fact]({"weeks": weeks}) if fact in book.facts else fact
