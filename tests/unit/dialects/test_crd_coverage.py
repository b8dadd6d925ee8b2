"""Coverage information: who states what about which order, and what happens to statements already made."""

from __future__ import annotations

import copy
import itertools
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cds_service.content import Roots
from cds_service.core.card import Card
from cds_service.core.coverage import Coverage, Payer, Payers
from cds_service.core.finding import (
    Choice,
    Correction,
    Determination,
    Edit,
    Evaluation,
    Missing,
    Mode,
    Need,
    Result,
    Step,
    Verdict,
    Way,
)
from cds_service.core.guideline import Guideline
from cds_service.core.hook_call import HookCall
from cds_service.core.scene import Scene
from cds_service.dialects import crd, speakers
from cds_service.errors import ContentError, Kind, RequestError
from tests.contract.coverage_rules import URL, faults

SPEAK = speakers.load(Roots.default())["crd"]
GUIDELINE = Guideline("G", "Title", "Publisher", "2025-10-01", "1", "https://example.org/g")
OURS = Coverage("Coverage/ours", (Payer("Good Plan"),))
OTHER = Coverage("Coverage/other", (Payer("Other Plan"),))
PAYERS = Payers(words=("good", "cousin"), plan=("good",))
VERSIONS = ("2.0", "2.1", "2.2")
ROLES = ("advisor", "payer")
UNMET = Step("E4a", Verdict.NOT_MET, "A", "four weeks of splint")
WAIVER = Step("W1", Verdict.NOT_MET, "A", "a deficit")
MET = Step("S1", Verdict.MET, "A", "outpatient")
PART = Step("E4a.splint", Verdict.NOT_MET, "A", "ten days", "ten days", ("D/1",), depth=1, criterion=False)
ROW = Step("X6", Verdict.NOT_MET, "A", "Back pain alone", criterion=False)
SILENT = Step("X6.root", Verdict.NOT_MET, "A", "a root", "not documented", depth=1, criterion=False)
ADVISORY = "For information: not a coverage decision."
CARD = Card(
    "determination:emg:NOT-MET",
    "determination",
    "Summary",
    f"Lead.\n\n{ADVISORY}\n\nLast.",
    "info",
    ("ServiceRequest/a",),
    {},
    advisory=ADVISORY,
)


def order(name: str = "a", **rest: Any) -> dict[str, Any]:
    return {"resourceType": "ServiceRequest", "id": name, "status": "draft", **rest}


def actions(
    result: Result | None = Result.MET,
    *orders: dict[str, Any],
    **rest: Any,
) -> list[dict[str, Any]]:
    """The system actions about orders that stand like this."""
    found: list[dict[str, Any]] = answer(result, *orders, **rest).get("systemActions", [])
    return found


def answer(
    result: Result | None,
    *orders: dict[str, Any],
    role: str = "payer",
    version: str = "2.0",
    covers: tuple[Coverage, ...] = (OURS,),
    in_question: bool = False,
    today: str = "2026-11-22",
    hook: str = "order-sign",
    configuration: Any = None,
    steps: tuple[Step, ...] = (),
    cards: tuple[Card, ...] = (),
    server: str = "https://ehr.example.org/fhir",
    patient: str = "p1",
) -> dict[str, Any]:
    """The response about orders that stand like this."""
    drafts = orders or (order(),)
    refs = tuple(f"ServiceRequest/{each.get('id')}" for each in drafts)
    determinations = (
        (
            Determination(
                "emg",
                refs,
                result,
                steps,
                ("X1",),
                (Missing("q", "Which sign?"), Missing("other", "Which other sign?")),
                ways=(Way((Need(("q",)),)),),
            ),
        )
        if result
        else ()
    )
    corrections = (
        (Correction("C1", Mode.FIX, refs, (Choice((Edit("change", refs[0], "95886"),)),)),)
        if in_question
        else ()
    )
    numbers = itertools.count(1)
    scene = Scene(
        guideline=GUIDELINE,
        call=HookCall(
            "s",
            hook,
            fhir_server=server,
            patient_id=patient,
            draft_orders=tuple((f"entry[{index}]", each) for index, each in enumerate(drafts)),
            extension={
                "davinci-crd.requestedVersion": version,
                "davinci-crd.configuration": configuration or {},
            },
        ),
        orders=dict(zip(refs, drafts, strict=True)),
        evaluation=Evaluation("2026-11-20", determinations, corrections),
        new_id=lambda: f"id-{next(numbers)}",
        today=today,
        role=role,
        base_url="https://cds.example.org",
        coverages=covers,
        payers=PAYERS,
    )
    return SPEAK(cards, scene)


def told(action: dict[str, Any]) -> dict[str, Any]:
    """Our extension."""
    return next(each for each in action["resource"]["extension"] if each["url"] == URL)


def parts(action: dict[str, Any]) -> dict[str, Any]:
    """What it says, by part; texts of reasons and details as such."""
    said: dict[str, Any] = {}
    for part in told(action)["extension"]:
        value = next(value for name, value in part.items() if name != "url")
        said[part["url"]] = value.get("text", value) if part["url"] == "reason" else value
    return said


@pytest.mark.parametrize("in_question", [False, True])
@pytest.mark.parametrize("result", list(Result))
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("role", ROLES)
def test_every_statement_keeps_the_invariants_of_its_version(
    role: str, version: str, result: Result, in_question: bool
) -> None:
    (action,) = actions(result, role=role, version=version, in_question=in_question)
    assert action["type"] == "update"
    assert action["description"]
    assert "resourceId" not in action
    assert faults(told(action), version) == []


@pytest.mark.parametrize("result", list(Result))
@pytest.mark.parametrize("version", VERSIONS)
def test_an_advisor_leaves_everything_open(version: str, result: Result) -> None:
    said = parts(actions(result, role="advisor", version=version)[0])
    still = "indeterminate" if version == "2.2" else "conditional"
    assert (said["covered"], said["pa-needed"]) == (still, still)
    assert "not the payer" in said["reason"]
    assert not {"questionnaire", "doc-needed", "doc-purpose"} & set(said)


@pytest.mark.parametrize(
    ("result", "in_question", "covered", "pa_needed", "doc_needed", "questionnaire"),
    [
        (Result.MET, False, "covered", "no-auth", None, False),
        (Result.MET, True, "conditional", "conditional", None, False),
        (Result.MET_PROV, False, "conditional", "auth-needed", "clinical", True),
        (Result.NOT_MET, False, "not-covered", None, None, False),
        (Result.NOT_MET, True, "not-covered", None, None, False),
        (Result.NEED_INFO, False, "conditional", "conditional", "clinical", True),
        (Result.REVIEW, False, "conditional", "auth-needed", "clinical", True),
        (Result.OUT_OF_SCOPE, False, "conditional", "conditional", None, False),
    ],
)
def test_what_the_shipped_plan_states(
    result: Result,
    in_question: bool,
    covered: str,
    pa_needed: str | None,
    doc_needed: str | None,
    questionnaire: bool,
) -> None:
    said = parts(actions(result, in_question=in_question)[0])
    assert said["covered"] == covered
    assert said.get("pa-needed") == pa_needed
    assert said.get("doc-needed") == doc_needed
    form = "https://cds.example.org/fhir/Questionnaire/emg-ncs-order-facts"
    assert said.get("questionnaire") == (form if questionnaire else None)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Result.NEED_INFO, "To decide by G: Which sign?"),
        (Result.NOT_MET, "Not medically necessary by G as documented."),
        (Result.REVIEW, "No rule of G settles this order; a reviewer decides. Helpful: Which sign?"),
    ],
)
def test_the_reason_names_what_decided(result: Result, words: str) -> None:
    assert parts(actions(result)[0])["reason"] == words


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((UNMET, PART), "; not met: four weeks of splint."),
        ((UNMET, WAIVER, UNMET), "; not met: four weeks of splint; a deficit."),
        ((ROW, PART, SILENT), "; not met: ten days."),
        ((MET, SILENT), "."),
    ],
)
def test_a_denial_names_what_is_not_met_in_words(steps: tuple[Step, ...], words: str) -> None:
    said = parts(actions(Result.NOT_MET, steps=steps)[0])["reason"]
    assert said == f"Not medically necessary by G as documented{words}"


def test_one_need_without_a_code_is_explained_in_2_2_only() -> None:
    assert "detail" not in parts(actions(Result.NEED_INFO, version="2.1")[0])
    detail = {part["url"]: part for part in parts(actions(Result.NEED_INFO, version="2.2")[0])["detail"]}
    assert detail["value"]["valueString"] == "To decide by G: Which sign?"
    assert detail["category"]["valueCode"] == "cat-other"


@pytest.mark.parametrize(
    ("covers", "role", "named"),
    [
        ((OURS,), "payer", "Coverage/ours"),
        ((OURS, OTHER), "payer", "Coverage/ours"),
        ((OTHER,), "payer", ""),
        ((), "payer", ""),
        ((OURS, Coverage("Coverage/2", (Payer("Good Plan"),))), "payer", ""),
        ((Coverage("Coverage/2", (Payer("Cousin Plan"),)),), "payer", ""),
        ((OURS,), "advisor", "Coverage/ours"),
        ((OTHER,), "advisor", "Coverage/other"),
        ((OURS, OTHER), "advisor", ""),
        ((), "advisor", ""),
    ],
)
def test_nothing_is_stated_without_one_coverage(covers: tuple[Coverage, ...], role: str, named: str) -> None:
    found = actions(covers=covers, role=role)
    assert [parts(action)["coverage"]["reference"] for action in found] == ([named] if named else [])


@pytest.mark.parametrize(
    ("insurance", "named"),
    [
        ([{"reference": "Coverage/ours"}], ["Coverage/ours"]),
        ([{"reference": "https://ehr.example.org/fhir/Coverage/other"}], ["Coverage/other"]),
        ([{"reference": "Coverage/other/_history/3"}], ["Coverage/other"]),
        ([{"reference": "https://ehr.example.org/fhir/Coverage/ours/_history/1"}], ["Coverage/ours"]),
        ([{"reference": "Coverage/ours"}, {"reference": "Coverage/other"}], []),
        ([{"reference": "Coverage/unknown"}], []),
        ([{"display": "Plan"}, 5], []),
        ("none", []),
    ],
)
def test_an_order_may_name_its_coverage(insurance: object, named: list[str]) -> None:
    found = actions(Result.MET, order(insurance=insurance), role="advisor", covers=(OURS, OTHER))
    assert [parts(action)["coverage"]["reference"] for action in found] == named


@pytest.mark.parametrize("version", ["2.1", "2.2"])
@pytest.mark.parametrize("covers", [(), (OTHER,), (OURS, Coverage("Coverage/2", (Payer("Good Plan"),)))])
def test_a_payer_refuses_without_one_coverage_of_its_own_from_2_1_on(
    version: str, covers: tuple[Coverage, ...]
) -> None:
    with pytest.raises(RequestError) as caught:
        actions(version=version, covers=covers)
    assert caught.value.kind is Kind.COVERAGE
    assert actions(None, version=version, covers=covers) == []
    assert actions(version=version, covers=covers, configuration={"coverage-info": False}) == []
    assert actions(version=version, covers=covers, hook="order-select") == []


@pytest.mark.parametrize(
    ("configuration", "count"), [({}, 1), ({"coverage-info": False}, 0), ({"coverage-info": "no"}, 1)]
)
def test_a_client_may_want_no_coverage_information(configuration: object, count: int) -> None:
    assert len(actions(configuration=configuration)) == count


def test_the_assertion_id_is_the_same_on_any_day_and_differs_by_order_and_coverage() -> None:
    def ids(**given: Any) -> list[str]:
        found = actions(Result.MET, order("a"), order("b"), role="advisor", **given)
        return [parts(action)["coverage-assertion-id"] for action in found]

    first, later = ids(), ids(today="2027-01-01", version="2.2")
    assert first == later
    assert len({*first, *ids(covers=(OTHER,))}) == 4
    assert not any(one == "a" or "ours" in one for one in first)


def test_the_assertion_id_differs_between_patients_and_servers_whose_drafts_are_called_the_same() -> None:
    told_to = (
        {},
        {"patient": "p2"},
        {"server": "https://two.example.org/fhir"},
        {"server": "", "patient": ""},
    )
    ids = [parts(actions(**each)[0])["coverage-assertion-id"] for each in told_to]
    assert len(set(ids)) == len(told_to)
    again = actions(server="https://ehr.example.org/fhir/", today="2027-01-01")
    assert parts(again[0])["coverage-assertion-id"] == ids[0]


def test_nothing_but_the_extension_changes() -> None:
    own = {"url": "https://example.org/own", "valueString": "stays"}
    sent = order(extension=[own], note=[{"text": "stays"}], unknown=[None, {}])
    before = copy.deepcopy(sent)
    (action,) = actions(Result.MET, sent)
    assert sent == before
    assert action["resource"] == {**before, "extension": [own, told(action)]}


def test_a_statement_that_stands_already_is_not_repeated() -> None:
    (first,) = actions()
    again = order(extension=list(reversed(first["resource"]["extension"])))
    told_before = again["extension"][0]
    told_before["extension"] = list(reversed(told_before["extension"]))
    assert actions(Result.MET, again, today="2027-01-01") == []


def test_our_own_older_statement_is_replaced_in_its_place() -> None:
    own = {"url": "https://example.org/own", "valueString": "stays"}
    (first,) = actions(Result.NEED_INFO)
    sent = order(extension=[told(first), own])
    (second,) = actions(Result.MET, sent)
    assert second["resource"]["extension"] == [told(second), own]
    assert parts(second)["covered"] == "covered"


@pytest.mark.parametrize(("role", "count"), [("advisor", 0), ("payer", 1)])
def test_what_another_service_stated_binds_an_advisor_and_not_the_payer(role: str, count: int) -> None:
    (first,) = actions(Result.NEED_INFO)
    foreign = copy.deepcopy(told(first))
    next(part for part in foreign["extension"] if part["url"] == "coverage-assertion-id")["valueString"] = (
        "other"
    )
    found = actions(Result.MET, order(extension=[foreign]), role=role)
    assert len(found) == count
    assert all(action["resource"]["extension"] == [told(action)] for action in found)


def foreign(*further: dict[str, Any], told_id: str = "other") -> dict[str, Any]:
    """A statement that another service made about our Coverage."""
    given = [
        {"url": "coverage", "valueReference": {"reference": OURS.ref}},
        {"url": "covered", "valueCode": "covered"},
        {"url": "coverage-assertion-id", "valueString": told_id},
    ]
    return {"url": URL, "extension": [*given, *further]}


@pytest.mark.parametrize(
    "granted",
    [
        {"url": "satisfied-pa-id", "valueString": "PA-123"},
        {"url": "pa-needed", "valueCode": "satisfied"},
    ],
)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("told_id", ["other", "ours"])
def test_a_granted_authorization_is_not_touched(granted: dict[str, Any], role: str, told_id: str) -> None:
    if told_id == "ours":
        told_id = parts(actions()[0])["coverage-assertion-id"]
    sent = order(extension=[foreign(granted, told_id=told_id)])
    assert actions(Result.NOT_MET, sent, role=role) == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("ids", [("x", "y"), ("x", "x"), ("ours", "x"), ("x", "ours"), ("ours", "ours")])
def test_several_statements_about_one_coverage_are_not_made_one(role: str, ids: tuple[str, str]) -> None:
    ours = parts(actions()[0])["coverage-assertion-id"]
    told_twice = [
        foreign({"url": "billingCode", "valueCoding": {"code": code}}, told_id=ours if one == "ours" else one)
        for one, code in zip(ids, ("95886", "95887"), strict=True)
    ]
    assert actions(Result.NOT_MET, order(extension=told_twice), role=role) == []


@pytest.mark.parametrize(
    ("given", "advisory"),
    [
        ({}, False),
        ({"role": "advisor"}, True),
        ({"covers": (OTHER,)}, True),
        ({"covers": ()}, True),
        ({"hook": "order-select"}, True),
        ({"configuration": {"coverage-info": False}}, True),
    ],
)
def test_a_payers_card_does_not_deny_the_statement_beside_it(given: dict[str, Any], advisory: bool) -> None:
    (written,) = answer(Result.NOT_MET, cards=(CARD,), **given)["cards"]
    assert written["detail"] == (CARD.detail if advisory else "Lead.\n\nLast.")


def test_a_payers_card_does_not_deny_a_statement_that_stands_already() -> None:
    (first,) = actions(Result.NOT_MET)
    said = answer(Result.NOT_MET, first["resource"], cards=(CARD,))
    assert said["systemActions"] == []
    assert ADVISORY not in said["cards"][0]["detail"]


def test_no_reason_points_to_a_card_that_a_client_may_have_switched_off() -> None:
    for role in ROLES:
        for version in VERSIONS:
            found = actions(role=role, version=version, in_question=True, configuration={"claim": False})
            assert "card" not in parts(found[0])["reason"]


def test_a_statement_about_another_coverage_stays() -> None:
    (first,) = actions(role="advisor", covers=(OTHER,))
    (second,) = actions(Result.MET, first["resource"])
    assert second["resource"]["extension"][0] == told(first)
    assert len(second["resource"]["extension"]) == 2


@pytest.mark.parametrize(
    "sent",
    [
        {"resourceType": "ServiceRequest"},
        order(extension={"url": URL}),
        order(extension="x"),
        order("a b"),
    ],
)
def test_an_order_that_cannot_be_updated_is_left_alone(sent: dict[str, Any]) -> None:
    assert actions(Result.MET, sent) == []


@pytest.mark.parametrize(
    "junk",
    [None, 5, "x", {}, {"url": URL}, {"url": URL, "extension": 5}, {"url": URL, "extension": [None, {}]}],
)
def test_extensions_that_make_no_sense_are_kept(junk: object) -> None:
    (action,) = actions(Result.MET, order(extension=[junk]))
    assert action["resource"]["extension"][0] == junk
    assert len(action["resource"]["extension"]) == 2


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    shutil.copytree(Roots.default().cards, tmp_path / "cards")
    return Roots.at(tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (
            "plan",
            'result = "NOT-MET"\ncovered = "not-covered"',
            'result = "NOT-MET"\ncovered = "maybe"',
            "maybe is no",
        ),
        (
            "plan",
            'covered = "not-covered"',
            'covered = "not-covered"\npa_needed = "no-auth"',
            "pa_needed: stands",
        ),
        (
            "plan",
            'covered = "covered"\npa_needed = "no-auth"',
            'covered = "covered"',
            "pa_needed: is missing",
        ),
        ("plan", 'pa_needed = "no-auth"', 'pa_needed = "satisfied"', "satisfied is no code"),
        ("plan", 'doc_needed = ["clinical"]\ndoc_purpose', "doc_purpose", "stands without doc_needed (q1)"),
        ("plan", 'doc_needed = ["clinical"]', 'doc_needed = ["both"]', "both is no code of version 2.1"),
        (
            "plan",
            'pa_needed = "no-auth"',
            'pa_needed = "no-auth"\ninfo_needed = ["OTH"]',
            "info_needed: goes",
        ),
        (
            "plan",
            'result = "OUT-OF-SCOPE"',
            'result = "MET"',
            "nothing is said of OUT-OF-SCOPE in version 2.0",
        ),
        ("plan", "{{ guideline }}", "{{ patient }}", "{{ patient }} is not known here"),
        ("plan", 'versions = ["2.2"]', 'versions = ["9.9"]', "versions: 9.9 is none"),
        ("crd", 'default_version = "2.0"', 'default_version = "3.0"', "default_version: is no version"),
        ("crd", 'code = "max-cards"', 'code = "most"', "option: max-cards is missing"),
        ("crd", 'code = "off-guideline"\ntype', 'code = "off"\ntype', "option: off-guideline is missing"),
        ("crd", 'info_needed = ["detail-code"]\n', "", "info_needed: goes with"),
    ],
)
def test_mistakes_in_the_data_are_named(roots: Roots, file: str, old: str, new: str, words: str) -> None:
    path = roots.cards / "dialects" / f"{file}.toml"
    whole = path.read_text(encoding="utf-8")
    assert old in whole
    path.write_text(whole.replace(old, new, 1), encoding="utf-8")
    tomllib.loads(path.read_text(encoding="utf-8"))
    with pytest.raises(ContentError) as caught:
        crd.load(roots)
    assert f"{file}.toml::" in str(caught.value)
    assert words in str(caught.value)
