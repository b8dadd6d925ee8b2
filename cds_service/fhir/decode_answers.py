"""QuestionnaireResponse -> answers by linkId: the newest of ours, each item by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from cds_service.core.case import Answer, Gap
from cds_service.core.form import Item
from cds_service.fhir.elements import JsonObject, as_object, as_text, day, objects
from cds_service.fhir.search import Found

QUESTIONNAIRE = "Questionnaire/emg-ncs-order-facts"
SETTLED = frozenset({"completed", "amended"})
MOST = 10_000
LONGEST = 500


def is_ours(resource: JsonObject) -> bool:
    """Whether a QuestionnaireResponse answers our questionnaire and is settled."""
    canonical = as_text(resource.get("questionnaire")).split("|", 1)[0]
    return as_text(resource.get("status")) in SETTLED and (
        canonical == QUESTIONNAIRE or canonical.endswith(f"/{QUESTIONNAIRE}")
    )


def newest(responses: list[Found]) -> Found | None:
    """The response authored last; among equals the one that came last."""
    ours = [found for found in responses if is_ours(found.resource)]
    return max(enumerate(ours), key=lambda pair: (_authored(pair[1].resource), pair[0]))[1] if ours else None


def _authored(resource: JsonObject) -> float:
    """A year or month alone counts from its first day."""
    text = as_text(resource.get("authored"))
    try:
        at = datetime.fromisoformat(text if len(text) > 7 else day(text, late=False))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return float("-inf")


def read_answers(
    found: Found, items: Mapping[str, Item], gaps: list[Gap]
) -> tuple[dict[str, Answer], frozenset[str]]:
    """The settled answers, and the items that cannot be read: each is a gap and spoils no other."""
    given: dict[str, list[Answer]] = {}
    spoilt: set[str] = set()
    for link_id, entry, path in _entries(found.resource, found.path):
        item = items.get(link_id)
        if item is None:
            continue
        answer = _answer(item, entry)
        if answer is None:
            spoilt.add(link_id)
            gaps.append(Gap(path, f"the answer to {link_id} could not be read"))
        else:
            given.setdefault(link_id, []).append(answer)
    answers: dict[str, Answer] = {}
    for link_id, values in given.items():
        distinct = list(dict.fromkeys(values))
        if items[link_id].repeats:
            answers[link_id] = tuple(str(value) for value in distinct)
        elif len(distinct) == 1 and link_id not in spoilt:
            answers[link_id] = distinct[0]
        elif len(distinct) > 1:
            spoilt.add(link_id)
            gaps.append(Gap(found.path, f"{link_id} is answered in two ways"))
    return answers, frozenset(spoilt - answers.keys())


def _entries(resource: JsonObject, path: str) -> Iterator[tuple[str, JsonObject, str]]:
    """(linkId, answer, path) of every answer at any depth, without recursion."""
    waiting: list[tuple[JsonObject, str]] = [(resource, path)]
    while waiting:
        holder, where = waiting.pop()
        nested: list[tuple[JsonObject, str]] = []
        for index, item in enumerate(objects(holder.get("item"))):
            at = f"{where}.item[{index}]"
            link_id = as_text(item.get("linkId"))
            nested.append((item, at))
            for number, entry in enumerate(objects(item.get("answer"))):
                yield link_id, entry, f"{at}.answer[{number}]"
                nested.append((entry, f"{at}.answer[{number}]"))
        waiting.extend(reversed(nested))


def _answer(item: Item, entry: JsonObject) -> Answer | None:
    match item.type:
        case "boolean":
            value = entry.get("valueBoolean")
            return value if isinstance(value, bool) else None
        case "integer":
            return _whole(entry.get("valueInteger", entry.get("valueDecimal")), measured=item.measured)
        case "choice":
            coded = as_text(as_object(entry.get("valueCoding")).get("code"))
            word = coded or as_text(entry.get("valueString"))
            return word if word in item.options else None
        case _:
            text = as_text(entry.get("valueString")).strip()
            return text[:LONGEST] or None


def _whole(value: object, *, measured: bool) -> int | None:
    """A whole number; of what is measured, such as weeks, the completed ones."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
        return None
    return int(value) if measured or value == int(value) else None
