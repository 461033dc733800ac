"""Questions are asked about other values, in text and query alike."""

from __future__ import annotations

import re
import sqlite3
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp, parse_one

from taskkit.build.rejection import Rejection
from taskkit.sql.questions.inference import Scalar
from taskkit.sql.questions.published import Published
from taskkit.sql.questions.publisher import PublisherOptions, answer_question
from taskkit.sql.questions.question import Question
from taskkit.sql.questions.reground import UngroundableError, busiest_first, reground
from taskkit.sql.questions.slot import find_slots, replace_in_text, shift_years, years
from taskkit.sql.questions.slot_query import slot_query_of
from tests.sql.questions.ward import IN, NOW, hospital

OPTIONS = PublisherOptions(current_time=NOW, reground=True)
YES_NO = PublisherOptions(current_time=NOW, reground=True, guessable=True)
LAB = (
    "select max(labevents.valuenum) from labevents where labevents.hadm_id {}"
    " and labevents.itemid in ( select d_labitems.itemid from d_labitems"
    " where d_labitems.label = '{}' )"
)
FRACTURE = (
    "select count(*) from diagnoses_icd where diagnoses_icd.icd9_code = ( select"
    " d_icd_diagnoses.icd9_code from d_icd_diagnoses where d_icd_diagnoses.short_title = '{}' )"
)


@pytest.fixture(scope="module")
def db() -> sqlite3.Connection:
    return hospital()


def tree(sql: str) -> exp.Query:
    parsed = parse_one(sql, dialect="sqlite")
    assert isinstance(parsed, exp.Query)
    return parsed


def ask(
    sql: str,
    text: str,
    db: sqlite3.Connection,
    options: PublisherOptions = OPTIONS,
    record: str = "q1",
    template: str = "",
) -> Question | Rejection:
    return answer_question(
        Published(record, "0" * 64, "train", text, sql, template=template), db, options
    )


def question(found: Question | Rejection) -> Question:
    assert isinstance(found, Question), found
    return found


def test_a_patient_and_a_value_are_replaced_together(db: sqlite3.Connection) -> None:
    sql = LAB.format(IN.format(12), "sodium")
    found = question(ask(sql, "What is the highest Sodium of patient 12?", db))
    named = re.fullmatch(r"What is the highest (\w+) of patient (900\d)\?", found.text)
    assert named is not None
    assert found.sql is not None
    assert f"'{named[1]}'" in found.sql
    assert f"= {named[2]})" in found.sql
    assert isinstance(found.expected, float)
    assert found.record == "q1"


def test_a_question_that_has_an_answer_is_left_alone(db: sqlite3.Connection) -> None:
    sql = LAB.format(IN.format(9002), "glucose")
    text = "What is the highest glucose of patient 9002?"
    found = question(ask(sql, text, db))
    assert (found.text, found.sql) == (text, sql)


def test_the_same_record_and_seed_give_the_same_question(db: sqlite3.Connection) -> None:
    sql, text = LAB.format(IN.format(12), "pco2"), "What is the highest pco2 of patient 12?"
    first = question(ask(sql, text, db))
    ask(sql, text, db, record="other")
    assert question(ask(sql, text, hospital())) == first


def test_other_records_are_asked_about_other_patients(db: sqlite3.Connection) -> None:
    sql, text = LAB.format(IN.format(12), "pco2"), "What is the highest pco2 of patient 12?"
    texts = {question(ask(sql, text, db, record=f"q{n}")).text for n in range(20)}
    assert len(texts) > 5


def test_years_move_where_the_question_names_them(db: sqlite3.Connection) -> None:
    sql = "select count(*) from admissions where strftime('%Y-%m', admittime) >= '2105-01'"
    found = question(ask(sql, "How many came since 01/2105?", db))
    assert found.expected in range(1, 7)
    year = re.search(r"01/(210\d)", found.text)
    assert year is not None
    assert f"'{year[1]}-01'" in str(found.sql)


def test_a_value_worded_otherwise_is_reported(db: sqlite3.Connection) -> None:
    sql = FRACTURE.format("fx leg")
    found = ask(sql, "How many broke a leg?", db)
    assert isinstance(found, Rejection)
    assert found.code == "missing_value"
    assert "d_icd_diagnoses.short_title lacks 'fx leg', which the question words" in found.detail


def test_a_question_that_describes_its_value_is_reported(db: sqlite3.Connection) -> None:
    sql = f"{FRACTURE.format('fx arm-closed')} and diagnoses_icd.subject_id = 12"
    text = "How many times had patient 12 a closed fracture, fx arm-closed?"
    found = ask(sql, text, db, template="count fx arm-closed of patient 12")
    assert isinstance(found, Rejection)
    assert found.code == "missing_value"
    assert "'closed' in the question describes 'fx arm-closed'" in found.detail


def test_a_word_of_the_template_describes_nothing(db: sqlite3.Connection) -> None:
    sql = f"{FRACTURE.format('fx arm-closed')} and diagnoses_icd.subject_id = 12"
    text = "How often had patient 12 the fracture fx arm-closed?"
    question(ask(sql, text, db, template="how often the fracture fx arm-closed, patient 12"))


def test_a_question_that_nothing_answers_keeps_its_reason(db: sqlite3.Connection) -> None:
    sql = "select drug from prescriptions where subject_id = 12 and drug > 'z'"
    found = ask(sql, "What did patient 12 get?", db)
    assert isinstance(found, Rejection)
    assert found.code == "empty_answer"
    assert "with other values" in found.detail


def test_numbers_that_mean_two_things_are_not_replaced(db: sqlite3.Connection) -> None:
    sql = LAB.format(IN.format(12), "glucose")
    found = ask(sql, "What was the glucose of patient 12 for 12 days?", db)
    assert isinstance(found, Rejection)
    assert found.code == "missing_value"


def test_half_of_the_yes_no_questions_are_answered_by_no(db: sqlite3.Connection) -> None:
    sql = f"select count(*)>0 from prescriptions where hadm_id {IN.format(12)} and drug = 'nothing'"
    answers = [
        question(ask(sql, "Did patient 12 get nothing?", db, YES_NO, f"q{n}")).expected
        for n in range(40)
    ]
    assert 8 <= answers.count([[1]]) <= 32


def test_an_answer_other_than_zero_is_preferred(db: sqlite3.Connection) -> None:
    sql = "select 7 * (max(subject_id) >= 9005) from prescriptions where subject_id = 12"
    for n in range(5):
        assert question(ask(sql, "What did patient 12 get?", db, record=f"q{n}")).expected == 7


def test_the_largest_count_found_is_asked_for(db: sqlite3.Connection) -> None:
    sql = f"select count(*) from prescriptions where hadm_id {IN.format(12)}"
    for n in range(10):
        found = question(ask(sql, "How many drugs did patient 12 get?", db, record=f"q{n}"))
        assert found.expected == 2


def test_slots_are_literals_that_the_question_names() -> None:
    sql = (
        "select t1.v from ( select labevents.valuenum as v, labevents.subject_id as s"
        " from labevents where labevents.valuenum > 3.5 ) as t1"
        " join d_items on t1.s = d_items.itemid where t1.s = 12 and t1.v = 97.0"
        " and d_items.linksto = 'chartevents' and d_items.label = 'Ht'"
        " and d_items.itemid in (5, 'x')"
    )
    slots = find_slots(tree(sql), "linksto chartevents 12, ht, 97.0, x and 3.5?")
    assert [(slot.text, slot.table, slot.column) for slot in slots] == [
        ("12", "labevents", "subject_id"),
        ("97.0", "labevents", "valuenum"),
        ("Ht", "d_items", "label"),
        ("x", "d_items", "itemid"),
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("the pt of patient 12", True),
        ("patient 12's", True),
        ("patient 123", False),
        ("patient 12.5", False),
        ("on 10/12", False),
        ("at 12:30", False),
    ],
)
def test_a_number_is_named_only_as_a_whole(text: str, named: bool) -> None:
    assert bool(find_slots(tree("select a from t where t.subject_id = 12"), text)) is named


@given(
    old=st.lists(st.text("ab %(.1", min_size=1, max_size=5), min_size=1, max_size=3, unique=True),
    new=st.lists(st.text("xyz9", min_size=1, max_size=4), min_size=3, max_size=3, unique=True),
)
def test_replacing_and_back_keeps_the_text(old: list[str], new: list[str]) -> None:
    words = [word.strip() for word in old if word.strip()]
    pairs = dict(zip(dict.fromkeys(words), new, strict=False))
    text = " ; ".join(["Q", *pairs, "?"])
    there = replace_in_text(text, pairs)
    assert there == " ; ".join(["Q", *pairs.values(), "?"])
    assert replace_in_text(there, {value: key for key, value in pairs.items()}) == text


@given(seed=st.integers(0, 1000))
def test_every_variant_names_its_values_in_text_and_query(seed: int) -> None:
    sql, text = LAB.format(IN.format(12), "sodium"), "What is the sodium of patient 12?"
    for variant in reground(tree(sql), text, hospital(3), Random(seed)):
        slots = find_slots(variant.tree, variant.text)
        assert len(slots) == 2
        assert all(slot.text in variant.text for slot in slots)
        assert "12" not in re.findall(r"\w+", variant.text)


def test_a_witness_is_a_row_that_meets_the_conditions(db: sqlite3.Connection) -> None:
    sql = LAB.format(IN.format(12), "sodium") + " and labevents.valuenum >= 8.5"
    parsed = tree(sql)
    witness = slot_query_of(parsed, find_slots(parsed, "sodium, patient 12"))
    assert witness is not None
    assert [slot.text for slot in witness.slots] == ["12", "sodium"]
    assert db.execute(witness.sql(None, 10)).fetchall() == [(9006, "pco2", 1)]
    assert db.execute(witness.sql([9001], 10)).fetchall() == []


@pytest.mark.parametrize("seed", range(5))
def test_those_with_several_events_are_asked_about_first(seed: int) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("create table patients (subject_id)")
    db.execute("create table labevents (subject_id, charttime)")
    db.executemany("insert into patients values (?)", [(1,), (2,), (3,), (4,)])
    events = [(1, "a"), (2, "b"), (3, "c"), (3, "d"), (3, "e"), (4, "f")]
    db.executemany("insert into labevents values (?, ?)", events)
    last = "select charttime from labevents where subject_id = 12 order by charttime desc limit 1"
    first = next(reground(tree(last), "The last of patient 12?", db, Random(seed)))
    assert first.text == "The last of patient 3?"


def test_those_with_one_event_wait_for_those_of_larger_crowds() -> None:
    crowds: list[list[tuple[Scalar, ...]]] = [[("alone", 1), ("two", 2)], [("five", 5)]]
    assert list(busiest_first(iter(crowds), Random(0))) == [["two"], ["five"], ["alone"]]


BOTH = (
    "select distinct a.subject_id from prescriptions a join prescriptions b"
    " on a.subject_id = b.subject_id where a.drug = '{}' and b.drug = '{}'"
)


def test_two_values_never_become_one(db: sqlite3.Connection) -> None:
    found = question(ask(BOTH.format("x1", "x2"), "Who got x1 and x2?", db))
    assert sorted(re.findall("aspirin|heparin", found.text)) == ["aspirin", "heparin"]


def test_a_value_that_the_text_hides_in_another_is_not_replaced(db: sqlite3.Connection) -> None:
    found = ask(BOTH.format("x1", "x1 iv"), "Who got x1 iv?", db)
    assert isinstance(found, Rejection)


def test_two_slots_of_one_word_are_refused(db: sqlite3.Connection) -> None:
    sql = "select age from admissions where subject_id = 12 and hadm_id = 12"
    with pytest.raises(UngroundableError, match="'12' stands for two things"):
        next(reground(tree(sql), "Age of 12?", db, Random(0)))


def test_years_shift_in_text_and_query() -> None:
    parsed = tree("select 1 from t where strftime('%Y-%m', a) = '2103-02' and b = '2103'")
    assert years(parsed, "In 02/2103?") == [2103]
    moved, text = shift_years(parsed, "In 02/2103?", -2)
    assert text == "In 02/2101?"
    assert "'2101-02'" in moved.sql(dialect="sqlite")
    assert "b = '2103'" in moved.sql(dialect="sqlite")
