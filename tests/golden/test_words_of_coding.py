"""What cards about codes say, in real answers: what is wrong, who said so, and a source to look up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from exchange import ask

from cds_service.content import Roots
from cds_service.guidelines import load
from cds_service.render import lines
from cds_service.render.shape import LONGEST_SUMMARY
from cds_service.scenarios import RESPONSE, load_scenarios
from tests.contract.response_rules import FINDING

Json = dict[str, Any]

ROOTS = Roots.default()
SCENARIOS = {scenario.name: scenario for scenario in load_scenarios(ROOTS)}
GUIDELINE = load.load(ROOTS).guideline


def coding_cards(name: str) -> list[Json]:
    cards = json.loads((SCENARIOS[name].folder / RESPONSE).read_text(encoding="utf-8"))["cards"]
    return [
        card
        for card in cards
        if "pattern" in card["extension"][FINDING] or "row" in card["extension"][FINDING]
    ]


def every_card() -> Iterator[tuple[str, Json]]:
    for name in SCENARIOS:
        for card in coding_cards(name) if (SCENARIOS[name].folder / RESPONSE).exists() else ():
            yield name, card


def source(card: Json) -> str:
    (line,) = [line for line in card["detail"].splitlines() if line.startswith("Source:")]
    return str(line)


SOURCES = {
    "c01-four-limbs-with-conduction": (
        "Source: AAPM&R coding answers, June 2017; AAPC Orthopedic Coding Alert on limited EMG."
    ),
    "c19-four-limb-code-three-limbs-listed": "Source: CG-MED-24, Coding (edition 2025-10-01).",
    "c55-conduction-alone": "Source: CG-MED-24, II (edition 2025-10-01).",
    "c39-both-sides-of-face-as-two-lines": "Source: coding practice.",
    "c47-guidance-and-diagnostic-study": "Source: coding practice.",
    "c62-far-more-than-usual": "Source: coding practice.",
    "icd-g12-2-header": "Source: ICD-10-CM tabular list, release April 2026.",
}


@pytest.mark.parametrize(("name", "line"), SOURCES.items())
def test_a_card_names_what_a_reader_can_look_up(name: str, line: str) -> None:
    card = coding_cards(name)[0]
    assert source(card).replace("&amp;", "&") == line


def test_no_card_names_a_source_that_is_not_for_cards() -> None:
    practice = "coding practice"
    hidden = [text for tag, text in GUIDELINE.sources.items() if tag not in GUIDELINE.on_cards]
    hidden.remove(practice)
    assert len(hidden) > 5
    seen = 0
    for name, card in every_card():
        said = source(card)
        assert [text for text in hidden if f"{text};" in said or f"{text}." in said] == [], name
        seen += 1
    assert seen > 200


def test_the_guideline_is_cited_only_for_rules_it_has_itself() -> None:
    patterns = {pattern["id"]: pattern for pattern in load.read(ROOTS)["patterns"]["pattern"]}
    for name, card in every_card():
        finding = card["extension"][FINDING]
        own = [patterns[each] for each in finding.get("patterns", ()) if patterns[each].get("section")]
        assert (f"{GUIDELINE.id}, " in source(card)) == bool(own), name


SAID = [
    ("c54-letter-for-zero", "9586O: a letter stands for a digit."),
    ("c54-modifier-glued-to-code", "95886-59: a modifier stands in the code."),
    ("c54-units-glued-to-code", "95886x2: the units stand in the code."),
    ("c54-thousands-separator", "95,864: signs or spaces stand in the code."),
    ("c54-digit-missing", "Written as 9588: this is no procedure code."),
    ("c04-c54-letter-for-digit", "add-on. Written as 9586O: a letter stands for a digit."),
    ("icd-lower-case-without-dot", "Small letters, the dot is missing or out of place."),
    ("icd-spaces-in-code", "A space in it."),
    ("icd-g56-0-no-side", "Not a billable code: the exact one below it is needed."),
    ("icd-g63-alone", "which disease causes it? For example amyloidosis, "),
    ("loop-old-code-2-answered", "one code counts all studies of the session, 6 by the form."),
    ("loop-two-codes-answered", "for all studies together: the form says 12."),
    ("c19-limbs-answered", "the form names 2."),
    ("c53-all-answered", "The form says 9 conduction studies."),
    ("c11-complete-add-on-alone", "9-10 → 95911, as many as are usual at most for polyneuropathy."),
    (
        "c28-array-and-needle",
        "7-8 → 95910, as many as are usual at most for carpal tunnel syndrome, one side.",
    ),
    (
        "c44-evoked-potentials-for-full-study",
        "9-10 → 95911, as many as are usual at most for polyneuropathy.",
    ),
    ("c53-local-emg-ncs-only", "(as many studies as are usual at most for polyneuropathy)"),
    ("c26-old-code-without-quantity", "1-2 → 95907, 3-4 → 95908, 5-6 → 95909, 7-8 → 95910"),
    ("c50-exercise-test-for-myasthenia", "Is a disease of the neuromuscular junction suspected?"),
    ("c53-snomed-emg-only", "How many muscles in each limb?"),
    ("c24-conduction-in-units", "95907 x 6 → **95909 / 95907 x 1**"),
    ("c32-six-nerves-stimulated", "95937 x 6 in all → **95937 x 4 / 95937 x 6**"),
    ("c62-far-more-than-usual", "recalled, not verified, and no limit"),
]


@pytest.mark.parametrize(("name", "words"), SAID)
def test_a_card_says_what_is_known(name: str, words: str) -> None:
    assert any(words in card["detail"] for card in coding_cards(name))


UNSAID = [
    ("loop-old-code-2-answered", "not given"),
    ("c53-local-emg-ncs-only", "without limbs"),
    ("c19-limbs-answered", "listed"),
    ("c53-all-answered", "How many"),
    ("row-x5-junction-disease-denied", "junction disease is suspected"),
    ("c50-suspicion-answered", "suspected?"),
    ("c57-answered-one-session", "record why"),
    ("icd-g53-with-diabetes", "which"),
]


@pytest.mark.parametrize(("name", "words"), UNSAID)
def test_a_card_claims_no_more_than_is_known(name: str, words: str) -> None:
    for card in coding_cards(name):
        assert words not in card["summary"] + card["detail"]


INFO = (
    "c54-letter-for-zero",
    "c54-prefix-and-wrong-system",
    "icd-lower-case-without-dot",
    "icd-spaces-in-code",
)


@pytest.mark.parametrize("name", INFO)
def test_a_code_that_is_only_written_badly_is_no_warning(name: str) -> None:
    assert {card["indicator"] for card in coding_cards(name)} == {"info"}


def test_a_badly_written_code_that_is_also_wrong_is_a_warning() -> None:
    assert coding_cards("c04-c54-letter-for-digit")[0]["indicator"] == "warning"


def test_no_card_says_a_reason_twice() -> None:
    for name, card in every_card():
        points = [line for line in card["detail"].splitlines() if line.startswith("- ")]
        sentences = [each for line in points for each in re.split(r"(?<=[.?]) (?=[A-Z])", line[2:])]
        assert len(sentences) == len(set(sentences)), (name, sentences)


def test_every_button_fits() -> None:
    for name, card in every_card():
        for suggestion in card.get("suggestions", ()):
            assert 0 < len(suggestion["label"]) <= LONGEST_SUMMARY, name


def test_a_count_left_as_it_is_has_no_number_one() -> None:
    response = ask(json.loads(SCENARIOS["c04-one-limb-with-conduction"].request())).response
    assert "x 1" not in json.dumps(response["cards"])


def test_parts_of_a_line_go_on_in_small_letters_but_codes_keep_theirs() -> None:
    assert (
        lines.sentence_of(["Change to 1", "Remove 2", "G56.0 stays", ""], "; ")
        == "Change to 1; remove 2; G56.0 stays"
    )
    assert lines.sentence_of([], "; ") == ""
