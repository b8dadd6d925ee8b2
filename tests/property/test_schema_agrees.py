"""The written schema and fhir.resources must say the same of a resource, up to the stricter cases named here.

Stricter on purpose, because fhir.resources repairs or overlooks them: null, "", [] and {}; a value of
another JSON type (a date as a number, an object as JSON text); a resource without resourceType; a null in
a list without its sibling list; base64 with signs in it that are not base64; a uuid without hyphens.
"""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources import R4B
from hypothesis import given, settings
from hypothesis import strategies as st
from resource_samples import GOOD

from cds_service.fhir import validate

READ_BY_NAME_ONLY = {"RelatedPerson", "Immunization"}
Place = tuple[str | int, ...]


def fhir_resources_takes(resource: dict[str, Any]) -> bool:
    try:
        R4B.get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


def places(node: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every node of a resource, except inside resources of a type the service never reads."""
    if isinstance(node, dict) and node.get("resourceType") in READ_BY_NAME_ONLY:
        return
    yield path, node
    inner: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


def changed(resource: dict[str, Any], path: Place, value: Any) -> dict[str, Any]:
    """A copy with one node replaced; Ellipsis removes it."""
    result = copy.deepcopy(resource)
    parent: Any = result
    for step in path[:-1]:
        parent = parent[step]
    if value is ...:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return result


def mutations(resource: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, node in places(resource):
        if isinstance(node, dict):
            yield "unknown key", changed(resource, (*path, "unheardOf"), "x")
            yield "unknown sibling", changed(resource, (*path, "_unheardOf"), {"id": "x"})
        if not path or path[-1] == "resourceType":
            continue
        yield "key removed", changed(resource, path, ...)
        yield "value to null", changed(resource, path, None)
        if isinstance(node, dict):
            yield "object to list", changed(resource, path, [node])
            yield "object to text", changed(resource, path, "x")
        elif isinstance(node, list):
            yield "list to [null]", changed(resource, path, [None])
            yield "list to []", changed(resource, path, [])
            yield "list to its first", changed(resource, path, node[0])
        elif isinstance(node, str):
            yield "text to empty", changed(resource, path, "")
            yield "text to number", changed(resource, path, 5)
            yield "text to other text", changed(resource, path, " 2024-02-30")
        else:
            yield "value to text", changed(resource, path, "x")
            yield "value to its text", changed(resource, path, str(node))
            yield "value to -1", changed(resource, path, -1)
            yield "value to 0.5", changed(resource, path, 0.5)


COERCED = {"must be text", "must be a number", "must be a whole number", "must be true or false"}
NULLS = {"must not be null", "is required beside a list that holds null"}
STRICTER_SENTENCES = {
    "value to null": NULLS,
    "list to [null]": NULLS,
    "list to []": {"must not be empty"},
    "text to empty": {"must not be empty"},
    "key removed": {"must not be empty", *NULLS},
    "text to number": COERCED,
    "value to its text": COERCED,
    "value to -1": COERCED,
    "value to 0.5": COERCED,
    "list to its first": COERCED | NULLS,
    "text to other text": {"is not a valid base64Binary"},
}


@pytest.mark.parametrize("resource", GOOD, ids=lambda each: each["resourceType"])
def test_a_good_resource_is_good_for_both(resource: dict[str, Any]) -> None:
    assert fhir_resources_takes(resource)
    assert validate.errors_of(resource) == ()
    assert validate.is_valid(resource)


@pytest.mark.parametrize("resource", GOOD, ids=lambda each: each["resourceType"])
def test_every_single_mutation_gets_the_same_answer(resource: dict[str, Any]) -> None:
    for kind, mutant in mutations(resource):
        problems = validate.errors_of(mutant)
        assert validate.is_valid(mutant) == (problems == ())
        if not fhir_resources_takes(mutant):
            assert problems, kind
        else:
            assert {problem.what for problem in problems} <= STRICTER_SENTENCES.get(kind, set()), kind


def extension_holds(element: str, value: Any) -> tuple[bool, bool]:
    """What fhir.resources and the schema say of one primitive value."""
    patient = {"resourceType": "Patient", "extension": [{"url": "u", element: value}]}
    return fhir_resources_takes(patient), validate.is_valid(patient)


NEAR_DATES = st.builds(
    "{:04}-{:02}-{:02}".format, st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32)
) | st.builds("{:04}-02-29".format, st.integers(0, 100).map(lambda n: n * 100) | st.integers(1, 9999))
NEAR_TIMES = st.from_regex(r"\A[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,12})?\Z")
NEAR_ZONES = st.sampled_from(
    ["", "Z", "z", "+00:00", "-05:30", "+14:00", "+14:01", "+13:60", "+1:00", " Z", "Z "]
)
NEAR_MOMENTS = st.builds("{}T{}{}".format, NEAR_DATES, NEAR_TIMES, NEAR_ZONES)
PARTIAL = st.from_regex(r"\A[0-9]{3,5}(-[0-9]{1,3})?\n?\Z")
SPACES = st.text(
    alphabet="a \t\n\r\x0b\x0c\x1c\x85\xa0\u1680\u200b\u2003\u2028\u202f\u3000\ufeff", min_size=1
)
ANY_TEXT = st.text(min_size=1) | SPACES
UUID = st.from_regex(
    r"\A(urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9A-F]{3}-[0-9a-fA-F]{4}-[0-9a-f]{11,13}\Z"
)
WHOLE = st.integers() | st.sampled_from([-(2**31) - 1, -(2**31), -1, 0, 1, 2**31 - 1, 2**31, 2**63, 10**30])
SAME_ANSWER = {
    "valueDate": NEAR_DATES | PARTIAL | NEAR_MOMENTS | ANY_TEXT,
    "valueDateTime": NEAR_DATES | PARTIAL | NEAR_MOMENTS | ANY_TEXT,
    "valueInstant": NEAR_DATES | NEAR_MOMENTS | ANY_TEXT,
    "valueTime": NEAR_TIMES | st.builds("{}{}".format, NEAR_TIMES, NEAR_ZONES) | ANY_TEXT,
    "valueString": ANY_TEXT,
    "valueMarkdown": ANY_TEXT,
    "valueUri": ANY_TEXT,
    "valueUrl": ANY_TEXT,
    "valueCanonical": ANY_TEXT,
    "valueCode": ANY_TEXT | st.text(alphabet="ab \n", min_size=1),
    "valueId": st.text(alphabet="aZ9-._\n", min_size=1, max_size=300) | ANY_TEXT,
    "valueOid": st.from_regex(r"\A(urn:oid:)?[0-3](\.[0-9]{1,3}){0,4}\Z") | ANY_TEXT,
    "valueUuid": UUID | ANY_TEXT,
    "valueInteger": WHOLE,
    "valuePositiveInt": WHOLE,
    "valueUnsignedInt": WHOLE,
    "valueDecimal": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    "valueBoolean": st.booleans(),
}


@pytest.mark.parametrize("element", SAME_ANSWER)
def test_a_primitive_gets_the_same_answer(element: str) -> None:
    @settings(max_examples=150, deadline=None, database=None)
    @given(SAME_ANSWER[element])
    def same(value: Any) -> None:
        theirs, ours = extension_holds(element, value)
        assert theirs == ours

    same()


@settings(max_examples=200, deadline=None, database=None)
@given(st.text(alphabet="AZaz09+/=- \n_", min_size=1, max_size=12) | st.binary().map(bytes.hex))
def test_base64_is_never_taken_where_fhir_resources_refuses(value: str) -> None:
    theirs, ours = extension_holds("valueBase64Binary", value)
    assert theirs or not ours


def test_two_choices_of_one_element_are_refused_by_both() -> None:
    for resource in GOOD:
        model = R4B.get_fhir_model_class(resource["resourceType"])
        for keys in model.model_construct().get_one_of_many_fields().values():
            both = {**resource, keys[0]: {"reference": "X/1"}, keys[1]: {"text": "x"}}
            assert not fhir_resources_takes(both)
            assert not validate.is_valid(both)
