"""Codes of other tests: what EMG or conduction study was meant by them.

Beside a code that already names that study the other test's code is one too many: to remove it comes first.
"""

from __future__ import annotations

from cds_service.core.coding import (
    CHEMODENERVATION,
    CRANIAL_ALONE,
    GUIDANCE,
    LIMB_ALONE,
    LIMITED_ALONE,
    THORACIC_ALONE,
)
from cds_service.core.finding import Choice
from cds_service.engine.coding.edits import change, choice, keep, remove
from cds_service.engine.coding.meant import (
    full_study,
    is_needle_settled,
    needle_choices,
    needle_lines,
    open_questions,
)
from cds_service.engine.coding.worksheet import Proposal, Worksheet, propose
from cds_service.engine.lines import Line

_BESIDE_GUIDANCE = (LIMB_ALONE, LIMITED_ALONE, CRANIAL_ALONE, THORACIC_ALONE)


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
        or any(_names_study(sheet, line) for line in sheet.of("monitoring") if not sheet.inpatient)
        or any(line.concept in ("conduction", "both") for line in sheet.of(""))
    )


def _evoked(sheet: Worksheet) -> tuple[Proposal, ...]:
    pattern = sheet.rules.patterns.of("evoked-meant-diagnostic")
    proposals = []
    for line in sheet.of("evoked"):
        if not _meant_diagnostic(sheet, line):
            continue
        study = full_study(sheet, line)
        asks = open_questions(sheet, line, pattern)
        answered = sheet.studies_planned is not None or bool(sheet.limbs_planned)
        settled = bool(study) and answered and not asks
        choices = study if settled else [*(study or [choice(remove(line))]), choice(keep(line))]
        proposals.append(
            propose(
                (pattern,),
                choices,
                (line,),
                settled=settled,
                default=0,
                asks=asks if study else (),
                values={"usual": sheet.usual if study else ""},
            )
        )
    return tuple(proposals)


def _meant_diagnostic(sheet: Worksheet, line: Line) -> bool:
    pattern = sheet.rules.patterns.of("evoked-meant-diagnostic")
    return _names_study(sheet, line) or not sheet.reason_groups.isdisjoint(pattern.groups)


def _names_study(sheet: Worksheet, line: Line) -> bool:
    words = sheet.rules.table.words
    return any(line.words in words[kind] for kind in ("needle", "conduction", "both"))


def _monitoring(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Monitoring codes on an outpatient order: the study its text names, or nothing."""
    pattern = sheet.rules.patterns.of("monitoring-outpatient")
    if sheet.inpatient:
        return ()
    return tuple(
        propose(
            (pattern,),
            (*(full_study(sheet, line) if _names_study(sheet, line) else ()), choice(remove(line))),
            (line,),
            ask=True,
            default=0,
            values={"usual": sheet.usual if _names_study(sheet, line) else ""},
        )
        for line in sheet.of("monitoring")
    )


def _guidance(sheet: Worksheet) -> tuple[Proposal, ...]:
    """Guidance without the injection it belongs to, or beside a diagnostic code of the same muscles."""
    lines = sheet.of(GUIDANCE)
    if not lines:
        return ()
    injection = any(line.family == CHEMODENERVATION for line in (*sheet.lines, *sheet.others))
    if injection or any(fact.present for fact in sheet.case.facts_of("chemodenervation")):
        return _guidance_and_diagnostic(sheet, lines)
    return tuple(_guidance_alone(sheet, line) for line in lines)


def _guidance_and_diagnostic(sheet: Worksheet, lines: tuple[Line, ...]) -> tuple[Proposal, ...]:
    pattern = sheet.rules.patterns.of("guidance-with-diagnostic")
    guided = {other.ref for line in lines for other in needle_lines(sheet, line, _BESIDE_GUIDANCE)}
    diagnostic = tuple(line for line in sheet.lines if line.ref in guided)
    if not diagnostic:
        return ()
    drop = choice(*(remove(line) for line in diagnostic))
    stay = choice(*(keep(line) for line in diagnostic))
    return (propose((pattern,), (drop, stay), (*diagnostic, *lines), default=0),)


def _guidance_alone(sheet: Worksheet, line: Line) -> Proposal:
    patterns = sheet.rules.patterns
    pattern = patterns.of("guidance-without-injection")
    beside = needle_lines(sheet, line)
    if not beside:
        return _as_needle(sheet, line, "guidance-without-injection")
    alone = any(other.family in _BESIDE_GUIDANCE for other in beside)
    used = (pattern, *((patterns.of("guidance-with-diagnostic"),) if alone else ()))
    return propose(
        used, _removed_or_kept(line), (line, *_drafts(sheet, beside)), ask=True, default=0, asks=()
    )


def _surface(sheet: Worksheet) -> tuple[Proposal, ...]:
    pattern = sheet.rules.patterns.of("surface-meant-needle")
    return tuple(
        propose((pattern,), _removed_or_kept(line), (line,), ask=True, default=0, asks=())
        if needle_lines(sheet, line)
        else _as_needle(sheet, line, "surface-meant-needle")
        for line in sheet.of("surface")
    )


def _as_needle(sheet: Worksheet, line: Line, rule: str) -> Proposal:
    pattern = sheet.rules.patterns.of(rule)
    return propose(
        (pattern,),
        needle_choices(sheet, line),
        (line,),
        ask=True,
        settled=is_needle_settled(sheet, line),
        asks=open_questions(sheet, line, pattern),
    )


def _threshold(sheet: Worksheet) -> tuple[Proposal, ...]:
    pattern = sheet.rules.patterns.of("threshold-meant-conduction")
    lines = sheet.of("threshold")
    if sheet.conduction:
        return tuple(
            propose((pattern,), _removed_or_kept(line), (line,), default=0, asks=()) for line in lines
        )
    menu = sheet.conduction_menu()
    return tuple(
        propose(
            (pattern,),
            (choice(change(line, code, 1)) for code in menu),
            (line,),
            settled=len(menu) == 1,
            default=sheet.usual_index(menu),
        )
        for line in lines
    )


def _removed_or_kept(line: Line) -> tuple[Choice, Choice]:
    return choice(remove(line)), choice(keep(line))


def _drafts(sheet: Worksheet, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line in sheet.lines)
