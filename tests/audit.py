"""``make audit``: known vulnerabilities of what is installed, told by pip-audit.

What the service needs to run decides; a tool of development is told, and does not fail. An audit that could
not ask is not a clean one: it says so, and in CI (the variable CI is set) it fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGE = "emg-ncs-cds"
COMMAND = ("-m", "pip_audit", "--skip-editable", "--progress-spinner", "off", "--format", "json")
SECONDS = 300

Report = Mapping[str, Any]


def main() -> int:
    """Run pip-audit on this environment, print what it found, and say 1 when that must not be released."""
    in_ci = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    report, needed = _report(), shipped()
    for line in lines(report, needed):
        print(line)
    return status(report, needed, in_ci=in_ci)


def lines(report: Report, needed: Collection[str]) -> Iterator[str]:
    """The report in words: every vulnerability, what could not be asked about, and the sum."""
    asked, unasked = _parted(report, needed)
    for package in report["dependencies"]:
        use = "shipped" if canonicalize_name(package["name"]) in needed else "development only"
        for found in package.get("vulns", ()):
            fixed = ", ".join(found["fix_versions"]) or "none yet"
            yield f"{package['name']} {package['version']} ({use}): {found['id']}; fixed in: {fixed}"
    count = sum(len(package["vulns"]) for package in asked)
    yield f"{len(asked)} shipped packages audited: {count} known vulnerabilities"
    if unasked:
        yield f"NOT AUDITED: {', '.join(unasked)}; the advisory service could not be asked about them"


def status(report: Report, needed: Collection[str], *, in_ci: bool) -> int:
    """1 when a shipped package is vulnerable, or when CI could not ask about every one of them."""
    asked, unasked = _parted(report, needed)
    return int(any(package["vulns"] for package in asked) or (in_ci and bool(unasked)))


def shipped() -> set[str]:
    """Names of all packages the service needs to run, directly or not, as far as they are installed."""
    seen: set[tuple[str, frozenset[str]]] = set()
    ahead = [Requirement(PACKAGE)]
    while ahead:
        need = ahead.pop()
        for text in _requirements(need.name):
            other = Requirement(text)
            extras = need.extras or {""}
            wanted = not other.marker or any(other.marker.evaluate({"extra": extra}) for extra in extras)
            key = (canonicalize_name(other.name), frozenset(other.extras))
            if wanted and key not in seen:
                seen.add(key)
                ahead.append(other)
    return {name for name, _ in seen}


def _requirements(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


def _parted(report: Report, needed: Collection[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """Shipped packages that were asked about, and the names of those that were not."""
    by_name = {canonicalize_name(package["name"]): package for package in report["dependencies"]}
    asked = [package for name, package in by_name.items() if name in needed and "vulns" in package]
    return asked, sorted(set(needed) - {canonicalize_name(package["name"]) for package in asked})


def _report() -> Report:
    """pip-audit's report; one without any package when it could not finish."""
    try:
        done = subprocess.run(
            [sys.executable, *COMMAND], capture_output=True, text=True, check=False, timeout=SECONDS
        )
        found: Report = json.loads(done.stdout)
    except (json.JSONDecodeError, subprocess.TimeoutExpired):
        return {"dependencies": []}
    return found


if __name__ == "__main__":
    sys.exit(main())
