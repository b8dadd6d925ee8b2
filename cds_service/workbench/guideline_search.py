"""What the guideline says about one code or word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cds_service.core.coding import Code
from cds_service.core.guideline import Knowledge
from cds_service.core.icd10 import Entry, Row
from cds_service.core.vocabulary import ICD10CM, dotted
from cds_service.workbench.anchors import USUAL, diagnosis_rows
from cds_service.workbench.guideline_book import Book, Statement
from cds_service.workbench.guideline_groups import SYSTEMS, GroupView
from cds_service.workbench.scenario_list import Listed

MOST_CHOICES = 60


@dataclass(frozen=True, slots=True)
class Reason:
    """An ICD-10-CM code. ``state``: billable, a heading, or not in the extract."""

    code: str
    label: str
    state: str
    below: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Something the words of the query occur in."""

    id: str
    says: str


@dataclass(frozen=True, slots=True)
class Hits:
    """All that was found. ``patterns`` are those about the code; ``seen`` those its scenarios raise."""

    query: str
    procedure: Code | None
    reason: Reason | None
    elsewhere: tuple[str, ...]
    groups: tuple[GroupView, ...]
    patterns: tuple[Named, ...]
    seen: tuple[tuple[Named, str], ...]
    named: tuple[Named, ...]
    scenarios: int

    @property
    def nothing(self) -> bool:
        return not (
            self.procedure or self.reason or self.elsewhere or self.groups or self.patterns or self.named
        )


def look_up(knowledge: Knowledge, book: Book, listed: Sequence[Listed], query: str) -> Hits:
    """Everything about ``query``: a code of any system, an id, or words."""
    code = query.strip().upper()
    table = knowledge.coding.table
    procedure = table.codes.get(code)
    reason = None if procedure else _reason(knowledge, dotted(code))
    systems = [system for system, known in knowledge.vocabulary.exact if known == code and system != ICD10CM]
    members = set().union(*(knowledge.vocabulary.groups_of(system, code) for system in systems))
    if reason is not None:
        members |= knowledge.vocabulary.groups_of(ICD10CM, reason.code)
    exact = procedure is not None or reason is not None or bool(systems)
    orders = [each for each in listed if code in each.codes]
    patterns = knowledge.coding.patterns.by_id
    about = [each for each in patterns.values() if procedure is not None and each.code == code]
    seen: dict[str, str] = {}
    for story in orders:
        for name in story.raises:
            if name in patterns and patterns[name] not in about:
                seen.setdefault(name, story.name)
    return Hits(
        query=query,
        procedure=procedure,
        reason=reason,
        elsewhere=() if procedure else tuple(SYSTEMS.get(system, "HCPCS") for system in systems),
        groups=tuple(
            group
            for group in book.groups
            if group.id in members or (not exact and _holds(query, group.id, group.label, *group.words))
        ),
        patterns=tuple(Named(each.id, each.why) for each in about),
        seen=tuple((Named(name, patterns[name].why), story) for name, story in sorted(seen.items())),
        named=tuple(each for each in _named(knowledge, book, query) if not exact or each.id.upper() == code),
        scenarios=len(orders),
    )


def _reason(knowledge: Knowledge, code: str) -> Reason | None:
    icd10 = knowledge.icd10
    groups = knowledge.vocabulary.groups_of(ICD10CM, code)
    if not icd10.is_known(code) and not groups:
        return None
    entry = knowledge.diagnoses.entries.get(code)
    state = "a billable code" if icd10.is_leaf(code) else "a heading: not billable"
    if not icd10.is_known(code):
        state = "not in the extract of ICD-10-CM that is carried here; read by its stem"
    below = entry.leaves if entry is not None else ()
    return Reason(
        code,
        icd10.label(code),
        state,
        tuple((each, icd10.label(each)) for each in below[:MOST_CHOICES]),
        tuple((row.id, row.why) for row in _rules(knowledge, entry)) if entry is not None else (),
    )


def _rules(knowledge: Knowledge, entry: Entry) -> Iterator[Row]:
    rules = knowledge.diagnoses
    rows: dict[str, Row] = {}
    if entry.header is not None:
        rows[entry.header.row.id] = entry.header.row
    for number, _ in (*entry.drops, *entry.keeps):
        row = rules.pairs[number].row
        rows[row.id] = row
    if entry.manifestation is not None:
        rows[rules.manifestation.id] = rules.manifestation
    if entry.unless_cause is not None:
        rows[entry.unless_cause.row.id] = entry.unless_cause.row
    for inform in entry.informs:
        rows[inform.row.id] = inform.row
    yield from rows.values()


def _named(knowledge: Knowledge, book: Book, query: str) -> Iterator[Named]:
    known = [(each.id, each.title, (each.id, each.title, *each.reasons)) for each in _statements(book)]
    known += [(each.id, each.why, (each.id, each.why)) for each in book.patterns]
    known += [(each.id, each.why, (each.id, each.why)) for each in diagnosis_rows(knowledge.diagnoses)]
    known += [
        (f"{USUAL}{each.id}", f"usual numbers for {each.label}", (each.id, each.label)) for each in book.usual
    ]
    known += [(each.code, each.label, (each.label, each.family)) for each in book.codes]
    known += [(item, words, (item, words)) for item, words in _questions(knowledge.questionnaire)]
    for name, says, texts in known:
        if _holds(query, *texts):
            yield Named(name, says)


def _statements(book: Book) -> tuple[Statement, ...]:
    return (*book.criteria, *book.rows, *book.advice)


def _questions(questionnaire: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for group in questionnaire["item"]:
        for item in group.get("item", ()):
            yield item["linkId"], item["text"]


def _holds(query: str, *texts: str) -> bool:
    """Whether each word of the query begins a word of the texts."""
    words = " ".join(texts).lower().replace("-", " ").split()
    asked = query.lower().replace("-", " ").split()
    return bool(asked) and all(any(word.startswith(each) for word in words) for each in asked)
