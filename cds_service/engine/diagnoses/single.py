"""What each code, taken by itself, should become."""

from __future__ import annotations

from cds_service.core.finding import Mode
from cds_service.engine.diagnoses.context import Context
from cds_service.engine.diagnoses.headers import propose_below, propose_for_retired
from cds_service.engine.diagnoses.laterality import propose_side
from cds_service.engine.diagnoses.proposal import Proposal
from cds_service.engine.diagnoses.reading import PLACEHOLDER, Line


def propose(context: Context, line: Line, index: int) -> Proposal | None:
    """The proposal for one reading; its form is repaired first where the rest is only a question."""
    order, reading = line.order, line.readings[index]
    entry = reading.entry
    if reading.retired is not None:
        return propose_for_retired(context, order, reading)
    if entry is None:
        return None
    if entry.header is not None:
        return propose_below(context, order, reading, entry, entry.header, line.reasons[index].words)
    side: Proposal | None = None
    if entry.places:
        if reading.code not in context.proposals:
            context.proposals[reading.code] = propose_side(context, line.reasons[index], reading, entry)
        side = context.proposals[reading.code]
    if reading.form and (side is None or side.mode is Mode.ASK):
        row = context.rules.rows[reading.form]
        name = line.reasons[index].code if reading.form == PLACEHOLDER else row.id
        said = {"form": reading.form, "flaws": " ".join(reading.flaws)}
        return Proposal(name, Mode.FIX, (reading.code,), row.why, default=0, said=said)
    return side
