"""criteria.toml (already checked by schema) -> Criteria, with every default worked out once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from cds_service.core.coverage import NO_PAYERS, Payers
from cds_service.core.criteria import (
    UNSAID,
    Advice,
    Combination,
    Condition,
    Criteria,
    Criterion,
    Item,
    Laterality,
    Located,
    Pathway,
    Row,
    Test,
)
from cds_service.core.finding import Missing, Result, Step, Verdict

FILE = "criteria.toml"
OPERATORS = ("all", "any", "none")
VISIBLE = ("A", "B")

_TUPLES = ("groups", "reasons", "reason_stems", "applied", "after", "words", "source")
_SETS = (
    *("of", "kinds", "regions", "not_regions", "near", "stated"),
    *("codes", "lines", "inside", "outside", "supplied"),
)
_PLAIN = (
    *("each", "same_limb", "current", "past", "item", "side_item", "want", "at_least", "days"),
    "where",
)


def load_criteria(
    tables: dict[str, Any], labels: Mapping[str, str] | None = None, payers: Payers = NO_PAYERS
) -> Criteria:
    """``labels``: the names of the vocabulary's groups; ``payers``: payers.toml.

    Faults are named beforehand by :func:`problems`.
    """
    build = _Build(tables, labels or {}, payers)
    rows = {row["id"]: build.row(row) for row in tables["row"]}
    criteria = {entry["id"]: build.criterion(entry) for entry in tables["criterion"]}
    unsupporting = frozenset(tables["reasons"]["unspecific"]).union(
        *(row.reasons | row.asks_only for row in rows.values())
    )
    tests = {test.id: test for each in criteria.values() for test in _tests(each.when)}
    return Criteria(
        edition=tables["edition"],
        criteria=criteria,
        rows=rows,
        pathways=tuple(_pathway(entry, criteria) for entry in tables["pathway"]),
        takers=_takers(tables["pathway"]),
        advice=tuple(build.advice(entry) for entry in tables["advice"]),
        questions=tables["questions"],
        plain={item: Missing(item, text) for item, text in tables["questions"].items() if "{" not in text},
        signs=tables["signs"],
        labels=dict(labels or {}),
        side_words=tables["sides"]["words"],
        side_item=tables["sides"]["item"],
        reason_item=tables["reasons"]["item"],
        laterality=tuple(_laterality(entry) for entry in tables["laterality"]),
        located=tuple(
            Located(
                frozenset(entry["regions"]),
                frozenset(entry.get("reasons", ())),
                tuple(entry.get("codes", ())),
                tuple(entry.get("words", ())),
            )
            for entry in tables["located"]
        ),
        charted=tables["reasons"]["charted"],
        unspecific=frozenset(tables["reasons"]["unspecific"]),
        unsupporting=unsupporting,
        vague=unsupporting | frozenset(tables["reasons"]["symptoms"]),
        vague_asks=tuple(tables["reasons"]["asks"]),
        items={entry["id"]: _item(entry) for entry in tables["item"]},
        tests=tests,
        # Of several tests of an item the first.
        weeks={test.item: test.weeks for test in reversed(tests.values()) if test.item},
    )


class _Build:
    """Turns entries into core types, knowing the signs and labels that fill their defaults."""

    def __init__(self, tables: Mapping[str, Any], labels: Mapping[str, str], payers: Payers) -> None:
        self.signs: Mapping[str, str] = tables["signs"]
        self.labels = labels
        self.payers = payers

    def condition(self, entry: Mapping[str, Any], owner: Mapping[str, Any]) -> Condition:
        for op in OPERATORS:
            if op in entry:
                return Combination(op, tuple(self.condition(part, owner) for part in entry[op]))
        return self.test(entry, owner)

    def test(self, entry: Mapping[str, Any], owner: Mapping[str, Any]) -> Test:
        fields: dict[str, Any] = {name: entry[name] for name in _PLAIN if name in entry}
        fields |= {name: tuple(entry[name]) for name in _TUPLES if name in entry}
        fields |= {name: frozenset(entry[name]) for name in _SETS if name in entry}
        opposes = entry.get("opposes", False)
        fields["opposes"] = frozenset(entry["groups"] if opposes is True else opposes or ())
        kind = entry["test"]
        if kind == "payer":
            fields["payers"] = self.payers
        expect = entry.get("expect") or self._either(entry.get("groups", ()))
        # The side of a worn splint is only known per case; worn() fills its own sentence.
        if kind != "worn":
            expect = expect.format(days=entry.get("days", ""))
        name, basis = f"{owner['id']}.{entry['name']}", entry.get("basis", owner["basis"])
        silence = Verdict(entry.get("silence", Verdict.UNKNOWN))
        return Test(
            kind=kind,
            id=name,
            basis=basis,
            expect=expect,
            unsaid=Step(name, silence, basis, expect, UNSAID, depth=1, criterion=False),
            silence=silence,
            presence=Verdict(entry.get("presence", Verdict.MET)),
            asks=tuple(entry.get("asks", self._asks(entry))),
            **fields,
        )

    def _asks(self, entry: Mapping[str, Any]) -> list[str]:
        if "item" in entry:
            return [entry["item"]]
        return [self.signs[group] for group in entry.get("groups", ()) if group in self.signs]

    def _either(self, groups: list[str]) -> str:
        names = [self.labels.get(group) or group.replace("-", " ") for group in groups]
        return " or ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""

    def criterion(self, entry: Mapping[str, Any]) -> Criterion:
        candidate = entry.get("candidate", {})
        return Criterion(
            **_cited(entry),
            when=self.condition(entry["when"], entry),
            headings=_headings(entry, criterion=True),
            grants=Result(entry.get("grants", Result.MET)),
            open=Result(entry.get("open", Result.NEED_INFO)),
            row=entry.get("row", ""),
            always=entry.get("always", False),
            reasons=frozenset(candidate.get("reasons", ())),
            facts=frozenset(candidate.get("facts", ())),
            visible=entry["basis"] in VISIBLE,
            capped=entry["basis"] == "unknown",
            cut=entry.get("cut", False),
            covers=frozenset(candidate.get("covers", ())),
            opens=frozenset(entry.get("opens", ())),
            fails=entry.get("fails", ""),
        )

    def row(self, entry: Mapping[str, Any]) -> Row:
        return Row(
            **_cited(entry),
            headings=_headings(entry, criterion=False),
            reasons=frozenset(entry.get("reasons", ())),
            evidence=self.condition(entry["evidence"], entry) if "evidence" in entry else None,
            opens=frozenset(entry.get("opens", ())),
            by_chart=entry.get("by_chart", False),
            asks_only=frozenset(entry.get("asks_only", ())),
        )

    def advice(self, entry: Mapping[str, Any]) -> Advice:
        return Advice(
            **_cited(entry),
            when=self.condition(entry["when"], entry) if "when" in entry else None,
            results=frozenset(map(Result, entry.get("results", ()))),
            from_chart=entry.get("from_chart", False),
        )


def _item(entry: Mapping[str, Any]) -> Item:
    apart = entry.get("not_for", {})
    return Item(
        chart=entry.get("chart", False),
        codes=frozenset(apart.get("codes", ())),
        regions=frozenset(apart.get("regions", ())),
        reasons=frozenset(apart.get("reasons", ())),
    )


def _tests(condition: Condition) -> Iterator[Test]:
    if isinstance(condition, Test):
        yield condition
        return
    for part in condition.parts:
        yield from _tests(part)


def _cited(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": entry["id"],
        "title": entry["title"],
        "section": entry["section"],
        "basis": entry["basis"],
        "edition": entry["edition"],
        "source": tuple(entry["source"]),
    }


def _headings(entry: Mapping[str, Any], *, criterion: bool) -> dict[Verdict, Step]:
    return {
        verdict: Step(entry["id"], verdict, entry["basis"], entry["title"], criterion=criterion)
        for verdict in Verdict
    }


def _pathway(entry: Mapping[str, Any], criteria: Mapping[str, Criterion]) -> Pathway:
    own = [criteria[name] for name in entry["criteria"]]
    groups = {group for criterion in own for group in criterion.reasons}
    return Pathway(
        id=entry["id"],
        takes=frozenset(entry["takes"]),
        criteria=tuple(entry["criteria"]),
        rows=tuple(entry["rows"]),
        always=frozenset(criterion.id for criterion in own if criterion.always),
        by_reason={
            group: frozenset(criterion.id for criterion in own if group in criterion.reasons)
            for group in groups
        },
        scope=entry.get("scope", ""),
        gate=entry.get("gate", ""),
        joins=frozenset(entry.get("joins", ())),
        fallback=entry.get("fallback", ""),
        stake=entry.get("stake", ""),
        denial=entry.get("denial", ""),
        otherwise=Result(entry["otherwise"]),
        unfit=entry.get("unfit", ""),
        asks=tuple(entry.get("asks", ())),
    )


def _takers(pathways: list[dict[str, Any]]) -> dict[frozenset[str], dict[str, str]]:
    """For every set of kinds a session may hold: of the pathways that find all theirs, the first."""
    kinds = sorted({kind for entry in pathways for kind in entry["takes"]})
    return {
        frozenset(present): {
            kind: entry["id"]
            for entry in reversed(pathways)
            if set(entry["takes"]) <= set(present)
            for kind in entry["takes"]
        }
        for size in range(len(kinds) + 1)
        for present in combinations(kinds, size)
    }


def _laterality(entry: Mapping[str, Any]) -> Laterality:
    sides = {"right": frozenset({"right"}), "left": frozenset({"left"}), "both": frozenset({"right", "left"})}
    return Laterality(
        groups=frozenset(entry["groups"]),
        place=entry["place"] - 1,
        sides={char: found for name, found in sides.items() for char in entry[name]},
    )


def walk_tests(entry: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(path, test) of every test of a condition."""
    for op in OPERATORS:
        if op in entry:
            for index, part in enumerate(entry[op]):
                yield from walk_tests(part, f"{path}.{op}[{index}]")
            return
    yield path, entry
