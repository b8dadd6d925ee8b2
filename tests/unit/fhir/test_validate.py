"""Problems are exact, hold nothing of the patient, and come from a schema that is up to date."""

import copy
import json
import subprocess
import sys
import timeit
from pathlib import Path
from typing import Any

import pytest

from cds_service.fhir import schema_source
from cds_service.fhir.validate import Problem, adds_errors, errors_of, explain, is_valid

ROOT = Path(__file__).parents[3]
ORDER: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "id": "order-1",
    "status": "draft",
    "intent": "order",
    "code": {"coding": [{"system": "http://example.org/codes", "code": "A1", "display": "Some test"}]},
    "subject": {"reference": "Patient/p1"},
    "authoredOn": "2026-11-22T08:00:00Z",
    "quantityQuantity": {"value": 2},
    "reasonCode": [{"text": "Some reason"}],
}
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "name": [{"given": ["Test", None], "_given": [None, {"id": "x"}]}],
}
UNKNOWN_TYPE = "is not a resource type of FHIR R4B"
UNKNOWN = "holds an element that FHIR R4B does not have here"


def order(**changes: Any) -> dict[str, Any]:
    """A copy of the good order; a change to Ellipsis removes the key."""
    changed = copy.deepcopy(ORDER) | changes
    return {key: value for key, value in changed.items() if value is not ...}


def test_a_good_resource_has_no_problem() -> None:
    assert is_valid(ORDER)
    assert is_valid(PATIENT)
    assert errors_of(ORDER) == errors_of(PATIENT) == ()
    assert explain(ORDER) == []


@pytest.mark.parametrize(
    ("changes", "path", "what"),
    [
        ({"status": ...}, "status", "is required"),
        ({"status": ..., "_status": {"id": "x"}}, "_status.extension", "is required"),
        ({"subject": ...}, "subject", "is required"),
        ({"intent": None}, "intent", "must not be null"),
        ({"intent": ""}, "intent", "must not be empty"),
        ({"intent": " order"}, "intent", "is not a valid code"),
        ({"intent": 5}, "intent", "must be text"),
        ({"id": "a_b"}, "id", "is not a valid id"),
        ({"id": "a" * 256}, "id", "is too long"),
        ({"authoredOn": "2026-11-22T08:00:00"}, "authoredOn", "is not a valid dateTime"),
        ({"authoredOn": "2026-02-29"}, "authoredOn", "is not a valid dateTime"),
        ({"reasonCode": {"text": "x"}}, "reasonCode", "must be a list"),
        ({"reasonCode": []}, "reasonCode", "must not be empty"),
        ({"reasonCode": [{"text": "x"}, {}]}, "reasonCode[1]", "must not be empty"),
        ({"reasonCode": [None]}, "reasonCode[0]", "must not be null"),
        ({"code": {"coding": [{"system": 1}]}}, "code.coding[0].system", "must be text"),
        ({"code": '{"text": "x"}'}, "code", "must be an object"),
        ({"doNotPerform": "true"}, "doNotPerform", "must be true or false"),
        ({"quantityQuantity": {"value": "2"}}, "quantityQuantity.value", "must be a number"),
        ({"quantityRange": {"id": "x"}}, "quantity[x]", "is given in more than one type"),
        ({"instantiatesUri": ["x", None]}, "_instantiatesUri", "is required beside a list that holds null"),
        ({"context": {"reference": "Encounter/1"}}, "context", UNKNOWN),
        ({"madeUp": 1}, "", UNKNOWN),
        ({"contained": [{"resourceType": "Made"}]}, "contained[0].resourceType", UNKNOWN_TYPE),
        ({"contained": [{"id": "x"}]}, "contained[0].resourceType", "is required"),
        ({"contained": [{"resourceType": "Condition"}]}, "contained[0].subject", "is required"),
    ],
)  # fmt: skip
def test_one_broken_rule_is_one_problem(changes: dict[str, Any], path: str, what: str) -> None:
    resource = order(**changes)
    assert errors_of(resource) == (Problem(path, what),)
    assert not is_valid(resource)


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (None, ""),
        ([], ""),
        ("ServiceRequest", ""),
        ({}, "resourceType"),
        ({"resourceType": None}, "resourceType"),
        ({"resourceType": ["ServiceRequest"]}, "resourceType"),
        ({"resourceType": "MedicationOrder"}, "resourceType"),
        ({"resourceType": "Immunization"}, "resourceType"),
        ({"resourceType": "HumanName"}, "resourceType"),
        ({"resourceType": "Resource"}, "resourceType"),
        ({**ORDER, "id": "\ud800"}, ""),
        ({**ORDER, 5: "x"}, ""),
    ],
)
def test_what_is_no_resource_at_all_is_one_problem(resource: object, path: str) -> None:
    assert [problem.path for problem in errors_of(resource)] == [path]
    assert not is_valid(resource)


def test_the_way_in_takes_a_type_it_only_knows_by_name_inside_another() -> None:
    assert is_valid(order(contained=[{"resourceType": "RelatedPerson", "id": "r"}]))


def test_a_required_choice_is_named() -> None:
    request = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": {"display": "x"},
    }
    assert errors_of(request) == (Problem("medication[x]", "is required"),)


@pytest.mark.parametrize(
    "notes",
    [[0] * 100_000, [[0] * 1000] * 1000, {str(n): 0 for n in range(100_000)}],
    ids=["list", "lists", "object"],
)
def test_of_very_many_problems_one_is_named_and_none_is_compared(notes: Any) -> None:
    large = order(note=notes)
    assert len(errors_of(large)) == 1
    assert errors_of(large)[0].path.startswith("note")
    assert adds_errors(large, large)
    assert not adds_errors(large, ORDER)


def test_a_large_resource_without_a_problem_has_none() -> None:
    large = order(note=[{"text": "x"}] * 1000)
    assert errors_of(large) == ()
    assert not adds_errors(ORDER, large)


def test_a_correction_adds_an_error_only_when_it_was_not_there_before() -> None:
    before = order(reasonCode={"text": "x"}, madeUp=1)
    assert not adds_errors(before, before)
    assert not adds_errors(before, order(madeUp=1, id="other"))
    assert not adds_errors(before, ORDER)
    assert adds_errors(ORDER, before)
    assert adds_errors(before, before | {"intent": ""})
    assert adds_errors(before, before | {"alsoMadeUp": 1})
    assert adds_errors(before | {"intent": ""}, before | {"intent": 5})


def marked(node: Any) -> Any:
    """The same shape with every value, and one more key in each object, replaced by what must not be told."""
    if isinstance(node, dict):
        inner = {key: value if key == "resourceType" else marked(value) for key, value in node.items()}
        return inner | {"Smith 1970": "Smith 1970"}
    if isinstance(node, list):
        return [marked(each) for each in node]
    return "Smith 1970\u00a0" if isinstance(node, str) else 19700101.5


MARKED = [
    marked(ORDER),
    marked(PATIENT),
    order(subject="Smith", code=["Smith"], reasonCode={"Smith": 1}, intent=" Smith", authoredOn="1970-Smith"),
    order(subject={"resourceType": "Smith"}, contained=[{"resourceType": "Smith"}]),
    order(contained=[{"resourceType": "Coding", "code": "Smith"}], identifier=[{"resourceType": "Smith"}]),
    order(extension=[{"url": "u", "valueUuid": "Smith"}, {"url": "u", "valueDecimal": "Smith"}]),
    order(extension=[{"url": "u", "valueBase64Binary": "Smith"}, {"url": "u", "valueInteger": "Smith"}]),
    order(
        extension=[{"url": "u", "valueTime": "Smith"}, {"url": "u", "valueId": "Smith_"}], status={"Smith": 1}
    ),
    order(resourceType="Smith"),
    order(resourceType="Coding"),
]


@pytest.mark.parametrize("resource", MARKED)
def test_no_value_and_no_unknown_key_stands_in_what_is_said(resource: dict[str, Any]) -> None:
    said = repr(errors_of(resource)) + repr(explain(resource))
    assert errors_of(resource)
    assert explain(resource)
    assert "Smith" not in said
    assert "1970" not in said
    assert "2026" not in said


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"url": "u", "valueString": "x"}
    for _ in range(depth):
        inner = {"url": "u", "extension": [inner]}
    return {"resourceType": "Patient", "extension": [inner]}


@pytest.mark.parametrize("depth", [1, 64, 1000])
def test_depth_breaks_nothing(depth: int) -> None:
    assert is_valid(nested(depth))
    assert errors_of(nested(depth)) == ()
    assert len(explain(nested(depth))) == (depth > 64)


def test_explain_says_in_words_what_fhir_resources_refuses() -> None:
    resource = order(subject=..., authoredOn="2026-02-30", madeUp=1)
    assert explain(resource) == [
        "authoredOn: Input should be a valid datetime or date, day value is outside expected range.",
        "subject: is required.",
        f"resource: {UNKNOWN}.",
    ]
    assert explain({"resourceType": "MedicationOrder"}) == [
        "resourceType: is not a resource type of FHIR R4B."
    ]
    assert explain(None) == ["resourceType: is not a resource type of FHIR R4B."]


def test_the_written_schema_is_what_the_models_give() -> None:
    text = schema_source.SCHEMA_FILE.read_text(encoding="utf-8")
    schema = schema_source.generate()
    assert schema_source.difference(schema, text) == ""
    assert json.loads(schema_source.rendered(schema)) == schema
    assert "fhir.resources" in json.loads(text)["$comment"]


def test_a_stale_schema_is_told_in_a_sentence() -> None:
    schema = {"$defs": {"Age": {"type": "object"}}}
    sentence = schema_source.difference(schema, '{"$defs": {}}')
    assert "first Age" in sentence
    assert "--write" in sentence
    assert "--write" in schema_source.difference(schema, "")
    assert (
        schema_source.difference(schema, '{"$comment": "older", "$defs": {"Age": {"type": "object"}}}') == ""
    )


def test_the_check_command_answers_with_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert schema_source.main(["--check"]) == 0
    monkeypatch.setattr(schema_source, "SCHEMA_FILE", tmp_path / "new" / "fhir-r4b.schema.json")
    assert schema_source.main(["--check"]) == 1
    assert "is missing" in capsys.readouterr().err
    assert schema_source.main(["--write"]) == 0
    assert schema_source.main(["--check"]) == 0


def test_loading_and_checking_never_imports_the_models() -> None:
    program = (
        "import sys, time\n"
        "from cds_service.fhir.validate import is_valid\n"
        "assert is_valid({'resourceType': 'Patient', 'active': True})\n"
        "assert not {'fhir', 'fhir.resources', 'pydantic'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_checking_is_far_faster_than_the_models() -> None:
    from fhir.resources.R4B.servicerequest import ServiceRequest

    def best(statement: Any) -> float:
        return min(timeit.repeat(statement, number=20, repeat=5))

    assert is_valid(ORDER)
    assert best(lambda: is_valid(ORDER)) * 5 < best(lambda: ServiceRequest.model_validate(ORDER))
