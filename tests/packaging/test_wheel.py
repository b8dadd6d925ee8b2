"""The wheel carries all content, and an installed copy answers like the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.contract.bodies import body, bundle

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[2]
ORDER = {
    "resourceType": "ServiceRequest",
    "id": "a",
    "status": "draft",
    "intent": "order",
    "code": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "95886"}]},
    "subject": {"reference": "Patient/p1"},
    "authoredOn": "2026-11-20",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=CHECKOUT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel, borrowing our own copies of what it depends on (no network)."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    run(
        sys.executable, "-m", "pip", "--python", str(folder), "install", "--no-deps", "--no-index", str(wheel)
    )
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def test_it_holds_every_data_file(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    for folder, place in (
        ("cards", "cds_service/_content/cards"),
        ("fhir_fixtures", "cds_service/_content/fhir_fixtures"),
        ("cds_service/guidelines", "cds_service/guidelines"),
        ("cds_service/hooks/schema", "cds_service/hooks/schema"),
        ("cds_service/fhir/schema", "cds_service/fhir/schema"),
        ("cds_service/auth/schema", "cds_service/auth/schema"),
        ("cds_service/store/migrations", "cds_service/store/migrations"),
    ):
        for path in (CHECKOUT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"{place}/{path.relative_to(CHECKOUT / folder).as_posix()}" in packed


def test_it_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"cds_service"}


def test_an_installed_copy_answers_like_the_checkout(installed: Path, tmp_path: Path) -> None:
    request = tmp_path / "request.json"
    request.write_text(json.dumps(body(context={"draftOrders": bundle(ORDER)})), encoding="utf-8")
    command = str(installed / "bin" / "cds-service")
    where = run(
        str(installed / "bin" / "python"),
        "-c",
        "import cds_service; print(cds_service.__file__)",
        cwd=tmp_path,
    )
    assert str(installed) in where
    assert run(command, "lint", cwd=tmp_path) == ""
    theirs = run(command, "check", str(request), cwd=tmp_path)
    ours = run(sys.executable, "-m", "cds_service.cli", "check", str(request), cwd=CHECKOUT)
    assert theirs == ours
    assert theirs.strip()


def test_an_installed_copy_brings_a_store_to_shape_and_finds_itself_well(
    installed: Path, tmp_path: Path
) -> None:
    command = str(installed / "bin" / "cds-service")
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    assert "migrated from an empty database" in run(
        command, "store", "migrate", cwd=tmp_path, DATABASE_URL=url
    )
    assert "nothing to do" in run(command, "store", "migrate", cwd=tmp_path, DATABASE_URL=url)
    notes = json.loads(run(command, "doctor", "--json", cwd=tmp_path, DATABASE_URL=url))
    assert "fail" not in {note["level"] for note in notes}


def run(*command: str, cwd: Path | None = None, **environ: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
