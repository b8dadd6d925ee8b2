"""How long fresh processes take to be ready."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

SCRIPTS = {
    "python alone": "pass",
    "cds-service --help": (
        "import sys; sys.argv = ['cds-service', '--help']; from cds_service.cli import main; main()"
    ),
    "import of the server app": "import cds_service.app",
    "server app, content loaded": "from cds_service.app import create_app; create_app()",
}


def start_up(rounds: int) -> dict[str, float]:
    """Milliseconds from start to end of a process, the usual one."""
    spent: dict[str, list[float]] = {name: [] for name in SCRIPTS}
    for turn in range(rounds + 1):
        for name, script in SCRIPTS.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)
            if turn:  # the first one may still have to write bytecode
                spent[name].append((time.perf_counter() - started) * 1e3)
    return {name: median(found) for name, found in spent.items()}
