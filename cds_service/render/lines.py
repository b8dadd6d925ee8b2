"""Code lines and button labels in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cds_service.core.coding import CodeTable
from cds_service.core.finding import Choice, Correction, DiagnosisCorrection, Edit
from cds_service.core.offer import Action, Draft, Offer
from cds_service.inert import quoted
from cds_service.render.book import Book

# More buttons than this are no choice but a catalogue.
MOST_SHOWN = 12


def line(book: Book, code: str, units: int) -> str:
    """``95886 x 2``, or the code alone."""
    words, named = book.labels["line"], quoted(code)
    return words["many"]({"code": named, "units": units}) if units > 1 else words["one"]({"code": named})


def lines(book: Book, pairs: Iterable[tuple[str, int]]) -> str:
    """Several lines joined; the word for none when there is no line."""
    written = [line(book, code, units) for code, units in pairs]
    words = book.labels["line"]
    return words["join"]({}).join(written) if written else words["none"]({})


def of_edits(book: Book, edits: Iterable[Edit]) -> str:
    """What orders become by ``edits``, equal codes on one line."""
    return lines(book, Choice(tuple(edits)).lines())


def alternatives(book: Book, written: Iterable[str]) -> str:
    """Distinct alternatives on one line, the first :data:`MOST_SHOWN` of them by name."""
    distinct = [text for text in dict.fromkeys(written) if text]
    shown = book.labels["line"]["options"]({}).join(distinct[:MOST_SHOWN])
    rest = len(distinct) - MOST_SHOWN
    return shown + book.labels["more"]["options"]({"count": rest}) if rest > 0 else shown


def legend(book: Book, table: CodeTable, correction: Correction) -> str:
    """What the conduction codes of several choices stand for, when there is something to choose."""
    codes = {code for choice in correction.choices for code, _ in correction.becomes(choice)}
    named = [code for code in table.conduction.values() if code.code in codes]
    if len(correction.choices) < 2 or not named:
        return ""
    words = book.labels["line"]
    return words["legend_join"]({}).join(words["legend"]({"code": c.code, "what": c.label}) for c in named)


def buttons(book: Book, offers: Sequence[Offer], draft: Draft) -> list[str]:
    """One label per offer; where two would read alike, each says what becomes of every order."""
    labels = [button(book, offer, draft.sent) for offer in offers]
    join = book.labels["button"]["join"]({})
    return [
        join.join(describe(book, action, draft) for action in offer.actions)
        if labels.count(label) > 1
        else label
        for label, offer in zip(labels, offers, strict=True)
    ]


def button(book: Book, offer: Offer, sent: Mapping[str, str]) -> str:
    """What one click does, in the words of a button."""
    words = book.labels["button"]
    changed = [
        edit
        for action in offer.actions
        for edit in action.edits
        if edit.action == "change" and not _only_takes(edit)
    ]
    added = [edit for action in offer.actions for edit in action.edits if edit.action == "create"]
    removed = [action.order for action in offer.actions if action.type == "delete"]
    parts = [part for part in (_changes(book, changed, added, removed, sent),) if part]
    parts.extend(
        words["diagnosis"]({"sent": old, "codes": new}) for old, new in _reasons(book, offer.actions)
    )
    return words["join"]({}).join(parts)


def _changes(
    book: Book, changed: list[Edit], added: list[Edit], removed: list[str], sent: Mapping[str, str]
) -> str:
    words = book.labels["button"]
    dates = {edit.date for edit in changed if edit.date}
    if dates and not added and all(edit.date for edit in changed):
        return words["move_period" if any(edit.like for edit in changed) else "move"]({"date": min(dates)})
    written = of_edits(book, changed)
    if changed and not added and not removed and all(_only_sites(book, edit, sent) for edit in changed):
        return words["sites"]({"lines": written})
    gone = ", ".join(dict.fromkeys(sent.get(ref, "") for ref in removed))
    new = of_edits(book, added)
    if changed and added:
        return words["change_and_add"]({"lines": written, "added": new})
    if changed and removed:
        return words["merge"]({"lines": written})
    if changed:
        alone = len({edit.order for edit in changed}) == 1 and not all(
            _fewer_units(edit, sent) for edit in changed
        )
        name = "change" if alone else "change_all"
        old = ", ".join(dict.fromkeys(sent.get(edit.order, "") for edit in changed))
        return words[name]({"lines": written, "sent": old})
    parts = []
    if added:
        parts.append(words["add"]({"lines": new}))
    if removed:
        parts.append(words["remove"]({"sent": gone}))
    return words["join"]({}).join(parts)


def _only_sites(book: Book, edit: Edit, sent: Mapping[str, str]) -> bool:
    """Code and units stay, and the list of limbs does not."""
    return edit.sites is not None and of_edits(book, (edit,)) == sent.get(edit.order)


def _only_takes(edit: Edit) -> bool:
    return edit.stays and not edit.date


def _fewer_units(edit: Edit, sent: Mapping[str, str]) -> bool:
    """The code stays and one unit is left, which is not written out."""
    return edit.replaces == edit.code and edit.units == 1 and sent.get(edit.order) != edit.code


def _reasons(book: Book, actions: Iterable[Action]) -> list[tuple[str, str]]:
    """Reason codes as sent and as they become, each pair once."""
    join = book.labels["line"]["join"]({})
    none = book.labels["line"]["none"]({})
    changes = [change for action in actions for change in action.diagnoses]
    return list(dict.fromkeys((codes_sent(book, c), join.join(codes) or none) for c, codes in changes))


def codes_sent(book: Book, correction: DiagnosisCorrection) -> str:
    """The reason codes of a correction, as they were sent."""
    return book.labels["line"]["join"]({}).join(map(quoted, correction.from_))


def by_hand(book: Book, offer: Offer, draft: Draft) -> str:
    """What to do where no click can: every order and what stands in it by name."""
    join = book.labels["button"]["join"]({})
    return join.join(describe(book, action, draft) for action in offer.actions)


def named(book: Book, ref: str, draft: Draft) -> str:
    """An order by its place on the list; by its reference where it has none."""
    number = draft.numbers.get(ref)
    return book.labels["line"]["order"]({"number": number}) if number else quoted(ref)


def enumerated(book: Book, names: Sequence[str]) -> str:
    """``order 1, order 2 and order 3``."""
    *before, last = names
    words = book.labels["line"]["and"]
    return words({"first": ", ".join(before), "what": last}) if before else last


def describe(book: Book, action: Action, draft: Draft) -> str:
    """One action in a sentence that stands alone."""
    words = book.labels["actions"]
    order = named(book, action.order, draft)
    if action.type == "delete":
        return words["delete"]({"order": order, "sent": draft.sent.get(action.order, "")})
    if action.type == "create":
        return words["create"]({"lines": of_edits(book, action.edits), "order": order})
    return words["update"]({"order": order, "what": _what(book, action, draft)})


def _sites(edit: Edit) -> str:
    """The limbs an order gets, where they are part of the change."""
    named = ", ".join(f"{site.side} {site.region}".strip() for site in edit.sites or () if site.is_limb)
    return f" ({named})" if named else ""


def _what(book: Book, action: Action, draft: Draft) -> str:
    parts = []
    for edit in action.edits:
        text = of_edits(book, (edit,)) + _sites(edit)
        if edit.date:
            parts.append(f"{text}, {edit.date}")
        elif not _only_takes(edit):
            parts.append(f"{draft.sent.get(edit.order, '')} → {text}")
        if edit.takes:
            orders = ", ".join(named(book, ref, draft) for ref in edit.takes)
            parts.append(book.labels["actions"]["take"]({"orders": orders}))
    join = book.labels["line"]["join"]({})
    parts.extend(
        f"{codes_sent(book, correction)} → {join.join(codes) or book.labels['line']['none']({})}"
        for correction, codes in action.diagnoses
    )
    return book.labels["button"]["join"]({}).join(parts)
