"""Cases in our own words, free of FHIR: ``case(order("a", "needle", "carpal-tunnel"), fact("weakness"))``.

Dates are given as days before the date of evaluation (``ago=10``); every patient is made up.
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cds_service.core.case import Answer, Case, Diagnosis, Fact, Order, Side, Site, index_by_group
from cds_service.core.coverage import Payer
from cds_service.core.criteria import Criteria
from cds_service.core.finding import Determination, Notice
from cds_service.core.session import Session
from cds_service.engine.advise import advise
from cds_service.engine.criteria.view import look
from cds_service.engine.determine import determine
from cds_service.guidelines.load import payers_of
from cds_service.guidelines.load_criteria import load_criteria

AS_OF = date(2026, 11, 20)
GUIDELINE = Path(__file__).parents[1] / "cds_service" / "guidelines" / "cg-med-24"
RIGHT_ARM = Site("arm", "right")
LEFT_ARM = Site("arm", "left")
LEFT_LEG = Site("leg", "left")
RIGHT_LEG = Site("leg", "right")
HEAD = Site("head")


def table(name: str) -> dict[str, Any]:
    """One file of the guideline's data, fresh."""
    return tomllib.loads((GUIDELINE / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def criteria() -> Criteria:
    """The criteria in force, with the vocabulary's labels."""
    labels = {group["id"]: group["label"] for group in table("vocabulary")["group"]}
    return load_criteria(table("criteria"), labels, payers_of(table("payers")["payer"]))


def day(ago: int) -> str:
    """The date so many days before the evaluation."""
    return (AS_OF - timedelta(days=ago)).isoformat()


def reason(*groups: str, code: str = "", position: int = 0) -> Diagnosis:
    """One reason of an order, as the groups its code belongs to."""
    return Diagnosis("icd", code, frozenset(groups), position=(position, 0))


def order(
    ref: str,
    kind: str,
    *reasons: str | Diagnosis,
    sites: tuple[Site, ...] = (),
    words: str = "",
    code: str = "",
) -> tuple[Order, str, str]:
    """One order line of ``kind``; a reason given as a word is a reason of that group."""
    given = tuple(
        each if isinstance(each, Diagnosis) else reason(each, position=index)
        for index, each in enumerate(reasons)
    )
    return Order(f"ServiceRequest/{ref}", (), sites=sites, words=words, reasons=given), kind, code


def fact(
    *groups: str,
    ago: int | None = None,
    until: int | None = None,
    kind: str = "observation",
    present: bool = True,
    active: bool = True,
    sites: tuple[Site, ...] = (),
    code: str = "",
    ref: str = "",
) -> Fact:
    """One chart entry; ``ago``/``until`` are its start and end in days before the evaluation."""
    start = day(ago) if ago is not None else ""
    end = day(until) if until is not None else ""
    name = ref or f"{kind.title()}/{'-'.join(groups)}{'' if present else '-not'}-{ago}-{code}"
    return Fact(
        kind,
        frozenset(groups),
        name,
        present=present,
        start=start,
        end=end,
        active=active,
        sites=sites,
        code=code,
    )


def splint(ago: int, until: int | None = None, side: Side = "", **rest: Any) -> Fact:
    """A wrist splint in use."""
    sites = (Site("arm", side),) if side else ()
    return fact("wrist-splint", ago=ago, until=until, kind="device-use", sites=sites, **rest)


def normal(*groups: str, **rest: Any) -> tuple[Fact, ...]:
    """Signs charted absent."""
    return tuple(fact(group, present=False, ago=0, **rest) for group in groups)


NORMAL_EXAM = normal("weakness", "sensory-loss", "atrophy")


def case(
    orders: tuple[tuple[Order, str, str], ...],
    *facts: Fact | tuple[Fact, ...],
    answers: dict[str, Answer] | None = None,
    setting: str = "AMB",
    payers: tuple[str, ...] = (),
    supplied: frozenset[str] = frozenset(),
) -> tuple[Case, Session]:
    """A case and its one session."""
    flat = tuple(each for entry in facts for each in (entry if isinstance(entry, tuple) else (entry,)))
    lines = tuple(line for line, _, _ in orders)
    return (
        Case(
            as_of=AS_OF.isoformat(),
            orders=lines,
            facts=flat,
            facts_by_group=index_by_group(flat),
            answers=answers or {},
            answers_ref="QuestionnaireResponse/1",
            setting=setting,
            payers=tuple(Payer(name) for name in payers),
            supplied=supplied,
        ),
        Session(
            lines, {line.ref: kind for line, kind, _ in orders}, {line.ref: code for line, _, code in orders}
        ),
    )


def full(*reasons: str | Diagnosis, sites: tuple[Site, ...] = ()) -> tuple[tuple[Order, str, str], ...]:
    """Needle EMG with conduction studies."""
    return order("a", "needle", *reasons, sites=sites), order("b", "conduction", *reasons, sites=sites)


def judged(given: tuple[Case, Session]) -> dict[str, Determination]:
    """The determinations by pathway."""
    return {each.pathway: each for each in determine(look(criteria(), *given))}


def only(given: tuple[Case, Session]) -> Determination:
    """The determination of a session that has one."""
    (found,) = determine(look(criteria(), *given))
    return found


def verdicts(found: Determination) -> dict[str, str]:
    """The criteria of a determination and their verdicts."""
    return {step.id: step.verdict.value for step in found.steps if step.criterion}


def asked(found: Determination) -> list[str]:
    """What a determination asks for."""
    return [each.fact for each in found.missing]


def notices(given: tuple[Case, Session]) -> dict[str, Notice]:
    """The notices by id."""
    return {each.id: each for each in advise(look(criteria(), *given), determine(look(criteria(), *given)))}
