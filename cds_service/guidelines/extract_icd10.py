"""Build tool: what the service needs of ICD-10-CM, taken from the package simple-icd-10-cm (dev only).

``python -m cds_service.guidelines.extract_icd10 --write`` rewrites icd10cm.json, ``--check`` says whether
it is what the package and the data files call for.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "cg-med-24"
TARGET = FOLDER / "icd10cm.json"
PACKAGE = "simple-icd-10-cm"
RELEASE = "April 1 2026"
LICENCE = (
    "Codes and descriptions: ICD-10-CM, CDC/NCHS, work of the US government, public domain. "
    "Read through the package simple-icd-10-cm (MIT)."
)


def extract() -> dict[str, Any]:
    """A fresh extraction, as the object that icd10cm.json holds."""
    import simple_icd_10_cm as source  # type: ignore[import-untyped]

    diagnoses = _read("diagnoses.toml")
    wanted: set[str] = set()
    for stem in _stems(diagnoses):
        code = stem.rstrip("-").rstrip(".")
        if not source.is_valid_item(code):
            raise SystemExit(f"diagnoses.toml or vocabulary.toml: {stem} is no ICD-10-CM code; correct it")
        wanted.add(code)
        wanted.update(source.get_descendants(code))
    ancestors = {node for code in wanted for node in source.get_ancestors(code) if _is_code(source, node)}
    nodes = sorted(wanted | ancestors)
    return {
        "release": RELEASE,
        "package": f"{PACKAGE} {version(PACKAGE)}",
        "licence": LICENCE,
        "excludes1": {
            node: source.get_excludes1(node)
            for node in sorted({pair["excludes"]["node"] for pair in diagnoses["pair"] if "excludes" in pair})
        },
        "codes": {code: _entry(source, code, set(nodes)) for code in nodes},
    }


def _entry(source: Any, code: str, known: set[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"label": source.get_description(code)}
    children = list(source.get_children(code))
    if not children:
        return entry
    kept = [child for child in children if child in known]
    entry["children"] = kept
    if any(node not in known for node in source.get_descendants(code)):
        entry["partial"] = True
    if all(len(child.replace(".", "")) == 7 and source.is_extended_subcategory(child) for child in children):
        entry["seventh"] = True
    return entry


def _is_code(source: Any, node: str) -> bool:
    return bool(source.is_category_or_subcategory(node))


def _stems(diagnoses: dict[str, Any]) -> set[str]:
    left_out = tuple(diagnoses["catalogue"]["leave_out"])
    stems = set(diagnoses["catalogue"]["stems"])
    for table in ("header", "side_family", "pair", "inform", "unless_cause"):
        stems |= set(_codes_in(diagnoses[table]))
    for row in diagnoses["icd9"]:
        stems |= set(row["to"])
    for row in diagnoses["manifestation"]["code"]:
        stems |= set(row["codes"])
    if (FOLDER / "vocabulary.toml").exists():
        for group in _read("vocabulary.toml")["group"]:
            named = [*group.get("icd10", ()), *group.get("not_icd10", ())]
            stems |= {stem for stem in named if not stem.startswith(left_out)}
    return stems


_CODE_KEYS = frozenset({"stems", "drop", "keep", "one", "other", "codes", "choices", "fix", "default"})


def _codes_in(value: Any, key: str = "") -> Iterator[str]:
    """Every code under the keys that hold codes, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _codes_in(inner, "codes" if key == "first" else name)
            if key == "words":
                yield name
    elif isinstance(value, list):
        for inner in value:
            yield from _codes_in(inner, key)
    elif key in _CODE_KEYS:
        yield value


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


def dump(extracted: dict[str, Any]) -> str:
    """One line per code, so that a new release reads well as a difference."""
    lines = ["{"]
    lines += [
        f"  {json.dumps(key)}: {json.dumps(extracted[key])}," for key in ("release", "package", "licence")
    ]
    for key in ("excludes1", "codes"):
        rows = [
            f"    {json.dumps(code)}: {json.dumps(row, ensure_ascii=False)}"
            for code, row in extracted[key].items()
        ]
        lines += [f"  {json.dumps(key)}: {{", ",\n".join(rows), "  }," if key == "excludes1" else "  }"]
    return "\n".join([*lines, "}", ""])


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", action="store_true", help="rewrite icd10cm.json")
    what.add_argument("--check", action="store_true", help="compare it with a fresh extraction")
    options = parser.parse_args(None if arguments is None else list(arguments))
    fresh = dump(extract())
    if options.write:
        TARGET.write_text(fresh, "utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text("utf-8") == fresh:
        return 0
    print("icd10cm.json: not what the package gives now; run this module with --write", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
