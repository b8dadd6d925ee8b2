"""What words, sides and counts of an order make of its code: nerves, limited and axial studies, look-alikes.

Each row: the orders, and what has to be said about their codes.
"""

from __future__ import annotations

from typing import Any

import pytest
from exchange import ask

from tests.text_orders import answers, corrections, first_taken, house, order, request, resource

Json = dict[str, Any]

SNOMED_EMG = {"system": "http://snomed.info/sct", "code": "42803009"}
JUNCTION = ("C30", "C31", "C32", "C33", "C34")


def nerves(name: str, text: str = "", **rest: Any) -> Json:
    return order(name, "95937", *rest.pop("sites", ()), text=text, reason="G70.00", **rest)


RATES: dict[str, tuple[int, str, list[str]]] = {
    "two rates of one nerve": (2, "ulnar nerve at 3 Hz and at 20 Hz", ["C30 FIX a: 95937"]),
    "without a space": (2, "ulnar nerve 3Hz, 50Hz", ["C30 FIX a: 95937"]),
    "per second": (2, "median nerve 2/s and 5/s", ["C30 FIX a: 95937"]),
    "two numbers, one unit": (2, "median nerve 3 and 20 Hz", ["C30 FIX a: 95937"]),
    "slow and fast": (2, "right ulnar nerve, slow and fast", ["C30 FIX a: 95937"]),
    "trains": (2, "ulnar nerve, before and after exercise", ["C30 FIX a: 95937"]),
    "one nerve by two names": (2, "peroneal (fibular) nerve at 3 Hz and 30 Hz", ["C30 FIX a: 95937"]),
    "one nerve by its muscle": (2, "ulnar nerve (ADM), 3 Hz and 30 Hz", ["C30 FIX a: 95937"]),
    "two nerves, two rates each": (
        4,
        "facial 3 Hz and 10 Hz, ulnar 3 Hz and 10 Hz",
        ["C30 FIX a: 95937 x 2"],
    ),
    "a side more": (
        3,
        "right ulnar 3 Hz; right ulnar 20 Hz; left ulnar 3 Hz",
        ["C30 FIX a: 95937 x 2"],
    ),
    "units that count neither": (3, "ulnar 3 Hz, facial 20 Hz", ["C30 ASK a: 95937 x 2 | 95937 x 3"]),
    "no nerve named": (2, "slow and fast repetitive stimulation", ["C30 ASK a: 95937 | 95937 x 2"]),
    "two rates": (2, "two rates", ["C30 ASK a: 95937 | 95937 x 2"]),
    "a name not known": (3, "ulnar and zygomatic nerves, 3 Hz and 20 Hz", ["C30 ASK a: 95937 | 95937 x 3"]),
    "one rate": (3, "ulnar nerve 3 Hz", []),
    "one rate, said twice": (2, "ulnar nerve at a slow rate (3 Hz), 3Hz", []),
    "no rate": (3, "ulnar nerve", []),
    "nerves to be chosen": (3, "nerves to be chosen by the lab, starting with ulnar", []),
    "accessory nerve": (3, "ulnar, accessory and facial nerves at 3 Hz and 20 Hz", []),
    "hypoglossal nerve": (2, "hypoglossal and ulnar nerves at 3 Hz and 20 Hz", []),
    "muscles for nerves": (2, "facial nerve and trapezius, 3 Hz and 20 Hz", []),
    "both sides behind the nerve": (2, "ulnar nerve bilaterally, 3 Hz and 20 Hz", []),
    "both sides before it": (2, "right and left ulnar nerve, 3 Hz and 20 Hz", []),
    "a nerve left aside": (
        3,
        "ulnar 3 Hz and 20 Hz, facial to be done at 3 Hz",
        ["C30 ASK a: 95937 | 95937 x 3"],
    ),
    "a rate of earlier": (2, "ulnar nerve 3 Hz. Prior study at 20 Hz", []),
}


@pytest.mark.parametrize(("units", "text", "said"), RATES.values(), ids=RATES)
def test_units_of_a_junction_test_are_nerves_and_not_rates(units: int, text: str, said: list[str]) -> None:
    assert corrections(ask(request(nerves("a", text, units=units))), *JUNCTION) == said


SIDES: dict[str, tuple[tuple[Json, ...], list[str]]] = {
    "bilateral, one nerve": ((nerves("a", "ulnar nerve", modifiers=("50",)),), ["C31 FIX a: 95937 x 2"]),
    "bilateral, two nerves": (
        (nerves("a", "ulnar and facial nerves", modifiers=("50",)),),
        ["C31 FIX a: 95937 x 4"],
    ),
    "bilateral, two nerves counted": (
        (nerves("a", "ulnar and facial nerves", units=2, modifiers=("50",)),),
        ["C31 FIX a: 95937 x 4"],
    ),
    "bilateral, unnamed": ((nerves("a", modifiers=("50",)),), ["C31 FIX a: 95937 x 2"]),
    "bilateral, two unnamed": (
        (nerves("a", units=2, modifiers=("50",)),),
        ["C31 ASK a: 95937 x 2 | 95937 x 4"],
    ),
    "bilateral against the text": (
        (nerves("a", "right ulnar nerve", modifiers=("50",)),),
        ["C31 ASK a: 95937 x 2 | 95937"],
    ),
    "modifiers on two lines": (
        (nerves("a", "ulnar nerve", modifiers=("RT",)), nerves("b", "ulnar nerve", modifiers=("LT",))),
        ["C31 FIX a b: 95937 x 2"],
    ),
    "units on two lines": (
        (
            nerves("a", "ulnar and facial nerves", units=2, modifiers=("RT",)),
            nerves("b", "ulnar", modifiers=("LT",)),
        ),
        ["C31 FIX a b: 95937 x 3"],
    ),
    "body sites on two lines": (
        (nerves("a", sites=("RUE",)), nerves("b", sites=("LUE",))),
        ["C31 FIX a b: 95937 x 2"],
    ),
    "text on two lines": (
        (nerves("a", "right ulnar nerve"), nerves("b", "left ulnar nerve")),
        ["C31 FIX a b: 95937 x 2"],
    ),
    "rates of the same nerve on two lines": (
        (nerves("a", "ulnar 3 Hz"), nerves("b", "ulnar 30 Hz")),
        ["C30 FIX b: 95937"],
    ),
    "the same line twice": ((nerves("a", "ulnar"), nerves("b", "ulnar")), []),
    "two nerves on two lines": ((nerves("a", "ulnar 3 Hz"), nerves("b", "facial 20 Hz")), []),
    "right twice": ((nerves("a", sites=("RUE",)), nerves("b", sites=("RUE",))), []),
    "too many on two lines": (
        (nerves("a", units=3), nerves("b", units=2)),
        ["C32 ASK b: 95937 x 4 | 95937 x 5"],
    ),
}


@pytest.mark.parametrize(("orders", "said"), SIDES.values(), ids=SIDES)
def test_both_sides_are_one_line_of_as_many_units_as_nerves(
    orders: tuple[Json, ...], said: list[str]
) -> None:
    assert corrections(ask(request(*orders)), *JUNCTION) == said


AFTER_SIDES = [name for name, (_, said) in SIDES.items() if any(" FIX " in each for each in said)]


@pytest.mark.parametrize("name", AFTER_SIDES)
def test_nothing_is_said_of_the_nerves_when_the_correction_is_made(name: str) -> None:
    after = first_taken(request(*SIDES[name][0]))
    assert corrections(ask(after), *JUNCTION) == []


def test_both_sides_stay_on_the_line_whose_text_lists_two_rates() -> None:
    sent = request(nerves("a", "ulnar nerve", note="3 Hz and 30 Hz", modifiers=("50",)))
    after = first_taken(sent)
    kept = [each["coding"][0]["code"] for each in resource(after, "a")["orderDetail"]]
    assert kept == ["RT", "LT"]
    assert corrections(ask(after), *JUNCTION) == []


@pytest.mark.parametrize(
    ("units", "text", "count", "said"),
    [
        (2, "3 Hz and 20 Hz", 2, []),
        (2, "ulnar nerve", 2, []),
        (3, "3 Hz and 20 Hz", 2, ["C30 FIX a: 95937 x 2"]),
        (6, "", 6, []),
        (6, "", 3, ["C32 FIX a: 95937 x 3"]),
    ],
)
def test_the_answered_number_of_nerves_settles_the_units(
    units: int, text: str, count: int, said: list[str]
) -> None:
    sent = request(nerves("a", text, units=units), chart=(answers(nerves_stimulated=count),))
    assert corrections(ask(sent), *JUNCTION) == said


SWAPPED: dict[str, tuple[str, str, list[str]]] = {
    "rep stim": ("95872", "Rep stim right ulnar", ["C34 FIX a: 95937"]),
    "Jolly test": ("95872", "Jolly test", ["C34 FIX a: 95937"]),
    "RNS": ("95872", "RNS", ["C34 FIX a: 95937"]),
    "RNS of a nerve": ("95872", "RNS right ulnar nerve", ["C34 FIX a: 95937"]),
    "fibre density": ("95937", "Fiber density, right deltoid", ["C34 FIX a: 95872"]),
    "nurses": ("95872", "Single fiber EMG. RNs to call patient", []),
    "history": ("95872", "Repetitive stimulation negative last year", []),
    "earlier": ("95872", "Previous RNS study elsewhere", []),
    "a finding": ("95872", "Repetitive stimulation showed 12% decrement", []),
    "denied": ("95872", "Single fiber EMG, not repetitive stimulation", []),
    "on a condition": ("95872", "SFEMG; consider repetitive stimulation", []),
}


@pytest.mark.parametrize(("code", "text", "said"), SWAPPED.values(), ids=SWAPPED)
def test_only_a_test_that_is_ordered_takes_the_place_of_the_code(
    code: str, text: str, said: list[str]
) -> None:
    assert corrections(ask(request(order("a", code, note=text, reason="G70.00"))), *JUNCTION) == said


LIMITED: dict[str, tuple[str, list[str]]] = {
    "fewer than 5": ("Fewer than 5 muscles", ["C43 FIX a: 95870"]),
    "< five": ("< five muscles", ["C43 FIX a: 95870"]),
    "<5": ("<5 muscles in the leg", ["C43 FIX a: 95870"]),
    "under five": ("under five muscles", ["C43 FIX a: 95870"]),
    "2-3": ("2-3 muscles", ["C43 FIX a: 95870"]),
    "a screen": ("Three muscle screen", ["C43 FIX a: 95870"]),
    "no more than": ("no more than 4 muscles", ["C43 FIX a: 95870"]),
    "a number": ("Muscles: 3", ["C43 FIX a: 95870"]),
    "single": ("single muscle", ["C43 FIX a: 95870"]),
    "limited study": ("Limited EMG of the left leg", ["C43 FIX a: 95870"]),
    "the word alone": ("limited", ["C43 FIX a: 95870"]),
    "the study so called": ("EMG left leg, limited", ["C43 FIX a: 95870"]),
    "named muscles": ("Muscles: tibialis anterior, peroneus longus", ["C43 FIX a: 95870"]),
    "to a limb": ("EMG limited to the left leg", []),
    "relief": ("limited relief with physical therapy", []),
    "by pain": ("Examination limited by pain", []),
    "movement": ("ROM limited", []),
    "walking": ("walking limited to 5 minutes", []),
    "language": ("limited English", []),
    "not": ("not a limited study", []),
    "nothing less": ("nothing less than 5 muscles", []),
    "no fewer": ("no fewer than five muscles", []),
    "at least": ("at least 3 muscles and paraspinals", []),
    "per root": ("2 muscles per root", []),
    "weak muscles": ("weakness of 3 muscles", []),
    "grade": ("grade 3 muscle power", []),
    "a drug": ("one muscle relaxant tried", []),
    "muscle groups": ("two muscle groups weak", []),
    "history": ("Prior limited EMG elsewhere", []),
    "another treatment": ("Botox to gastrocnemius later", []),
    "another picture": ("MRI was a limited study", []),
    "a list that goes on": ("tibialis anterior, gastrocnemius and others", []),
    "five": ("5 muscles, one of them limited", []),
}


@pytest.mark.parametrize(("note", "said"), LIMITED.values(), ids=LIMITED)
def test_a_limited_study_is_one_that_the_order_calls_so(note: str, said: list[str]) -> None:
    sent = request(order("a", "95860", "LLE", note=note, reason="M54.16"))
    assert corrections(ask(sent), "C43", "C51", "C58", "C60") == said


AXIAL: dict[str, tuple[Json, list[str]]] = {
    "both trapezius": (order("a", "95860", note="both trapezius muscles"), ["C58 FIX a: 95868"]),
    "bilaterally": (order("a", "95860", note="trapezius bilaterally"), ["C58 FIX a: 95868"]),
    "R and L": (order("a", "95860", note="R and L trapezius"), ["C58 FIX a: 95868"]),
    "L+R": (order("a", "95860", note="trapezius L+R"), ["C58 FIX a: 95868"]),
    "one trapezius": (order("a", "95860", note="right trapezius only"), ["C58 FIX a: 95867"]),
    "trapezius pain": (order("a", "95860", note="pain in trapezius"), []),
    "intercostal": (order("a", "95870", note="intercostal muscles T6"), []),
    "abdominal wall": (order("a", "95870", note="rectus abdominis T8"), []),
    "thoracic": (order("a", "95870", note="T5-T8 paraspinals"), ["C59 FIX a: 95869"]),
    "thoracic by level": (order("a", "95870", note="dorsal paraspinals T4"), ["C59 FIX a: 95869"]),
    "thoracic in the thorax": (
        order("a", "95870", "thorax", note="paraspinals T4 to T9"),
        ["C59 FIX a: 95869"],
    ),
    "thoracic spasm": (order("a", "95870", note="thoracic paraspinal spasm"), []),
    "T1": (order("a", "95870", note="T1 paraspinals"), []),
    "thoracic and lumbar": (
        order("a", "95870", "thoracic paraspinals", "lumbar paraspinals", units=2),
        ["C59 ASK a: 95869 + 95870 | 95869"],
    ),
    "two regions in a note": (
        order("a", "95861", note="cervical and lumbar paraspinals only"),
        ["C60 ASK a: 95870 x 2 | 95870"],
    ),
    "two regions by level": (
        order("a", "95861", note="C5-C7 / L4-S1 paraspinals"),
        ["C60 ASK a: 95870 x 2 | 95870"],
    ),
    "paraspinals with limbs": (
        order("a", "95861", note="Both legs. Cervical and lumbar paraspinals"),
        [],
    ),
    "sphincter": (
        order("a", "95870", note="anal sphincter"),
        ["C51 ASK a: 51785 | 51784 | 95870"],
    ),
    "sphincter tone": (order("a", "95860", "RLE", note="normal sphincter tone"), []),
    "sphincter function": (order("a", "95860", "RLE", note="sphincter dysfunction"), []),
    "eye movements": (order("a", "95867", note="extraocular movements intact"), []),
    "eye muscle": (order("a", "95867", note="lateral rectus"), ["C52 ASK a: 92265 | 95867"]),
}


@pytest.mark.parametrize(("sent", "said"), AXIAL.values(), ids=AXIAL)
def test_a_muscle_or_region_named_for_the_study_has_its_own_code(sent: Json, said: list[str]) -> None:
    found = corrections(ask(request(sent)), "C43", "C51", "C52", "C58", "C59", "C60")
    assert found == said


FULL = (order("e", "95886", "RUE", reason="G56.01"), order("n", "95910", reason="G56.01"))
MYASTHENIA = {
    "resourceType": "Condition",
    "id": "m",
    "subject": {"reference": "Patient/p"},
    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G70.00"}]},
}
HEAD = house("a", "EMG", "head", reason="G51.0")
LOOKALIKES: dict[str, tuple[tuple[Json, ...], tuple[Json, ...], list[str]]] = {
    "junction code for conduction": (
        (order("a", "95937", text="NCS", reason="G56.01"), *FULL),
        (),
        ["C33 ASK a: removed | 95937"],
    ),
    "threshold test beside conduction": (
        (order("a", "G0255", reason="G56.01"), *FULL),
        (),
        ["C49 ASK a: removed | G0255"],
    ),
    "surface study beside needle": (
        (order("a", "S3900", "RUE", reason="G56.01"), *FULL),
        (),
        ["C48 ASK a: removed | S3900"],
    ),
    "surface study of another limb": (
        (order("a", "S3900", "LLE", reason="G56.01"), *FULL),
        (),
        ["C48 ASK a: 95886 | 95885"],
    ),
    "surface study, answered": (
        (order("a", "S3900", "RLE", reason="M54.16"),),
        (answers(muscles_per_limb="5-or-more"),),
        ["C48 FIX a: 95860"],
    ),
    "guidance beside a full study": (
        (order("a", "95874", "RUE", reason="G56.01"), *FULL),
        (),
        ["C46 ASK a: removed | 95874"],
    ),
    "guidance beside a diagnostic study, no injection": (
        (order("a", "95874", "RUE"), order("c", "95860", "RUE", reason="M54.12")),
        (),
        ["C46 ASK a: removed | 95874", "C47 ASK a: removed | 95874"],
    ),
    "guidance and injection, another limb": (
        (order("a", "95874", "RUE"), order("b", "64642"), order("c", "95860", "LLE", reason="M54.16")),
        (),
        [],
    ),
    "guidance and injection, same limb": (
        (order("a", "95874", "RUE"), order("b", "64642"), order("c", "95860", "RUE", reason="M54.12")),
        (),
        ["C47 ASK c: removed | 95860"],
    ),
    "guidance, answered": (
        (order("a", "95874", reason="M54.12"),),
        (answers(limbs_planned="RUE", muscles_per_limb="under-5"),),
        ["C46 FIX a: 95870"],
    ),
    "evoked potentials beside the study": (
        (order("a", "95938", text="EMG/NCS", reason="G56.01"), *FULL),
        (),
        ["C44 ASK a: removed | 95938"],
    ),
    "evoked potentials for a limited study": (
        (order("a", "95938", text="EMG/NCS", reason="M54.16"),),
        (answers(studies_planned=6, limbs_planned="RLE", muscles_per_limb="under-5"),),
        ["C44 FIX a: 95885 + 95909"],
    ),
    "evoked potentials, nothing known": (
        (order("a", "95938", text="EMG/NCS", reason="M54.16"),),
        (),
        ["C44 ASK a: 95886 + 95910 | 95938"],
    ),
    "old monitoring code": ((order("a", "95920", reason="M54.16"),), (), ["C45 ASK a: removed"]),
    "monitoring code for a study": (
        (order("a", "95941", "RUE", text="EMG/NCS", reason="M54.12"),),
        (),
        ["C45 ASK a: 95886 + 95910 | removed"],
    ),
    "exercise test, suspicion answered": (
        (order("a", "95875", reason="M62.81"),),
        (answers(nmj_suspected=True),),
        ["C50 ASK a: 95937 | 95875"],
    ),
    "exercise test, junction disease in the chart": (
        (order("a", "95875", reason="M62.81"),),
        (MYASTHENIA,),
        ["C50 ASK a: 95937 | 95875"],
    ),
    "exercise test, suspicion denied": (
        (order("a", "95875", reason="M62.81"),),
        (MYASTHENIA, answers(nmj_suspected=False)),
        [],
    ),
    "exercise test, no suspicion": ((order("a", "95875", reason="M62.81"),), (), []),
    "name of the house beside its codes": (
        (house("a", "EMG/NCS", "RUE", reason="G56.01"), *FULL),
        (),
        ["C53 ASK a: removed"],
    ),
    "name of the house beside conduction": (
        (house("a", "EMG/NCS", "RUE", reason="M54.12"), order("n", "95910", reason="M54.12")),
        (answers(muscles_per_limb="5-or-more"),),
        ["C53 FIX a: 95886"],
    ),
    "name of the house, answered": (
        (house("a", "EMG/NCS", "RLE", "LLE", reason="M54.16"),),
        (answers(studies_planned=6, muscles_per_limb="5-or-more"),),
        ["C53 FIX a: 95886 x 2 + 95909"],
    ),
    "single-fibre EMG": (
        (house("a", "Single fiber EMG", reason="G70.00"),),
        (),
        ["C53 ASK a: 95872"],
    ),
    "EMG of the head": (
        (HEAD,),
        (),
        ["C53 ASK a: 95887 + 95910 | 95887 x 2 + 95910 | 95867 | 95868"],
    ),
    "EMG of the head with conduction": (
        (HEAD, order("n", "95907", reason="G51.0")),
        (),
        ["C53 ASK a: 95887 | 95887 x 2"],
    ),
    "EMG of one side of the head": (
        (house("a", "EMG", "right side of face", reason="G51.0"), order("n", "95907", reason="G51.0")),
        (),
        ["C53 ASK a: 95887"],
    ),
    "term and code disagree": (
        (order("a", "95910", "RLE", codings=(SNOMED_EMG,), reason="M54.16"),),
        (answers(muscles_per_limb="5-or-more"),),
        ["C53 ASK a: 95910 + 95886 | 95860 | 95910"],
    ),
    "term and code of a session that has both": (
        (order("a", "95910", codings=(SNOMED_EMG,), reason="G56.01"), FULL[0]),
        (),
        [],
    ),
}


@pytest.mark.parametrize(("orders", "chart", "said"), LOOKALIKES.values(), ids=LOOKALIKES)
def test_a_code_of_another_test_becomes_what_is_missing_or_goes(
    orders: tuple[Json, ...], chart: tuple[Json, ...], said: list[str]
) -> None:
    patterns = ("C33", "C44", "C45", "C46", "C47", "C48", "C49", "C50", "C53")
    assert corrections(ask(request(*orders, chart=chart)), *patterns) == said


SPELT: dict[str, tuple[tuple[Json, ...], list[str]]] = {
    "plus": ((order("a", "+95886", "RLE"), order("n", "95910")), ["C54 FIX a: 95886"]),
    "the code named, not the title": (
        (order("a", "+95885", "RLE", text="EMG"), order("n", "95910")),
        ["C54 FIX a: 95885"],
    ),
    "units": ((order("a", "95886x2"), order("n", "95910")), ["C54 FIX a: 95886 x 2"]),
    "units that disagree": (
        (order("a", "95886x2", units=3), order("n", "95910")),
        ["C54 ASK a: 95886 x 3 | 95886 x 2"],
    ),
    "no modifier": ((order("a", "95886-01"), order("n", "95910")), ["C54 ASK a: 95886"]),
    "another test": ((order("a", "51785-59", reason="N39.3"),), ["C54 ASK a: 51785"]),
    "an injection": ((order("a", "64642-50", reason="G24.3"), order("b", "95874")), []),
    "both at once, once": (
        (order("a", "95937-RT", note="ulnar nerve"), order("b", "95937-LT", note="ulnar nerve")),
        ["C54 FIX a b: 95937 x 2"],
    ),
}


@pytest.mark.parametrize(("orders", "said"), SPELT.values(), ids=SPELT)
def test_a_misspelt_code_is_written_as_the_code_it_is(orders: tuple[Json, ...], said: list[str]) -> None:
    assert corrections(ask(request(*orders)), "C54") == said


KEPT: dict[str, tuple[Json, str | None]] = {
    "only misspelt": (order("a", "9586O", "RLE", text="my favourite emg"), "my favourite emg"),
    "names the new test": (
        order("a", "95872", text="Repetitive nerve stimulation"),
        "Repetitive nerve stimulation",
    ),
    "names the new muscle": (order("a", "95860", text="right trapezius EMG"), "right trapezius EMG"),
    "quotes the old code": (order("a", "9586O", "RLE", text="9586O limb EMG"), None),
    "names the old test": (order("a", "95870", "RLE", text="Limited EMG right leg"), None),
    "names both": (order("a", "S3900", "RLE", text="Surface EMG"), None),
}


@pytest.mark.parametrize(("sent", "text"), KEPT.values(), ids=KEPT)
def test_a_text_goes_when_it_describes_the_old_code(sent: Json, text: str | None) -> None:
    beside = (order("n", "95910"),) if sent["code"]["coding"][0]["code"] == "95870" else ()
    after = first_taken(request(sent, *beside))
    assert after != request(sent, *beside)
    assert resource(after, "a")["code"].get("text") == text


def test_no_unreadable_procedure_code_is_left_beside_the_one_chosen() -> None:
    sent = request(order("a", "9588", "RLE", text="Needle EMG right leg"), order("n", "95910"))
    codes = [coding["code"] for coding in resource(first_taken(sent), "a")["code"]["coding"]]
    assert codes == ["95886"]


DETAILS: dict[str, tuple[tuple[Json, ...], list[Json]]] = {
    "in words": (({"text": "modifier 50"},), []),
    "in words that say more": (
        ({"text": "Modifier 50, patient lies prone"},),
        [{"text": "patient lies prone"}],
    ),
    "beside a code of the house": (
        ({"coding": [{"system": "urn:x", "code": "BIL"}, {"code": "50"}], "text": "Bilateral"},),
        [{"coding": [{"system": "urn:x", "code": "BIL"}], "text": "Bilateral"}],
    ),
    "among others": (
        ({"text": "50, 59"}, {"text": "portable unit"}),
        [{"text": "59"}, {"text": "portable unit"}],
    ),
}


@pytest.mark.parametrize("code", ["95937", "95886"])
@pytest.mark.parametrize(("details", "left"), DETAILS.values(), ids=DETAILS)
def test_the_bilateral_modifier_goes_however_it_is_written(
    code: str, details: tuple[Json, ...], left: list[Json]
) -> None:
    sent = request(order("a", code, details=details, note="ulnar nerve"), order("n", "95910"))
    after = first_taken(sent)
    assert resource(after, "a")["quantityQuantity"] == {"value": 2}
    assert resource(after, "a").get("orderDetail", []) == left
    assert corrections(ask(after), "C31", "C37") == []


RETIRED: dict[str, tuple[tuple[Json, ...], list[str]]] = {
    "a side on one line only": (
        (
            order("a", "95900", units=2, text="median, ulnar"),
            order("b", "95903", units=2, text="right median, right ulnar"),
        ),
        ["C25 ASK a b: 95907 | 95908"],
    ),
    "other sides": (
        (
            order("a", "95900", units=2, text="right median, right ulnar"),
            order("b", "95903", units=2, text="left median, left ulnar"),
        ),
        ["C25 FIX a b: 95908"],
    ),
    "no quantity": ((order("a", "95903"), order("b", "95904")), ["C25 FIX a b: 95907"]),
    "units that read alike": ((order("a", "95910", units=7),), ["C24 FIX a: 95910"]),
}


@pytest.mark.parametrize(("orders", "said"), RETIRED.values(), ids=RETIRED)
def test_old_conduction_codes_and_units(orders: tuple[Json, ...], said: list[str]) -> None:
    sent = request(*orders, order("e", "95886", "RUE"))
    assert corrections(ask(sent), "C24", "C25") == said


def test_choices_name_the_codes_that_old_ones_become() -> None:
    sent = request(
        order("a", "95904", units=4, date="2026-12-01", reason="M54.16"),
        order("b", "95886", "RLE", reason="M54.16"),
    )
    assert corrections(ask(sent), "C11", "C25", "C57") == [
        "C11 ASK b: 95886 + 95908 | 95860",
        "C25 FIX a: 95908",
        "C57 ASK a: 95908 | 95908",
    ]
    together = next(
        suggestion
        for suggestion in ask(sent).response["cards"][0]["suggestions"]
        if suggestion["label"].startswith("Do all on")
    )
    moved = together["actions"][0]["resource"]
    assert [coding["code"] for coding in moved["code"]["coding"]] == ["95908"]
    assert moved["occurrenceDateTime"] == "2026-11-24"
