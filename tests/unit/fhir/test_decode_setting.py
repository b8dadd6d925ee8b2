"""Which encounter says where the patient is treated."""

from __future__ import annotations

import pytest

from tests.fhir_samples import Resource, order, read, resource

OTHER = {"subject": {"reference": "Patient/p2"}}


def visit(own: str, kind: str, **elements: object) -> Resource:
    return resource("Encounter", own, **{"status": "in-progress", "class": {"code": kind}, **elements})


AT = {"encounter": {"reference": "Encounter/e"}}
FINISHED = {"status": "finished", "period": {"start": "2026-11-01", "end": "2026-11-05"}}


@pytest.mark.parametrize(
    ("elements", "chart", "setting"),
    [
        ({}, [], ""),
        ({}, [visit("e", "IMP")], "IMP"),
        ({}, [visit("e", "IMP"), visit("f", "AMB")], ""),
        ({"encounter": {"reference": "Encounter/g"}}, [visit("e", "IMP")], ""),
        ({}, [visit("e", "IMP", status="cancelled"), visit("f", "AMB")], "AMB"),
        (AT, [visit("e", "IMP"), visit("f", "AMB")], "IMP"),
        # about another patient
        (AT, [visit("e", "IMP", **OTHER)], ""),
        ({}, [visit("e", "IMP", **OTHER), visit("f", "AMB")], "AMB"),
        # inside the order
        ({"encounter": {"reference": "#e"}, "contained": [visit("e", "IMP")]}, [], "IMP"),
        ({"encounter": {"reference": "#e"}, "contained": [visit("e", "IMP", **OTHER)]}, [], ""),
        # over before the order was written
        ({}, [visit("e", "IMP", **FINISHED)], ""),
        ({}, [visit("e", "IMP", **FINISHED), visit("f", "AMB")], "AMB"),
        (AT, [visit("e", "IMP", **FINISHED)], "IMP"),
        ({}, [visit("e", "IMP", status="finished", period={"end": "2026-11-20T08:00:00Z"})], "IMP"),
        ({}, [visit("e", "IMP", status="finished", period={"end": "2026-11"})], "IMP"),
        ({}, [visit("e", "IMP", status="finished")], "IMP"),
    ],
)
def test_the_setting(elements: Resource, chart: list[Resource], setting: str) -> None:
    assert read(order("a", **elements), chart=chart).setting == setting


def test_the_encounter_of_the_hook_counts_though_it_is_over() -> None:
    case = read(order("a"), chart=[visit("e", "IMP", **FINISHED)], encounter_id="e")
    assert case.setting == "IMP"


def test_every_order_may_contain_its_encounter() -> None:
    inside = {"encounter": {"reference": "#enc"}, "contained": [visit("enc", "EMER")]}
    assert read(order("a", **inside), order("b", **inside)).setting == "EMER"


def test_the_hooks_own_encounter_decides() -> None:
    visits = [
        resource("Encounter", own, status="in-progress", **{"class": {"code": code}})
        for own, code in (("e1", "IMP"), ("e2", "AMB"))
    ]
    assert read(order("a"), chart=visits, encounter_id="e2").setting == "AMB"
    assert read(order("a"), chart=visits[:1], encounter_id="e2").setting == ""
