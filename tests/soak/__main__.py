"""``make soak``: the real server at full load with good and bad requests; 1 when a promise is broken."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict

from tests.soak.promises import Run, broken, growth
from tests.soak.service import soak
from tests.soak.stores import KINDS


def main(arguments: list[str]) -> int:
    """One run on each store, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("stores", nargs="*", default=[], choices=[*KINDS, []], metavar="STORE")
    parser.add_argument("--seconds", type=float, default=60, help="length of each run")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    faults = []
    for kind in options.stores or KINDS:
        print(f"\n{kind}: {options.seconds:.0f} s, seed {options.seed}", flush=True)
        run = soak(kind, options.seconds, seed=options.seed)
        show(run)
        for fault in broken(run):
            faults.append(fault)
            print(f"  BROKEN: {fault}")
    print(f"\n{len(faults)} promises broken" if faults else "\nall promises kept")
    return int(bool(faults))


def show(run: Run) -> None:
    """Every figure of a run."""
    rows: dict[str, dict[int, int]] = defaultdict(dict)
    for (kind, status), count in sorted(run.tally.answers.items()):
        rows[kind][status] = count
    for kind, statuses in rows.items():
        words = ", ".join(f"{status or 'no answer'}: {count}" for status, count in statuses.items())
        print(f"  {kind:<32} {words}")
    total = run.tally.answers.total()
    failures = sum(count for (_, status), count in run.tally.answers.items() if status >= 500)
    print(f"  requests {total}, {total / run.seconds:.0f} each second; slowest {run.tally.slowest:.2f} s")
    print(f"  answers of 500 or above: {failures}")
    for pid, sizes in run.memory.items():
        if sizes:
            print(
                f"  worker {pid}: RSS {sizes[0]:.0f} MiB at the start, {sizes[-1]:.0f} at the end, most "
                f"{max(sizes):.0f}; growth after warm-up {growth(sizes):+.1f} MiB"
            )
    print(f"  feedback answered 200: {len(run.tally.heard)}, in the store: {len(run.tally.heard & run.kept)}")
    print(f"  hooks answered 200: {run.tally.hooks}, on record: {run.recorded}, dropped: {run.lost}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
