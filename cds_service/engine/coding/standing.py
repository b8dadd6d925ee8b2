"""Choices name codes as they will stand: what one correction makes certain, others reckon with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cds_service.core.coding import CodeTable
from cds_service.core.finding import Choice, Edit, Mode
from cds_service.engine.coding.worksheet import Proposal

_ANEW = frozenset({"conduction-retired-counted", "conduction-retired-uncounted"})


def as_they_will_stand(table: CodeTable, proposals: Sequence[Proposal]) -> list[Proposal]:
    """The proposals, with deleted codes in their choices replaced by what they certainly become."""
    renewed = {
        edit.order: edit
        for proposal in proposals
        if proposal.mode is Mode.FIX and not _ANEW.isdisjoint(pattern.rule for pattern in proposal.patterns)
        for edit in proposal.choices[0].edits
        if edit.action in ("change", "remove")
    }
    if not renewed:
        return list(proposals)
    return [_standing(table, proposal, renewed) for proposal in proposals]


def _standing(table: CodeTable, proposal: Proposal, renewed: dict[str, Edit]) -> Proposal:
    deleted = [edit for choice in proposal.choices for edit in choice.edits if _is_deleted(table, edit)]
    if not deleted:
        return proposal
    choices = [
        Choice(tuple(_edits(table, choice.edits, renewed)), choice.applicable) for choice in proposal.choices
    ]
    return replace(proposal, choices=tuple(choices))


def _is_deleted(table: CodeTable, edit: Edit) -> bool:
    known = table.codes.get(edit.code)
    return known is not None and not known.current


def _edits(table: CodeTable, edits: Iterable[Edit], renewed: dict[str, Edit]) -> Iterable[Edit]:
    """An edit of a deleted code as what becomes of it; a new order that one code stands for is made once."""
    by_code = {
        edit.meant: edit for edit in sorted(renewed.values(), key=lambda edit: edit.action, reverse=True)
    }
    made: set[str] = set()
    for edit in edits:
        creates = edit.action == "create"
        becomes = by_code.get(edit.code) if creates else renewed.get(edit.order)
        if becomes is None or not _is_deleted(table, edit):
            yield edit
        elif becomes.action == "remove":
            yield from () if creates else (becomes,)
        elif not creates or becomes.order not in made:
            made.add(becomes.order)
            yield replace(
                edit,
                action="create" if creates else "change",
                code=becomes.code,
                units=becomes.units,
                modifiers=None if creates else becomes.modifiers,
            )
