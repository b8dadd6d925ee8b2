"""One folder per mistake an author can make, with the words of the message that must follow.

``mistake.toml``: in a copy of the content, the first ``find`` in ``file`` becomes ``put``; then some problem
says all of ``says``.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds_service import golden, lint_content
from cds_service.content import Roots
from cds_service.errors import ContentError
from cds_service.guidelines.mechanisms import MECHANISMS

FOLDER = Path(__file__).parent / "mistakes"
MISTAKES = {path.parent.name: path for path in sorted(FOLDER.glob("*/mistake.toml"))}
SCENARIO = "c04-one-limb-with-conduction"


def a_copy(base: Path) -> Roots:
    """All guideline data and cards, and one scenario."""
    ours, copy = Roots.default(), Roots.at(base)
    shutil.copytree(ours.guidelines, copy.guidelines, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copytree(ours.cards, copy.cards)
    shutil.copytree(ours.fhir_fixtures / "schema", copy.fhir_fixtures / "schema")
    shutil.copytree(ours.fhir_fixtures / "cg-med-24" / SCENARIO, copy.fhir_fixtures / "cg-med-24" / SCENARIO)
    return copy


def beyond_coverage(roots: Roots) -> list[str]:
    """The problems, but for the scenarios that were not copied."""
    return [line for line in lint_content.problems(roots) if "no scenario shows" not in line]


def is_a_line(problem: str) -> bool:
    """``file::path: what, and what to do``, the file with its folder."""
    return re.fullmatch(r"[^:\s]+/[^:]+::\S.*?: .+; .+", problem) is not None


def test_the_copy_itself_has_no_mistake(tmp_path: Path) -> None:
    assert beyond_coverage(a_copy(tmp_path)) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_the_mistake_is_named(name: str, tmp_path: Path) -> None:
    mistake: dict[str, Any] = tomllib.loads(MISTAKES[name].read_text(encoding="utf-8"))
    roots = a_copy(tmp_path)
    wrong = roots.base / mistake["file"]
    text = wrong.read_text(encoding="utf-8")
    find, put = mistake["find"], mistake["put"]
    assert find in text, "the mistake has nothing to stand on any more"
    wrong.write_text(text.replace(find, put, 1), encoding="utf-8")
    problems = beyond_coverage(roots)
    assert any(all(word in line for word in mistake["says"]) for line in problems), problems
    assert all(map(is_a_line, problems)), problems
    assert len(problems) <= 5, "one mistake should not make a flood"
    assert not any(str(tmp_path) in line for line in problems), "messages name files from the content's root"


def test_a_mistake_is_complete() -> None:
    for path in MISTAKES.values():
        assert set(tomllib.loads(path.read_text(encoding="utf-8"))) == {
            "title",
            "file",
            "find",
            "put",
            "says",
        }


FOLDER_OF = "fhir_fixtures/cg-med-24"
REQUEST = f"{FOLDER_OF}/{SCENARIO}/request.json"
DATA = "cds_service/guidelines/cg-med-24"


def remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def write(text: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return change


# What is done to which path, and words of the one line that must follow.
AS_A_WHOLE: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "data are missing": (f"{DATA}/maxima.toml", remove, f"{DATA}/maxima.toml::$: the file is missing"),
    "data are a folder": (
        f"{DATA}/payers.toml",
        become_a_folder,
        f"{DATA}/payers.toml::$: cannot be read (is a dir",
    ),
    "data are a list": (f"{DATA}/icd10cm.json", write("[]"), f"{DATA}/icd10cm.json::$: [] is not an object"),
    "data are half a file": (
        f"{DATA}/icd10cm.json",
        write('{"a'),
        f"{DATA}/icd10cm.json::line 1: is not JSON",
    ),
    "cards are missing": ("cards/cg-med-24/notices.toml", remove, "notices.toml::$: the file is missing"),
    "a dialect is missing": ("cards/dialects/plan.toml", remove, "cards/dialects/plan.toml::$: the file is"),
    "discovery is empty": ("cards/discovery.toml", write(""), "cards/discovery.toml::service: is missing"),
    "a schema is missing": (
        "cards/schema/labels.schema.json",
        remove,
        "cards/schema/labels.schema.json::$: the file is missing",
    ),
    "a schema is a list": (
        "cards/schema/labels.schema.json",
        write("[]"),
        "cards/schema/labels.schema.json::$: is not an object",
    ),
    "the schema of scenarios is missing": (
        "fhir_fixtures/schema/scenario.schema.json",
        remove,
        "fhir_fixtures/schema/scenario.schema.json::$: the file is missing",
    ),
    "a request is missing": (REQUEST, remove, f"{REQUEST}::$: the file is missing"),
    "a request is a folder": (REQUEST, become_a_folder, f"{REQUEST}::$: cannot be read (is a directory)"),
    "a request is a list": (REQUEST, write("[]"), f"{REQUEST}::$: is not a JSON object"),
    "a request is a text": (REQUEST, write('"hook"'), f"{REQUEST}::$: is not a JSON object"),
    "a request is deep": (REQUEST, write("[" * 100_000), f"{REQUEST}::"),
    "a request has no story": (
        f"{FOLDER_OF}/{SCENARIO}/scenario.toml",
        remove,
        f"{REQUEST}::$: has no scenario.toml beside it",
    ),
    "a request stands astray": (
        "fhir_fixtures/astray/request.json",
        write("{}"),
        "fhir_fixtures/astray/request.json::$: stands where no scenario is looked for",
    ),
    "an answer is missing": (
        f"{FOLDER_OF}/{SCENARIO}/response.json",
        remove,
        f"{FOLDER_OF}/{SCENARIO}/response.json::$: the file is missing; run cds-service golden --write",
    ),
    "the reasoning is missing": (
        f"{FOLDER_OF}/{SCENARIO}/trace.txt",
        remove,
        f"{FOLDER_OF}/{SCENARIO}/trace.txt::$: the file is missing; run cds-service golden --write",
    ),
}


@pytest.mark.parametrize(("path", "change", "words"), AS_A_WHOLE.values(), ids=AS_A_WHOLE)
def test_a_file_that_is_wrong_as_a_whole_is_named(
    tmp_path: Path, path: str, change: Callable[[Path], None], words: str
) -> None:
    roots = a_copy(tmp_path)
    change(roots.base / path)
    problems = beyond_coverage(roots)
    assert any(words in line for line in problems), problems
    assert all(map(is_a_line, problems)), problems
    assert len(problems) <= 5


def test_a_mistake_in_one_area_hides_none_in_another(tmp_path: Path) -> None:
    roots = a_copy(tmp_path)
    wrong = {
        f"{DATA}/maxima.toml": ("emg_limbs = 2", "emg_limbs = -2"),
        f"{DATA}/patterns.toml": ('source = "PMR17', 'source = "PMR71'),
        "cards/cg-med-24/corrections.toml": ('indicator = "warning"', 'indicator = "critical"'),
        "cards/cg-med-24/labels.toml": ("{{ lines }}", "{{ linez }}"),
        "cards/dialects/text.toml": ("{{ count }}", "{{ cuont }}"),
        "cards/dialects/epic.toml": ("{{ code }}", "{{ cdoe }}"),
        "cards/discovery.toml": ('hook = "order-select"', 'hook = "order-dispatch"'),
        f"{FOLDER_OF}/{SCENARIO}/scenario.toml": ("story =", "tale ="),
    }
    for file, (find, put) in wrong.items():
        path = roots.base / file
        path.write_text(path.read_text(encoding="utf-8").replace(find, put, 1), encoding="utf-8")
    problems = beyond_coverage(roots)
    assert all(map(is_a_line, problems)), problems
    named = {line.split("::")[0] for line in problems}
    assert named == set(wrong)


def test_golden_names_a_request_that_cannot_be_answered(tmp_path: Path) -> None:
    """An author who has followed the steps so far is told what to mend."""
    roots = a_copy(tmp_path)
    for change, words in (
        (write("{}"), f"{REQUEST}::hook: is refused"),
        (remove, f"{REQUEST}::$: cannot be"),
    ):
        change(roots.base / REQUEST)
        with pytest.raises(ContentError) as caught:
            golden.write(roots)
        assert words in str(caught.value)


def test_an_empty_folder_lacks_every_file(tmp_path: Path) -> None:
    problems = lint_content.problems(Roots.at(tmp_path))
    assert all(map(is_a_line, problems)), problems
    for file in (
        *(f"{DATA}/{name}" for name in ("codes.toml", "icd10cm.json", "questionnaire.json", "payers.toml")),
        *(f"cards/cg-med-24/{name}.toml" for name in ("corrections", "labels", "notices", "reasons")),
        *(f"cards/dialects/{name}.toml" for name in ("crd", "epic", "plan", "text")),
        "cards/discovery.toml",
        "fhir_fixtures/schema/scenario.schema.json",
    ):
        assert f"{file}::$: the file is missing; add it" in problems


def test_every_mechanism_is_one_of_the_engine() -> None:
    engine = Roots.default().base / "cds_service" / "engine"
    code = "".join(path.read_text(encoding="utf-8") for path in engine.rglob("*.py"))
    assert [name for name in sorted(MECHANISMS) if f'"{name}"' not in code] == []
