"""What a run must show, and which of it a run does not show. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.soak.load import NO_ANSWER, Tally

# Of one worker, after the first quarter of the run: what buffers and caches may still take.
GROWTH_MIB = 16.0
# A shorter run is all warm-up: its memory is shown and not judged.
JUDGED_SECONDS = 30


@dataclass
class Run:
    """One run. ``memory``: RSS of each worker in MiB over time. ``lost``: records the service dropped.

    ``staying``: all workers but the one that was told to end were there to the last.
    ``kept`` is the feedback found in the store, ``recorded`` the calls answered 200 found there.
    ``leaks`` names the places where a patient's text came out.
    """

    seconds: float
    tally: Tally
    memory: dict[int, list[float]] = field(default_factory=dict)
    staying: bool = True
    kept: set[tuple[str, str]] = field(default_factory=set)
    recorded: int = 0
    lost: int = 0
    exit_status: int = 0
    leaks: tuple[str, ...] = ()


def broken(run: Run) -> Iterator[str]:
    """A sentence for every promise that was not kept."""
    for (kind, status), count in sorted(run.tally.unexpected.items()):
        words = "not answered" if status == NO_ANSWER else f"answered {status}"
        yield f"{kind}: {count} {words}"
    failures = sum(count for (_, status), count in run.tally.answers.items() if status >= 500)
    if failures:
        yield f"{failures} answers of 500 or above"
    if not run.tally.hooks or not run.tally.heard:
        yield "no hook or no feedback was answered 200: nothing is proven"
    missing = run.tally.heard - run.kept
    if missing:
        yield f"{len(missing)} of {len(run.tally.heard)} pieces of feedback answered 200 are not in the store"
    if run.recorded + run.lost < run.tally.hooks:
        yield (
            f"{run.tally.hooks} hooks were answered 200, but {run.recorded} are on record "
            f"and {run.lost} counted as dropped"
        )
    if not run.staying:
        yield "a worker ended that was not told to, or one was not replaced"
    if run.seconds >= JUDGED_SECONDS:
        for pid, sizes in run.memory.items():
            if (grown := growth(sizes)) > GROWTH_MIB:
                yield f"worker {pid} grew by {grown:.0f} MiB, bound {GROWTH_MIB:.0f} MiB"
    if run.exit_status:
        yield f"the service ended with status {run.exit_status} when it was told to stop"
    yield from (f"a patient's text came out in {place}" for place in run.leaks)


def growth(sizes: Sequence[float]) -> float:
    """From the second quarter of a run to its last, in the unit of ``sizes``."""
    quarter = len(sizes) // 4
    if not quarter:
        return 0.0
    return median(sizes[-quarter:]) - median(sizes[quarter : 2 * quarter])
