"""The questionnaire as a form, and its answers as a QuestionnaireResponse of the request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.core.finding import Evaluation
from cds_service.workbench.request_tree import (
    Json,
    free_id,
    member,
    objects,
    prefetched,
    put,
    text,
)

SETTLED = ("completed", "amended")
YES_NO = (("true", "Yes"), ("false", "No"))


@dataclass(frozen=True, slots=True)
class Question:
    """One item; ``given`` are the answers the request holds, as the form shows them."""

    link_id: str
    field: str
    words: str
    kind: str
    group: str
    repeats: bool
    options: tuple[tuple[str, str], ...]
    given: tuple[str, ...]
    asked: bool


def read(
    request: object, questionnaire: Mapping[str, Any], asked: frozenset[str]
) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """The questions a card asks or that are answered, and the rest."""
    answers = _given(_response(request, questionnaire))
    found = [
        Question(
            link_id=item["linkId"],
            field=f"answer-{item['linkId']}",
            words=item["text"],
            kind=item["type"],
            group=group,
            repeats=bool(item.get("repeats")),
            options=_options(item),
            given=answers.get(item["linkId"], ()),
            asked=item["linkId"] in asked,
        )
        for group, item in _items(questionnaire)
    ]
    first = [each for each in found if each.asked or each.given]
    return tuple(first), tuple(each for each in found if each not in first)


def asked_by(evaluation: Evaluation) -> frozenset[str]:
    """The items whose answers would settle something."""
    facts = [missing.fact for each in evaluation.determinations for missing in each.asked]
    asks = [item for each in evaluation.corrections for item in each.asks]
    asks += [item for each in evaluation.diagnosis_corrections for item in each.asks]
    return frozenset([*facts, *asks])


def write(
    request: Json,
    form: Mapping[str, list[str]],
    questionnaire: Mapping[str, Any],
    *,
    base_url: str,
    authored: str,
) -> list[str]:
    """Write changed answers into ``request``; sentences about what could not be."""
    problems: list[str] = []
    response = _response(request, questionnaire)
    before = _given(response)
    changed: dict[str, list[Json]] = {}
    for _, item in _items(questionnaire):
        name = item["linkId"]
        # The empty first value of a field says that the question was on the page.
        if f"answer-{name}" not in form:
            continue
        given = tuple(value.strip() for value in form[f"answer-{name}"] if value.strip())
        if item["type"] == "text" and item.get("repeats"):
            given = tuple(line.strip() for value in given for line in value.splitlines() if line.strip())
        if given == before.get(name, ()):
            continue
        answers = [_answer(item, value) for value in given]
        if None in answers:
            problems.append(f"{item['text']} This cannot be answered so.")
        else:
            changed[name] = [answer for answer in answers if answer is not None]
    if not changed:
        return problems
    if response is None:
        response = _new_response(request, questionnaire, base_url, authored)
        put(request, "QuestionnaireResponse", "questionnaireResponses", response)
    for name, answers_now in changed.items():
        _settle(response, name, answers_now)
    return problems


def _items(questionnaire: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    for group in questionnaire["item"]:
        for item in group.get("item", ()):
            yield group["text"], item


def _options(item: Json) -> tuple[tuple[str, str], ...]:
    if item["type"] == "boolean":
        return YES_NO
    codings = (option["valueCoding"] for option in item.get("answerOption", ()))
    return tuple((coding["code"], coding.get("display", coding["code"])) for coding in codings)


def _response(request: object, questionnaire: Mapping[str, Any]) -> Json | None:
    """The newest response of the request to this questionnaire."""
    name = f"Questionnaire/{questionnaire['id']}"
    ours = [
        held.resource
        for held in prefetched(request)
        if text(held.resource, "resourceType") == "QuestionnaireResponse"
        and text(held.resource, "questionnaire").split("|", 1)[0].endswith(name)
        and text(held.resource, "status") in SETTLED
    ]
    return max(ours, key=lambda each: text(each, "authored")) if ours else None


def _given(response: Json | None) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for item in _answered(objects(response, "item")):
        values = [_shown(answer) for answer in objects(item, "answer")]
        found[text(item, "linkId")] = tuple(value for value in values if value)
    return found


def _answered(items: Iterable[Json]) -> Iterator[Json]:
    waiting = list(items)
    while waiting:
        item = waiting.pop(0)
        if objects(item, "answer"):
            yield item
        waiting.extend(objects(item, "item"))


def _shown(answer: Json) -> str:
    if isinstance(answer.get("valueBoolean"), bool):
        return "true" if answer["valueBoolean"] else "false"
    if isinstance(answer.get("valueInteger"), int):
        return str(answer["valueInteger"])
    return text(member(answer, "valueCoding"), "code") or text(answer, "valueString")


def _answer(item: Json, value: str) -> Json | None:
    match item["type"]:
        case "boolean":
            return {"valueBoolean": value == "true"} if value in dict(YES_NO) else None
        case "integer":
            return {"valueInteger": int(value)} if value.isdecimal() and len(value) < 6 else None
        case "choice":
            word = dict(_options(item)).get(value)
            return {"valueCoding": {"code": value, "display": word}} if word else None
        case _:
            return {"valueString": value}


def _new_response(request: Json, questionnaire: Mapping[str, Any], base_url: str, authored: str) -> Json:
    patient = text(member(request, "context"), "patientId").removeprefix("Patient/")
    response: Json = {
        "resourceType": "QuestionnaireResponse",
        "id": free_id(request, "answers"),
        "questionnaire": f"{base_url}/fhir/Questionnaire/{questionnaire['id']}",
        "status": "completed",
        "subject": {"reference": f"Patient/{patient}"},
        "item": [],
    }
    if authored:
        response["authored"] = authored
    return response


def _settle(response: Json, name: str, answers: list[Json]) -> None:
    item = next((each for each in _all(response) if text(each, "linkId") == name), None)
    if item is None:
        if answers:
            response["item"] = [*objects(response, "item"), {"linkId": name, "answer": answers}]
    elif answers:
        item["answer"] = answers
    else:
        item.pop("answer", None)


def _all(response: Json) -> Iterator[Json]:
    waiting = objects(response, "item")
    while waiting:
        item = waiting.pop(0)
        yield item
        waiting.extend(objects(item, "item"))
