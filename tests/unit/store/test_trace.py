"""Of a reasoning, only our own words and verdicts are kept; references are hashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from cds_service.store.audit import reasons
from cds_service.store.hashes import Hashes, uuid_or_hash
from cds_service.store.trace import keep, reference
from tests.unit.store.records import new_id

HASHES = Hashes(b"key")
SCENARIOS = sorted(Path(__file__).resolve().parents[3].glob("fhir_fixtures/*/*/request.json"))[::12]


def test_what_was_decided_and_why_is_kept() -> None:
    kept = keep(
        {
            "as_of": "2026-11-18",
            "determinations": [
                {
                    "pathway": "emg",
                    "result": "NEED-INFO",
                    "rows": ["X4"],
                    "orders": ["ServiceRequest/a"],
                    "missing": [{"fact": "f", "question": "Is there f?"}],
                    "criteria": [
                        {
                            "id": "S1",
                            "verdict": "met",
                            "basis": "A",
                            "expected": "an outpatient encounter",
                            "observed": "encounter class AMB",
                            "evidence": ["Encounter", "Condition/c"],
                        }
                    ],
                }
            ],
            "corrections": [
                {
                    "pattern": "C57",
                    "mode": "ASK",
                    "orders": ["ServiceRequest/a"],
                    "about": [],
                    "choices": [[{"code": "95910", "units": 2, "date": "2026-11-24"}]],
                    "why": "because",
                    "basis": "A",
                    "source": "S",
                    "asks": ["same-session"],
                }
            ],
            "diagnosis_corrections": [
                {
                    "row": "r",
                    "mode": "FIX",
                    "order": "ServiceRequest/a",
                    "from": ["G56.0"],
                    "choices": [["G56.01"], []],
                }
            ],
            "notices": [{"id": "D1", "orders": ["ServiceRequest/a"], "values": {"label": "x"}}],
            "gaps": [{"path": "prefetch.mine", "what": "not supplied"}],
        },
        HASHES,
    )
    order, condition = (reference(text, HASHES) for text in ("ServiceRequest/a", "Condition/c"))
    assert reasons(kept) == [
        "evaluated as of 2026-11-18",
        f"emg NEED-INFO, rows X4 ({order})",
        f"  met: S1 [A] an outpatient encounter <- Encounter, {condition}",
        "  missing f: Is there f?",
        f"code C57 ASK {order}: 95910 x 2",
        "  why: because [A; S]",
        "  asks same-session",
        f"reason r FIX {order}: G56.0 -> G56.01 / remove",
        f"notice D1 {order}",
        "not available: not supplied",
    ]


REFERENCES = [
    ("ServiceRequest/a", "ServiceRequest/"),
    ("https://ehr.example.org/fhir/Condition/a", "Condition/"),
    ("urn:uuid:5a3f", "resource/"),
    ("Someone/a", "resource/"),
    ("#contained", "resource/"),
    ("Someone", "resource/"),
]


@pytest.mark.parametrize(("text", "start"), REFERENCES)
def test_of_a_reference_the_type_and_a_short_hash_are_kept(text: str, start: str) -> None:
    kept = reference(text, HASHES)
    assert kept.startswith(start)
    assert len(kept) == len(start) + 12
    assert kept == reference(text, HASHES)
    assert kept != reference(f"{text}b", HASHES)
    assert kept != reference(text, Hashes(b"another key"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.parent.name)
def test_the_reasoning_of_every_scenario_can_be_kept_and_read(path: Path) -> None:
    from cds_service.cli.decide import decider

    explanation = decider("")(str(path)).explanation()
    kept = orjson.loads(orjson.dumps(keep(explanation, HASHES)))
    assert [item["result"] for item in kept["determinations"]] == [
        item["result"] for item in explanation["determinations"]
    ]
    assert len(kept["corrections"]) == len(explanation["corrections"])
    text = "\n".join(reasons(kept))
    assert all(item["pattern"] in text for item in explanation["corrections"])
    assert "(not kept)" not in text
    assert not _references(explanation) & _references(kept)


def _references(trace: dict[str, Any]) -> set[str]:
    """Every reference with an id in it."""
    items = [*trace["determinations"], *trace["corrections"], *trace["notices"]]
    evidence = [step["evidence"] for item in trace["determinations"] for step in item["criteria"]]
    found = {text for texts in (*(item["orders"] for item in items), *evidence) for text in texts}
    return {text for text in found if "/" in text}


def test_equal_texts_of_different_kinds_have_different_hashes() -> None:
    assert HASHES.text("patient", "a") != HASHES.text("reference", "a")
    assert HASHES.text("body", "a") == HASHES.body("body", b"a")
    assert (HASHES.text("patient", ""), HASHES.body("body", b"")) == ("", "")
    assert "key" not in repr(Hashes(b"key")).replace("key=", "")


def test_only_uuids_are_kept_as_they_are() -> None:
    uuid = new_id()
    assert uuid_or_hash(uuid) == uuid_or_hash(f" urn:uuid:{uuid.upper()} ") == uuid
    kept = uuid_or_hash("Somebody's name")
    assert kept.startswith("no-uuid:")
    assert "name" not in kept
    assert len(kept) <= 36
