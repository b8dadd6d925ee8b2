"""All coding corrections of one session, combined: each pattern that holds states what its orders become."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from cds_service.core.coding import (
    ARRAY,
    CHEMODENERVATION,
    CONDUCTION,
    CONDUCTION_RETIRED,
    CRANIAL_ALONE,
    GUIDANCE,
    JUNCTION,
    LIMB_ADDON,
    LIMB_ALONE,
    LIMB_UNKNOWN,
    LIMITED_ALONE,
    SINGLE_FIBRE,
    SITE_ADDON,
    THORACIC_ALONE,
    Code,
)
from cds_service.core.finding import Choice, Correction, Mode
from cds_service.engine.coding.addons import correct_addons
from cds_service.engine.coding.arrays import correct_arrays
from cds_service.engine.coding.axial import correct_axial
from cds_service.engine.coding.concepts import correct_concepts
from cds_service.engine.coding.conduction import correct_conduction
from cds_service.engine.coding.edits import choice, keep
from cds_service.engine.coding.junction import correct_junction, pending_conduction
from cds_service.engine.coding.limbs import correct_limbs
from cds_service.engine.coding.limited import correct_limited
from cds_service.engine.coding.lookalikes import correct_lookalikes, pending_lookalike
from cds_service.engine.coding.reach import with_causes, within_reach
from cds_service.engine.coding.unpaired import correct_unpaired
from cds_service.engine.coding.worksheet import Proposal, Worksheet, by_family, propose, with_pattern
from cds_service.engine.lines import Line

# The families of lines each set of rules corrects; without such a line it has nothing to say.
_RULES: tuple[tuple[frozenset[str], Callable[[Worksheet], tuple[Proposal, ...]]], ...] = (
    (frozenset({CONDUCTION, CONDUCTION_RETIRED}), correct_conduction),
    (frozenset({ARRAY}), correct_arrays),
    (frozenset({LIMB_ALONE, LIMB_UNKNOWN}), correct_limbs),
    (frozenset({LIMB_ADDON}), correct_addons),
    (frozenset({LIMB_ADDON, SITE_ADDON}), correct_unpaired),
    (frozenset({LIMITED_ALONE}), correct_limited),
    (frozenset({CRANIAL_ALONE, THORACIC_ALONE}), correct_axial),
    (frozenset({JUNCTION, SINGLE_FIBRE, "exercise"}), correct_junction),
    (frozenset({"evoked", "monitoring", GUIDANCE, "surface", "threshold"}), correct_lookalikes),
)

_OTHER_TESTS = frozenset({"evoked", "monitoring", "sphincter", "eye-muscle", "surface", "threshold"})


def with_pending(sheet: Worksheet) -> Worksheet:
    """The worksheet, knowing whether another draft line may turn out to be the conduction study."""
    own = sheet
    if sheet.signed:
        drafts = sheet.drafts
        own = replace(sheet, lines=drafts, by_family=by_family(drafts), signed=False)
    pending = pending_lookalike(own) or pending_conduction(own)
    return replace(sheet, pending=True) if pending else sheet


def correct_codes(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Every proposal about codes and units of the session's draft lines."""
    families = sheet.by_family.keys()
    proposals: list[Proposal] = []
    for about, correct in _RULES:
        if not about.isdisjoint(families):
            proposals += correct(sheet)
    said = _with_cleaned_text(sheet, [*proposals, *correct_concepts(sheet)])
    if sheet.signed:
        said = tuple(within_reach(with_causes(sheet, said), sheet.lines))
    told = {"study": sheet.study, **sheet.told}
    return tuple(
        replace(proposal, about=_in_sequence(sheet, proposal.about), values={**told, **proposal.values})
        for proposal in said
    )


def as_corrections(proposals: Iterable[Proposal]) -> tuple[Correction, ...]:
    """One correction per pattern; patterns that hold together state the same combined choices.

    What would change nothing whatever is chosen is no correction.
    """
    return tuple(
        Correction(
            pattern=pattern.id,
            mode=proposal.mode,
            orders=proposal.orders(),
            choices=proposal.choices,
            about=proposal.about,
            default=proposal.default,
            asks=proposal.asks,
            warning=proposal.warning,
            values=proposal.values,
            subject=proposal.subject,
        )
        for proposal in proposals
        if not proposal.choices or any(_changes_something(choice) for choice in proposal.choices)
        for pattern in proposal.patterns
    )


def _changes_something(choice: Choice) -> bool:
    return any(edit.action != "keep" for edit in choice.edits)


def _in_sequence(sheet: Worksheet, about: tuple[str, ...]) -> tuple[str, ...]:
    """The orders as they were sent."""
    if len(about) < 2:
        return about
    return tuple(line.ref for line in sheet.lines if line.ref in about)


def _with_cleaned_text(sheet: Worksheet, proposals: list[Proposal]) -> tuple[Proposal, ...]:
    """Decorated codes: stated with what else becomes of the line, or on their own."""
    pattern = sheet.rules.patterns.of("code-text")
    for line in sheet.lines:
        if not line.decorated or line.code is None or not line.order.draft:
            continue
        if line.family == CHEMODENERVATION:
            continue
        ask = line.doubtful or bool(line.glued_units)
        index = next((i for i, proposal in enumerate(proposals) if line.ref in proposal.orders()), None)
        if index is None:
            proposals.append(_cleaned(sheet, line, line.code, ask=ask or not _is_certain(line.code)))
        else:
            said = proposals[index]
            if pattern not in said.patterns:
                said = with_pattern(said, pattern)
            said = replace(said, values={**said.values, **_flaws(line, said.values)})
            proposals[index] = replace(said, mode=Mode.ASK) if ask else said
    return tuple(proposals)


def _cleaned(sheet: Worksheet, line: Line, code: Code, *, ask: bool) -> Proposal:
    """The code written properly; where the units glued to it are not those of the order, both are offered."""
    units = dict.fromkeys((line.units, line.glued_units or line.units))
    choices = [choice(keep(replace(line, units=each))) for each in units]
    values = {"sent": line.sent, "code": code.code, **_flaws(line)}
    return propose((sheet.rules.patterns.of("code-text"),), choices, (line,), ask=ask, values=values)


def _flaws(line: Line, said: Mapping[str, str] | None = None) -> dict[str, str]:
    """How the code is written and what is wrong with that, added to what is said of other lines."""
    before = said or {}
    flaws = dict.fromkeys((*before.get("flaws", "").split(), *line.flaws))
    written = dict.fromkeys([*filter(None, [before.get("written", "")]), line.sent])
    return {"flaws": " ".join(flaws), "written": ", ".join(written)}


def _is_certain(code: Code) -> bool:
    """A test of the guideline, not one that is mistaken for it."""
    return code.current and code.family not in _OTHER_TESTS
