"""The import contracts of pyproject.toml hold, and nobody loosened them unseen."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
CONTRACTS = {"one-way", "pure", "one-owner-fhir", "one-owner-jsonschema", "one-owner-flask", "no-cycles"}


def test_every_import_contract_is_kept() -> None:
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    result = subprocess.run(
        [sys.executable, "-c", command], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


def test_the_contracts_are_all_there() -> None:
    linted = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert {contract["id"] for contract in linted["contracts"]} >= CONTRACTS
    (one_way,) = [contract for contract in linted["contracts"] if contract["id"] == "one-way"]
    assert one_way["exhaustive"] is True
