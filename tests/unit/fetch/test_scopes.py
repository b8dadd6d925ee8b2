"""Which types a token's scopes cover."""

from __future__ import annotations

import pytest

from cds_service.fetch.scopes import covers


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ("patient/Condition.read", True),
        ("user/Condition.read", True),
        ("system/*.read", True),
        ("patient/*.*", True),
        ("patient/Condition.rs", True),
        ("user/Condition.cruds", True),
        ("user/Condition.s", True),
        ("patient/Condition.rs?category=problem-list-item", True),
        ("launch openid patient/Observation.read user/Condition.r", True),
        ("patient/Observation.read", False),
        ("patient/Condition.write", False),
        ("patient/Condition.cud", False),
        ("patient/Observation.rs user/Patient.read launch", False),
        ("", True),
        ("launch openid fhirUser", True),
        ("CONDITION.READ", True),
    ],
)
def test_a_type_is_left_out_only_when_the_scopes_clearly_do(scope: str, covered: bool) -> None:
    assert covers(scope, "Condition") is covered


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ("patient/Condition.read", False),
        ("patient/*.rs", False),
        ("user/Condition.read", True),
        ("patient/*.rs user/*.rs", True),
        ("launch", True),
    ],
)
def test_patient_scopes_count_only_for_the_patient_of_the_token(scope: str, covered: bool) -> None:
    assert covers(scope, "Condition", own_patient=False) is covered
