"""Code lines in words, and what the codes to choose from stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from cds_service.core.coding import Code, CodeTable
from cds_service.core.finding import Choice, Correction, DiagnosisCorrection, Edit
from cds_service.core.offer import Action, Draft, Offer
from cds_service.inert import quoted
from cds_service.render.book import Book

# More buttons than this are no choice but a catalogue.
MOST_SHOWN = 12


def line(book: Book, code: str, units: int, *, counted: bool = False) -> str:
    """``95886 x 2``; one unit is written out only where it is ``counted``."""
    words, named = book.labels["line"], quoted(code)
    if units > 1 or counted:
        return words["many"]({"code": named, "units": units})
    return words["one"]({"code": named})


def lines(book: Book, pairs: Iterable[tuple[str, int]], counted: Collection[str] = ()) -> str:
    """Several lines joined; the word for none when there is no line."""
    written = [line(book, code, units, counted=code in counted) for code, units in pairs]
    words = book.labels["line"]
    return words["join"]({}).join(written) if written else words["none"]({})


def of_edits(book: Book, edits: Iterable[Edit], sent: Mapping[str, str]) -> str:
    """What orders become by ``edits``, equal codes on one line."""
    edits = tuple(edits)
    return lines(book, Choice(edits).lines(), reduced(edits, sent))


def reduced(edits: Iterable[Edit], sent: Mapping[str, str]) -> frozenset[str]:
    """Codes that stay and of whose several units one is left, which is not seen without its number."""
    return frozenset(
        edit.code
        for edit in edits
        if edit.action == "change"
        and edit.units == 1
        and edit.replaces == edit.code != sent.get(edit.order, edit.code)
    )


def sentence_of(parts: Iterable[str], join: str) -> str:
    """Parts that each begin with a capital, as one line."""
    first, *others = [part for part in parts if part] or [""]
    return join.join([first, *map(_going_on, others)])


def _going_on(part: str) -> str:
    """The part without the capital of its first word; a code keeps its own."""
    return part[0].lower() + part[1:] if part[1:2].islower() else part


def alternatives(book: Book, written: Iterable[str]) -> str:
    """Distinct alternatives on one line, the first :data:`MOST_SHOWN` of them by name."""
    distinct = [text for text in dict.fromkeys(written) if text]
    shown = book.labels["line"]["options"]({}).join(distinct[:MOST_SHOWN])
    rest = len(distinct) - MOST_SHOWN
    return shown + book.labels["more"]["options"]({"count": rest}) if rest > 0 else shown


def legend(book: Book, table: CodeTable, correction: Correction) -> str:
    """Which count of studies each conduction code to choose from stands for."""
    codes = {code for choice in correction.choices for code, _ in correction.becomes(choice)}
    named = {level: code for level, code in table.conduction.items() if code.code in codes}
    if len(correction.choices) < 2 or not named:
        return ""
    return book.labels["line"]["studies_join"]({}).join(
        _studies(book, table, level, named[level]) for level in sorted(named)
    )


def _studies(book: Book, table: CodeTable, level: int, code: Code) -> str:
    least, most = table.studies_of(level)
    values = {"code": code.code, "least": least, "most": most}
    return book.labels["line"]["studies_open" if most is None else "studies"](values)


def flaws(book: Book, names: str) -> str:
    """What is wrong with how a code is written, by the names of its flaws."""
    words = book.labels["flaws"]
    return words["join"]({}).join(words[name]({}) for name in names.split())


def codes(book: Book, codes: Iterable[str]) -> str:
    """Reason codes on one line."""
    return book.labels["line"]["join"]({}).join(codes)


def gone(book: Book, correction: DiagnosisCorrection, chosen: tuple[str, ...]) -> str:
    """The codes that go where all that are chosen stood there already; ``""`` otherwise."""
    if not set(chosen) < set(correction.from_):
        return ""
    return codes(book, map(quoted, (code for code in correction.from_ if code not in chosen)))


def codes_sent(book: Book, correction: DiagnosisCorrection) -> str:
    """The reason codes of a correction, as they were sent."""
    return book.labels["line"]["join"]({}).join(map(quoted, correction.from_))


def by_hand(book: Book, offer: Offer, draft: Draft) -> str:
    """What to do where no click can: every order and what stands in it by name."""
    join = book.labels["button"]["join"]({})
    return sentence_of([describe(book, action, draft) for action in offer.actions], join)


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
        return words["create"]({"lines": of_edits(book, action.edits, draft.sent), "order": order})
    return words["update"]({"order": order, "what": _what(book, action, draft)})


def only_takes(edit: Edit) -> bool:
    """Nothing of the code changes, nor the day."""
    return edit.stays and not edit.date


def _sites(edit: Edit) -> str:
    """The limbs an order gets, where they are part of the change."""
    named = ", ".join(f"{site.side} {site.region}".strip() for site in edit.sites or () if site.is_limb)
    return f" ({named})" if named else ""


def _what(book: Book, action: Action, draft: Draft) -> str:
    parts = []
    for edit in action.edits:
        text = of_edits(book, (edit,), draft.sent) + _sites(edit)
        if edit.date:
            parts.append(f"{text}, {edit.date}")
        elif not only_takes(edit):
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
