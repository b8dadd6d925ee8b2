"""Codes of other tests, and orders without a code: what EMG or conduction study was meant."""

from __future__ import annotations

from cds_service.core.coding import CHEMODENERVATION, GUIDANCE, LIMITED_ALONE, Code
from cds_service.core.finding import Choice
from cds_service.engine.coding.worksheet import (
    Proposal,
    Worksheet,
    change,
    choice,
    create,
    keep,
    propose,
    remove,
)
from cds_service.engine.lines import Line

_MOST_LIMBS = 4


def correct_lookalikes(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Proposals for lines whose code is another test's."""
    return (
        *_evoked(sheet),
        *_monitoring(sheet),
        *_guidance(sheet),
        *_surface(sheet),
        *_threshold(sheet),
    )


def pending_lookalike(sheet: Worksheet) -> bool:
    """A line of the session may turn out to be the conduction study."""
    return (
        bool(sheet.of("threshold"))
        or any(_meant_diagnostic(sheet, line) for line in sheet.of("evoked"))
        or any(line.concept in ("conduction", "both") for line in sheet.of(""))
    )


def _evoked(sheet: Worksheet) -> tuple[Proposal, ...]:
    pattern = sheet.rules.patterns.of("evoked-meant-diagnostic")
    proposals = []
    for line in sheet.of("evoked"):
        if _meant_diagnostic(sheet, line):
            choices = [*_full_study(sheet, line), choice(keep(line))]
            settled = bool(sheet.studies_planned)
            proposals.append(
                propose((pattern,), choices[:1] if settled else choices, (line,), settled=settled)
            )
    return tuple(proposals)


def _meant_diagnostic(sheet: Worksheet, line: Line) -> bool:
    words = sheet.rules.table.words
    named = any(line.words in words[kind] for kind in ("needle", "conduction", "both"))
    pattern = sheet.rules.patterns.of("evoked-meant-diagnostic")
    return named or not sheet.reason_groups.isdisjoint(pattern.groups)


def _full_study(sheet: Worksheet, line: Line) -> list[Choice]:
    """Conduction studies plus complete add-ons of the listed limbs; the session's own lines are not
    doubled.
    """
    table = sheet.rules.table
    limbs = len(sheet.limbs_planned) or line.listed_limbs or 1
    sites = sheet.limbs_planned or None
    has_needle = bool(sheet.of("limb-addon", "limb-alone"))
    if sheet.conduction:
        return [choice(change(line, table.addon_complete, limbs, sites=sites))]
    codes = sheet.proposed_conduction()
    if has_needle:
        return [choice(change(line, code, 1)) for code in codes]
    return [
        choice(change(line, table.addon_complete, limbs, sites=sites), create(line, code)) for code in codes
    ]


def _monitoring(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Monitoring codes on an outpatient order: a retired one has successors, else only a person knows."""
    pattern = sheet.rules.patterns.of("monitoring-outpatient")
    if sheet.inpatient:
        return ()
    family = sheet.rules.table.by_family["monitoring"]
    successors = tuple(code for code in family if code.current)
    proposals = []
    for line in sheet.of("monitoring"):
        retired = line.code is not None and not line.code.current
        menu = successors if retired else ()
        choices = [choice(change(line, code, line.units), applicable=False) for code in menu]
        proposals.append(propose((pattern,), (*choices, choice(remove(line))), (line,), ask=True))
    return tuple(proposals)


def _guidance(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Guidance beside a diagnostic code, or without the injection it belongs to."""
    patterns = sheet.rules.patterns
    lines = sheet.of(GUIDANCE)
    if not lines:
        return ()
    diagnostic = sheet.of("limb-alone", LIMITED_ALONE, "cranial-alone", "thoracic-alone")
    if diagnostic:
        pattern = patterns.of("guidance-with-diagnostic")
        drop = choice(*(remove(line) for line in diagnostic))
        stay = choice(*(keep(line) for line in diagnostic))
        return (propose((pattern,), (drop, stay), (*diagnostic, *lines), default=0),)
    injection = any(line.family == CHEMODENERVATION for line in (*sheet.lines, *sheet.others))
    if injection or any(fact.present for fact in sheet.case.facts_of("chemodenervation")):
        return ()
    pattern = patterns.of("guidance-without-injection")
    return tuple(
        propose((pattern,), _needle_choices(sheet, line), (line,), settled=_needle_settled(sheet), ask=True)
        for line in lines
    )


def _surface(sheet: Worksheet) -> tuple[Proposal, ...]:
    pattern = sheet.rules.patterns.of("surface-meant-needle")
    return tuple(
        propose((pattern,), _needle_choices(sheet, line), (line,), settled=_needle_settled(sheet), ask=True)
        for line in sheet.of("surface")
    )


def _threshold(sheet: Worksheet) -> tuple[Proposal, ...]:
    pattern = sheet.rules.patterns.of("threshold-meant-conduction")
    menu = sheet.conduction_menu()
    return tuple(
        propose(
            (pattern,),
            (choice(change(line, code, 1)) for code in menu),
            (line,),
            settled=len(menu) == 1,
            default=sheet.usual_index(menu),
        )
        for line in sheet.of("threshold")
    )


def correct_concepts(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Orders that name the test only by a concept, or whose concept and code disagree."""
    if not any(line.concept for line in sheet.lines):
        return ()
    pattern = sheet.rules.patterns.of("concept-without-code")
    proposals = []
    for line in sheet.lines:
        if line.code is not None:
            if _disagrees(line):
                choices = [choice(keep(line)), *_needle_choices(sheet, line)]
                proposals.append(propose((pattern,), choices, (line,), ask=True))
            continue
        if line.concept == "conduction":
            menu = sheet.proposed_conduction() if sheet.studies_planned else sheet.conduction_menu()
            choices = [choice(change(line, code, 1)) for code in menu]
            settled, default = len(menu) == 1, sheet.usual_index(menu)
        else:
            settled = _needle_settled(sheet) and (line.concept == "needle" or bool(sheet.studies_planned))
            choices = _concept_choices(sheet, line)
            choices, default = (choices[:1], 0) if settled else (choices, -1)
        broken = sheet.rules.patterns.of("code-text")
        used = broken if line.decorated else pattern
        proposals.append(
            propose((used,), choices, (line,), ask=True, settled=settled, default=default, asks=pattern.asks)
        )
    return tuple(proposals)


def _concept_choices(sheet: Worksheet, line: Line) -> list[Choice]:
    """With conduction studies first (that is what the guideline wants), needle only for an EMG-only
    concept.
    """
    with_study = _full_study_for_limbs(sheet, line)
    if line.concept == "both" or sheet.studies_planned:
        return with_study
    needle = [] if sheet.conduction else _needle_choices(sheet, line)
    return [*with_study, *needle]


def _full_study_for_limbs(sheet: Worksheet, line: Line) -> list[Choice]:
    table = sheet.rules.table
    needle = table.addon_limited if sheet.muscles_per_limb == "under-5" else table.addon_complete
    sites = sheet.limbs_planned or None
    limbs = len(sheet.limbs_planned) or line.listed_limbs or 1
    edit = change(line, needle, limbs, sites=sites)
    if sheet.conduction:
        return [choice(edit)]
    return [choice(edit, create(line, code)) for code in sheet.proposed_conduction()]


def _needle_settled(sheet: Worksheet) -> bool:
    return bool(sheet.limbs_planned and sheet.muscles_per_limb)


def _needle_choices(sheet: Worksheet, line: Line) -> list[Choice]:
    """Diagnostic needle codes for the limbs planned or listed; with none, the complete study of 1 to 4."""
    planned = sheet.limbs_planned
    limbs = len(planned) or line.listed_limbs
    counts = (limbs,) if limbs else range(1, _MOST_LIMBS + 1)
    sites = planned or None
    return [
        choice(change(line, code, units, sites=sites))
        for count in counts
        for code, units in _needle_codes(sheet, count, listed=bool(limbs))
    ]


def _needle_codes(sheet: Worksheet, limbs: int, *, listed: bool) -> list[tuple[Code, int]]:
    table = sheet.rules.table
    complete = (table.addon_complete, limbs) if sheet.conduction else (table.alone[limbs], 1)
    limited = (table.addon_limited if sheet.conduction else table.limited_alone, limbs)
    if sheet.muscles_per_limb == "under-5":
        return [limited]
    if sheet.muscles_per_limb == "5-or-more" or not listed:
        return [complete]
    return [complete, limited]


def _disagrees(line: Line) -> bool:
    """The concept names one kind of test, the code another."""
    if not line.concept or line.code is None or line.concept == "both":
        return False
    return line.code.kind in ("needle", "conduction") and line.code.kind != line.concept
