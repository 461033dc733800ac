"""Train and test share no template, no patient, or neither."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import pytest

from taskkit.build.rejection import Rejection
from taskkit.spec.answer import IntegerAnswer
from taskkit.sql.questions.question import Next, Question
from taskkit.sql.separation import PatientColumn, Separation, SplitBy, allotted

PATIENTS = PatientColumn("patients", "subject_id")
DATA = """
create table patients(subject_id integer, gender text);
create table admissions(subject_id integer, hadm_id integer, insurance text);
create table d_labitems(itemid integer, label text);
"""


def question(sql: str, record: str = "age patient='1'") -> Question:
    kind = IntegerAnswer(kind="integer")
    return Question(
        record=record, record_sha256="0" * 64, category="c", split="train", text="What?",
        sql=sql, answer=kind, expected=1,
    )  # fmt: skip


def about(patient: int) -> str:
    return f"select count(*) from admissions where subject_id = {patient}"


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:")
    made.executescript(DATA)
    for patient in range(200):
        made.execute("insert into patients values (?, 'f')", (patient,))
        made.execute("insert into admissions values (?, ?, 'private')", (patient, 1000 + patient))
    made.execute("insert into d_labitems values (5, 'iron')")
    yield made
    made.close()


def separation(by: SplitBy, connection: sqlite3.Connection, *, bank: bool = True) -> Separation:
    return Separation(by, connection, PATIENTS, bank=bank)


def placed(by: SplitBy, connection: sqlite3.Connection, asked: Question) -> Question:
    made = separation(by, connection).assign(asked)
    assert isinstance(made, Question)
    return made


def test_by_record_a_question_stays_where_it_is(connection: sqlite3.Connection) -> None:
    one = replace(question(about(1)), split="test")
    assert placed("record", connection, one) is one


def test_a_template_is_in_one_split_whoever_is_asked_about(connection: sqlite3.Connection) -> None:
    splits = {placed("template", connection, question(about(n))).split for n in range(100)}
    assert len(splits) == 1


def test_a_patient_is_in_one_split_whatever_is_asked(connection: sqlite3.Connection) -> None:
    for patient in range(30):
        other = f"select insurance from admissions where hadm_id = {1000 + patient}"
        both = (question(about(patient)), question(other, "insurance stay='1'"))
        assert len({placed("patient", connection, one).split for one in both}) == 1


def test_all_splits_get_patients(connection: sqlite3.Connection) -> None:
    found = [placed("patient", connection, question(about(n))).split for n in range(200)]
    assert set(found) == {"train", "valid", "test"}
    assert 130 <= found.count("train") <= 185


def test_with_both_a_question_in_two_splits_is_left_out(connection: sqlite3.Connection) -> None:
    template = allotted("template age")
    results = [separation("both", connection).assign(question(about(n))) for n in range(200)]
    kept = [one for one in results if isinstance(one, Question)]
    assert {one.split for one in kept} == {template}
    left = [one for one in results if isinstance(one, Rejection)]
    assert len(kept) + len(left) == 200
    assert left
    assert {one.code for one in left} == {"split_apart"}
    assert left[0].detail.startswith(f"template in {template}, patient ")


def test_the_patients_of_later_turns_count(connection: sqlite3.Connection) -> None:
    kind = IntegerAnswer(kind="integer")
    later = Next("And there?", about(7), kind, 1)
    asked = replace(question("select count(*) from patients"), follow_ups=(later,))
    assert separation("patient", connection).patients(asked) == ["7"]


@pytest.mark.parametrize(
    ("sql", "patients"),
    [
        ("select 1 from admissions where subject_id in (3, 4)", ["3", "4"]),
        ("select 1 from admissions a where a.hadm_id = 1009", ["9"]),
        ("select 1 from admissions where subject_id = (select 5)", []),
        ("select 1 from d_labitems where itemid = 5", []),
        ("select 1 from admissions where insurance = 'private'", []),
        ("select count(*) from patients", []),
    ],
    ids=["in", "stay", "subquery", "item", "many", "all"],
)
def test_whom_a_query_names(connection: sqlite3.Connection, sql: str, patients: list[str]) -> None:
    assert separation("patient", connection).patients(question(sql)) == patients


def test_published_questions_share_a_template_where_only_values_differ(
    connection: sqlite3.Connection,
) -> None:
    made = separation("template", connection, bank=False)
    one, other = question(about(1), "train#1"), question(about(2), "test#9")
    assert made.template(one) == made.template(other)
    assert made.template(one) != made.template(question("select 1", "train#2"))
