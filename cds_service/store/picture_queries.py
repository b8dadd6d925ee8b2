"""The questions a picture of feedback asks the store, as SQL that SQLite and PostgreSQL both understand.

Calls and cards are counted by the database, so that what comes back grows with days and not with calls.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, Text, and_, cast, column, func, literal, select, union_all
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias

from cds_service.core.feedback_picture import WORKBENCH, Wanted
from cds_service.store.tables import calls, feedback, served_cards

ANSWERED = 200
# Durations are counted in tenths of a millisecond.
TENTHS = 10

_EDITION = func.trim(calls.c.guideline + " " + calls.c.edition + " " + calls.c.version)
GUIDELINE = _EDITION.label("guideline")
DAY = func.date(calls.c.at).label("day")
_ORIGIN = (GUIDELINE, calls.c.issuer, DAY)
# A determination says which facts are missing, a correction which questions it asks.
_MISSING, _ASKING = "determinations", ("corrections", "diagnosis_corrections")


def answered(wanted: Wanted) -> Select[Any]:
    """Calls and orders by origin and duration."""
    tenths = func.round(calls.c.duration_ms * TENTHS).label("tenths")
    return (
        select(*_ORIGIN, tenths, func.count().label("calls"), func.sum(calls.c.orders).label("orders"))
        .where(_among(wanted))
        .group_by(*_ORIGIN, tenths)
    )


def served(wanted: Wanted) -> Select[Any]:
    """Cards by origin and finding."""
    return (
        select(served_cards.c.finding, *_ORIGIN, func.count().label("cards"))
        .select_from(served_cards.join(calls))
        .where(_among(wanted), *_about(wanted))
        .group_by(served_cards.c.finding, *_ORIGIN)
    )


def heard(wanted: Wanted) -> Select[Any]:
    """Feedback on those cards by the client that was shown them, in the order of its time."""
    same_client = and_(feedback.c.card == served_cards.c.uuid, feedback.c.issuer == calls.c.issuer)
    said = func.coalesce(feedback.c.outcome_at, feedback.c.received_at)
    return (
        select(
            served_cards.c.finding,
            *_ORIGIN,
            calls.c.at,
            feedback.c.card,
            feedback.c.outcome,
            feedback.c.reason_system,
            feedback.c.reason_code,
            said.label("said"),
        )
        .select_from(served_cards.join(calls).join(feedback, same_client))
        .where(_among(wanted), *_about(wanted))
        .order_by(said, feedback.c.id)
    )


def asked(wanted: Wanted, *, sqlite: bool) -> Select[Any]:
    """Open questions, and how many calls that were answered with cards left each of them open."""
    shown = [_among(wanted), calls.c.cards > 0]
    if wanted.finding:
        about = select(literal(1)).where(served_cards.c.call_id == calls.c.id, *_about(wanted))
        shown.append(about.exists())
    parts = [_questions(name, sqlite=sqlite).where(*shown) for name in (_MISSING, *_ASKING)]
    found = union_all(*parts).subquery()
    count = func.count(found.c.id.distinct()).label("calls")
    return select(found.c.question, count).group_by(found.c.question)


def guidelines() -> Select[Any]:
    return select(GUIDELINE).where(_answered()).distinct()


def issuers() -> Select[Any]:
    return select(calls.c.issuer).where(_answered()).distinct()


def findings() -> Select[Any]:
    return select(served_cards.c.finding).distinct()


def reach() -> Select[Any]:
    """The first and the last call."""
    return select(func.min(calls.c.at).label("first"), func.max(calls.c.at).label("last")).where(_answered())


def _questions(name: str, *, sqlite: bool) -> Select[Any]:
    """Call id and question, a row for each; ``name`` is a list of the reasoning."""
    nested, member = ("missing", "fact") if name == _MISSING else ("asks", "")
    outer, inner = ("json_each", "json_each") if sqlite else ("json_array_elements", "json_array_elements")
    if not (sqlite or member):
        inner = "json_array_elements_text"
    items = _rows(outer, calls.c.trace[name])
    parts = _rows(inner, items.c.value[nested])
    question = parts.c.value[member].as_string() if member else cast(parts.c.value, Text)
    return select(calls.c.id, question.label("question")).select_from(calls, items, parts)


def _rows(function: str, elements: ColumnElement[Any]) -> TableValuedAlias:
    """A row for each element of a JSON list."""
    called: FunctionElement[Any] = getattr(func, function)(elements)
    return called.table_valued(column("value", JSON), joins_implicitly=True)


def _among(wanted: Wanted) -> ColumnElement[bool]:
    terms = [_answered()]
    if wanted.since:
        terms.append(calls.c.at >= datetime.combine(wanted.since, time.min, UTC))
    if wanted.until:
        terms.append(calls.c.at < datetime.combine(wanted.until + timedelta(days=1), time.min, UTC))
    if wanted.guideline:
        terms.append(_EDITION.is_not_distinct_from(wanted.guideline))
    if wanted.issuer is not None:
        terms.append(calls.c.issuer == wanted.issuer)
    else:
        terms.append(calls.c.issuer != WORKBENCH)
    return and_(*terms)


def _answered() -> ColumnElement[bool]:
    return calls.c.status == ANSWERED


def _about(wanted: Wanted) -> list[ColumnElement[bool]]:
    return [served_cards.c.finding == wanted.finding] if wanted.finding else []
