"""Published questions become questions with recomputed answers, or say why not."""

from __future__ import annotations

import json
import pickle
import sqlite3
from pathlib import Path

import pytest

from taskkit.build.rejection import Rejection
from taskkit.sql.questions.published import Published
from taskkit.sql.questions.publisher import (
    PublisherOptions,
    answer_question,
    compare_published,
    read_questions,
)
from taskkit.sql.questions.question import Question
from tests.sql.questions.ward import IN, NOW, hospital, record, write

PLAIN = PublisherOptions(current_time=NOW)
GUESSABLE = PublisherOptions(current_time=NOW, guessable=True)


@pytest.fixture(scope="module")
def db() -> sqlite3.Connection:
    made = hospital()
    made.execute(
        "create table many as with recursive n(v) as"
        " (select 1 union all select v + 1 from n limit 101) select v from n"
    )
    return made


def published(sql: str | None, text: str = "What is it?") -> Published:
    return Published("q1", "0" * 64, "train", text, sql, answer="[['1']]")


def code(sql: str | None, db: sqlite3.Connection, options: PublisherOptions = PLAIN) -> str:
    found = answer_question(published(sql), db, options)
    assert isinstance(found, Rejection)
    assert found.record == "q1"
    return found.code


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select drug from prescriptions where drug = 'none'", "empty_answer"),
        ("select max(age) from admissions where subject_id = 1", "degenerate_answer"),
        ("select count(*) from admissions where subject_id = 1", "degenerate_answer"),
        ("select sum(0.0) from admissions", "degenerate_answer"),
        ("select drug from prescriptions union select age from admissions", "degenerate_answer"),
        ("select drug from prescriptions limit 1", "ambiguous_order"),
        ("select count(*) from many where v * 0.1 < 0.5", "float_noise"),
        ("select v from many", "too_many_rows"),
        ("select * from absent", "missing_table"),
        ("select nothing from patients", "sql_error"),
        ("select from", "sql_error"),
        ("delete from patients", "sql_error"),
        ("select count(*) from many a, many b, many c, many d, many e", "sql_budget"),
        ("select count(*)>0 from patients", "guessable"),
        (None, "unanswerable"),
    ],
)
def test_each_reason_is_named(sql: str | None, reason: str, db: sqlite3.Connection) -> None:
    assert code(sql, db) == reason


def test_an_unknown_patient_makes_a_trivial_no(db: sqlite3.Connection) -> None:
    asked = Published(
        "q1",
        "0" * 64,
        "train",
        "Was patient 12 here?",
        "select count(*)>0 from admissions where subject_id = 12",
    )
    found = answer_question(asked, db, GUESSABLE)
    assert isinstance(found, Rejection)
    assert (found.code, found.detail) == ("missing_value", "admissions.subject_id lacks '12'")


def test_an_answer_is_recomputed(db: sqlite3.Connection) -> None:
    text = "How many drugs did patient 9002 get?"
    sql = f"select count(distinct drug) from prescriptions where hadm_id {IN.format(9002)}"
    found = answer_question(published(sql, text), db, PLAIN)
    assert isinstance(found, Question)
    assert (found.record, found.split, found.category) == ("q1", "train", "publisher-count")
    assert (found.text, found.sql, found.expected) == (text, sql, 2)
    assert (found.answer.kind, found.abstention, found.guessable) == ("integer", False, False)


def test_the_clock_of_the_query_is_filled_in(db: sqlite3.Connection) -> None:
    sql = "select count(*) from admissions where strftime('%y', admittime, '+2 years')"
    found = answer_question(published(f"{sql} = strftime('%y', current_time)"), db, PLAIN)
    assert isinstance(found, Question)
    assert found.expected == 6


def test_no_form_tells_which_questions_have_an_answer(db: sqlite3.Connection) -> None:
    queries = [
        None,
        "select count(*)>0 from patients",
        "select count(*) from patients",
        "select drug, count(*) from prescriptions group by drug order by count(*)",
        "select max(valuenum) from labevents",
    ]
    found = [answer_question(published(sql), db, GUESSABLE) for sql in queries]
    questions = [one for one in found if isinstance(one, Question)]
    assert len(questions) == len(queries)
    assert len({one.answer.model_dump_json() for one in questions}) == 1
    assert {one.abstention for one in questions} == {True}
    assert [one.guessable for one in questions] == [True, True, False, False, False]
    assert [one.category for one in questions[:2]] == ["publisher-unanswerable", "publisher-yes-no"]
    assert [one.expected for one in questions[:3]] == [None, [[1]], [[6]]]


def test_no_patient_tells_that_there_is_no_answer(db: sqlite3.Connection) -> None:
    asked = published(None, "Is patient 77 related to patient 9003?")
    found = answer_question(asked, db, GUESSABLE)
    assert isinstance(found, Question)
    assert "77" not in found.text.split()
    assert found.text.startswith("Is patient 900")
    assert found.text.endswith("related to patient 9003?")


def test_records_read_are_questions_and_rejections(tmp_path: Path, db: sqlite3.Connection) -> None:
    records = [
        record("select count(*) from patients", id="a"),
        record("select count(*) from absent", id="b"),
        record(None, id="c"),
        {"db_id": "mimic_iii"},
    ]
    read = read_questions(write(tmp_path, records), flavour="ehrsql")
    found = [answer_question(one, db, PLAIN) if isinstance(one, Published) else one for one in read]
    assert [one.record for one in found] == ["a", "b", "c", "valid.json#3"]
    assert [one.code if isinstance(one, Rejection) else "" for one in found] == [
        "",
        "missing_table",
        "unanswerable",
        "malformed_record",
    ]


def test_the_shared_task_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "train"
    write(folder, {"data": [{"id": "a", "question": "How many?"}]}, "data.json")
    (folder / "label.json").write_text(json.dumps({"a": "select 1"}))
    (one,) = read_questions(tmp_path, flavour="ehrsql-2024")
    assert one.record == "a"


def test_a_record_passes_between_processes() -> None:
    assert pickle.loads(pickle.dumps(published("select 1"))) == published("select 1")


def test_published_answers_are_compared_and_never_copied(db: sqlite3.Connection) -> None:
    agreed = compare_published(published("select 1"), db, PLAIN)
    assert agreed is not None
    assert agreed.agrees
    differing = compare_published(published("select 2"), db, PLAIN)
    assert differing is not None
    assert not differing.agrees
    found = answer_question(published("select 2"), db, PLAIN)
    assert isinstance(found, Question)
    assert found.expected == 2


def test_a_query_that_fails_agrees_with_nothing(db: sqlite3.Connection) -> None:
    failed = compare_published(published("select * from absent"), db, PLAIN)
    assert failed is not None
    assert not failed.agrees
    assert "no such table" in failed.recomputed


def test_nothing_is_compared_without_a_published_answer(db: sqlite3.Connection) -> None:
    assert compare_published(published(None), db, PLAIN) is None
