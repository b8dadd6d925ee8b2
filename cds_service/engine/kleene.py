"""Kleene's strong three-valued logic over :class:`Verdict`: unknown stays unknown unless it cannot matter."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.core.finding import Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN

_INVERSE = {MET: NOT_MET, NOT_MET: MET, UNKNOWN: UNKNOWN}


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """And: not-met if one is, else unknown if one is."""
    result = MET
    for verdict in verdicts:
        if verdict is NOT_MET:
            return NOT_MET
        if verdict is UNKNOWN:
            result = UNKNOWN
    return result


def some(verdicts: Iterable[Verdict]) -> Verdict:
    """Or: met if one is, else unknown if one is."""
    result = NOT_MET
    for verdict in verdicts:
        if verdict is MET:
            return MET
        if verdict is UNKNOWN:
            result = UNKNOWN
    return result


def inverse(verdict: Verdict) -> Verdict:
    """Not."""
    return _INVERSE[verdict]
