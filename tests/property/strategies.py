"""Hook requests as hypothesis draws them: every code, spelling, site, word and reason we know.

Everything comes from the project's own data files, so that a new code, phrase or group is drawn as soon as it
is written there. Patients are made up.
"""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.loaded import scenarios as recorded_scenarios
from tests.loaded import service

Json = dict[str, Any]

# Derandomised, so that a pull request fails for its own faults only.
laws = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

GUIDELINE = Path(__file__).resolve().parents[2] / "cds_service" / "guidelines" / "cg-med-24"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
WRITTEN = "2026-11-20"
DAYS = ("2026-12-01", "2026-12-08")
TIMES: tuple[Json, ...] = (
    *({"occurrenceDateTime": day} for day in (*DAYS, *DAYS)),
    {"occurrenceDateTime": "2026-12"},
    {"occurrenceDateTime": "2026-12-01T20:00:00-05:00"},
    {"occurrenceDateTime": "2026-12-02T01:00:00Z"},
    {"occurrencePeriod": {"start": "2026-11-30", "end": "2026-12-04"}},
    {"occurrencePeriod": {"start": "2026-12-07"}},
)
MODIFIERS = ("RT", "LT", "50", "59", "2 Hz and 30 Hz")
MOST_ORDERS = 4
NAMES = "abcdefgh"


@cache
def table(name: str) -> Json:
    return tomllib.loads((GUIDELINE / f"{name}.toml").read_text(encoding="utf-8"))


CODES = [row["code"] for row in table("codes")["code"]]
IN_PLAY = [code for code in CODES if code.startswith("95")]
# Codes that meet most often in one session, so that combinations are not left to chance.
FREQUENT = [
    row["code"]
    for row in table("codes")["code"]
    if row["family"] in ("limb-alone", "limb-addon", "conduction")
]
CONCEPTS = [(row["system"], row["code"]) for row in table("codes")["concept"]]


def written(phrase: str) -> str:
    """A phrase of the data as a client may write it: the first of every part, three for any number."""
    parts = {name: phrases[0] for name, phrases in table("codes")["parts"].items()}
    while "{" in phrase:
        phrase = phrase.format_map({**parts, "n": "3"})
    return phrase


def phrases_of(row: Any) -> list[str]:
    """The phrases of a word list."""
    return row if isinstance(row, list) else [*row["phrases"], *row.get("doubtful", ())]


PHRASES = sorted({written(phrase) for row in table("codes")["words"].values() for phrase in phrases_of(row)})
ASIDES = sorted({phrase for phrases in table("codes")["asides"].values() for phrase in phrases})
ROSTER = table("codes")["roster"]
PARTS = [
    *ROSTER["muscles"]["names"],
    *[written(name) for also in ROSTER["nerves"]["names"].values() for name in also],
    *[f"{written(name)} paraspinals" for also in ROSTER["paraspinals"]["names"].values() for name in also],
]
SITES = [
    (code, name) for row in table("sites")["site"] for code, name in row["snomed"].items() if row["region"]
]
LIMBS = [
    (code, name)
    for row in table("sites")["site"]
    if row["region"] in ("arm", "leg") and row.get("side")
    for code, name in row["snomed"].items()
]
SITE_WORDS = [
    "right arm",
    "left leg",
    "both arms",
    "x4",
    "RUE",
    "bilateral",
    "lumbar paraspinals",
    "paraspinals",
    "bilateral upper and lower extremities",
    "sphincter",
    "face",
]
LATERALITY = ["24028007", "7771000", "51440002"]
ICD10 = sorted(service().knowledge.icd10.labels)
HEADERS = sorted(set(service().knowledge.icd10.children) | set(service().knowledge.icd10.partial))
TOLD = [
    "G56.01", "G56.02", "G56.03", "G56.0", "G56.00", "G56.21", "M54.16", "M54.5", "M54.50", "M51.16", "R51",
    "E11.42", "E11.9", "G63", "G62.9", "G70.00", "G12.21", "G51.0", "M62.81", "R53.1", "R20.2", "S54.01",
    "Z21", "B20", "Z13.89", "g5601", "354.0", "G43.709", "N18.5",
]  # fmt: skip
OLD_LABEL = "text of the client"

SPELLINGS: dict[str, Callable[[str], Json]] = {
    "as it is": lambda code: {"system": system_of(code), "code": code},
    "letter O for zero": lambda code: {
        "system": CPT,
        "code": f"{code[:-1]}O" if code.endswith("0") else code,
    },
    "comma": lambda code: {"system": CPT, "code": f"{code[:2]},{code[2:]}"},
    "prefix": lambda code: {"system": CPT, "code": f"CPT {code}"},
    "modifier": lambda code: {"system": CPT, "code": f"{code}-59"},
    "side": lambda code: {"system": CPT, "code": f"{code}-RT"},
    "bilateral": lambda code: {"system": CPT, "code": f"{code}-50"},
    "no system": lambda code: {"code": code},
    "other system": lambda code: {"system": "urn:oid:2.16.840.1.113883.6.12", "code": code},
    "unknown system": lambda code: {"system": "http://example.org/orderables", "code": code},
    "lower case": lambda code: {"system": CPT, "code": f"cpt {code.lower()}"},
    "units": lambda code: {"system": CPT, "code": f"{code}x2"},
    "dash": lambda code: {"system": CPT, "code": f"{code}–59"},
    "plus": lambda code: {"system": CPT, "code": f"+{code}"},
    "no modifier": lambda code: {"system": CPT, "code": f"{code}-01"},
}


def system_of(code: str) -> str:
    return HCPCS if code[0] in "SG" else CPT


@cache
def known(*choices: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(choices)


def seldom(strategy: st.SearchStrategy[Any], one_in: int = 4) -> st.SearchStrategy[Any]:
    """``None`` most of the time."""
    return st.one_of(*[st.none()] * (one_in - 1), strategy)


@cache
def once_in(times: int) -> st.SearchStrategy[bool]:
    """True once in so many times."""
    return st.sampled_from([False] * (times - 1) + [True])


@cache
def whole(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)


procedure_codes = st.one_of(
    st.sampled_from(FREQUENT), st.sampled_from(FREQUENT), st.sampled_from(IN_PLAY), st.sampled_from(CODES)
)
spellings = st.one_of(known("as it is"), known("as it is"), st.sampled_from(sorted(SPELLINGS)))
words = st.tuples(
    st.lists(
        st.one_of(
            st.sampled_from(PHRASES), st.sampled_from(PARTS), st.sampled_from(PARTS), st.sampled_from(ASIDES)
        ),
        min_size=1,
        max_size=4,
    ),
    known(" ", ", ", "; ", " and "),
).map(lambda drawn: drawn[1].join(drawn[0]))
reason_codes = st.one_of(
    st.sampled_from(TOLD), st.sampled_from(TOLD), st.sampled_from(HEADERS), st.sampled_from(ICD10)
)
# Parts of the composites below, made once: hypothesis checks every new strategy before it draws from it.
_concepts = st.sampled_from(CONCEPTS)
_displays = st.one_of(st.just(OLD_LABEL), words)
_sites = st.one_of(st.sampled_from(LIMBS), st.sampled_from(LIMBS), st.sampled_from(SITES))
_sides = st.sampled_from(LATERALITY)
_site_words = st.sampled_from(SITE_WORDS)
_reasons = st.lists(reason_codes, max_size=3)
_units = st.one_of(st.none(), st.none(), st.integers(1, 6))
_modifiers = st.lists(st.sampled_from(MODIFIERS), max_size=2)
_notes = seldom(words.map(lambda text: [{"text": text}]))
_performers = seldom(known("a", "b").map(lambda who: [{"reference": f"Practitioner/{who}"}]), 8)
_times = seldom(st.sampled_from(TIMES), 3)
_conditions = st.lists(reason_codes, max_size=2)
_signs = st.lists(known("26544005", "397974008", "88092000"), max_size=2)
_signed = seldom(st.sampled_from(IN_PLAY), 3)


@cache
@st.composite
def codes(draw: st.DrawFn) -> Json:
    """code of an order: a procedure code in some spelling, a concept, words, or several of them."""
    spelling = SPELLINGS[draw(spellings)](draw(procedure_codes))
    shape = draw(known("code", "code", "code", "code", "both", "concept", "text"))
    if shape == "text":
        return {"text": draw(words)}
    system, concept = draw(_concepts)
    coding = {
        "concept": [{"system": system, "code": concept}],
        "code": [spelling],
        "both": [{"system": system, "code": concept}, spelling],
    }[shape]
    code: Json = {"coding": coding}
    if draw(once_in(4)):
        coding[-1]["display"] = draw(_displays)
    if draw(once_in(4)):
        code["text"] = draw(words) if draw(st.booleans()) else f"EMG {spelling['code']}"
    return code


@cache
@st.composite
def body_sites(draw: st.DrawFn) -> list[Json]:
    """Whole limbs, parts of limbs, axial sites, and sites in words or with a laterality qualifier."""
    found = []
    for _ in range(draw(whole(0, 4))):
        code, name = draw(_sites)
        site: Json = {"coding": [{"system": SNOMED, "code": code, "display": name}]}
        if draw(once_in(8)):
            side = {"system": SNOMED, "code": draw(_sides)}
            site["extension"] = [
                {"url": "http://example.org/laterality", "valueCodeableConcept": {"coding": [side]}}
            ]
        if draw(once_in(6)):
            site = {"text": draw(_site_words)}
        found.append(site)
    return found


@cache
@st.composite
def reasons(draw: st.DrawFn) -> list[Json]:
    """Reason codes, one per concept or several in one."""
    given = draw(_reasons)
    concepts: list[Json] = [{"coding": [{"system": ICD10CM, "code": code}]} for code in given]
    if len(concepts) > 1 and draw(once_in(4)):
        concepts = [{"coding": [coding for concept in concepts for coding in concept["coding"]]}]
    if concepts and draw(once_in(4)):
        concepts[0]["text"] = draw(words)
    return concepts


def _order(draw: st.DrawFn, name: str, shared: list[Json]) -> Json:
    """One ServiceRequest."""
    order: Json = {
        "resourceType": "ServiceRequest",
        "id": name,
        "status": "draft",
        "intent": "order",
        "code": draw(codes()),
        "subject": {"reference": "Patient/p1"},
        "authoredOn": WRITTEN,
    }
    units = draw(_units)
    reason = draw(reasons()) if draw(once_in(3)) else shared
    optional = {
        "quantityQuantity": {"value": units} if units else None,
        "bodySite": draw(body_sites()),
        "reasonCode": [dict(each) for each in reason],
        "orderDetail": [{"text": each} for each in draw(_modifiers)],
        "note": draw(_notes),
        "performer": draw(_performers),
    }
    time = draw(_times) or {}
    return {**order, **copy.deepcopy(time), **{key: value for key, value in optional.items() if value}}


def _condition(name: str, code: str) -> Json:
    return {
        "resourceType": "Condition",
        "id": name,
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": ICD10CM, "code": code}]},
    }


def _sign(name: str, code: str, present: bool) -> Json:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-11-19",
        "code": {"coding": [{"system": SNOMED, "code": code}]},
        "valueBoolean": present,
    }


def _answers(given: dict[str, Json | list[Json]]) -> Json:
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "facts",
        "questionnaire": "https://cds.example.org/fhir/Questionnaire/emg-ncs-order-facts",
        "status": "completed",
        "authored": WRITTEN,
        "subject": {"reference": "Patient/p1"},
        "item": [
            {"linkId": link, "answer": answer if isinstance(answer, list) else [answer]}
            for link, answer in given.items()
        ],
    }


def _choice(*words_: str) -> st.SearchStrategy[Json]:
    return st.sampled_from(words_).map(lambda word: {"valueCoding": {"code": word}})


_yes_no = st.booleans().map(lambda said: {"valueBoolean": said})
ANSWERS: dict[str, st.SearchStrategy[Any]] = {
    "studies-planned": st.integers(0, 20).map(lambda count: {"valueInteger": count}),
    "limbs-planned": st.lists(known("RUE", "LUE", "RLE", "LLE"), min_size=1, max_size=4, unique=True).map(
        lambda limbs: [{"valueCoding": {"code": limb}} for limb in limbs]
    ),
    "muscles-per-limb": _choice("under-5", "5-or-more"),
    "nerves-stimulated": st.integers(0, 8).map(lambda count: {"valueInteger": count}),
    "same-session": _yes_no,
    "symptomatic-sides": _choice("right", "left", "both"),
    "nmj-suspected": _yes_no,
    "radicular-signs": _yes_no,
    "exam-weakness": _yes_no,
    "needle-contraindicated": _yes_no,
}


_links = st.one_of(st.just([]), st.lists(st.sampled_from(sorted(ANSWERS)), max_size=3, unique=True))


@cache
@st.composite
def charts(draw: st.DrawFn) -> dict[str, Json]:
    """Prefetch: a setting, conditions, signs, an order signed earlier, and answers to the questionnaire."""
    found: dict[str, Json] = {}
    setting = draw(known("AMB", "AMB", "", "IMP"))
    if setting:
        found["encounter"] = {
            "resourceType": "Encounter",
            "id": "e1",
            "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": setting},
            "subject": {"reference": "Patient/p1"},
        }
    for number, code in enumerate(draw(_conditions)):
        found[f"condition{number}"] = _condition(f"c{number}", code)
    for number, code in enumerate(draw(_signs)):
        found[f"sign{number}"] = _sign(f"o{number}", code, draw(st.booleans()))
    signed = draw(_signed)
    if signed:
        sites = draw(body_sites())
        found["earlier"] = {
            "resourceType": "ServiceRequest",
            "id": "earlier",
            "status": draw(known("active", "completed")),
            "intent": "order",
            "code": {"coding": [{"system": CPT, "code": signed}]},
            "subject": {"reference": "Patient/p1"},
            "authoredOn": "2026-11-01",
            **({"bodySite": sites} if sites else {}),
        }
    links = draw(_links)
    if links:
        found["facts"] = _answers({link: draw(ANSWERS[link]) for link in links})
    return found


@cache
@st.composite
def free(draw: st.DrawFn) -> Json:
    """One order-sign request of one to four orders, drawn from nothing but the data."""
    shared = draw(reasons())
    names = NAMES[: draw(whole(1, MOST_ORDERS))]
    return request([_order(draw, name, shared) for name in names], draw(charts()))


@cache
def scenarios() -> dict[str, list[Json]]:
    """Every order-sign scenario whose draft orders are ServiceRequests with an id, by pattern shown or ""."""
    found: dict[str, list[Json]] = {}
    for scenario in recorded_scenarios().values():
        asked = json.loads(scenario.request())
        entries = asked["context"].get("draftOrders", {}).get("entry", [])
        ours = all(
            entry["resource"].get("resourceType") == "ServiceRequest" and entry["resource"].get("id")
            for entry in entries
        )
        if asked["hook"] == "order-sign" and entries and ours:
            patterns = [name for name in scenario.shows if name in service().knowledge.coding.patterns.by_id]
            for name in patterns or [""]:
                found.setdefault(name, []).append(asked)
    return found


# Each pattern as often as any other, however many scenarios show it.
_recorded = {name: st.sampled_from(asked) for name, asked in sorted(scenarios().items())}
recorded = st.sampled_from(list(_recorded)).flatmap(_recorded.__getitem__)


def drafted(asked: Json) -> list[Json]:
    return [entry["resource"] for entry in asked["context"]["draftOrders"]["entry"]]


CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "code": codes(),
    "quantityQuantity": st.one_of(st.none(), st.integers(1, 6).map(lambda units: {"value": units})),
    "bodySite": body_sites(),
    "reasonCode": reasons(),
    "orderDetail": st.sampled_from(MODIFIERS).map(lambda text: [{"text": text}]),
    "note": words.map(lambda text: [{"text": text}]),
    "occurrenceDateTime": st.one_of(st.none(), st.sampled_from(DAYS)),
}


_elements = st.sampled_from(sorted(CHANGES))


@cache
@st.composite
def mixed(draw: st.DrawFn) -> Json:
    """The orders of one or two scenarios in one session with the first one's chart, some of them changed."""
    base = copy.deepcopy(draw(recorded))
    together = drafted(base)
    if draw(st.booleans()):
        together += copy.deepcopy(drafted(draw(recorded)))
    together = together[:MOST_ORDERS]
    subject = together[0].get("subject")
    for number, order in enumerate(together):
        order["id"] = f"mixed-{number}"  # no id of the chart's own orders
        if subject:
            order["subject"] = subject
    for _ in range(draw(whole(0, 2))):
        order = together[draw(whole(0, len(together) - 1))]
        element = draw(_elements)
        value = draw(CHANGES[element])
        order.pop(element, None)
        if value:
            order[element] = value
    base["context"]["draftOrders"]["entry"] = [{"resource": order} for order in together]
    if draw(once_in(5)):
        chosen = draw(st.lists(st.sampled_from(together), min_size=1, unique_by=lambda order: order["id"]))
        base["hook"] = "order-select"
        base["context"]["selections"] = [f"ServiceRequest/{order['id']}" for order in chosen]
    return base


@cache
def requests() -> st.SearchStrategy[Json]:
    """One order-sign request: half of them start from scenarios, where every pattern is at home."""
    return st.one_of(mixed(), free())


def request(drafted: list[Json], prefetch: dict[str, Json] | None = None) -> Json:
    """The request that carries these draft orders and this chart."""
    return {
        "hook": "order-sign",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {
            "userId": "Practitioner/test",
            "patientId": "p1",
            "draftOrders": {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [{"resource": each} for each in drafted],
            },
        },
        "prefetch": prefetch or {},
    }


def line(name: str, code: str, units: int | None = None, *sites: str, **rest: Any) -> Json:
    """One plain order."""
    order: Json = {
        "resourceType": "ServiceRequest",
        "id": name,
        "status": "draft",
        "intent": "order",
        "code": {"coding": [{"system": CPT, "code": code}]},
        "subject": {"reference": "Patient/p1"},
        "authoredOn": WRITTEN,
        "reasonCode": [{"coding": [{"system": ICD10CM, "code": "G56.01"}]}],
        **rest,
    }
    if units:
        order["quantityQuantity"] = {"value": units}
    if sites:
        order["bodySite"] = [{"coding": [{"system": SNOMED, "code": site}]} for site in sites]
    return order
