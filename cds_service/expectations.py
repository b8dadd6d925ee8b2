"""What a scenario expects against what was answered: every difference in one sentence.

Only what is listed is compared; the sequence of orders, choices and lines does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]


def unmet(expect: Json, explanation: Json, response: Json) -> list[str]:
    """The differences; empty when everything expected was said."""
    return [
        *_entries(expect, explanation, "corrections", ("pattern",), _correction),
        *_entries(expect, explanation, "diagnosis_corrections", ("row", "order", "from"), _diagnosis),
        *_entries(expect, explanation, "determinations", ("pathway",), _determination),
        *_names(expect, explanation),
        *_silence(expect, response),
    ]


def _entries(expect: Json, explanation: Json, kind: str, keys: Sequence[str], compare: Any) -> Iterator[str]:
    wanted = expect.get(kind)
    if wanted is None:
        return
    said = explanation[kind]
    if not wanted and said:
        yield f"{kind}: none expected, {[entry[keys[0]] for entry in said]} stated"
    for entry in wanted:
        alike = [one for one in said if all(one[key] == entry[key] for key in keys if key in entry)]
        if not alike:
            stated = [entry_of[keys[0]] for entry_of in said]
            yield f"{kind}: {entry[keys[0]]} is not stated (stated: {stated})"
            continue
        faults = min((list(compare(entry, one)) for one in alike), key=len)
        yield from (f"{kind}: {entry[keys[0]]}: {fault}" for fault in faults)


def _correction(wanted: Json, said: Json) -> Iterator[str]:
    yield from _same(wanted, said, "mode")
    yield from _same_set(wanted, said, "orders")
    yield from _choices(wanted, _lines(said["choices"]), _lines)


def _diagnosis(wanted: Json, said: Json) -> Iterator[str]:
    yield from _same(wanted, said, "mode")
    yield from _choices(wanted, sorted(said["choices"]), sorted)


def _choices(wanted: Json, said: list[Any], normal: Any) -> Iterator[str]:
    if "choices" in wanted and normal(wanted["choices"]) != said:
        yield f"choices {said}, expected {normal(wanted['choices'])}"
    for choice in normal(wanted.get("choices_include", [])):
        if choice not in said:
            yield f"choices {said} do not include {choice}"


def _determination(wanted: Json, said: Json) -> Iterator[str]:
    yield from _same(wanted, said, "result")
    yield from _same_set(wanted, said, "rows")
    yield from _same_set(wanted, said, "orders")
    verdicts = {entry["id"]: entry["verdict"] for entry in said["criteria"]}
    for criterion, verdict in wanted.get("criteria", {}).items():
        if verdicts.get(criterion) != verdict:
            yield f"criterion {criterion} is {verdicts.get(criterion)}, expected {verdict}"
    facts = [entry["fact"] for entry in said["missing"]]
    yield from (
        f"{fact} is not among the missing {facts}" for fact in wanted.get("missing", []) if fact not in facts
    )


def _names(expect: Json, explanation: Json) -> Iterator[str]:
    notices = [entry["id"] for entry in explanation["notices"]]
    yield from (f"notice {name} is not stated" for name in expect.get("notices", []) if name not in notices)
    stated = {
        *notices,
        *(entry["pattern"] for entry in explanation["corrections"]),
        *(entry["row"] for entry in explanation["diagnosis_corrections"]),
        *(row for entry in explanation["determinations"] for row in entry["rows"]),
    }
    yield from (f"{name} is stated but must not be" for name in expect.get("absent", []) if name in stated)
    paths = [entry["path"] for entry in explanation["gaps"]]
    yield from (f"gap {path} is not named" for path in expect.get("gaps", []) if path not in paths)


def _silence(expect: Json, response: Json) -> Iterator[str]:
    if expect.get("silent") and response != {"cards": []}:
        yield f"expected no card, got {[card['summary'] for card in response['cards']]}"


def _same(wanted: Json, said: Json, key: str) -> Iterator[str]:
    if key in wanted and wanted[key] != said[key]:
        yield f"{key} {said[key]}, expected {wanted[key]}"


def _same_set(wanted: Json, said: Json, key: str) -> Iterator[str]:
    if key in wanted and sorted(wanted[key]) != sorted(said[key]):
        yield f"{key} {said[key]}, expected {wanted[key]}"


def _lines(choices: Sequence[Any]) -> list[list[tuple[str, int]]]:
    """Choices as sorted (code, units) lines, whether given as pairs or as objects."""
    return sorted(
        sorted(
            (line["code"], line["units"]) if isinstance(line, Mapping) else (line[0], line[1])
            for line in choice
        )
        for choice in choices
    )
