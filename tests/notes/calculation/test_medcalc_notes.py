"""A generated note says its patient's inputs, and nothing else that could be taken for them."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from taskkit.build.domain import shipped
from taskkit.calculation.calculation import DisputedError
from taskkit.calculation.calculators.catalogue import BY_NAME, ENTRIES, Calculator
from taskkit.notes.calculation.extractor import UnreadableError, read
from taskkit.notes.calculation.lexicon import lexicon
from taskkit.notes.calculation.medcalc import NoteError, check_note, exercise
from taskkit.notes.calculation.patient import Patient, Reading
from taskkit.notes.calculation.program import program
from taskkit.notes.calculation.sampling import draw
from taskkit.notes.calculation.writer import write

FOLDER = shipped() / "medcalc"
WORDS = lexicon(FOLDER)
LDL = BY_NAME["ldl_cholesterol"]
BLED = BY_NAME["has_bled"]
HEAD = "Date: 2024-05-03. Patient: woman, 60 years old."


@pytest.mark.parametrize("calculator", ENTRIES, ids=lambda one: one.name)
def test_every_calculator_has_exercises_whose_program_agrees(calculator: Calculator) -> None:
    texts = {exercise(calculator, WORDS, Random(f"{n}")).text for n in range(12)}
    assert len(texts) == 12


@pytest.mark.parametrize("name", ["sofa", "caprini", "mdrd", "corrected_sodium", "child_pugh"])
def test_an_exercise_depends_on_its_seed_alone(name: str) -> None:
    once, again, other = (exercise(BY_NAME[name], WORDS, Random(seed)) for seed in "aab")
    assert once == again != other


def note(*sentences: str) -> str:
    return " ".join([HEAD, *sentences])


LIPIDS = "Today total cholesterol 200 mg/dL, HDL cholesterol 1.3 mmol/L and triglycerides 90 mg/dL."


def test_the_extractor_reads_values_with_their_units() -> None:
    assert read(note(LIPIDS), LDL) == {
        "cholesterol": Reading("200", "mg/dL"),
        "hdl_cholesterol": Reading("1.3", "mmol/L"),
        "triglycerides": Reading("90", "mg/dL"),
    }


@pytest.mark.parametrize(
    "distractor",
    [
        "On 2023-01-02 the total cholesterol had been 280 mg/dL.",
        "Total cholesterol of 5 May 2023: 280 mg/dL.",
        "The father had a total cholesterol of 310 mg/dL.",
    ],
)
def test_values_of_other_days_and_of_relatives_are_left_alone(distractor: str) -> None:
    assert read(note(LIPIDS, distractor), LDL) == read(note(LIPIDS), LDL)


def test_a_note_with_two_values_of_today_is_refused() -> None:
    with pytest.raises(UnreadableError, match=r"^cholesterol: "):
        read(note(LIPIDS, "The total cholesterol is 210 mg/dL."), LDL)


def test_a_note_without_an_input_is_refused() -> None:
    with pytest.raises(UnreadableError, match=r"^triglycerides: not in the note$"):
        read(note("Today total cholesterol 200 mg/dL, HDL cholesterol 50 mg/dL."), LDL)


@pytest.mark.parametrize(
    ("sentence", "there"),
    [
        ("The patient has labile INR values.", {"labile_inr"}),
        ("No labile INR values or major bleeding.", set()),
        ("Negative for major bleeding.", set()),
        ("The mother had a stroke.", set()),
    ],
    ids=["said", "denied with another", "negative", "of a relative"],
)
def test_findings_are_there_only_where_they_are_said_of_the_patient(
    sentence: str, there: set[str]
) -> None:
    said = read(note("Weekly alcoholic drinks: 2.", sentence), BLED)
    assert said["findings"] == there


def test_a_finding_that_is_said_and_denied_is_refused() -> None:
    with pytest.raises(UnreadableError, match=r"^bleeding: "):
        read(note("Weekly alcoholic drinks: 2.", "Major bleeding.", "No major bleeding."), BLED)


def patient_of(calculator: Calculator, seed: str) -> tuple[Patient, str]:
    chance = Random(seed)
    patient = draw(calculator, WORDS, chance)
    return patient, write(patient, WORDS, chance)


DISTRACTORS = {
    "other days": r"(On|on|of) (20\d\d-|\d+ [A-Z][a-z]+ 20|[A-Z][a-z]+ \d+, 20)",
    "relatives": r"([Ff]ather|[Mm]other|[Bb]rother|[Ss]ister)\b",
    "denials": r"\b(No|There is no|has no|denies|egative for) ",
    "other units": r"µmol/L|g/L|kPa|°F|pmol/L| lb\b",
}


@pytest.mark.parametrize("kind", DISTRACTORS)
def test_every_kind_of_distractor_is_common(kind: str) -> None:
    notes = [patient_of(one, f"{n}")[1] for one in ENTRIES for n in range(4)]
    found = sum(re.search(DISTRACTORS[kind], note) is not None for note in notes)
    assert found >= len(notes) / 5


def test_a_note_has_measurements_that_nobody_asked_for() -> None:
    usual = [name for name, measure in WORDS.measures.items() if measure.usual is not None]
    for one in ENTRIES:
        _, text = patient_of(one, "y")
        asked = {item.name for item in one.inputs}
        idle = [name for name in usual if name not in asked]
        assert any(word in text.lower() for name in idle for word in map(str.lower, names_of(name)))


def names_of(measure: str) -> tuple[str, ...]:
    return WORDS.measures[measure].names


def test_notes_are_as_long_as_notes_are() -> None:
    lengths = [len(patient_of(one, f"{n}")[1].split()) for one in ENTRIES for n in range(2)]
    assert min(lengths) >= 300


def test_notes_have_the_words_of_many_notes() -> None:
    notes = [patient_of(one, f"{n}")[1].lower() for one in ENTRIES for n in range(2)]
    tokens = [
        [word for word in re.findall(r"\w+(?:[./:-]\w+)*", one) if word.isalpha()] for one in notes
    ]
    triples = [tuple(own[at : at + 3]) for own in tokens for at in range(len(own) - 2)]
    assert len({word for own in tokens for word in own}) > 2500
    assert len(set(triples)) / len(triples) > 0.55


@pytest.mark.parametrize(
    ("calculator", "sentence"),
    [
        ("has_bled", "Two glasses of wine nightly, and denies illicit drug use."),
        ("glasgow_coma", "Gen: NAD, answers questions"),
        ("wells_thrombosis", "Lower extremity ultrasound: chronic recanalized clot"),
        ("centor", "On review, no cough was noted."),
        ("sirs", "He was febrile and diaphoretic."),
    ],
)
def test_prose_that_hints_at_an_input_is_barred(calculator: str, sentence: str) -> None:
    for name, barred in ((calculator, True), ("target_weight", False)):
        patient = draw(BY_NAME[name], WORDS, Random("a"))
        patient = replace(patient, sex="male", age=60)
        found = WORDS.coherence.barred(patient, "ward").search(sentence)
        assert (found is not None) == barred


def test_what_goes_not_with_a_patient_is_barred() -> None:
    young = replace(draw(BY_NAME["target_weight"], WORDS, Random("a")), sex="female", age=22)
    barred = WORDS.coherence.barred
    assert barred(young, "ward").search("A retired carpenter")
    assert barred(young, "ward").search("Benign prostatic hypertrophy")
    assert not barred(replace(young, sex="male", age=70), "ward").search("A retired carpenter")
    assert barred(young, "clinic").search("feeding tube taped")


def test_an_idle_haematocrit_goes_with_its_haemoglobin() -> None:
    found = 0
    for n in range(120):
        _, text = patient_of(BY_NAME["body_mass_index"], f"{n}")
        cells = re.search(r"hematocrit[^.;,/]{0,24}?(\d+) %", text, re.IGNORECASE)
        blood = re.search(r"(?:hemoglobin|Hb)[^.;,/]{0,24}?([\d.]+) (g/dL|g/L)", text)
        if cells is not None and blood is not None:
            found += 1
            grams = float(blood[1]) / (10 if blood[2] == "g/L" else 1)
            assert float(cells[1]) == pytest.approx(3 * grams, abs=0.7)
    assert found > 1


def test_values_right_beside_the_limits_of_a_score_are_common() -> None:
    rates = [
        draw(BY_NAME["wells_embolism"], WORDS, Random(f"{n}")).inputs()["heart_rate"]
        for n in range(200)
    ]
    assert rates.count(99) > 2
    assert rates.count(101) > 2


def test_a_value_that_stands_twice_is_refused() -> None:
    with pytest.raises(UnreadableError, match=r"^cholesterol: "):
        read(note(LIPIDS, "The total cholesterol is 200 mg/dL."), LDL)


def test_a_note_that_says_another_value_is_caught() -> None:
    patient, text = patient_of(LDL, "x")
    reading = patient.said["triglycerides"]
    assert isinstance(reading, Reading)
    check_note(patient, text)
    with pytest.raises(NoteError, match=r"^triglycerides: "):
        check_note(patient, text.replace(f" {reading.text} ", " 999 ", 1))


def test_a_program_that_differs_is_caught() -> None:
    made = exercise(LDL, WORDS, Random("x"))
    wrong = made.code.replace("/ 5", "/ 6")
    assert wrong != made.code
    with pytest.raises(DisputedError, match="by the reference"):
        replace(made, code=wrong).check()


def test_a_program_has_the_values_as_the_note_has_them() -> None:
    said = {"systolic": Reading("120", "mm[Hg]"), "diastolic": Reading("75", "mm[Hg]")}
    patient = Patient(BY_NAME["mean_arterial_pressure"], said, "male", 50, date(2024, 1, 1))
    head = program(patient, "answer = 0").splitlines()
    assert head[1:3] == ["systolic = 120", "diastolic = 75"]


def test_scores_spread_so_that_no_answer_is_a_fifth() -> None:
    for name in ("glasgow_coma", "charlson", "meld_na", "sirs", "fever_pain", "curb65", "centor"):
        found = Counter(
            json.dumps(exercise(BY_NAME[name], WORDS, Random(f"{n}")).expected) for n in range(100)
        )
        assert max(found.values()) <= 20, (name, found.most_common(2))
