"""Orders signed already take part in every finding, but a suggestion cannot edit them: that is only said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cds_service.core.finding import Choice, Mode
from cds_service.engine.coding.worksheet import Proposal, Worksheet
from cds_service.engine.lines import Line

_PAIRED = "with-conduction"


def within_reach(proposals: Iterable[Proposal], lines: Iterable[Line]) -> Iterator[Proposal]:
    """The proposals that concern a draft order, each choice that changes a signed one as words only."""
    drafts = [line for line in lines if line.order.draft]
    refs = {line.ref for line in drafts}
    for proposal in proposals:
        about = proposal.about
        if refs.isdisjoint(about):
            about = (*about, *(ref for ref in proposal.because if ref in refs))
        if refs.isdisjoint(about):
            continue
        model = next(ref for ref in about if ref in refs)
        choices = tuple(_done_or_said(choice, refs, model) for choice in proposal.choices)
        said = replace(proposal, about=about, choices=choices)
        if proposal.mode is Mode.FIX and not choices[0].applicable and proposal.choices[0].applicable:
            said = replace(said, mode=Mode.ASK, asks=())
        yield said


def with_causes(sheet: Worksheet, proposals: Iterable[Proposal]) -> list[Proposal]:
    """Proposals about codes that do not go with conduction studies, with the studies as their cause."""
    studies = tuple(line.ref for line in sheet.studies)
    return [
        replace(proposal, because=(*proposal.because, *studies))
        if any(_PAIRED in pattern.rule for pattern in proposal.patterns)
        else proposal
        for proposal in proposals
    ]


def _done_or_said(choice: Choice, drafts: set[str], model: str) -> Choice:
    edits = tuple(
        replace(edit, order=model) if edit.action == "create" and edit.order not in drafts else edit
        for edit in choice.edits
    )
    doable = all(edit.order in drafts for edit in edits if edit.action in ("change", "remove"))
    return Choice(edits, choice.applicable and doable)
