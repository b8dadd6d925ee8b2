"""What one click does, in the words of a button."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from cds_service.core.finding import DiagnosisCorrection, Edit
from cds_service.core.offer import Action, Draft, Offer, Topic
from cds_service.inert import Written
from cds_service.render import lines
from cds_service.render.book import Book

LONGEST = 139

# A code -> what it is called, "" where that is not known.
Label = Callable[[str], str]


def buttons(book: Book, topic: Topic, offers: Sequence[Offer], draft: Draft, label: Label) -> list[str]:
    """One text per offer of ``topic``; where two would read alike, each says what becomes of every order.

    ``label`` says what codes are called, where the button has room for it: those of reasons, and, where there
    is something to choose, those of procedures.
    """
    choosing = label if len(offers) > 1 else _undescribed
    texts = [_button(book, topic, offer, draft.sent, label, choosing) for offer in offers]
    return [
        lines.by_hand(book, offer, draft) if texts.count(text) > 1 else text
        for text, offer in zip(texts, offers, strict=True)
    ]


def _button(
    book: Book, topic: Topic, offer: Offer, sent: Mapping[str, str], label: Label, choosing: Label
) -> str:
    """The fullest text that fits; where none does, the shortest."""
    join = book.labels["button"]["join"]({})
    changes = [change for action in offer.actions for change in action.diagnoses]
    only_reason = len(changes) == 1 and not any(action.edits for action in offer.actions)
    forms = [
        ("diagnosis", label, choosing),
        *([("diagnosis_short", label, choosing)] if only_reason else []),
        ("diagnosis", _undescribed, choosing),
        ("diagnosis", _undescribed, _undescribed),
    ]
    text = ""
    for name, of_reason, of_code in forms:
        parts = _changes(book, topic, offer.actions, sent, of_code)
        reasons = dict.fromkeys(_reason(book, name, change, codes, of_reason) for change, codes in changes)
        text = lines.sentence_of([*parts, *reasons], join)
        if len(text) <= LONGEST:
            break
    return text


def _undescribed(_: str) -> str:
    return ""


def _changes(
    book: Book, topic: Topic, actions: Sequence[Action], sent: Mapping[str, str], label: Label
) -> list[str]:
    words = book.labels["button"]
    edits = [edit for action in actions for edit in action.edits]
    changed = [edit for edit in edits if edit.action == "change" and not lines.only_takes(edit)]
    added = [edit for edit in edits if edit.action == "create"]
    removed = [action.order for action in actions if action.type == "delete"]
    dates = {edit.date for edit in changed if edit.date}
    if dates and not added and all(edit.date for edit in changed):
        return [words["move_period" if any(edit.like for edit in changed) else "move"]({"date": min(dates)})]
    values = {
        "lines": lines.of_edits(book, changed, sent),
        "added": lines.of_edits(book, added, sent),
        "sent": _named(book, [edit.order for edit in changed], sent),
        "label": _called(changed or added, label),
    }
    if removed and not added and _is_merged(topic, changed, removed):
        return [_merging(book, changed, removed, sent, values)]
    several = len(topic.orders) > 1
    parts = []
    if changed and added:
        name = "change_all_and_add" if several else "change_and_add"
        parts.append(words[name](values))
    elif changed and not removed and all(_only_sites(book, edit, sent) for edit in changed):
        parts.append(words["sites"](values))
    elif changed:
        alone = not several and len({edit.order for edit in changed}) == 1
        parts.append(words["change" if alone else "change_all"](values))
    elif added:
        parts.append(words["add"]({**values, "lines": values["added"]}))
    if removed:
        parts.append(_removal(book, removed, sent, alone=not parts))
    return parts


def _called(edits: Sequence[Edit], label: Label) -> str:
    """What the one code is called that orders become; several are too much for a button."""
    codes = {edit.code for edit in edits}
    return label(codes.pop()) if len(codes) == 1 else ""


def _is_merged(topic: Topic, changed: Sequence[Edit], removed: Sequence[str]) -> bool:
    """One order changes and the others go by one and the same choice."""
    involved = {edit.order for edit in changed} | set(removed)
    return len({edit.order for edit in changed}) == 1 and any(
        involved == {edit.order for edit in one.edits if edit.action in ("change", "remove")}
        for correction in topic.corrections
        for one in correction.choices
    )


def _merging(
    book: Book,
    changed: Sequence[Edit],
    removed: Sequence[str],
    sent: Mapping[str, str],
    values: dict[str, str],
) -> str:
    """Several orders become one; they are all named while the button has room for them."""
    words = book.labels["button"]
    involved = {edit.order for edit in changed} | set(removed)
    named = book.labels["line"]["join"]({}).join(text for ref, text in sent.items() if ref in involved)
    text = words["merge"]({**values, "sent": named})
    return text if len(text) <= LONGEST else words["merge_many"](values)


def _removal(book: Book, removed: Sequence[str], sent: Mapping[str, str], *, alone: bool) -> str:
    words = book.labels["button"]
    gone = _named(book, removed, sent)
    alike = [ref for ref, text in sent.items() if text == sent.get(removed[0], "")]
    copy = alone and len(removed) == 1 and len(alike) == 2
    return words["remove_copy" if copy else "remove"]({"sent": gone})


def _named(book: Book, refs: Iterable[str], sent: Mapping[str, str]) -> str:
    return book.labels["line"]["join"]({}).join(dict.fromkeys(sent.get(ref, "") for ref in refs))


def _only_sites(book: Book, edit: Edit, sent: Mapping[str, str]) -> bool:
    """Code and units stay, and the list of limbs does not."""
    return edit.sites is not None and lines.of_edits(book, (edit,), sent) == sent.get(edit.order)


def _reason(
    book: Book, name: str, correction: DiagnosisCorrection, codes: tuple[str, ...], label: Label
) -> str:
    words = book.labels["button"]
    values = {
        "sent": lines.codes_sent(book, correction),
        "codes": lines.codes(book, codes),
        "gone": lines.gone(book, correction, codes),
        # Descriptions are our own data: their brackets are part of the name, not markup.
        "label": Written(label(codes[0])) if len(codes) == 1 else "",
    }
    if not codes:
        return words["diagnosis_remove"](values)
    return words["diagnosis_keep" if values["gone"] else name](values)
