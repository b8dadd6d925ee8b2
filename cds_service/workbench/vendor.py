"""Libraries of others, shipped as files; ``python -m cds_service.workbench.vendor --check`` compares them.

Each stands in a folder with its licence and a VENDOR.toml: name, version, licence, npm, sha256 by file.
"""

from __future__ import annotations

import hashlib
import sys
import tomllib
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).resolve().parent / "static" / "vendor"
ABOUT = "VENDOR.toml"
KEYS = ("name", "version", "licence", "npm")
LICENCES = ("LICENSE", "LICENSE.md", "LICENSE.txt")


def problems(root: Path = SHIPPED) -> list[str]:
    """What is wrong with the libraries under ``root``, a line each; a root that is not there holds none."""
    found: list[str] = []
    for folder in sorted(path for path in root.glob("*") if path.is_dir()):
        about = folder / ABOUT
        if not about.is_file():
            found.append(f"{folder.name}: {ABOUT} is missing; write where the files come from")
            continue
        table = tomllib.loads(about.read_text(encoding="utf-8"))
        found += [f"{folder.name}: {key} is missing; add it" for key in KEYS if not table.get(key)]
        if not any((folder / name).is_file() for name in LICENCES):
            found.append(f"{folder.name}: its licence is missing; copy it from the package")
        found += _files(folder, table)
    return found


def _files(folder: Path, table: dict[str, Any]) -> list[str]:
    listed: dict[str, str] = table.get("sha256", {})
    there = {path.name for path in folder.iterdir()} - {ABOUT, *LICENCES}
    found = [
        f"{folder.name}: {name} is not listed; list it or remove it" for name in sorted(there - set(listed))
    ]
    for name, expected in listed.items():
        path = folder / name
        actual = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "nothing"
        if actual != expected:
            found.append(f"{folder.name}: {name} is not what was taken in (sha256 {actual})")
    return found


def main(arguments: list[str]) -> int:
    """Exit status: 0 all as taken in, 1 not, 2 usage."""
    if arguments[:1] != ["--check"] or len(arguments) > 2:
        print("usage: python -m cds_service.workbench.vendor --check [FOLDER]", file=sys.stderr)
        return 2
    lines = problems(Path(arguments[1])) if len(arguments) == 2 else problems()
    for line in lines:
        print(line, file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
