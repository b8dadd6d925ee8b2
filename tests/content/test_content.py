"""The content as a whole: everything is shown, used, sourced, and fits where it is said."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cds_service import coverage, lint_content
from cds_service.content import Roots
from cds_service.core.finding import Result
from cds_service.pipeline import Service
from cds_service.render.book import CODING_NAMES, DETERMINATION_NAMES, DIAGNOSIS_NAMES, NOTICE_NAMES
from cds_service.render.shape import CUT, LONGEST_SUMMARY
from cds_service.scenarios import RESPONSE
from tests import loaded

ROOTS = Roots.default()
GUIDELINE = ROOTS.guidelines / "cg-med-24"
TABLES: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(GUIDELINE.glob("*.toml"))
}
LONGEST_LABEL = 60
# Groups that no rule asks for: they say what something is, so that it is not taken for something else.
SAID_ONLY = {
    "antiplatelet": "is no anticoagulant, and must not count as one",
    "glycaemic-treatment": "is conventional treatment of diabetes, yet none of its neuropathy",
    "prior-conduction-study": "is no earlier needle study",
    "amputation": "a missing limb is no error of the limb count",
}


@cache
def service() -> Service:
    return loaded.service()


def entries(table: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every table of a file that says where it comes from."""
    if isinstance(table, dict):
        if "source" in table and "basis" in table:
            yield where, table
        for key, value in table.items():
            yield from entries(value, f"{where}.{key}")
    elif isinstance(table, list):
        for index, value in enumerate(table):
            yield from entries(value, f"{where}[{index}]")


def cites(entry: dict[str, Any]) -> str:
    source = entry["source"]
    return source if isinstance(source, str) else ", ".join(source)


def names(text: str, tag: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(tag)}(?![\w-])", text) is not None


SOURCED = [pair for name, table in TABLES.items() for pair in entries(table, name)]


def test_lint_finds_nothing() -> None:
    assert lint_content.problems(ROOTS) == []


def test_every_criterion_row_pattern_and_maximum_is_shown_by_a_scenario() -> None:
    assert coverage.uncovered(service().knowledge, tuple(loaded.scenarios().values())) == []


def test_scenarios_show_only_criteria_rows_and_patterns_that_exist() -> None:
    known = {one.id for one in coverage.known(service().knowledge)}
    for scenario in tuple(loaded.scenarios().values()):
        named = {name for name in scenario.shows if re.fullmatch(r"[CEX]\d.*|Q-.*", name)}
        assert named <= known, scenario.name


@pytest.mark.parametrize(("where", "entry"), SOURCED, ids=[where for where, _ in SOURCED])
def test_every_entry_says_where_it_comes_from_and_how_far_to_trust_it(
    where: str, entry: dict[str, Any]
) -> None:
    cited = cites(entry)
    assert any(names(cited, tag) for tag in TABLES["guideline"]["sources"]), cited
    assert entry["basis"] in {"A", "B", "C", "D"} or (
        where.startswith("criteria") and entry["basis"] == "unknown"
    )


def test_there_are_entries_to_look_at() -> None:
    assert len(SOURCED) > 250


def test_every_source_is_cited_somewhere() -> None:
    said = " ".join(cites(entry) for _, entry in SOURCED)
    assert [tag for tag in TABLES["guideline"]["sources"] if not names(said, tag)] == []


def test_every_group_is_asked_for_or_only_said_for_a_reason() -> None:
    others = "".join(
        (GUIDELINE / f"{name}.toml").read_text(encoding="utf-8") for name in TABLES if name != "vocabulary"
    )
    python = "".join(path.read_text(encoding="utf-8") for path in (ROOTS.base / "cds_service").rglob("*.py"))
    groups = [group["id"] for group in TABLES["vocabulary"]["group"]]
    idle = {group for group in groups if f'"{group}"' not in others and f'"{group}"' not in python}
    assert idle == set(SAID_ONLY)


# Labels


def test_labels_of_codes_are_short_and_ours() -> None:
    for code in TABLES["codes"]["code"]:
        assert 1 <= len(code["label"]) <= LONGEST_LABEL, code["code"]
        assert ";" not in code["label"], "our labels name the test, they do not define it"


@pytest.mark.parametrize("scenario", tuple(loaded.scenarios().values()), ids=lambda scenario: scenario.name)
def test_what_a_suggestion_writes_beside_a_code_is_our_label(scenario: Any) -> None:
    sent = {(each.get("code"), each.get("display")) for each in codings(json.loads(scenario.request()))}
    table, icd10 = service().knowledge.coding.table, service().knowledge.icd10
    for coding in codings(json.loads((scenario.folder / RESPONSE).read_text(encoding="utf-8"))):
        written = (coding.get("code"), coding.get("display"))
        if written in sent or coding.get("system") not in (table.cpt_system, table.hcpcs_system):
            continue
        if coding["code"] in table.codes:
            assert coding["display"] == table.label_of(coding["code"])
        else:
            assert "display" not in coding
    assert icd10.labels


def codings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "code" in value and isinstance(value["code"], str):
            yield value
        for inner in value.values():
            yield from codings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from codings(inner)


# Wording with the longest values that can come


CODING_VALUES: dict[str, Any] = {
    "sent": "CPT 95886-59 x 4 + 95911",
    "to": "95886 x 4 + 95913",
    "kept": "95886 x 4 + 95911",
    "options": "95886 x 4 + 95913 / 95870 x 4",
    "legend": "9-10 → 95911, 11-12 → 95912",
    "questions": "How many muscles in each limb?",
    "asks": ("nmj-suspected", "muscles-per-limb"),
    "flaws": "the units stand in the code, a modifier stands in the code",
    "written": "CPT 95886-59 x 4",
    "study": "95913",
    "first": "2026-12-01",
    "first_end": "2026-12-06",
    "second": "2026-12-08",
    "second_end": "2026-12-14",
    "usual": max((row["label"] for row in TABLES["maxima"]["row"]), key=len),
    "indication": max((row["label"] for row in TABLES["maxima"]["row"]), key=len),
    "codes": "95886, 95913",
    "code": "95886",
    **dict.fromkeys(
        ("listed", "units", "limbs", "studies", "junction", "most", "muscles", "form_studies", "form_limbs"),
        "10",
    ),
    **dict.fromkeys(("many", "form_muscles", "form_nerves"), "4"),
}
PATTERNS = [
    pattern.id for pattern in service().knowledge.coding.patterns.by_id.values() if pattern.mode != "OK"
]


def test_the_sample_values_fill_every_hole() -> None:
    assert set(CODING_VALUES) | {"fix", "single", "removes"} == CODING_NAMES


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("fix", [True, False], ids=["FIX", "ASK"])
@pytest.mark.parametrize("single", [True, False], ids=["one choice", "several"])
def test_the_wording_of_a_pattern_fits_with_its_longest_values(pattern: str, fix: bool, single: bool) -> None:
    card = service().book.coding[pattern]
    for changed in (
        {},
        {"to": "removed", "removes": True},
        {"kept": ""},
        {"code": ""},
        {"many": "", "form_limbs": "", "form_studies": "", "form_muscles": "", "form_nerves": ""},
        {"kept": CODING_VALUES["sent"]},
        {"limbs": "1", "listed": "1"},
        {"sent": "95886", "code": "95886"},
        {"usual": ""},
        {"first_end": "", "second_end": ""},
    ):
        values = {**CODING_VALUES, "fix": fix, "single": single, "removes": False, **changed}
        assert 1 <= len(card.summary(values)) <= LONGEST_SUMMARY, card.summary(values)
        assert "\n" not in card.summary(values)
        assert card.point(values).strip()
        assert card.why is None or "\n" not in card.why(values)
    assert card.indicator in ("info", "warning")


def test_the_wording_of_determinations_fits_with_its_longest_values() -> None:
    book, knowledge = service().book, service().knowledge
    criteria = knowledge.criteria.criteria
    facts = [name({"weeks": 52}) for name in book.facts.values()]
    needed = book.phrases["more_needed"]({"first": max(facts, key=len)})
    values = {
        "guideline": knowledge.guideline.id,
        "satisfied": max((criterion.title for criterion in criteria.values()), key=len),
        "others": "; ".join(knowledge.guideline.sources.values()),
        "older": "2014-01-14",
        "tests": max((book.phrases[name]({}) for name in ("emg_ncs", "ncs", "emg", "nmj")), key=len),
        "failed": ", ".join(criterion.title for criterion in criteria.values()),
        "days_short": "27",
        "weeks": "4",
        "side": "right and left",
        "missing": needed,
        "no_sign": True,
        "asks": True,
        "candidate": "needle electrodes cannot be used",
        "candidate_others": "; ".join(knowledge.guideline.sources.values()),
        "lean": book.phrases["lean"]({}),
    }
    assert set(values) == DETERMINATION_NAMES
    said = 0
    for card in book.determinations:
        assert card.silent or card.summary is not None
        if card.summary is not None:
            for changed in ({}, {"no_sign": False}, {"asks": False}, {"others": ""}, {"days_short": ""}):
                text = card.summary({**values, **changed})
                assert 1 <= len(text) <= LONGEST_SUMMARY, text
                said += 1
    assert said > 10


def test_no_wording_of_determinations_repeats_a_threshold_of_the_data() -> None:
    """Weeks, days and editions come from the criteria, so that a change of them changes what is said."""
    table = tomllib.loads((ROOTS.cards / "cg-med-24" / "determinations.toml").read_text(encoding="utf-8"))
    notices = tomllib.loads((ROOTS.cards / "cg-med-24" / "notices.toml").read_text(encoding="utf-8"))
    texts = [card.get(part, "") for card in table["card"] for part in ("summary", "lead")]
    texts += [*table["phrases"].values(), *table["facts"].values()]
    texts += [card[part] for card in notices["card"] for part in ("summary", "detail")]
    counted = re.compile(r"\b(?:\d+|two|three|four|five|six) (?:more )?(?:days?|weeks?)\b|\b20\d\d\b")
    assert [text for text in texts if counted.search(re.sub(r"\{\{.*?\}\}", " ", text))] == []


def test_the_readme_of_the_cards_names_every_hole() -> None:
    text = (ROOTS.cards / "cg-med-24" / "README.md").read_text(encoding="utf-8")
    sections = dict(part.split("\n", 1) for part in text.split("\n## ")[1:])

    def first_cells(section: str, table: str) -> set[str]:
        rows = sections[section].split(f"| {table} |", 1)[1].split("\n\n", 1)[0]
        cells = [row.split("|")[1] for row in rows.split("\n") if row.startswith("| ")]
        return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}

    assert first_cells("determinations.toml", "hole") == DETERMINATION_NAMES
    assert first_cells("notices.toml", "hole") == NOTICE_NAMES
    plain = {"lean", "emg_ncs", "ncs", "emg", "nmj", "other_payer"}
    assert first_cells("determinations.toml", "phrase") == service().book.phrases.keys() - plain
    assert {
        name.strip("[]") for name in first_cells("labels.toml", "section")
    } == service().book.labels.keys()


def test_every_result_has_its_words() -> None:
    worded = {card.result for card in service().book.determinations if not card.row and not card.pathway}
    assert worded == {result.value for result in Result}


def test_the_wording_of_notices_and_reasons_fits_with_its_longest_values() -> None:
    book = service().book
    labels = [group.label for group in service().knowledge.vocabulary.groups.values()]
    notice = {**dict.fromkeys(NOTICE_NAMES, "95913"), "from_chart": max(labels, key=len)}
    for card in book.notices.values():
        assert 1 <= len(card.summary(notice)) <= LONGEST_SUMMARY, card.summary(notice)
    reason = {
        **dict.fromkeys(DIAGNOSIS_NAMES, "right"),
        "sent": "M54.50 + M51.360",
        "to": "M51.360",
        "options": "G56.01 / G56.02",
    }
    for named in book.diagnoses.values():
        assert 1 <= len(named["summary"](reason)) <= LONGEST_SUMMARY
        assert 1 <= len(named["summary"]({**reason, "to": ""})) <= LONGEST_SUMMARY


def test_no_summary_of_a_scenario_had_to_be_cut() -> None:
    for scenario in tuple(loaded.scenarios().values()):
        for card in json.loads((scenario.folder / RESPONSE).read_text(encoding="utf-8"))["cards"]:
            assert not card["summary"].endswith(CUT), scenario.name


def test_every_question_of_a_pattern_is_on_the_form_and_has_a_short_name() -> None:
    form = Path(GUIDELINE / "questionnaire.json").read_text(encoding="utf-8")
    for pattern in TABLES["patterns"]["pattern"]:
        for link in pattern.get("asks", ()):
            assert f'"linkId": "{link}"' in form
            assert link in service().book.facts
