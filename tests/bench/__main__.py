"""``make bench``: what a request costs, as ratios against a baseline of the same run.

Figures in microseconds depend on the machine and on what else it does. ``--strict``: exit status 1 when a bar
is missed. ``--quick``: fewer rounds.
"""

from __future__ import annotations

import sys

from tests.bench import fresh, guarded, payload, served, stages

SERVER_BAR = 1.5
ENGINE_BAR_US = 200
GROWTH_BAR = 1.25
MEMORY_BAR_MIB = 150
SCALES = (1, 10, 100)
WIDTH = 46


def main(arguments: list[str]) -> int:
    """Print every measure, each bar with whether it is kept."""
    quick = "--quick" in arguments
    kept = _served(quick)
    _guarded(quick)
    kept += _stages(quick)
    _fresh(quick)
    print("\nall bars kept" if all(kept) else f"\n{kept.count(False)} of {len(kept)} bars MISSED")
    return int("--strict" in arguments and not all(kept))


def _served(quick: bool) -> list[bool]:
    rounds, requests = (4, 30) if quick else (12, 50)
    example = payload.request(1)
    print(
        f"Server CPU per request: gunicorn, {served.WORKERS} sync workers, "
        f"{payload.resources(example)} resources in {len(served.body(example)) / 1024:.0f} KiB, "
        f"{rounds} rounds of {requests} requests in turns"
    )
    spent, pss, rss = served.measure(payload.VARIANTS, rounds, requests)
    kept = []
    for variant, found in spent.items():
        figures = f"{found.usual_ours:6.0f} us, bare Flask {found.usual_bare:6.0f} us"
        kept.append(_bar(f"{variant}: {figures}", found.ratio, SERVER_BAR, "x"))
    kept.append(_bar(f"memory of a worker: RSS {rss:.0f} MiB, PSS", pss, MEMORY_BAR_MIB, " MiB"))
    return kept


def _guarded(quick: bool) -> None:
    print("\nServer CPU per request, correction, with records and authentication")
    first = 0.0
    for name, each in guarded.measure(*(3, 30) if quick else (8, 50)).items():
        first = first or each
        print(f"  {name:<{WIDTH}} {each:7.0f} us {each - first:+7.0f} us {each / first:7.2f} x")


def _stages(quick: bool) -> list[bool]:
    bench = stages.Bench.load()
    kept = []
    for variant in payload.VARIANTS:
        found = stages.stages(bench, variant, 20 if quick else 80)
        print(f"\nIn process, {variant}: CPU of the best and of the usual call; the best against json.loads")
        unit = next(iter(found.values())).best
        for name, took in found.items():
            print(f"  {name:<{WIDTH}} {took.best:7.0f} us {took.usual:7.0f} us {took.best / unit:7.2f} x")
        kept.append(_bar(f"engine alone, {variant}", found["engine"].best, ENGINE_BAR_US, " us"))
    print("\nDialects: the whole decision on one correction, against the first")
    told = stages.dialects(bench, 20 if quick else 60)
    first = next(iter(told.values())).best
    for name, took in told.items():
        print(f"  {name:<{WIDTH}} {took.best:7.0f} us {took.usual:7.0f} us {took.best / first:7.2f} x")
    print("\nGrowth with the chart: decode, engine and render of one request")
    grown = {size: took.best / size for size, took in stages.growth(bench, SCALES, 2 if quick else 6).items()}
    for size, each in grown.items():
        print(f"  {f'{size} resources':<{WIDTH}} {each:7.2f} us for each resource")
    _, middle, largest = grown.values()
    kept.append(_bar("each resource of the largest against the middle", largest / middle, GROWTH_BAR, "x"))
    return kept


def _fresh(quick: bool) -> None:
    print("\nFresh processes, start to end")
    for name, milliseconds in fresh.start_up(3 if quick else 5).items():
        print(f"  {name:<{WIDTH}} {milliseconds:7.0f} ms")


def _bar(name: str, measured: float, bar: float, unit: str) -> bool:
    kept = measured <= bar
    shown = f"{measured:.2f}" if unit == "x" else f"{measured:.0f}"
    print(f"  {name:<{WIDTH}} {shown:>7}{unit} (bar {bar:g}{unit}) {'PASS' if kept else 'OVER'}")
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
