"""Published questions over eICU are asked of patients whose names are texts."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from taskkit.build.rejection import Rejection
from taskkit.ehr.rendering.eicu import generate_eicu
from taskkit.sql.questions.published import Published
from taskkit.sql.questions.publisher import PublisherOptions, answer_question
from taskkit.sql.questions.question import Question

DOMAIN = Path(__file__).parents[3] / "domains" / "eicu"
OPTIONS = PublisherOptions(current_time="2105-12-31 23:59:00", reground=True)
UNITS = (
    "in ( select patient.patientunitstayid from patient where patient.patienthealthsystemstayid"
    " in ( select patient.patienthealthsystemstayid from patient where"
    " patient.uniquepid = '002-1234' ) )"
)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    path = tmp_path_factory.mktemp("eicu") / "eicu.sqlite"
    generate_eicu(path, domain=DOMAIN, patients=40)
    return sqlite3.connect(path)


def ask(
    sql: str | None, text: str, db: sqlite3.Connection, options: PublisherOptions = OPTIONS
) -> Question | Rejection:
    return answer_question(Published("q1", "0" * 64, "train", text, sql), db, options)


def test_a_patient_and_a_value_are_replaced_together(db: sqlite3.Connection) -> None:
    sql = (
        "select max(lab.labresult) from lab where lab.labname = 'zinc'"
        f" and lab.patientunitstayid {UNITS}"
    )
    found = ask(sql, "What is the highest zinc of patient 002-1234?", db)
    assert isinstance(found, Question), found
    named = re.fullmatch(r"What is the highest (.+) of patient (\d{3}-\d+)\?", found.text)
    assert named is not None
    assert named[2] != "002-1234"
    results = db.execute(
        "select max(labresult) from lab join patient using (patientunitstayid)"
        " where labname = ? and uniquepid = ?",
        named.groups(),
    ).fetchone()
    assert found.expected == results[0]


def test_an_item_of_intake_stays_one_of_intake(db: sqlite3.Connection) -> None:
    sql = (
        "select count(*) from intakeoutput where intakeoutput.cellpath like '%intake%' and"
        f" intakeoutput.celllabel = 'zinc flush' and intakeoutput.patientunitstayid {UNITS}"
    )
    found = ask(sql, "How often had patient 002-1234 zinc flush?", db)
    assert isinstance(found, Question), found
    assert int(str(found.expected)) >= 1


def test_the_status_of_a_discharge_is_no_value_to_replace(db: sqlite3.Connection) -> None:
    sql = (
        "select count(distinct uniquepid) from patient where hospitaldischargestatus = 'alive'"
        " and wardid = 3"
    )
    found = ask(sql, "How many patients of ward 3 left alive?", db)
    assert isinstance(found, Question), found
    assert "'alive'" in str(found.sql)


def test_an_unanswerable_question_names_a_patient_of_the_database(db: sqlite3.Connection) -> None:
    options = OPTIONS.__class__(current_time=OPTIONS.current_time, guessable=True)
    found = ask(None, "What does patient 002-1234 think?", db, options)
    assert isinstance(found, Question), found
    named = re.search(r"patient (\S+) think", found.text)
    assert named is not None
    person = db.execute("select 1 from patient where uniquepid = ?", (named[1],)).fetchone()
    assert person is not None


def test_a_question_whose_table_is_empty_is_told(db: sqlite3.Connection, tmp_path: Path) -> None:
    copy = sqlite3.connect(tmp_path / "copy.sqlite")
    db.backup(copy)
    copy.execute("delete from microlab")
    found = ask("select culturesite from microlab limit 1", "Which site?", copy)
    assert isinstance(found, Rejection)
    assert (found.code, found.detail) == ("missing_table", "the source has no rows of microlab")
